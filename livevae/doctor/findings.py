"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"  # livevae plays, but perhaps not as wished
    FAULT = "fault"  # livevae cannot play, or nobody hears it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    subject: in a word or two. text: what was found. mend: what to do about it; empty if all is well.
    """

    subject: str
    level: Level
    text: str
    mend: str = ""


def fine(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(subject, Level.FINE, text)


def warning(subject: str, text: str, mend: str) -> Finding:
    """livevae plays, but perhaps not as wished."""
    return Finding(subject, Level.WARNING, text, mend)


def fault(subject: str, text: str, mend: str) -> Finding:
    """livevae cannot play, or nobody hears it."""
    return Finding(subject, Level.FAULT, text, mend)
