"""One turn of the clock: take in what happened, let the performer go on, send what is due.

Whoever keeps the pace calls ``cycle``: an audio server once a period, from its own thread, or the loop of
``livevae.timekeeper.process`` when a deadline is reached. Nothing in here waits.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from livevae.adapters.midi.port import Port
from livevae.adapters.midi_bytes import event_of, feedback_messages, message_of
from livevae.core.effects import (
    AskModel,
    Effect,
    Notice,
    SendFeedback,
    SendNoteOff,
    SendNoteOn,
    SendProgram,
    Severity,
)
from livevae.core.events import ChordKey, Event, ModelAnswer, NoteOff, NoteOn, Panic, Play, Quit
from livevae.core.latents import ModelRequest
from livevae.core.performer import Performer
from livevae.core.snapshot import NoteSeen
from livevae.errors import MessageError
from livevae.timekeeper.intake import in_order
from livevae.timekeeper.messages import NotePlayed, NotesSeen, Picture, ProgramPlayed, Watch
from livevae.units import NS_PER_MS, NS_PER_S

Shown = Picture | NotesSeen | Effect

_PICTURE_EVERY_NS = NS_PER_S // 10
_PLAY_AHEAD_NS = 2 * NS_PER_MS  # working out the first notes must not make them late
_SAME_FAULT_EVERY_NS = 5 * NS_PER_S
_FAULTS_REMEMBERED = 64  # whoever sends more kinds of garbage than this gets fewer sentences about it


class Timekeeper:
    """Brings performer, port and the other processes together.

    port: may be exchanged between two cycles.
    ask: puts a question to the model; show: shows something to the musician. Neither may wait.
    recording: report every note that is sent.

    Thread-safe: ``heard``, ``heard_chords`` and ``tell``; ``cycle`` keeps a second caller out.
    Real-time-safe in the sense of this design: bounded work, no waiting.
    """

    def __init__(
        self,
        performer: Performer,
        port: Port,
        ask: Callable[[ModelRequest], None],
        show: Callable[[Shown], None],
        *,
        recording: bool = False,
    ) -> None:
        self.port = port
        self.finished = False
        self.now_ns = 0
        self._performer = performer
        self._ask, self._show = ask, show
        self._recording = recording
        self._heard: deque[tuple[int, bytes]] = deque()
        self._chord_keys: deque[tuple[int, ChordKey]] = deque()
        self._told: deque[Event | Watch] = deque()
        self._turn = threading.Lock()
        self._next_picture_ns = 0
        self._next_cycle_ns = 0
        self._lateness_ns: list[int] = []
        self._played: list[NotePlayed | ProgramPlayed] = []
        self._watched = False
        self._seen: list[NoteSeen] = []
        self._inference_ns: list[int] = []
        self._garbled = 0
        self._fault_times_ns: dict[str, int] = {}

    # --- from any thread ------------------------------------------------------------------------

    def heard(self, message: bytes, at_ns: int) -> None:
        """A MIDI message came in at ``at_ns``."""
        self._heard.append((at_ns, message))

    def heard_chords(self, message: bytes, at_ns: int) -> None:
        """A MIDI message came in where chords are played; all but notes is left aside."""
        try:
            event = event_of(message)
        except MessageError:
            return
        if isinstance(event, NoteOn | NoteOff):
            self._chord_keys.append((at_ns, ChordKey(event.pitch, isinstance(event, NoteOn))))

    def tell(self, event: Event | Watch) -> None:
        """Something else happened; the next cycle gives it its time."""
        self._told.append(event)

    @property
    def has_news(self) -> bool:
        """Whether something waits for a cycle."""
        return bool(self._heard or self._chord_keys or self._told)

    def next_cycle_ns(self) -> int:
        """When ``cycle`` will next have something to do, if nothing happens before."""
        return self._next_cycle_ns

    # --- by whoever keeps the pace --------------------------------------------------------------

    def cycle(self, until_ns: int) -> None:
        """Do everything that is due up to ``until_ns``.

        ``until_ns`` may lie a little ahead: then what is due is worked out now and sent each at its own time,
        watching the clock, so that the working out makes no note late.
        """
        if self.finished or not self._turn.acquire(blocking=False):
            return  # the pace is just changing hands
        try:
            until_ns = max(until_ns, self.now_ns)
            if until_ns >= self._next_cycle_ns or self.has_news:
                self._go_on(until_ns)
            self.now_ns = until_ns  # most periods of an audio server have nothing to do
        except Exception as error:  # a fault of ours: silence what sounds, say so, and keep the clock going
            self._fault(f"Something went wrong inside livevae ({type(error).__name__}: {error}).")
            self._told.append(Panic())
        finally:
            self._turn.release()

    def _go_on(self, until_ns: int) -> None:
        while self._chord_keys:  # before what else came in meanwhile: it is played to these chords
            at_ns, key = self._chord_keys.popleft()
            self._performer.receive(key, at_ns)
        self._take_in_messages()
        self.now_ns = until_ns
        while self._told:
            self._take_in(self._told.popleft(), until_ns)
        self._carry_out(self._performer.advance(until_ns))
        if self._seen:
            self._show(NotesSeen(tuple(self._seen)))
            self._seen.clear()
        if until_ns >= self._next_picture_ns:
            self._next_picture_ns = until_ns + _PICTURE_EVERY_NS
            self._show(self._picture(until_ns))
        deadline_ns = self._performer.next_deadline_ns()
        self._next_cycle_ns = self._next_picture_ns
        if deadline_ns is not None:
            self._next_cycle_ns = min(deadline_ns, self._next_picture_ns)

    def _take_in_messages(self) -> None:
        for at_ns, message in in_order(self._heard.popleft() for _ in range(len(self._heard))):
            try:
                event = event_of(message)
            except MessageError as refusal:
                self._garbled += 1
                self._fault(str(refusal), at_ns)
                continue
            if event is not None:
                self._see(event, at_ns)
                self._performer.receive(event, at_ns)

    def _take_in(self, event: Event | Watch, at_ns: int) -> None:
        if isinstance(event, Watch):
            self._watched = event.on
            return
        if isinstance(event, ModelAnswer):
            self._inference_ns.append(event.elapsed_ns)
        elif isinstance(event, Play) and not self.port.drives:
            at_ns += _PLAY_AHEAD_NS
        self._see(event, at_ns)
        self._performer.receive(event, at_ns)
        if isinstance(event, Quit):
            self._carry_out(self._performer.advance(at_ns))
            self._show(self._picture(at_ns))
            self.finished = True

    def _carry_out(self, effects: list[Effect]) -> None:
        port = self.port
        places = port.drives  # such a port puts every message at its own time
        for effect in effects:
            if isinstance(effect, SendNoteOn | SendNoteOff | SendProgram):
                message = message_of(effect)
                while not places and port.now_ns() < effect.at_ns:
                    pass  # at most the look-ahead, see ``cycle``
                sent_ns = port.send(message, effect.at_ns)
                if isinstance(effect, SendNoteOn):
                    self._lateness_ns.append(sent_ns - effect.at_ns)
            elif isinstance(effect, AskModel):
                self._ask(effect.request)
            elif isinstance(effect, SendFeedback):
                for message in feedback_messages(effect):
                    port.feed_back(message)
            else:
                self._show(effect)
        if self._recording:
            self._record(effects)
        if self._watched:
            for effect in effects:
                self._see(effect, None)

    # --- what is shown --------------------------------------------------------------------------

    def _see(self, happening: Event | Effect, at_ns: int | None) -> None:
        """Note down a note for whoever watches. at_ns: when it came in, or None: it goes out."""
        if not self._watched:
            return
        match happening:
            case NoteOn(channel, pitch, velocity) if at_ns is not None:
                self._seen.append(NoteSeen(at_ns, True, channel, pitch, velocity))
            case NoteOff(channel, pitch) if at_ns is not None:
                self._seen.append(NoteSeen(at_ns, True, channel, pitch, 0))
            case SendNoteOn(sent_ns, channel, pitch, velocity):
                self._seen.append(NoteSeen(sent_ns, False, channel, pitch, velocity))
            case SendNoteOff(sent_ns, channel, pitch):
                self._seen.append(NoteSeen(sent_ns, False, channel, pitch, 0))

    def _picture(self, at_ns: int) -> Picture:
        picture = Picture(
            at_ns,
            self._performer.snapshot(at_ns),
            self.port.names(),
            self.port.health(),
            tuple(self._lateness_ns),
            tuple(self._played),
            tuple(self._inference_ns),
            self._garbled,
        )
        self._lateness_ns.clear()
        self._played.clear()
        self._inference_ns.clear()
        return picture

    def _record(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SendProgram):
                position_ticks = self._performer.snapshot(effect.at_ns).position_ticks
                self._played.append(ProgramPlayed(position_ticks, effect.channel, effect.program))
            if isinstance(effect, SendNoteOn | SendNoteOff):
                song = self._performer.snapshot(effect.at_ns)
                velocity = effect.velocity if isinstance(effect, SendNoteOn) else 0
                self._played.append(
                    NotePlayed(
                        effect.at_ns,
                        song.position_ticks,
                        song.tempo_bpm,
                        effect.channel,
                        effect.pitch,
                        velocity,
                    )
                )

    def _fault(self, text: str, at_ns: int | None = None) -> None:
        """Show a sentence, but the same one only now and then."""
        at_ns = self.now_ns if at_ns is None else at_ns
        last_ns = self._fault_times_ns.get(text)
        if last_ns is not None and at_ns - last_ns < _SAME_FAULT_EVERY_NS:
            return
        if last_ns is None and len(self._fault_times_ns) >= _FAULTS_REMEMBERED:
            return
        self._fault_times_ns[text] = at_ns
        self._show(Notice(at_ns, Severity.WARNING, text))
