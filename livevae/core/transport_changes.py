"""What a transport can say has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class TransportState(Enum):
    """What the transport does. ARMED: Start or Continue was heard, its first pulse not yet."""

    STOPPED = "stopped"
    ARMED = "armed"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class Began:
    """Sound may start: ``position_ticks`` is exactly at ``at_ns``."""

    at_ns: int
    position_ticks: int


@dataclass(frozen=True, slots=True)
class Halted:
    """Silence. ``position_ticks`` is where Continue would go on."""

    at_ns: int
    position_ticks: int


@dataclass(frozen=True, slots=True)
class Located:
    """The position jumped to ``position_ticks``: while playing, at ``at_ns``; else play will begin there.

    from_ticks: where it was.
    """

    at_ns: int
    position_ticks: int
    playing: bool
    from_ticks: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Retimed:
    """The position at ``at_ns`` stays; the positions after it come at other times than thought."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class ClockLost:
    """The outside clock fell silent while playing; play goes on until ``until_ns`` at the last tempo."""

    at_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class ClockFound:
    """The outside clock is heard again."""

    at_ns: int


TransportChange = Began | Halted | Located | Retimed | ClockLost | ClockFound
Changes = tuple[TransportChange, ...]
