"""What a performer can be seen doing at one moment: for the status line and every display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PartSnapshot:
    """One part. listening: it is the player's turn; heard: it has something of the player's to go by."""

    name: str
    mode: str
    muted: bool
    listening: bool
    heard: bool
    bars_missed: int


class NoteSeen(NamedTuple):
    """A note-on (velocity 1-127) or note-off (velocity 0) at its ideal time. heard: it came in; else sent.

    A tuple, because it is pickled beside the clock, and that costs a third of what a dataclass does.
    """

    at_ns: int
    heard: bool
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class PerformerSnapshot:
    """The whole performance. state: stopped, armed or playing; leader: midi or internal.

    pulse_jitter_ns: how unsteadily an outside clock's pulses arrive (standard deviation); 0 without one.
    chord: the one that sounds, by its symbol; empty where none is known.
    """

    state: str
    leader: str
    tempo_bpm: float
    position_ticks: int
    bars_played: int
    parts: tuple[PartSnapshot, ...]
    pulse_jitter_ns: int = 0
    chord: str = ""
