"""Playing and stopping: from what a DAW, a drum machine or a finger says to a position in the song.

``Transport`` eats events and says what changed. Two clocks can lead it:

    midi       an outside clock (F8 pulses, Start, Continue, Stop, song position)
    internal   livevae's own, at the tempo of the preset, the fader or the taps

With ``clock="midi"`` only the outside plays; with ``"internal"`` it is not listened to at all; with
``"auto"`` the internal clock leads until an outside one is heard while nothing plays, and an outside
Start or Continue takes over at any time. What exactly happens in every case a musician can meet is
the numbered table of docs/TRANSPORT.md, and each of its rows is a test.

The first pulse after Start or Continue *is* the position (MIDI 1.0 Detailed Specification, System
Real Time Messages); Start itself marks no moment in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livevae.core import events
from livevae.core.follower import Follower
from livevae.core.tap import TapTempo
from livevae.core.timeline import Timeline
from livevae.units import (
    MAX_BPM,
    MIN_BPM,
    NS_PER_MS,
    NS_PER_S,
    PULSES_PER_BEAT,
    TICKS_PER_PULSE,
    TICKS_PER_STEP,
    bpm_of_ns_per_beat,
    ns_per_beat_of_bpm,
)

CLOCKS = ("auto", "midi", "internal")
FREE_WHEEL_NS = 2 * NS_PER_S  # how long play goes on without pulses
_LOST_AFTER_PULSES = 3
_LOST_AFTER_LEAST_NS = 60 * NS_PER_MS  # a driver's hiccup at a high tempo is no drop-out
_GONE_AFTER_NS = FREE_WHEEL_NS  # when nothing plays: an outside clock this long silent no longer leads
_MEET_AFTER_PULSES = 4  # a correction is spread over this many pulses
_LARGEST_BEND_TICKS = 3 * TICKS_PER_PULSE  # beyond it a correction is a jump


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
    """The position jumped to ``position_ticks``, at ``at_ns`` if playing; else it waits there."""

    at_ns: int
    position_ticks: int
    playing: bool


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


class Transport:
    """Follows or leads. ``clock``: one of CLOCKS; ``tempo_bpm``: until another is heard or set.

    Not thread-safe; bounded work a call, about 30 microseconds a pulse.
    """

    def __init__(self, clock: str = "auto", tempo_bpm: float = 120.0) -> None:
        if clock not in CLOCKS:
            raise ValueError(f"clock {clock!r} is none of {', '.join(CLOCKS)}")
        self._clock = clock
        self._led_by_midi = clock == "midi"
        self._state = TransportState.STOPPED
        self._ns_per_beat = ns_per_beat_of_bpm(_clipped(tempo_bpm))
        self._follower = Follower(_clipped(tempo_bpm))
        self._taps = TapTempo()
        self._now_ns = 0
        self._position_ticks = 0  # where play would begin (not playing)
        self._timeline = Timeline(0, 0, self._ns_per_beat)  # while playing
        self._pulse_zero_ticks = 0  # position of the follower's pulse 0
        self._jump_ticks: int | None = None  # where the next pulse will be, if not where expected
        self._is_lost = False
        self._outside_ns: int | None = None  # when an outside clock was last heard of

    # --- what is known ------------------------------------------------------------------------

    @property
    def state(self) -> TransportState:
        """Stopped, armed or playing."""
        return self._state

    @property
    def leader(self) -> str:
        """Whose clock it is: "midi" or "internal"."""
        return "midi" if self._led_by_midi else "internal"

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes a minute."""
        return bpm_of_ns_per_beat(self._leading_ns_per_beat)

    @property
    def pulse_jitter_ns(self) -> int:
        """How unsteadily the outside clock arrives (standard deviation); 0 before any was heard."""
        return 0 if self._follower.last_ns is None else round(self._follower.jitter_ns)

    @property
    def timeline(self) -> Timeline:
        """Time and position. While not playing: as if play began at the latest instant told."""
        if self._state is TransportState.PLAYING:
            return self._timeline
        return Timeline(self._now_ns, self._position_ticks, self._leading_ns_per_beat)

    @property
    def position_ticks(self) -> int:
        """Where play would go on, or while playing, where it is at the latest instant told."""
        if self._state is TransportState.PLAYING:
            return self._timeline.position_ticks(self._now_ns)
        return self._position_ticks

    @property
    def jump_from_ticks(self) -> int | None:
        """While playing and a jump has been announced: the position of the pulse it happens at.

        What was meant for this position or later will not be played; None if no jump is announced.
        """
        if self._jump_ticks is None or self._state is not TransportState.PLAYING:
            return None
        return self._pulse_ticks(self._follower.index + 1)

    def next_deadline_ns(self) -> int | None:
        """When ``advance`` will next have something to say; None if only an event can change anything."""
        if not self._led_by_midi:
            return None
        last_ns = self._follower.last_ns
        if self._state is TransportState.PLAYING and last_ns is not None:
            return last_ns + (FREE_WHEEL_NS if self._is_lost else self._lost_after_ns)
        if self._state is TransportState.STOPPED and self._clock == "auto" and self._outside_ns is not None:
            return self._outside_ns + _GONE_AFTER_NS
        return None

    # --- what happens -------------------------------------------------------------------------

    def advance(self, now_ns: int) -> Changes:
        """Let time pass: drop-outs, the end of free-wheeling, an outside clock that is gone."""
        changes: list[TransportChange] = []
        while (due_ns := self.next_deadline_ns()) is not None and due_ns <= now_ns:
            self._now_ns = max(self._now_ns, due_ns)
            changes += self._miss_pulses(due_ns)
        self._now_ns = max(self._now_ns, now_ns)
        return tuple(changes)

    def receive(self, event: object, at_ns: int) -> Changes:
        """Take note of a clock or transport event; any other is no business of the transport's."""
        changes = self.advance(at_ns)
        match event:
            case events.Play(from_start):
                return changes + self._play(from_start, at_ns)
            case events.Halt():
                return changes + self._halt(at_ns)
            case events.TapTempo():
                tapped_bpm = self._taps.tap(at_ns)
                return changes if tapped_bpm is None else changes + self.set_tempo(tapped_bpm, at_ns)
        if self._clock == "internal":
            return changes
        match event:
            case events.ClockPulse():
                return changes + self._pulse(at_ns)
            case events.ClockStart():
                return changes + self._start(0, at_ns)
            case events.ClockContinue():
                return changes + self._start(None, at_ns)
            case events.ClockStop():
                return changes + self._stop(at_ns)
            case events.SongPosition(sixteenths):
                return changes + self._locate(sixteenths * TICKS_PER_STEP, at_ns)
        return changes

    def set_tempo(self, tempo_bpm: float, at_ns: int) -> Changes:
        """Change livevae's own tempo (clipped to MIN_BPM...MAX_BPM); nothing where an outside one is known."""
        changes = self.advance(at_ns)
        if self._led_by_midi and self._follower.knows_tempo:
            return changes
        tempo_bpm = _clipped(tempo_bpm)
        self._ns_per_beat = ns_per_beat_of_bpm(tempo_bpm)
        self._follower.expect_tempo(tempo_bpm)
        if self._state is TransportState.PLAYING:
            self._timeline = self._timeline.with_tempo(self._ns_per_beat, self._now_ns)
        return (*changes, Retimed(self._now_ns))

    # --- livevae's own clock ------------------------------------------------------------------

    def _play(self, from_start: bool, at_ns: int) -> Changes:
        if self._clock == "midi":
            return ()
        if self._led_by_midi and self._pulses_are_coming(at_ns):
            # a clock runs outside but nobody there said Start: begin in time with it
            return (
                ()
                if self._state is not TransportState.STOPPED
                else self._arm(0 if from_start else None, at_ns)
            )
        if self._state is TransportState.PLAYING:
            if self._led_by_midi or not from_start:
                return ()
            self._timeline = self._timeline.moved_to(0, at_ns)
            return (Located(at_ns, 0, True),)
        self._lead()
        if from_start:
            self._position_ticks = 0
        return self._begin(at_ns, Timeline(at_ns, self._position_ticks, self._ns_per_beat))

    def _halt(self, at_ns: int) -> Changes:
        """Silence is always obeyed, whoever leads."""
        if self._led_by_midi:
            return self._stop(at_ns)
        return self._come_to_rest(at_ns, self._timeline.position_ticks(at_ns))

    def _lead(self) -> None:
        """livevae's own clock leads from here, at the tempo last heard."""
        if self._led_by_midi and self._follower.knows_tempo:
            self._ns_per_beat = self._leading_ns_per_beat
        self._led_by_midi = False

    # --- the outside clock --------------------------------------------------------------------

    def _start(self, position_ticks: int | None, at_ns: int) -> Changes:
        """Start (position 0) or Continue (None: where we are, or were last pointed to)."""
        self._outside_ns = at_ns
        if self._state is TransportState.PLAYING:
            if self._led_by_midi:
                if position_ticks is not None:
                    self._announce_jump(position_ticks)
                return ()
            halted = self._come_to_rest(at_ns, self._timeline.position_ticks(at_ns))
            return halted + self._arm(position_ticks, at_ns)
        return self._arm(position_ticks, at_ns)

    def _arm(self, position_ticks: int | None, at_ns: int) -> Changes:
        self._led_by_midi = True
        self._outside_ns = at_ns
        self._state = TransportState.ARMED
        return () if position_ticks is None else self._wait_at(position_ticks, at_ns)

    def _stop(self, at_ns: int) -> Changes:
        if not self._led_by_midi:
            return ()
        self._outside_ns = at_ns
        if self._state is not TransportState.PLAYING:
            self._state = TransportState.STOPPED
            return ()
        return self._come_to_rest(at_ns, self._next_pulse_ticks(at_ns))

    def _locate(self, position_ticks: int, at_ns: int) -> Changes:
        if self._state is not TransportState.PLAYING:
            self._led_by_midi = True
            self._outside_ns = at_ns
            return self._wait_at(position_ticks, at_ns)
        if self._led_by_midi:
            last_ns = self._follower.last_ns or 0
            soon_after = at_ns - last_ns < self._follower.ns_per_pulse / 2
            if soon_after and position_ticks == self._pulse_ticks(self._follower.index):
                self._jump_ticks = None  # some masters name the position just after its pulse
            else:
                self._announce_jump(position_ticks)
        return ()

    def _announce_jump(self, position_ticks: int) -> None:
        expected = self._pulse_ticks(self._follower.index + 1)
        self._jump_ticks = None if position_ticks == expected else position_ticks

    def _pulse(self, at_ns: int) -> Changes:
        follower = self._follower
        playing = self._state is TransportState.PLAYING
        if not playing and follower.last_ns is not None and at_ns - follower.last_ns >= self._lost_after_ns:
            follower.begin_run()
        anchors = self._state is TransportState.ARMED or self._jump_ticks is not None
        if not follower.pulse(at_ns, anchors and (self._led_by_midi or not playing)):
            return ()
        self._outside_ns = at_ns
        if not self._led_by_midi:
            self._led_by_midi = not playing
            return ()
        if self._state is TransportState.STOPPED:
            return ()
        if not playing:
            self._pulse_zero_ticks = self._position_ticks - follower.index * TICKS_PER_PULSE
            return self._begin(at_ns, self._bent_from(at_ns, self._position_ticks))
        found: Changes = (ClockFound(at_ns),) if self._is_lost else ()
        self._is_lost = False
        if self._jump_ticks is not None:
            position_ticks, self._jump_ticks = self._jump_ticks, None
            self._pulse_zero_ticks = position_ticks - follower.index * TICKS_PER_PULSE
            self._timeline = self._bent_from(at_ns, position_ticks)
            return (*found, Located(at_ns, position_ticks, True))
        return found + self._keep_up(at_ns)

    def _keep_up(self, at_ns: int) -> Changes:
        """Bend the timeline towards the follower's line, which it meets a few pulses on."""
        line = self._follower.line
        from_ns = max(at_ns, self._now_ns)
        pulses = line.index_at(from_ns)
        behind_ticks = (
            self._pulse_ticks(0) + pulses * TICKS_PER_PULSE - self._timeline.position_ticks(from_ns)
        )
        if abs(behind_ticks) > _LARGEST_BEND_TICKS:
            position_ticks = self._pulse_ticks(0) + round(pulses * TICKS_PER_PULSE)
            self._timeline = Timeline(from_ns, position_ticks, self._leading_ns_per_beat)
            return (Located(from_ns, position_ticks, True),)
        meet = int(pulses // 1) + _MEET_AFTER_PULSES
        self._timeline = self._timeline.meeting(from_ns, line.time_ns(meet), self._pulse_ticks(meet))
        return (Retimed(from_ns),)

    def _bent_from(self, at_ns: int, position_ticks: int) -> Timeline:
        """A timeline exactly at ``position_ticks`` now, for the pulse just heard, that joins the line."""
        line, meet = self._follower.line, self._follower.index + _MEET_AFTER_PULSES
        here = Timeline(at_ns, position_ticks, self._leading_ns_per_beat)
        meet_ns = max(line.time_ns(meet), at_ns + NS_PER_MS)
        return here.meeting(at_ns, meet_ns, position_ticks + _MEET_AFTER_PULSES * TICKS_PER_PULSE)

    def _miss_pulses(self, at_ns: int) -> Changes:
        if self._state is not TransportState.PLAYING:
            self._lead()
            return ()
        if self._is_lost:
            self._is_lost = False
            return self._come_to_rest(at_ns, self._timeline.position_ticks(at_ns))
        lost = ClockLost(at_ns, at_ns - self._lost_after_ns + FREE_WHEEL_NS)
        if self._jump_ticks is not None:
            # the master has pointed elsewhere and sends no pulses: it is getting ready, so wait there
            halted = self._come_to_rest(at_ns, self._jump_ticks)
            self._state = TransportState.ARMED
            return (ClockLost(at_ns, at_ns), *halted)
        self._is_lost = True
        return (lost,)

    # --- both ---------------------------------------------------------------------------------

    def _begin(self, at_ns: int, timeline: Timeline) -> Changes:
        self._state = TransportState.PLAYING
        self._timeline = timeline
        self._jump_ticks = None
        self._is_lost = False
        return (Began(at_ns, self._position_ticks),)

    def _come_to_rest(self, at_ns: int, position_ticks: int) -> Changes:
        if self._state is not TransportState.PLAYING:
            return ()
        self._state = TransportState.STOPPED
        self._position_ticks = position_ticks if self._jump_ticks is None else self._jump_ticks
        self._jump_ticks = None
        self._is_lost = False
        return (Halted(at_ns, self._position_ticks),)

    def _wait_at(self, position_ticks: int, at_ns: int) -> Changes:
        if position_ticks == self._position_ticks:
            return ()
        self._position_ticks = position_ticks
        return (Located(at_ns, position_ticks, False),)

    @property
    def _leading_ns_per_beat(self) -> int:
        if self._led_by_midi:
            return round(self._follower.ns_per_pulse * PULSES_PER_BEAT)
        return self._ns_per_beat

    @property
    def _lost_after_ns(self) -> int:
        return max(round(_LOST_AFTER_PULSES * self._follower.ns_per_pulse), _LOST_AFTER_LEAST_NS)

    def _pulses_are_coming(self, at_ns: int) -> bool:
        last_ns = self._follower.last_ns
        return last_ns is not None and at_ns - last_ns < self._lost_after_ns

    def _pulse_ticks(self, index: int) -> int:
        return self._pulse_zero_ticks + index * TICKS_PER_PULSE

    def _next_pulse_ticks(self, at_ns: int) -> int:
        """The position the master's next pulse will have, which is where Continue goes on."""
        if not self._is_lost:
            return self._pulse_ticks(self._follower.index + 1)
        pulses = (self._timeline.position_ticks(at_ns) - self._pulse_zero_ticks) // TICKS_PER_PULSE
        return self._pulse_ticks(pulses + 1)


def _clipped(tempo_bpm: float) -> float:
    return min(MAX_BPM, max(MIN_BPM, tempo_bpm))
