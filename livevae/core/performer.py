"""The performer: events in, effects out, and everything musical in between.

It does no I/O and reads no clock. Whoever drives it (the timekeeper live, ``livevae render`` and
the tests in virtual time) calls

    performer.receive(event, at_ns)      anything that happened, with the time it happened
    performer.advance(until_ns)          -> what is due up to then, each with its ideal time
    performer.next_deadline_ns()         -> how long it may sleep

and the same calls always give the same effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from livevae.core.bars import NEVER_NS, Bars
from livevae.core.capture import Capture
from livevae.core.controls import Controls, follow_up
from livevae.core.effects import (
    Effect,
    Notice,
    ParameterChanged,
    SendNoteOff,
    SendNoteOn,
    SendProgram,
    Severity,
)
from livevae.core.ensemble import Ensemble
from livevae.core.events import (
    Bind,
    ChordKey,
    ControlChange,
    Drop,
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
    Panic,
    PlayChord,
    PortFound,
    PortLost,
    Quit,
    Recall,
    Rename,
    SetParameter,
    StopAt,
    StopLearning,
    TapTempo,
    Undo,
    WriteChords,
)
from livevae.core.groove_parameters import FEELS
from livevae.core.harmony import Harmony
from livevae.core.parameters import ParameterValue
from livevae.core.performance import Performance
from livevae.core.planner import is_listening
from livevae.core.player import Player
from livevae.core.snapshot import PartSnapshot, PerformerSnapshot
from livevae.core.song import Song
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
from livevae.units import bar_of_tick


class Performer:
    """Plays a performance. Raises PresetError or ParameterError if the performance is not playable.

    Not thread-safe: one thread drives it. Real-time-safe in the sense of this design: bounded
    work a call, no I/O, no waiting.
    """

    def __init__(self, performance: Performance) -> None:
        self._capture = Capture()
        self._harmony = Harmony(performance.chords)
        self._player = Player(self._harmony.at)
        tempo_bpm = float(Ensemble(performance).values["tempo"])
        self._transport = Transport(performance.clock, tempo_bpm)
        self._song = Song(self._transport, lambda: self._bars.ensemble.offset_ms)
        self._bars = Bars(performance, self._capture, self._player, self._song, self._harmony, self._taken_up)
        self._controls = Controls(self._bars.ensemble, self._bars.composer)
        self._surface = Surface(self._control_value)
        self._outbox: list[Effect] = []
        self._now_ns = -NEVER_NS
        self._began_ns = 0
        self._sent_ns = -NEVER_NS
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
            case ChordKey() | PlayChord() | WriteChords():
                self._harmonised(event, at_ns)
            case ControlChange():
                self._touched(event, at_ns, at_ns_out)
            case SetParameter() | Keep() | Drop() | Rename() | Undo() | Recall():
                self._take_in_hand(event, at_ns, at_ns_out)
            case Learn() | StopLearning() | Forget() | Bind():
                self._outbox += self._surface.act(event, at_ns_out)
            case ModelAnswer(request_id, parts, _):
                self._outbox += self._bars.answered(request_id, parts, at_ns)
            case ModelFailed(request_id, reason):
                self._notice(at_ns_out, Severity.ERROR, reason)
                self._outbox += self._bars.failed(request_id, at_ns_out)
            case PortLost(name):
                self._outbox += self._player.port_lost(at_ns_out)
                self._capture.release_all(self._song.position_ticks(at_ns))
                self._harmony.release_all()
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
            if not self._song.is_playing:
                self._outbox += self._bars.prepare(max(until_ns, self._now_ns))
        effects, self._outbox = self._outbox, []
        return self._surface.followed([self._in_order(effect) for effect in effects])

    def _in_order(self, effect: Effect) -> Effect:
        """No note message before the last one: a bent timeline may place an end before its start."""
        if isinstance(effect, SendNoteOn | SendNoteOff | SendProgram):
            if effect.at_ns < self._sent_ns:
                return replace(effect, at_ns=self._sent_ns)
            self._sent_ns = effect.at_ns
        return effect

    def next_deadline_ns(self) -> int | None:
        """When ``advance`` will next have something to do; None if only an event can wake it."""
        if self._over:
            return None
        due = self._next_due()
        return None if due is None else due[0]

    def snapshot(self, at_ns: int) -> PerformerSnapshot:
        """What can be seen at ``at_ns``."""
        position_ticks = self._song.position_ticks(at_ns)
        bar = bar_of_tick(position_ticks)
        return PerformerSnapshot(
            state=self._transport.state.name.lower(),
            leader=self._transport.leader,
            tempo_bpm=self._transport.tempo_bpm,
            position_ticks=position_ticks,
            bars_played=self._bars.played,
            parts=tuple(
                PartSnapshot(
                    name=part.name,
                    mode=str(self._bars.ensemble.shown_value(part.name, "mode")),
                    muted=bool(part.values["mute"]),
                    listening=is_listening(part, bar),
                    heard=part.heard is not None,
                    bars_missed=part.bars_missed,
                )
                for part in self._bars.ensemble.parts.values()
            ),
            pulse_jitter_ns=self._transport.pulse_jitter_ns,
            chord=self._harmony.name_at(position_ticks),
        )

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
        if self._song.is_playing:
            if self._stop_at_ticks is not None:
                candidates.append((self._song.sounding_ns(self._stop_at_ticks), self._stop_here))
            candidates.append((self._bars.next_decision_ns(), self._decide_next_bar))
            completion_ns = self._bars.next_completion_ns()
            if completion_ns is not None:
                candidates.append((completion_ns, self._complete_bar))
            position_ticks = self._player.scheduler.next_position_ticks()
            jump_ticks = self._transport.jump_from_ticks
            if position_ticks is not None and (jump_ticks is None or position_ticks < jump_ticks):
                # what is written before the place where play began sounds as it begins, not sooner
                sounds_ns = max(self._song.sounding_ns(position_ticks), self._began_ns + self._song.offset_ns)
                candidates.append((sounds_ns, self._sound_next))
        late_ns = self._bars.next_deadline_ns()
        if late_ns is not None:
            candidates.append((late_ns, self._give_up_waiting))
        let_go_ns = self._surface.next_deadline_ns()
        if let_go_ns is not None:
            candidates.append((let_go_ns, self._hands_off))
        return min(candidates, key=lambda due: due[0], default=None)

    def _clock_due(self, at_ns: int) -> None:
        self._moved(self._transport.advance(at_ns), max(at_ns, self._now_ns))

    def _decide_next_bar(self, at_ns: int) -> None:
        self._outbox += self._bars.decide_next(at_ns)

    def _complete_bar(self, at_ns: int) -> None:
        self._outbox += self._bars.complete(at_ns)

    def _sound_next(self, at_ns: int) -> None:
        self._outbox += self._player.sound_next(at_ns, self._bars.sounding_parts)

    def _stop_here(self, at_ns: int) -> None:
        self._stop_at_ticks = None
        at_ns = max(at_ns, self._now_ns)  # the place may have been passed long ago, by a jump
        self._moved(self._transport.receive(Halt(), at_ns - self._song.offset_ns), at_ns)

    def _give_up_waiting(self, at_ns: int) -> None:
        self._outbox += self._bars.give_up_waiting(at_ns)

    def _hands_off(self, at_ns: int) -> None:
        self._outbox += self._surface.tell_owed(at_ns)

    # --- transport ----------------------------------------------------------------------------

    def _moved(self, changes: Iterable[TransportChange], at_ns: int) -> None:
        for change in changes:
            match change:
                case Began(began_ns, position_ticks):
                    self._outbox += self._player.end_all(at_ns)
                    self._harmony.jump()
                    self._begin(position_ticks, began_ns)
                    self._echo(at_ns, "play", True)
                case Located(located_ns, position_ticks, True):
                    self._outbox += self._player.silence(at_ns)
                    self._capture.jumped(change.from_ticks, position_ticks)
                    self._harmony.jump()
                    self._bars.start_over()
                    self._begin(position_ticks, located_ns)
                case Located():
                    self._capture.forget()
                    self._harmony.jump()
                    self._bars.abandon()
                case Halted(_, position_ticks):
                    self._outbox += self._player.silence(at_ns)
                    self._capture.release_all(position_ticks)
                    self._harmony.stop()
                    self._bars.abandon()
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
        self._began_ns = at_ns
        self._outbox += self._bars.begin(position_ticks, at_ns)

    # --- what people do -----------------------------------------------------------------------

    def _played_in(self, event: NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> None:
        if event.channel == self._bars.ensemble.values["chord_channel"]:
            self._harmonised(ChordKey(event.pitch, isinstance(event, NoteOn)), at_ns)
            return
        if not self._song.is_playing:
            return
        position_ticks = self._transport.timeline.position_ticks(at_ns)
        if isinstance(event, NoteOn):
            self._capture.note_on(position_ticks, event.channel, event.pitch, event.velocity)
        else:
            self._capture.note_off(position_ticks, event.channel, event.pitch)
        bar = bar_of_tick(position_ticks)
        self._outbox += self._player.played_in(at_ns_out, bar, event, self._bars.ensemble.parts)

    def _harmonised(self, event: ChordKey | PlayChord | WriteChords, at_ns: int) -> None:
        """Somebody says what the chords are."""
        if self._song.is_playing:
            self._harmony.hear(event, self._transport.timeline.position_ticks(at_ns))
        else:
            self._harmony.hear(event, self._song.resting_ticks)
            self._bars.start_over()  # what lies ready was made for other chords

    def _touched(self, event: ControlChange | NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> bool:
        """Turn what a control turns. False: it is none, and a note is there to be heard."""
        touched = self._surface.touched(event, at_ns_out)
        self._outbox += touched.effects
        for setting in touched.settings:
            self._take_in_hand(setting, at_ns, at_ns_out)
        return touched.is_control

    def _control_value(self, part: str | None, name: str) -> ParameterValue | None:
        return self._bars.ensemble.control_value(part, name)  # of those who play when it is asked

    def _take_in_hand(
        self, event: SetParameter | Keep | Drop | Rename | Undo | Recall, at_ns: int, at_ns_out: int
    ) -> None:
        self._bars.start_over()  # what lies ready was made with the old settings
        if isinstance(event, Recall):
            effects = self._controls.recall(event, at_ns_out)
            for binding in event.bindings:
                effects += self._surface.act(binding, at_ns_out)
        else:
            effects = self._controls.act(event, at_ns_out, self._song.position_ticks(at_ns))
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
                case ParameterChanged(_, str(part), name) if name in FEELS:
                    position_ticks = self._song.position_ticks(max(at_ns, self._now_ns))
                    self._player.refeel(self._bars.ensemble.parts[part], position_ticks)
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
            self._bars.change_to(performance)
        except LivevaeError as refusal:
            self._notice(at_ns, Severity.ERROR, str(refusal))

    def _taken_up(self) -> None:
        """Other parts play from here on: the player's hands are on theirs."""
        self._controls = Controls(self._bars.ensemble, self._bars.composer)
        self._harmony.write(self._bars.ensemble.performance.chords)
        self._outbox += self._surface.tell_all(max(self._now_ns, 0))

    def _echo(self, at_ns: int, name: str, value: ParameterValue) -> None:
        """Show a global parameter that changed by itself: the clock plays, or a tap set the tempo."""
        self._bars.ensemble.values[name] = value
        self._outbox.append(ParameterChanged(at_ns, None, name, value))

    def _notice(self, at_ns: int, severity: Severity, text: str) -> None:
        self._outbox.append(Notice(at_ns, severity, text))
