"""What people do: notes they play, chords they name, controls they turn, what they set and take back."""

from __future__ import annotations

from livevae.core.bars import Bars
from livevae.core.capture import Capture
from livevae.core.controls import Controls, follow_up
from livevae.core.effects import ParameterChanged, Severity
from livevae.core.events import (
    ChordKey,
    ControlChange,
    Drop,
    Event,
    Keep,
    NoteOff,
    NoteOn,
    Panic,
    PlayChord,
    Recall,
    Rename,
    SetParameter,
    TapTempo,
    Undo,
    WriteChords,
)
from livevae.core.groove_parameters import FEELS
from livevae.core.harmony import Harmony
from livevae.core.outbox import Outbox
from livevae.core.parameters import ParameterValue
from livevae.core.player import Player
from livevae.core.song import Song
from livevae.core.song_moves import SongMoves
from livevae.core.surface import Surface
from livevae.core.transport import Transport, TransportState
from livevae.units import bar_of_tick

Setting = SetParameter | Keep | Drop | Rename | Undo | Recall


class Hands:
    """Carries out what people ask of a performance.

    surface: the controls they turn. Of every event, ``at_ns`` is when it happened, and ``at_ns_out`` the
    soonest at which something may follow.
    """

    def __init__(
        self,
        transport: Transport,
        song: Song,
        bars: Bars,
        player: Player,
        capture: Capture,
        harmony: Harmony,
        moves: SongMoves,
        outbox: Outbox,
    ) -> None:
        self.surface = Surface(self._control_value)
        self._transport, self._song, self._bars, self._player = transport, song, bars, player
        self._capture, self._harmony, self._moves, self._outbox = capture, harmony, moves, outbox
        self._controls = Controls(bars.ensemble, bars.composer)

    def play(self, event: NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> None:
        """A note came in: it turns what it is bound to, names a chord, or is heard."""
        if self.turn(event, at_ns, at_ns_out):
            return
        if event.channel == self._bars.ensemble.values["chord_channel"]:
            self.harmonise(ChordKey(event.pitch, isinstance(event, NoteOn)), at_ns)
            return
        if not self._song.is_playing:
            return
        position_ticks = self._transport.timeline.position_ticks(at_ns)
        if isinstance(event, NoteOn):
            self._capture.note_on(position_ticks, event.channel, event.pitch, event.velocity)
        else:
            self._capture.note_off(position_ticks, event.channel, event.pitch)
        bar = bar_of_tick(position_ticks)
        self._outbox.put(self._player.played_in(at_ns_out, bar, event, self._bars.ensemble.parts))

    def harmonise(self, event: ChordKey | PlayChord | WriteChords, at_ns: int) -> None:
        """Somebody says what the chords are."""
        if self._song.is_playing:
            self._harmony.hear(event, self._transport.timeline.position_ticks(at_ns))
        else:
            self._harmony.hear(event, self._song.resting_ticks)
            self._bars.start_over()  # what lies ready was made for other chords

    def turn(self, event: ControlChange | NoteOn | NoteOff, at_ns: int, at_ns_out: int) -> bool:
        """Turn what a control turns. False: it is none, and a note is there to be heard."""
        touched = self.surface.touched(event, at_ns_out)
        self._outbox.put(touched.effects)
        for setting in touched.settings:
            self.set(setting, at_ns, at_ns_out)
        return touched.is_control

    def set(self, event: Setting, at_ns: int, at_ns_out: int) -> None:
        """Set a parameter, keep or drop an idea, take back the last change, recall a whole set."""
        self._bars.start_over()  # what lies ready was made with the old settings
        if isinstance(event, Recall):
            effects = self._controls.recall(event, at_ns_out)
            for binding in event.bindings:
                effects += self.surface.act(binding, at_ns_out)
        else:
            effects = self._controls.act(event, at_ns_out, self._song.position_ticks(at_ns))
        self._outbox.put(effects)
        for change in effects:
            if isinstance(change, ParameterChanged):
                self._changed(change, at_ns, at_ns_out)
        self._outbox.put(self._bars.think_again(at_ns_out))

    def obey(self, event: Event, at_ns: int, at_ns_out: int) -> None:
        """Start, stop, tap or panic, by whatever way it was asked."""
        if isinstance(event, Panic):
            self._outbox.put(self._player.end_all(at_ns_out))
            return
        self._moves.follow(self._transport.receive(event, at_ns), at_ns_out)
        if isinstance(event, TapTempo):
            self._moves.echo(at_ns_out, "tempo", self._transport.tempo_bpm)

    def take_over(self, at_ns: int) -> None:
        """Other parts play from here on: the player's hands are on theirs."""
        self._controls = Controls(self._bars.ensemble, self._bars.composer)
        self._outbox.put(self.surface.tell_all(at_ns))

    def _changed(self, change: ParameterChanged, at_ns: int, at_ns_out: int) -> None:
        """What a parameter does at once."""
        match change:
            case ParameterChanged(_, None, "tempo", tempo_bpm):
                self._moves.follow(self._transport.set_tempo(float(tempo_bpm), at_ns), at_ns_out)
            case ParameterChanged(_, None, "play" | "tap" | "panic"):
                follow = follow_up(change)
                if follow is not None:
                    self.obey(follow, at_ns, at_ns_out)
                if change.name == "play":
                    self._show_whether_playing(bool(change.value), at_ns_out)
            case ParameterChanged(_, str(part), name) if name in FEELS:
                self._player.refeel(self._bars.ensemble.parts[part], self._song.position_ticks(at_ns_out))
            case ParameterChanged(_, str(part), "mute", True):
                self._outbox.put(self._player.end_part(at_ns_out, part))

    def _show_whether_playing(self, wanted: bool, at_ns: int) -> None:
        """A play button that could not be obeyed springs back."""
        is_on = self._transport.state is not TransportState.STOPPED
        if wanted != is_on:
            self._moves.echo(at_ns, "play", is_on)
            self._outbox.notice(
                at_ns, Severity.INFO, "livevae is set to wait for an outside clock: press play there."
            )

    def _control_value(self, part: str | None, name: str) -> ParameterValue | None:
        return self._bars.ensemble.control_value(part, name)  # of those who play when it is asked
