"""Standard MIDI files as tracks of notes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import mido

from livevae.core.notes import Note, Notes
from livevae.units import TICKS_PER_BEAT

DRUM_CHANNEL = 9  # General MIDI's channel 10
_US_PER_S = 1_000_000
_DEFAULT_TEMPO_US = 500_000  # Standard MIDI Files 1.0: 120 beats a minute unless the file says otherwise


class UnreadableMidi(ValueError):
    """The bytes are not a Standard MIDI File mido can read."""


@dataclass(frozen=True, slots=True)
class Track:
    """The notes of one channel of one track; positions in livevae ticks, a beat of the file being a beat."""

    name: str
    program: int
    is_drums: bool
    notes: Notes


@dataclass(frozen=True, slots=True)
class MidiSong:
    """A file's tracks, time signatures (numerator, denominator) in order, and tempo changes.

    tempos: (position in ticks, microseconds a beat), first at 0.
    """

    tracks: tuple[Track, ...]
    meters: tuple[tuple[int, int], ...]
    tempos: tuple[tuple[int, int], ...]


def read_midi(data: bytes) -> MidiSong:
    """Parse a Standard MIDI File. Raises UnreadableMidi saying what is wrong with it."""
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
        if file.ticks_per_beat <= 0:
            raise UnreadableMidi("its time is counted in SMPTE frames, not in beats")
        tempos: list[tuple[int, int]] = [(0, _DEFAULT_TEMPO_US)]
        meters: list[tuple[int, int]] = []
        tracks: list[Track] = []
        for track in file.tracks:
            now = 0
            for message in track:
                now += message.time
                if message.type == "set_tempo":
                    tempos.append((_scaled(now, file.ticks_per_beat), message.tempo))
                elif message.type == "time_signature":
                    meters.append((message.numerator, message.denominator))
            tracks.extend(_tracks(track, file.ticks_per_beat))
    except UnreadableMidi:
        raise
    except Exception as error:  # mido raises anything at all on damaged files, from EOFError to KeyError
        raise UnreadableMidi(f"it is not a readable MIDI file ({type(error).__name__}: {error})") from error
    return MidiSong(tuple(tracks), tuple(meters), tuple(sorted(tempos, key=lambda change: change[0])))


def _scaled(file_ticks: int, file_ticks_per_beat: int) -> int:
    return round(file_ticks * TICKS_PER_BEAT / file_ticks_per_beat)


def _tracks(messages: mido.MidiTrack, file_ticks_per_beat: int) -> Iterator[Track]:
    """One track a channel, since a format 0 file keeps all instruments in one."""
    programs: dict[int, int] = {}
    sounding: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch) -> (start, velocity)
    retriggered: dict[tuple[int, int], int] = {}
    notes: dict[int, list[Note]] = {}
    now = 0

    def close(key: tuple[int, int]) -> None:
        start, velocity = sounding.pop(key)
        onset = _scaled(start, file_ticks_per_beat)
        length = max(1, _scaled(now, file_ticks_per_beat) - onset)
        notes.setdefault(key[0], []).append(Note(onset, length, key[1], velocity))

    for message in messages:
        now += message.time
        if message.type == "program_change":
            programs.setdefault(message.channel, message.program)
        elif message.type == "note_on" and message.velocity > 0:
            key = (message.channel, message.note)
            if key in sounding:
                close(key)
                retriggered[key] = now
            sounding[key] = (now, message.velocity)
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            # Many files write the new note-on before the old note's note-off at the same tick.
            if key in sounding and retriggered.get(key) != now:
                close(key)
    for key in list(sounding):
        close(key)
    for channel, found in notes.items():
        yield Track(messages.name, programs.get(channel, 0), channel == DRUM_CHANNEL, tuple(sorted(found)))


def seconds_at(position_ticks: int, tempos: tuple[tuple[int, int], ...]) -> float:
    """Clock time of a position under a file's tempo changes (as ``MidiSong.tempos``)."""
    seconds = 0.0
    for (start, tempo_us), (end, _) in zip(tempos, (*tempos[1:], (position_ticks, 0)), strict=True):
        stop = min(end, position_ticks)
        if stop > start:
            seconds += (stop - start) / TICKS_PER_BEAT * tempo_us / _US_PER_S
    return seconds
