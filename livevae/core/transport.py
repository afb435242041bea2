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

from livevae.core import events
from livevae.core.outside_clock import OutsideClock
from livevae.core.tap import TapTempo
from livevae.core.timeline import Timeline
from livevae.core.transport_changes import (
    Began,
    Changes,
    ClockFound,
    ClockLost,
    Halted,
    Located,
    Retimed,
    TransportChange,
    TransportState,
)
from livevae.units import MAX_BPM, MIN_BPM, NS_PER_S, TICKS_PER_STEP, bpm_of_ns_per_beat, ns_per_beat_of_bpm

__all__ = [
    "CLOCKS",
    "FREE_WHEEL_NS",
    "Began",
    "Changes",
    "ClockFound",
    "ClockLost",
    "Halted",
    "Located",
    "Retimed",
    "Transport",
    "TransportChange",
    "TransportState",
]

CLOCKS = ("auto", "midi", "internal")
FREE_WHEEL_NS = 2 * NS_PER_S  # how long play goes on without pulses
_GONE_AFTER_NS = 2 * NS_PER_S  # an outside clock this long silent, while nothing plays, no longer leads


class Transport:
    """Follows or leads. ``clock``: one of CLOCKS; ``tempo_bpm``: until another is heard or set.

    Not thread-safe. Real-time-safe: bounded work a call and no I/O.
    """

    def __init__(self, clock: str = "auto", tempo_bpm: float = 120.0) -> None:
        if clock not in CLOCKS:
            raise ValueError(f"clock {clock!r} is none of {', '.join(CLOCKS)}")
        self._clock = clock
        self._led_by_midi = clock == "midi"
        self._state = TransportState.STOPPED
        self._ns_per_beat = ns_per_beat_of_bpm(_clipped(tempo_bpm))
        self._outside = OutsideClock(_clipped(tempo_bpm))
        self._outside_ns: int | None = None  # when an outside clock was last heard of
        self._taps = TapTempo()
        self._now_ns = 0
        self._position_ticks = 0  # where play would begin (while not playing)
        self._timeline = Timeline(0, 0, self._ns_per_beat)  # while playing
        self._is_lost = False  # playing on without pulses

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
        return self._outside.jitter_ns

    @property
    def timeline(self) -> Timeline:
        """Time and position. While not playing: as if play began at the latest instant told."""
        if self._is_playing:
            return self._timeline
        return Timeline(self._now_ns, self._position_ticks, self._leading_ns_per_beat)

    @property
    def position_ticks(self) -> int:
        """Where play would go on; while playing, where it is at the latest instant told."""
        return self._timeline.position_ticks(self._now_ns) if self._is_playing else self._position_ticks

    @property
    def jump_from_ticks(self) -> int | None:
        """While playing, after a jump was announced: the position of the pulse at which it happens.

        What was meant for this position or later will not be played. None if no jump is announced.
        """
        return None if self._outside.jump_ticks is None else self._outside.next_pulse_ticks

    def next_deadline_ns(self) -> int | None:
        """When ``advance`` will next have something to say; None if only an event can change anything."""
        if not self._led_by_midi:
            return None
        last_ns = self._outside.last_pulse_ns
        if self._is_playing and last_ns is not None:
            return last_ns + (FREE_WHEEL_NS if self._is_lost else self._outside.lost_after_ns)
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
        """Take note of a clock or transport event; any other is none of the transport's business."""
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
        """Change livevae's own tempo, clipped to MIN_BPM...MAX_BPM; ignored where an outside tempo leads."""
        changes = self.advance(at_ns)
        if self._led_by_midi and (self._is_playing or self._outside.knows_tempo):
            return changes
        tempo_bpm = _clipped(tempo_bpm)
        self._ns_per_beat = ns_per_beat_of_bpm(tempo_bpm)
        self._outside.expect_tempo(tempo_bpm)
        if self._is_playing:
            self._timeline = self._timeline.with_tempo(self._ns_per_beat, self._now_ns)
        return (*changes, Retimed(self._now_ns))

    # --- livevae's own clock ------------------------------------------------------------------

    def _play(self, from_start: bool, at_ns: int) -> Changes:
        if self._clock == "midi" or (self._is_playing and (self._led_by_midi or not from_start)):
            return ()
        if self._is_playing:
            from_ticks = self._timeline.position_ticks(at_ns)
            self._timeline = self._timeline.moved_to(0, at_ns)
            return (Located(at_ns, 0, True, from_ticks),)
        if self._led_by_midi and self._outside.is_running(at_ns):
            # a clock runs outside but nobody there has pressed play: begin in time with it
            return self._arm(0 if from_start else None, at_ns)
        self._lead()
        if from_start:
            self._position_ticks = 0
        return self._begin(at_ns, Timeline(at_ns, self._position_ticks, self._ns_per_beat))

    def _halt(self, at_ns: int) -> Changes:
        """Silence is always obeyed, whoever leads."""
        return self._stop(at_ns) if self._led_by_midi else self._rest_where_it_is(at_ns)

    def _lead(self) -> None:
        """livevae's own clock leads from here, at the tempo last heard."""
        if self._led_by_midi and self._outside.knows_tempo:
            self._ns_per_beat = ns_per_beat_of_bpm(_clipped(self.tempo_bpm))
        self._led_by_midi = False

    # --- the outside clock --------------------------------------------------------------------

    def _start(self, position_ticks: int | None, at_ns: int) -> Changes:
        """Start (position 0) or Continue (None: where we are, or were last pointed to)."""
        if not (self._is_playing and self._led_by_midi):
            return self._rest_where_it_is(at_ns) + self._arm(position_ticks, at_ns)
        if position_ticks is not None:
            self._outside.point_to(position_ticks, at_ns)
        return ()

    def _arm(self, position_ticks: int | None, at_ns: int) -> Changes:
        self._led_by_midi = True
        self._outside_ns = at_ns
        self._state = TransportState.ARMED
        return () if position_ticks is None else self._wait_at(position_ticks, at_ns)

    def _stop(self, at_ns: int) -> Changes:
        if not self._led_by_midi:
            return ()
        self._outside_ns = at_ns
        if not self._is_playing:
            self._state = TransportState.STOPPED
            return ()
        return self._rest_on_pulse(at_ns)

    def _locate(self, position_ticks: int, at_ns: int) -> Changes:
        if not self._is_playing:
            self._led_by_midi = True
            self._outside_ns = at_ns
            return self._wait_at(position_ticks, at_ns)
        if self._led_by_midi:
            self._outside.point_to(position_ticks, at_ns)
        return ()

    def _pulse(self, at_ns: int) -> Changes:
        is_led = self._is_playing and self._led_by_midi
        if not self._outside.hear(at_ns, self._state is TransportState.ARMED, is_led):
            return ()
        self._outside_ns = at_ns
        if self._state is TransportState.STOPPED:
            self._led_by_midi = True
            return ()
        if self._state is TransportState.ARMED:
            return self._begin(at_ns, self._outside.place_newest(self._position_ticks, at_ns))
        if not is_led:
            return ()
        found: Changes = (ClockFound(at_ns),) if self._is_lost else ()
        self._is_lost = False
        position_ticks = self._outside.jump_ticks
        if position_ticks is None:
            return found + self._keep_up(max(at_ns, self._now_ns))
        from_ticks = self._timeline.position_ticks(at_ns)
        self._timeline = self._outside.place_newest(position_ticks, at_ns)
        return (*found, Located(at_ns, position_ticks, True, from_ticks))

    def _keep_up(self, at_ns: int) -> Changes:
        bent = self._outside.bend(self._timeline, at_ns)
        if bent is not None:
            self._timeline = bent
            return (Retimed(at_ns),)
        from_ticks = self._timeline.position_ticks(at_ns)
        self._timeline = self._outside.line_timeline(at_ns)
        return (Located(at_ns, self._timeline.origin_ticks, True, from_ticks),)

    def _miss_pulses(self, at_ns: int) -> Changes:
        """The deadline has come and no pulse has."""
        if not self._is_playing:
            self._lead()
            return ()
        if self._is_lost:
            return self._rest_on_pulse(at_ns)
        if self._outside.jump_ticks is not None:
            # the master has pointed elsewhere and sends no pulses: it is getting ready, so wait there
            halted = self._rest_on_pulse(at_ns)
            self._state = TransportState.ARMED
            return (ClockLost(at_ns, at_ns), *halted)
        self._is_lost = True
        return (ClockLost(at_ns, at_ns - self._outside.lost_after_ns + FREE_WHEEL_NS),)

    # --- both ---------------------------------------------------------------------------------

    @property
    def _is_playing(self) -> bool:
        return self._state is TransportState.PLAYING

    @property
    def _leading_ns_per_beat(self) -> int:
        return self._outside.ns_per_beat if self._led_by_midi else self._ns_per_beat

    def _begin(self, at_ns: int, timeline: Timeline) -> Changes:
        self._state = TransportState.PLAYING
        self._timeline = timeline
        return (Began(at_ns, self._position_ticks),)

    def _rest_where_it_is(self, at_ns: int) -> Changes:
        return self._rest_at(self._timeline.position_ticks(at_ns), at_ns) if self._is_playing else ()

    def _rest_on_pulse(self, at_ns: int) -> Changes:
        return self._rest_at(self._outside.leave_at(self._timeline, at_ns, self._is_lost), at_ns)

    def _rest_at(self, position_ticks: int, at_ns: int) -> Changes:
        self._state = TransportState.STOPPED
        self._position_ticks = position_ticks
        self._is_lost = False
        return (Halted(at_ns, position_ticks),)

    def _wait_at(self, position_ticks: int, at_ns: int) -> Changes:
        if position_ticks == self._position_ticks:
            return ()
        self._position_ticks = position_ticks
        return (Located(at_ns, position_ticks, False),)


def _clipped(tempo_bpm: float) -> float:
    return min(MAX_BPM, max(MIN_BPM, tempo_bpm))
