"""The performer: events in, effects out, and everything musical in between.

It does no I/O and reads no clock. Whoever drives it (the timekeeper live, ``livevae render`` and
the tests in virtual time) calls

    performer.receive(event, at_ns)      anything that happened, with the time it happened
    performer.advance(until_ns)          -> what is due up to then, each with its ideal time
    performer.next_deadline_ns()         -> how long it may sleep

and the same calls always give the same effects. A bar is decided half a sixteenth (early notes)
plus the time allowed for inference before its bar line: as late as it can be, so that what the
player does in this bar still shapes the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from livevae.core.capture import Capture
from livevae.core.composer import Composer, Missed, Placed
from livevae.core.controls import Controls, follow_up
from livevae.core.ensemble import Ensemble
from livevae.core.events import (
    AskModel,
    BarDecided,
    BarMissed,
    Bind,
    ControlChange,
    Drop,
    Effect,
    Event,
    Forget,
    Halt,
    Keep,
    Learn,
    LoadPerformance,
    ModelAnswer,
    ModelFailed,
    NoteOff,
    NoteOn,
    Notice,
    Panic,
    ParameterChanged,
    PortFound,
    PortLost,
    Quit,
    Recall,
    SetParameter,
    Severity,
    StopAt,
    StopLearning,
    TapTempo,
    Undo,
)
from livevae.core.latents import ModelRequest
from livevae.core.parameters import ParameterValue
from livevae.core.part import Part
from livevae.core.performance import Performance
from livevae.core.planner import is_listening
from livevae.core.player import Player
from livevae.core.snapshot import PartSnapshot, PerformerSnapshot
from livevae.core.surface import Surface
from livevae.core.transport import (
    Began,
    ClockFound,
    ClockLost,
    Halted,
    Located,
    Transport,
    TransportChange,
    TransportState,
)
from livevae.errors import LivevaeError
from livevae.units import HALF_STEP_TICKS, NS_PER_MS, bar_of_tick, bar_start_ticks

_NEVER_NS = 1 << 62  # a century and a half: a deadline for bars that wait for play to begin


class Performer:
    """Plays a performance. Raises PresetError or ParameterError if the performance is not playable.

    Not thread-safe: one thread drives it. Real-time-safe in the sense of this design: bounded
    work a call, no I/O, no waiting.
    """

    def __init__(self, performance: Performance) -> None:
        self._ensemble = Ensemble(performance)
        self._transport = Transport(performance.clock, float(self._ensemble.values["tempo"]))
        self._capture = Capture()
        self._composer = Composer(self._ensemble, self._capture)
        self._controls = Controls(self._ensemble, self._composer)
        self._surface = Surface(self._control_value)
        self._player = Player()
        self._outbox: list[Effect] = []
        self._now_ns = -_NEVER_NS
        self._play_from_ns = 0
        self._next_bar = 0
        self._prepared_bar: int | None = None  # while stopped: the bar that lies ready
        self._prepared_whole = True  # and no part of it had to be made up
        self._next_performance: Performance | None = None
        self._outgoing_parts: dict[str, Part] = {}
        self._bars_played = 0
        self._stop_at_ticks: int | None = None
        self._over = False

    # --- driving ------------------------------------------------------------------------------

    def receive(self, event: Event, at_ns: int) -> None:
        """Take note of something that happened at ``at_ns``; what follows from it comes from ``advance``."""
        if self._over or (isinstance(event, ControlChange) and not self._surface.minds(event)):
            return
        self._run_until(at_ns)
        # effects already given out may lie ahead of this event; nothing may be ordered before them
        at_ns_out = max(at_ns, self._now_ns)
        match event:
            case NoteOn() | NoteOff():
                if not self._touched(event, at_ns, at_ns_out):
                    self._played_in(event, at_ns, at_ns_out)
            case ControlChange():
                self._touched(event, at_ns, at_ns_out)
            case SetParameter() | Keep() | Drop() | Undo() | Recall():
                self._take_in_hand(event, at_ns, at_ns_out)
            case Learn() | StopLearning() | Forget() | Bind():
                self._outbox += self._surface.act(event, at_ns_out)
            case ModelAnswer(request_id, parts, _):
                self._place(self._composer.answered(request_id, parts), at_ns)
            case ModelFailed(request_id, reason):
                self._notice(at_ns_out, Severity.ERROR, reason)
                self._miss(self._composer.failed(request_id), at_ns_out)
                self._prepared_whole = False
            case PortLost(name):
                self._outbox += self._player.port_lost(at_ns_out)
                self._capture.release_all(self._position_ticks(at_ns))
                self._notice(at_ns_out, Severity.WARNING, f"The MIDI port {name} went away.")
            case PortFound(name):
                self._outbox += self._player.port_found(at_ns_out)
                self._outbox += self._surface.tell_all(at_ns_out)
                self._notice(at_ns_out, Severity.INFO, f"The MIDI port {name} is there.")
            case LoadPerformance(performance):
                self._load(performance, at_ns_out)
            case StopAt(position_ticks):
                self._stop_at_ticks = position_ticks
            case Quit():
                self._outbox += self._player.silence(at_ns_out)
                self._over = True
            case _:
                self._obey(event, at_ns, at_ns_out)

    def advance(self, until_ns: int) -> list[Effect]:
        """Everything due up to and including ``until_ns``, in order."""
        if not self._over:
            self._run_until(until_ns)
            self._prepare_if_stopped(max(until_ns, self._now_ns))
        effects, self._outbox = self._outbox, []
        return self._surface.followed(effects)

    def next_deadline_ns(self) -> int | None:
        """When ``advance`` will next have something to do; None if only an event can wake it."""
        if self._over:
            return None
        due = self._next_due()
        return None if due is None else due[0]

    def snapshot(self, at_ns: int) -> PerformerSnapshot:
        """What can be seen at ``at_ns``."""
        position_ticks = self._position_ticks(at_ns)
        bar = bar_of_tick(position_ticks)
        return PerformerSnapshot(
            state=self._transport.state.name.lower(),
            leader=self._transport.leader,
            tempo_bpm=self._transport.tempo_bpm,
            position_ticks=position_ticks,
            bars_played=self._bars_played,
            parts=tuple(
                PartSnapshot(
                    name=part.name,
                    mode=str(self._ensemble.shown_value(part.name, "mode")),
                    muted=bool(part.values["mute"]),
                    listening=is_listening(part, bar),
                    heard=part.heard is not None,
                    bars_missed=part.bars_missed,
                )
                for part in self._ensemble.parts.values()
            ),
            pulse_jitter_ns=self._transport.pulse_jitter_ns,
        )

    def everything(self) -> list[Effect]:
        """Every parameter's and slot's present state, as an echo to a controller that asks."""
        at_ns = max(self._now_ns, 0)
        return self._controls.everything(at_ns) + self._surface.everything(at_ns)

    # --- the loop -----------------------------------------------------------------------------

    def _run_until(self, until_ns: int) -> None:
        while (due := self._next_due()) is not None and due[0] <= until_ns:
            due_ns, act = due
            self._now_ns = max(self._now_ns, due_ns)
            act(due_ns)
        self._now_ns = max(self._now_ns, until_ns)

    def _next_due(self) -> tuple[int, Callable[[int], None]] | None:
        """The earliest thing to do; at one time, the order in which they are listed."""
        candidates: list[tuple[int, Callable[[int], None]]] = []
        clock_ns = self._transport.next_deadline_ns()
        if clock_ns is not None:
            candidates.append((clock_ns, self._clock_due))
        if self._is_playing:
            if self._stop_at_ticks is not None:
                candidates.append((self._sounding_ns(self._stop_at_ticks), self._stop_here))
            candidates.append((self._decision_ns(self._next_bar), self._decide_next_bar))
            position_ticks = self._player.scheduler.next_position_ticks()
            jump_ticks = self._transport.jump_from_ticks
            if position_ticks is not None and (jump_ticks is None or position_ticks < jump_ticks):
                candidates.append((self._sounding_ns(position_ticks), self._sound_next))
        late_ns = self._composer.next_deadline_ns()
        if late_ns is not None and late_ns < _NEVER_NS:
            candidates.append((late_ns, self._give_up_waiting))
        let_go_ns = self._surface.next_deadline_ns()
        if let_go_ns is not None:
            candidates.append((let_go_ns, self._hands_off))
        return min(candidates, key=lambda due: due[0], default=None)

    def _clock_due(self, at_ns: int) -> None:
        self._moved(self._transport.advance(at_ns), max(at_ns, self._now_ns))

    def _decide_next_bar(self, at_ns: int) -> None:
        bar = self._next_bar
        self._next_bar += 1
        self._bars_played += 1
        quantum = int(self._ensemble.values["quantum"])
        if self._next_performance is not None and bar % quantum == 0:
            self._take_up(self._next_performance)
        self._ensemble.adopt_wanted(bar)
        self._decide(bar, at_ns)
        self._player.scheduler.forget_ties_before(bar_start_ticks(bar - 1))

    def _sound_next(self, at_ns: int) -> None:
        parts = self._outgoing_parts | self._ensemble.parts if self._outgoing_parts else self._ensemble.parts
        self._outbox += self._player.sound_next(max(at_ns, self._play_from_ns), parts)

    def _stop_here(self, at_ns: int) -> None:
        self._stop_at_ticks = None
        at_ns = max(at_ns, self._now_ns)  # the place may have been passed long ago, by a jump
        self._moved(self._transport.receive(Halt(), at_ns - self._offset_ns), at_ns)

    def _give_up_waiting(self, at_ns: int) -> None:
        self._miss(self._composer.expired(at_ns), at_ns)

    def _hands_off(self, at_ns: int) -> None:
        self._outbox += self._surface.tell_owed(at_ns)

    # --- deciding bars ------------------------------------------------------------------------

    def _decision_ns(self, bar: int) -> int:
        earliest_note_ticks = bar_start_ticks(bar) - HALF_STEP_TICKS
        return self._sounding_ns(earliest_note_ticks) - self._ensemble.performance.inference_ns

    def _decide(self, bar: int, at_ns: int) -> None:
        if self._is_playing:
            in_time_ns = at_ns + self._ensemble.performance.inference_ns
            deadline_ns = max(self._sounding_ns(bar_start_ticks(bar)), in_time_ns)
        else:
            deadline_ns = _NEVER_NS
        placed, requests = self._composer.decide(bar, self._position_ticks(at_ns), deadline_ns)
        self._place(placed, at_ns)
        self._ask(requests, at_ns, deadline_ns)

    def _ask(self, requests: Iterable[ModelRequest], at_ns: int, needed_by_ns: int) -> None:
        self._outbox += [AskModel(at_ns, request, needed_by_ns) for request in requests]

    def _place(self, placed: Iterable[Placed], at_ns: int) -> None:
        position_ticks = self._position_ticks(at_ns)
        for bar in placed:
            self._player.place(bar, position_ticks)
            part = self._ensemble.parts.get(bar.part)
            idea = None if part is None else part.ideas.get(bar.bar)
            self._outbox.append(BarDecided(at_ns, bar.part, bar.bar, bar.notes, idea))

    def _miss(self, missed: Iterable[Missed], at_ns: int) -> None:
        for bar in missed:
            self._outbox.append(BarMissed(at_ns, bar.part, bar.bar))
            self._place([self._composer.place_instead(bar)], at_ns)
            if bar.rule == "passthrough":
                self._player.pass_through(bar.part, bar.bar)

    def _prepare_if_stopped(self, at_ns: int) -> None:
        """Have the bar at the song position, and the song's first, ready before anybody presses play."""
        if self._is_playing or self._prepared_bar is not None or self._composer.waiting:
            return
        if self._next_performance is not None:
            self._take_up(self._next_performance)
        bar = bar_of_tick(self._transport.position_ticks)
        self._player.scheduler.clear()
        self._ensemble.adopt_now(bar)
        self._prepared_bar = bar
        self._prepared_whole = True
        self._next_bar = bar + 1
        self._decide(bar, at_ns)
        if bar != 0:
            self._ask(self._composer.prefetch(0), at_ns, _NEVER_NS)

    # --- transport ----------------------------------------------------------------------------

    @property
    def _is_playing(self) -> bool:
        return self._transport.state is TransportState.PLAYING

    def _position_ticks(self, at_ns: int) -> int:
        if self._is_playing:
            return self._transport.timeline.position_ticks(at_ns - self._offset_ns)
        return self._transport.position_ticks

    def _sounding_ns(self, position_ticks: int) -> int:
        return self._transport.timeline.time_ns(position_ticks) + self._offset_ns

    @property
    def _offset_ns(self) -> int:
        return round(self._ensemble.offset_ms * NS_PER_MS)

    def _moved(self, changes: Iterable[TransportChange], at_ns: int) -> None:
        for change in changes:
            match change:
                case Began(began_ns, position_ticks):
                    self._outbox += self._player.end_all(at_ns)
                    self._begin(position_ticks, began_ns)
                    self._echo(at_ns, "play", True)
                case Located(located_ns, position_ticks, True):
                    self._outbox += self._player.silence(at_ns)
                    self._capture.forget()
                    self._prepared_bar = None
                    self._begin(position_ticks, located_ns)
                case Located():
                    self._capture.forget()
                    self._composer.abandon()
                    self._prepared_bar = None
                case Halted(_, position_ticks):
                    self._outbox += self._player.silence(at_ns)
                    self._capture.release_all(position_ticks)
                    self._composer.abandon()
                    self._prepared_bar = None
                    self._echo(at_ns, "play", False)
                case ClockLost():
                    self._notice(
                        at_ns, Severity.WARNING, "The MIDI clock fell silent: keeping the last tempo."
                    )
                case ClockFound():
                    self._notice(at_ns, Severity.INFO, "The MIDI clock is back.")
                case _:
                    pass  # Retimed: every time is worked out afresh from the timeline

    def _begin(self, position_ticks: int, at_ns: int) -> None:
        """Sound from ``position_ticks``, which is exactly at ``at_ns``."""
        self._play_from_ns = at_ns + self._offset_ns
        bar = bar_of_tick(position_ticks)
        if self._prepared_bar == bar and self._prepared_whole and not self._composer.waiting:
            self._player.at_least_from(position_ticks)
        else:
            self._composer.abandon()
            self._player.scheduler.clear()
            self._ensemble.adopt_now(bar)
            self._decide(bar, at_ns)
        self._prepared_bar = None
        self._next_bar = bar + 1
        self._bars_played += 1

    # --- what people do -----------------------------------------------------------------------

    def _played_in(self, event: NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> None:
        if not self._is_playing:
            return
        position_ticks = self._transport.timeline.position_ticks(at_ns)
        if isinstance(event, NoteOn):
            self._capture.note_on(position_ticks, event.channel, event.pitch, event.velocity)
        else:
            self._capture.note_off(position_ticks, event.channel, event.pitch)
        bar = bar_of_tick(position_ticks)
        self._outbox += self._player.played_in(at_ns_out, bar, event, self._ensemble.parts)

    def _touched(self, event: ControlChange | NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> bool:
        """Turn what a control turns. False: it is none, and a note is there to be heard."""
        touched = self._surface.touched(event, at_ns_out)
        self._outbox += touched.effects
        for setting in touched.settings:
            self._take_in_hand(setting, at_ns, at_ns_out)
        return touched.is_control

    def _control_value(self, part: str | None, name: str) -> ParameterValue | None:
        return self._ensemble.control_value(part, name)

    def _take_in_hand(
        self, event: SetParameter | Keep | Drop | Undo | Recall, at_ns: int, at_ns_out: int
    ) -> None:
        self._prepared_bar = None  # what lies ready was made with the old settings
        if isinstance(event, Recall):
            effects = self._controls.recall(event, at_ns_out)
            for binding in event.bindings:
                effects += self._surface.act(binding, at_ns_out)
        else:
            effects = self._controls.act(event, at_ns_out, self._position_ticks(at_ns))
        self._outbox += effects
        for change in effects:
            match change:
                case ParameterChanged(_, None, "tempo", tempo_bpm):
                    self._moved(self._transport.set_tempo(float(tempo_bpm), at_ns), at_ns_out)
                case ParameterChanged(_, None, "play" | "tap" | "panic"):
                    follow = follow_up(change)
                    if follow is not None:
                        self._obey(follow, at_ns, at_ns_out)
                    if change.name == "play":
                        self._show_whether_playing(bool(change.value), at_ns_out)
                case ParameterChanged(_, str(part), "mute", True):
                    self._outbox += self._player.end_part(at_ns_out, part)

    def _show_whether_playing(self, wanted: bool, at_ns: int) -> None:
        """A play button that could not be obeyed springs back."""
        is_on = self._transport.state is not TransportState.STOPPED
        if wanted != is_on:
            self._echo(at_ns, "play", is_on)
            self._notice(
                at_ns, Severity.INFO, "livevae is set to wait for an outside clock: press play there."
            )

    def _obey(self, event: Event, at_ns: int, at_ns_out: int) -> None:
        """Start, stop, tap or panic, by whatever way it was asked."""
        if isinstance(event, Panic):
            self._outbox += self._player.end_all(at_ns_out)
            return
        self._moved(self._transport.receive(event, at_ns), at_ns_out)
        if isinstance(event, TapTempo):
            self._echo(at_ns_out, "tempo", self._transport.tempo_bpm)

    def _load(self, performance: Performance, at_ns: int) -> None:
        try:
            Ensemble(performance)  # refuse before anything stops
        except LivevaeError as refusal:
            self._notice(at_ns, Severity.ERROR, str(refusal))
            return
        self._next_performance = performance
        self._prepared_bar = None

    def _take_up(self, performance: Performance) -> None:
        """Let the next performance's parts decide from here; notes already queued still sound."""
        self._next_performance = None
        self._outgoing_parts = dict(self._ensemble.parts)
        self._composer.abandon()
        self._ensemble = Ensemble(performance, before=self._ensemble)
        self._composer = Composer(self._ensemble, self._capture)
        self._controls = Controls(self._ensemble, self._composer)
        self._outbox += self._surface.tell_all(max(self._now_ns, 0))

    def _echo(self, at_ns: int, name: str, value: ParameterValue) -> None:
        """Show a global parameter that changed by itself: the clock plays, or a tap set the tempo."""
        self._ensemble.values[name] = value
        self._outbox.append(ParameterChanged(at_ns, None, name, value))

    def _notice(self, at_ns: int, severity: Severity, text: str) -> None:
        self._outbox.append(Notice(at_ns, severity, text))
