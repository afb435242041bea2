"""Musical time as a value: one straight line between the clock and the song.

A ``Timeline`` is immutable. Playing faster, or somewhere else, is a *new* timeline, made so that
the position at the moment of the change is the one wanted; nothing ever drifts, because nothing
is ever added up. Everything is an integer: positions in ticks, times in nanoseconds.

Laws (tests/core/test_timeline.py):
    position_ticks(time_ns(p)) == p
    time_ns and position_ticks never decrease, and time_ns strictly increases
    with_tempo(n, t).position_ticks(t) == position_ticks(t)
    moved_to(p, t).position_ticks(t) == p
    meeting(t, m, p).time_ns(p) == m, and its position at t is that of the timeline it leaves
"""

from __future__ import annotations

from dataclasses import dataclass

from livevae.units import TICKS_PER_BEAT, ns_to_ticks, ticks_to_ns

# below two nanoseconds a tick, rounding could make two ticks share an instant
MIN_NS_PER_BEAT = 2 * TICKS_PER_BEAT


@dataclass(frozen=True, slots=True)
class Timeline:
    """A steady tempo through one known point.

    origin_ns: an instant; origin_ticks: the position then (both may lie in the future, or be negative).
    ns_per_beat: length of a quarter note, at least MIN_NS_PER_BEAT.
    """

    origin_ns: int
    origin_ticks: int
    ns_per_beat: int

    def __post_init__(self) -> None:
        if self.ns_per_beat < MIN_NS_PER_BEAT:
            raise ValueError(f"a beat of {self.ns_per_beat} ns is too short: {MIN_NS_PER_BEAT} is the least")

    def position_ticks(self, at_ns: int) -> int:
        """The tick nearest to where the song is at ``at_ns``."""
        return self.origin_ticks + ns_to_ticks(at_ns - self.origin_ns, self.ns_per_beat)

    def time_ns(self, position_ticks: int) -> int:
        """When the song reaches ``position_ticks``, to the nearest nanosecond."""
        return self.origin_ns + ticks_to_ns(position_ticks - self.origin_ticks, self.ns_per_beat)

    def with_tempo(self, ns_per_beat: int, at_ns: int) -> Timeline:
        """From ``at_ns`` on at another tempo; the position at that instant stays."""
        return Timeline(at_ns, self.position_ticks(at_ns), ns_per_beat)

    def moved_to(self, position_ticks: int, at_ns: int) -> Timeline:
        """The same tempo, with ``position_ticks`` falling on ``at_ns``."""
        return Timeline(at_ns, position_ticks, self.ns_per_beat)

    def meeting(self, at_ns: int, meet_ns: int, meet_ticks: int) -> Timeline:
        """Leave this timeline at ``at_ns`` without a jump and be at ``meet_ticks`` at ``meet_ns``.

        ``meet_ns`` must lie after ``at_ns`` and ``meet_ticks`` ahead of the position there; raises
        ValueError otherwise. The position at ``at_ns`` is kept to a fraction of a tick, not to the
        nearest tick, so that being called for every clock pulse adds up no rounding.
        """
        # ticks still to go, times ns_per_beat: an exact integer
        to_go = (meet_ticks - self.origin_ticks) * self.ns_per_beat - (
            at_ns - self.origin_ns
        ) * TICKS_PER_BEAT
        if to_go <= 0 or meet_ns <= at_ns:
            raise ValueError("a timeline can only be met ahead")
        ns_per_beat = ((meet_ns - at_ns) * TICKS_PER_BEAT * self.ns_per_beat + to_go // 2) // to_go
        met = Timeline(meet_ns, meet_ticks, ns_per_beat)
        if met.position_ticks(at_ns) >= self.position_ticks(at_ns):
            return met
        # rounding put the instant on the near side of a half tick: time must not step back, so
        # be there a hair's breadth more slowly (the same meeting point, the tempo rounded up)
        return Timeline(meet_ns, meet_ticks, ns_per_beat + 1)


def phase_ticks(position_ticks: int, quantum_ticks: int) -> int:
    """How far ``position_ticks`` is past the last multiple of ``quantum_ticks``: 0 <= phase < quantum.

    position - phase is a multiple of the quantum, before the song's start as well as after it.
    """
    return position_ticks % quantum_ticks


def next_boundary(position_ticks: int, quantum_ticks: int) -> int:
    """The first multiple of ``quantum_ticks`` not before ``position_ticks``: 0 <= it - position < quantum."""
    return position_ticks + (-position_ticks) % quantum_ticks


def nearest_boundary(position_ticks: int, quantum_ticks: int) -> int:
    """The multiple of ``quantum_ticks`` nearest to ``position_ticks``; halfway, the later one.

    2 * |it - position| <= quantum.
    """
    return (2 * position_ticks + quantum_ticks) // (2 * quantum_ticks) * quantum_ticks
