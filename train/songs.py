"""Songs as training sees them, whatever collection they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livevae.core.notes import Notes, PartNotes

VALIDATION_PER_CENT = 6


@dataclass(frozen=True, slots=True)
class Song:
    """Music in 4/4 from bar 0 on.

    name: where it came from, for messages. group: songs of one group share material and never straddle the
    split.
    parts: notes by part, positions from the first bar line. held_out: belongs to validation.
    """

    name: str
    group: str
    parts: PartNotes
    held_out: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that gives no training data, and why, in words for the person whose file it is."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A song that nobody has looked into yet, so that any process can: parsing is what takes long.

    read: a function of a module. given: what it is called with; the song's bytes among it.
    """

    read: Callable[..., Song | Dropped]
    given: tuple[Any, ...]

    def __call__(self) -> Song | Dropped:
        """The song, or why it cannot be used."""
        return self.read(*self.given)


def is_held_out(group: str) -> bool:
    """Whether a group belongs to validation: about 6 %, the same on every machine and in every run."""
    digest = hashlib.sha256(group.encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < VALIDATION_PER_CENT


def end_ticks(notes: Notes) -> int:
    """Where the last note ends; 0 for silence."""
    return max((note.onset_ticks + note.duration_ticks for note in notes), default=0)
