"""Recording: what was sent, laid out in bars for a MIDI file.

The file keeps the song's own bar lines. Where the song jumps back (a DAW's loop, a new start) the file goes
on with the next bar instead, so that a recording is one line from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable

from livevae.adapters.midi_file import Score, TempoChange, Track
from livevae.core.notes import Note
from livevae.core.performance import Performance
from livevae.timekeeper.messages import NotePlayed, ProgramPlayed
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

_JUMP_TICKS = TICKS_PER_BEAT  # an outside clock's jitter moves a position back by far less
_TEMPO_STEP_BPM = 0.5  # a followed clock's tempo wavers; a change smaller than this is not written


class Tape:
    """Takes notes as they were played and gives them back as a score."""

    def __init__(self) -> None:
        self._shift_ticks: int | None = None  # from the song's positions to the file's
        self._reached_ticks = 0
        self._sounding: dict[tuple[int, int], tuple[int, int]] = {}
        self._notes: dict[int, list[Note]] = {}
        self._programs: dict[int, list[tuple[int, int]]] = {}
        self._tempos: list[TempoChange] = []

    def add(self, played: Iterable[NotePlayed | ProgramPlayed]) -> None:
        """Record more notes and changes of program, in the order they were sent."""
        for one in played:
            ticks = self._file_ticks(one.position_ticks)
            if isinstance(one, ProgramPlayed):
                self._programs.setdefault(one.channel, []).append((ticks, one.program))
            else:
                self._add_one(one, ticks)

    def score(self, performance: Performance) -> Score:
        """Everything so far; notes still sounding end where the tape does. One track a channel."""
        notes = {channel: list(found) for channel, found in self._notes.items()}
        for (channel, pitch), (onset, velocity) in self._sounding.items():
            duration = max(1, self._reached_ticks - onset)
            notes.setdefault(channel, []).append(Note(onset, duration, pitch, velocity))
        tracks = tuple(
            Track(
                channel_name(channel, performance),
                channel,
                tuple(sorted(notes[channel])),
                tuple(self._programs.get(channel, ())),
            )
            for channel in sorted(notes)
        )
        return Score(tracks, tuple(self._tempos) or (TempoChange(0, 120.0),))

    def _file_ticks(self, position_ticks: int) -> int:
        if self._shift_ticks is None:
            self._shift_ticks = -(position_ticks // TICKS_PER_BAR) * TICKS_PER_BAR
        if position_ticks + self._shift_ticks < self._reached_ticks - _JUMP_TICKS:
            bars_back = -((position_ticks - self._reached_ticks) // TICKS_PER_BAR)
            self._shift_ticks = bars_back * TICKS_PER_BAR
        ticks = max(0, position_ticks + self._shift_ticks)
        self._reached_ticks = max(self._reached_ticks, ticks)
        return ticks

    def _add_one(self, note: NotePlayed, ticks: int) -> None:
        if not self._tempos or abs(self._tempos[-1].tempo_bpm - note.tempo_bpm) >= _TEMPO_STEP_BPM:
            self._tempos.append(TempoChange(ticks if self._tempos else 0, note.tempo_bpm))
        key = (note.channel, note.pitch)
        if key in self._sounding:
            onset, velocity = self._sounding.pop(key)
            ended = Note(onset, max(1, ticks - onset), note.pitch, velocity)
            self._notes.setdefault(note.channel, []).append(ended)
        if note.velocity:
            self._sounding[key] = (ticks, note.velocity)


def channel_name(channel: int, performance: Performance) -> str:
    """The parts that play on ``channel`` (1-16), as a track's name."""
    names = [part.name for part in performance.parts if part.settings.get("channel", 1) == channel]
    return " and ".join(names) or f"channel {channel}"
