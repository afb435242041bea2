"""The performer: events in, effects out, and everything musical in between.

It does no I/O and reads no clock. Whoever drives it (the timekeeper live, ``livevae render`` and
the tests in virtual time) calls

    performer.receive(event, at_ns)      anything that happened, with the time it happened
    performer.advance(until_ns)          -> what is due up to then, each with its ideal time
    performer.next_deadline_ns()         -> how long it may sleep

and the same calls always give the same effects.
"""

from __future__ import annotations

from collections.abc import Callable

from livevae.core.bars import NEVER_NS, Bars
from livevae.core.capture import Capture
from livevae.core.effects import Effect, Severity
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
    PlayChord,
    PortFound,
    PortLost,
    Quit,
    Recall,
    Rename,
    SetParameter,
    StopAt,
    StopLearning,
    Undo,
    WriteChords,
)
from livevae.core.hands import Hands
from livevae.core.harmony import Harmony
from livevae.core.outbox import Outbox
from livevae.core.performance import Performance
from livevae.core.planner import is_listening
from livevae.core.player import Player
from livevae.core.snapshot import PartSnapshot, PerformerSnapshot
from livevae.core.song import Song
from livevae.core.song_moves import SongMoves
from livevae.core.transport import Transport
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
        self._outbox = Outbox()
        self._moves = SongMoves(self._bars, self._player, self._capture, self._harmony, self._outbox)
        self._hands = Hands(
            self._transport,
            self._song,
            self._bars,
            self._player,
            self._capture,
            self._harmony,
            self._moves,
            self._outbox,
        )
        self._now_ns = -NEVER_NS
        self._stop_at_ticks: int | None = None
        self._over = False

    # --- driving ------------------------------------------------------------------------------

    def receive(self, event: Event, at_ns: int) -> None:
        """Take note of something that happened at ``at_ns``; what follows from it comes from ``advance``."""
        if self._over or (isinstance(event, ControlChange) and not self._hands.surface.minds(event)):
            return
        self._run_until(at_ns)
        # effects already given out may lie ahead of this event; nothing may be ordered before them
        at_ns_out = max(at_ns, self._now_ns)
        match event:
            case NoteOn() | NoteOff():
                self._hands.play(event, at_ns, at_ns_out)
            case ChordKey() | PlayChord() | WriteChords():
                self._hands.harmonise(event, at_ns)
            case ControlChange():
                self._hands.turn(event, at_ns, at_ns_out)
            case SetParameter() | Keep() | Drop() | Rename() | Undo() | Recall():
                self._hands.set(event, at_ns, at_ns_out)
            case Learn() | StopLearning() | Forget() | Bind():
                self._outbox.put(self._hands.surface.act(event, at_ns_out))
            case ModelAnswer(request_id, parts, _):
                self._outbox.put(self._bars.answered(request_id, parts, at_ns))
            case ModelFailed(request_id, reason):
                self._outbox.notice(at_ns_out, Severity.ERROR, reason)
                self._outbox.put(self._bars.failed(request_id, at_ns_out))
            case PortLost(name):
                self._outbox.put(self._player.port_lost(at_ns_out))
                self._capture.release_all(self._song.position_ticks(at_ns))
                self._harmony.release_all()
                self._outbox.notice(at_ns_out, Severity.WARNING, f"The MIDI port {name} went away.")
            case PortFound(name):
                self._outbox.put(self._player.port_found(at_ns_out))
                self._outbox.put(self._hands.surface.tell_all(at_ns_out))
                self._outbox.notice(at_ns_out, Severity.INFO, f"The MIDI port {name} is there.")
            case LoadPerformance(performance):
                self._load(performance, at_ns_out)
            case StopAt(position_ticks):
                self._stop_at_ticks = position_ticks
            case Quit():
                self._outbox.put(self._player.silence(at_ns_out))
                self._over = True
            case _:
                self._hands.obey(event, at_ns, at_ns_out)

    def advance(self, until_ns: int) -> list[Effect]:
        """Everything due up to and including ``until_ns``, in order."""
        if not self._over:
            self._run_until(until_ns)
            if not self._song.is_playing:
                self._outbox.put(self._bars.prepare(max(until_ns, self._now_ns)))
        return self._hands.surface.followed(self._outbox.take())

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
                sounds_ns = max(
                    self._song.sounding_ns(position_ticks), self._moves.began_ns + self._song.offset_ns
                )
                candidates.append((sounds_ns, self._sound_next))
        late_ns = self._bars.next_deadline_ns()
        if late_ns is not None:
            candidates.append((late_ns, self._give_up_waiting))
        let_go_ns = self._hands.surface.next_deadline_ns()
        if let_go_ns is not None:
            candidates.append((let_go_ns, self._hands_off))
        return min(candidates, key=lambda due: due[0], default=None)

    def _clock_due(self, at_ns: int) -> None:
        self._moves.follow(self._transport.advance(at_ns), max(at_ns, self._now_ns))

    def _decide_next_bar(self, at_ns: int) -> None:
        self._outbox.put(self._bars.decide_next(at_ns))

    def _complete_bar(self, at_ns: int) -> None:
        self._outbox.put(self._bars.complete(at_ns))

    def _sound_next(self, at_ns: int) -> None:
        self._outbox.put(self._player.sound_next(at_ns, self._bars.sounding_parts))

    def _stop_here(self, at_ns: int) -> None:
        self._stop_at_ticks = None
        at_ns = max(at_ns, self._now_ns)  # the place may have been passed long ago, by a jump
        self._moves.follow(self._transport.receive(Halt(), at_ns - self._song.offset_ns), at_ns)

    def _give_up_waiting(self, at_ns: int) -> None:
        self._outbox.put(self._bars.give_up_waiting(at_ns))

    def _hands_off(self, at_ns: int) -> None:
        self._outbox.put(self._hands.surface.tell_owed(at_ns))

    # --- another performance ------------------------------------------------------------------

    def _load(self, performance: Performance, at_ns: int) -> None:
        try:
            self._bars.change_to(performance)
        except LivevaeError as refusal:
            self._outbox.notice(at_ns, Severity.ERROR, str(refusal))

    def _taken_up(self) -> None:
        """Other parts play from here on."""
        self._harmony.write(self._bars.ensemble.performance.chords)
        self._hands.take_over(max(self._now_ns, 0))
