"""What the status line, OSC and the page show: the timekeeper's pictures, summed up over the last notes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from livevae.adapters.midi.port import PortHealth, PortNames
from livevae.core.snapshot import PartSnapshot
from livevae.timekeeper.messages import Picture
from livevae.units import NS_PER_MS, bar_of_tick

_NOTES_REMEMBERED = 2000  # about two minutes of a trio
_ANSWERS_REMEMBERED = 100
_NS_PER_US = 1000


@dataclass(frozen=True, slots=True)
class Lateness:
    """How much later than its ideal time a note left, over the last ``notes`` notes."""

    p50_us: float = 0.0
    p99_us: float = 0.0
    max_us: float = 0.0
    notes: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything to show at one moment, some ten times a second.

    state: stopped, armed or playing. leader: whose clock leads, midi or internal.
    bar: 0-based, negative before the song's start. inference_ms: median time of the last answers.
    garbled: incoming messages so far that were no MIDI.
    new_lateness_ns: how late each note left since the snapshot before, for whoever measures.
    chord: the one that sounds, by its symbol; empty where none is known.
    """

    at_ns: int
    state: str
    leader: str
    tempo_bpm: float
    position_ticks: int
    bars_played: int
    parts: tuple[PartSnapshot, ...]
    lateness: Lateness
    inference_ms: float
    pulse_jitter_us: float
    ports: PortNames
    health: PortHealth
    garbled: int
    new_lateness_ns: tuple[int, ...] = ()
    chord: str = ""

    @property
    def bar(self) -> int:
        """The bar that sounds now."""
        return bar_of_tick(self.position_ticks)

    @property
    def bars_missed(self) -> int:
        """Bars of any part for which no answer came in time."""
        return sum(part.bars_missed for part in self.parts)


class Viewer:
    """Remembers enough of the last pictures to sum them up."""

    def __init__(self) -> None:
        self._lateness_ns: deque[int] = deque(maxlen=_NOTES_REMEMBERED)
        self._inference_ns: deque[int] = deque(maxlen=_ANSWERS_REMEMBERED)

    def view(self, picture: Picture) -> Snapshot:
        """The picture, with figures over the last notes and answers."""
        self._lateness_ns.extend(picture.lateness_ns)
        self._inference_ns.extend(picture.inference_ns)
        performer = picture.performer
        return Snapshot(
            at_ns=picture.at_ns,
            state=performer.state,
            leader=performer.leader,
            tempo_bpm=performer.tempo_bpm,
            position_ticks=performer.position_ticks,
            bars_played=performer.bars_played,
            parts=performer.parts,
            lateness=lateness_of(self._lateness_ns),
            inference_ms=rank(sorted(self._inference_ns), 0.5) / NS_PER_MS,
            pulse_jitter_us=performer.pulse_jitter_ns / _NS_PER_US,
            ports=picture.ports,
            health=picture.health,
            garbled=picture.garbled,
            new_lateness_ns=picture.lateness_ns,
            chord=performer.chord,
        )


def lateness_of(lateness_ns: Sequence[int] | deque[int]) -> Lateness:
    """Percentiles of how late notes left."""
    ordered = sorted(lateness_ns)
    return Lateness(
        rank(ordered, 0.5) / _NS_PER_US,
        rank(ordered, 0.99) / _NS_PER_US,
        rank(ordered, 1.0) / _NS_PER_US,
        len(ordered),
    )


def rank(ordered: Sequence[int], share: float) -> int:
    """The smallest of the sorted values that ``share`` (0-1) of them do not exceed; 0 of none."""
    if not ordered:
        return 0
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
