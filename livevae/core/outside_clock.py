"""The outside clock and the song: which position a pulse has, and a timeline that keeps to it.

The follower numbers the pulses and puts a line through them; here the numbers become positions.
What is played never jumps to the line, not even by a fraction of a millisecond: the timeline is
bent so that it meets the line a few pulses on, soon if it is off by more than the clock's own
jitter, gently if not.
"""

from __future__ import annotations

from livevae.core.follower import Follower
from livevae.core.timeline import Timeline
from livevae.units import NS_PER_MS, PULSES_PER_BEAT, TICKS_PER_PULSE

LOST_AFTER_PULSES = 3
LOST_AFTER_LEAST_NS = 60 * NS_PER_MS  # a driver's hiccup at a high tempo is no drop-out

# Pulses until timeline and line meet (tests/core/follower_figures.py): the gentler, the better
# the guess one beat ahead on a jittering clock; the sooner, the closer in a ramp.
_GENTLY = 8
_SOON = 2
_FAR_OFF = 6
_SOON_UP_TO_TICKS = TICKS_PER_PULSE // 2
_LARGEST_BEND_TICKS = 4 * TICKS_PER_PULSE  # beyond it, a correction is a jump


class OutsideClock:
    """Positions of an outside clock's pulses. ``tempo_bpm``: what to expect before any is heard."""

    def __init__(self, tempo_bpm: float) -> None:
        self._follower = Follower(tempo_bpm)
        self._zero_ticks = 0  # position of pulse number 0
        self._jump_ticks: int | None = None  # where the next pulse will be, if not where expected

    # --- what is known ------------------------------------------------------------------------

    @property
    def last_pulse_ns(self) -> int | None:
        """When the newest pulse was heard."""
        return self._follower.last_ns

    @property
    def knows_tempo(self) -> bool:
        """Whether enough pulses have been heard to tell the tempo."""
        return self._follower.knows_tempo

    @property
    def ns_per_beat(self) -> int:
        """Length of a quarter note as heard, or as expected."""
        return round(self._follower.ns_per_pulse * PULSES_PER_BEAT)

    @property
    def jitter_ns(self) -> int:
        """Standard deviation of the pulses' arrivals; 0 before any was heard."""
        return 0 if self._follower.last_ns is None else round(self._follower.jitter_ns)

    @property
    def lost_after_ns(self) -> int:
        """A silence this long is no jitter."""
        return max(round(LOST_AFTER_PULSES * self._follower.ns_per_pulse), LOST_AFTER_LEAST_NS)

    @property
    def next_pulse_ticks(self) -> int:
        """Where the pulse after the newest will be, if no jump has been announced."""
        return self._ticks(self._follower.index + 1)

    @property
    def jump_ticks(self) -> int | None:
        """The announced position of the next pulse, if it is another than ``next_pulse_ticks``."""
        return self._jump_ticks

    def is_running(self, at_ns: int) -> bool:
        """Whether pulses are coming at ``at_ns``."""
        last_ns = self._follower.last_ns
        return last_ns is not None and at_ns - last_ns < self.lost_after_ns

    # --- what happens -------------------------------------------------------------------------

    def expect_tempo(self, tempo_bpm: float) -> None:
        """Believe in this tempo for a first run of pulses; without effect once a tempo is known."""
        self._follower.expect_tempo(tempo_bpm)

    def point_to(self, position_ticks: int, at_ns: int) -> None:
        """A Start or song position came while playing: the next pulse will be at ``position_ticks``.

        Some masters name a position just after its pulse; that is no jump back by one pulse.
        """
        follower = self._follower
        last_ns = follower.last_ns or 0
        names_newest = (
            position_ticks == self._ticks(follower.index) and at_ns - last_ns < follower.ns_per_pulse / 2
        )
        expected = names_newest or position_ticks == self.next_pulse_ticks
        self._jump_ticks = None if expected else position_ticks

    def hear(self, at_ns: int, is_anchor: bool, is_played_to: bool) -> bool:
        """Take a pulse in; whether it counts (a duplicate does not).

        is_anchor: a Start or Continue speaks of this pulse (an announced jump does anyway).
        is_played_to: positions hang on the count; else a pulse after a silence begins a new run.
        """
        if not is_played_to and not self.is_running(at_ns):
            self._follower.begin_run()
        return self._follower.pulse(at_ns, is_anchor or self._jump_ticks is not None)

    def place_newest(self, position_ticks: int, at_ns: int) -> Timeline:
        """The newest pulse, heard at ``at_ns``, is ``position_ticks``: a timeline through this very point."""
        follower = self._follower
        self._jump_ticks = None
        self._zero_ticks = position_ticks - follower.index * TICKS_PER_PULSE
        here = Timeline(at_ns, position_ticks, self.ns_per_beat)
        meet = follower.index + _GENTLY
        meet_ns = max(follower.line.time_ns(meet), at_ns + NS_PER_MS)
        return here.meeting(at_ns, meet_ns, self._ticks(meet))

    def bend(self, timeline: Timeline, at_ns: int) -> Timeline | None:
        """``timeline`` as it is at ``at_ns``, led back to the pulses; None where only a jump can."""
        line = self._follower.line
        pulses = line.index_at(at_ns)
        off_ticks = abs(self._zero_ticks + pulses * TICKS_PER_PULSE - timeline.position_ticks(at_ns))
        if off_ticks > _LARGEST_BEND_TICKS:
            return None
        off_ns = off_ticks * line.ns_per_pulse / TICKS_PER_PULSE
        if off_ns < self._follower.jitter_ns:
            ahead = _GENTLY
        elif off_ticks <= _SOON_UP_TO_TICKS:
            ahead = _SOON
        else:
            ahead = _FAR_OFF
        meet = int(pulses // 1) + ahead
        return timeline.meeting(at_ns, line.time_ns(meet), self._ticks(meet))

    def line_timeline(self, at_ns: int) -> Timeline:
        """The timeline through the pulses themselves, for a jump onto it."""
        position_ticks = self._zero_ticks + round(self._follower.line.index_at(at_ns) * TICKS_PER_PULSE)
        return Timeline(at_ns, position_ticks, self.ns_per_beat)

    def leave_at(self, timeline: Timeline, at_ns: int, is_lost: bool) -> int:
        """Play stops: where the master's next pulse would have been, which is where its Continue goes on.

        is_lost: pulses are missing, so that the timeline knows better than the count.
        """
        jump_ticks, self._jump_ticks = self._jump_ticks, None
        if jump_ticks is not None:
            return jump_ticks
        if is_lost:
            position_ticks = timeline.position_ticks(at_ns)
            return position_ticks + (self._zero_ticks - position_ticks) % TICKS_PER_PULSE
        return self.next_pulse_ticks

    def _ticks(self, index: int) -> int:
        return self._zero_ticks + index * TICKS_PER_PULSE
