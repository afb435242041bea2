"""Standard MIDI Files: what was played, written so that any DAW opens it on the grid.

960 ticks a beat, a first track with the tempo, then one track a part. Reads the same notes back.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livevae.core.notes import Note, Notes
from livevae.errors import MessageError
from livevae.units import (
    BEATS_PER_BAR,
    MIDI_FILE_TICKS_PER_BEAT,
    TICKS_PER_BEAT,
    ns_per_beat_of_bpm,
)

_TICKS_PER_FILE_TICK = TICKS_PER_BEAT // MIDI_FILE_TICKS_PER_BEAT
_MICROSECONDS_PER_MINUTE = 60_000_000
_MAX_MICROSECONDS_PER_BEAT = (1 << 24) - 1  # three bytes in the file: no slower than 3.6 BPM


@dataclass(frozen=True, slots=True)
class Track:
    """One part of a file. channel: 1-16. notes: onsets from the start of the file, none before it.

    programs: what plays them, (position in ticks, program of General MIDI 0-127), in order.
    """

    name: str
    channel: int
    notes: Notes
    programs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From ``position_ticks`` on, the tempo is ``tempo_bpm``."""

    position_ticks: int
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class Score:
    """The content of a file. tempos: sorted, the first at 0."""

    tracks: tuple[Track, ...]
    tempos: tuple[TempoChange, ...] = (TempoChange(0, 120.0),)


def write_midi_file(path: Path, score: Score) -> None:
    """Write ``score``, positions rounded to 1/960 beat. Raises OSError where the file cannot be written."""
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=MIDI_FILE_TICKS_PER_BEAT)
    tempo_events: list[tuple[int, int, Any]] = [
        (0, 0, mido.MetaMessage("time_signature", numerator=BEATS_PER_BAR, denominator=4))
    ]
    for change in score.tempos:
        microseconds = min(_MAX_MICROSECONDS_PER_BEAT, max(1, ns_per_beat_of_bpm(change.tempo_bpm) // 1000))
        event = mido.MetaMessage("set_tempo", tempo=microseconds)
        tempo_events.append((_file_ticks(change.position_ticks), 1, event))
    file.tracks.append(_track("livevae", tempo_events))
    for track in score.tracks:
        file.tracks.append(_track(track.name, _note_events(track)))
    file.save(path)


def _note_events(track: Track) -> list[tuple[int, int, Any]]:
    import mido

    events: list[tuple[int, int, Any]] = []
    for note in track.notes:
        start = _file_ticks(note.onset_ticks)
        # a note shorter than the file's grid still has to start before it ends
        end = max(start + 1, _file_ticks(note.onset_ticks + note.duration_ticks))
        common = {"channel": track.channel - 1, "note": note.pitch}
        events.append((start, 2, mido.Message("note_on", velocity=note.velocity, **common)))
        events.append((end, 0, mido.Message("note_off", velocity=0, **common)))
    for position_ticks, program in track.programs:
        change = mido.Message("program_change", channel=track.channel - 1, program=program)
        events.append((_file_ticks(position_ticks), 1, change))
    return events


def _track(name: str, events: Sequence[tuple[int, int, Any]]) -> Any:
    """A track of absolute events; at one tick note-offs (order 0) go first, note-ons (2) last."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    position = 0
    for ticks, _, event in sorted(events, key=lambda event: event[:2]):
        track.append(event.copy(time=ticks - position))
        position = ticks
    return track


def _file_ticks(position_ticks: int) -> int:
    return max(0, (2 * position_ticks + _TICKS_PER_FILE_TICK) // (2 * _TICKS_PER_FILE_TICK))


def read_midi_file(path: Path) -> Score:
    """Every note of a file, one track for each track and channel that has any, positions scaled to ticks.

    A note that is never ended ends with its track; a second note-on of a sounding pitch ends the first.
    Raises MessageError naming the file where it is missing or no MIDI file.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise MessageError(f"there is no file {path}") from None
    except OSError as error:
        raise MessageError(f"{path} cannot be read: {error.strerror or error}") from None
    return read_midi(content, str(path))


def read_midi(content: bytes, name: str) -> Score:
    """What ``read_midi_file`` reads, from memory. name: what to call it in a complaint."""
    import mido

    try:
        file = mido.MidiFile(file=io.BytesIO(content), clip=True)
    except Exception as error:  # mido raises EOFError, ValueError, KeyError, OSError ... on damaged files
        raise MessageError(
            f"{name} is not a MIDI file that can be read: {error or 'it is cut short'}"
        ) from None
    if not 0 < file.ticks_per_beat < 1 << 15:
        raise MessageError(f"{name} counts time in film frames or not at all; it needs ticks per beat")
    scale = TICKS_PER_BEAT / file.ticks_per_beat
    tempos: dict[int, float] = {}
    notes: dict[tuple[int, int], list[Note]] = {}
    names: dict[int, str] = {}
    for index, track in enumerate(file.tracks):
        _read_track(index, track, scale, tempos, notes, names)
    tempos.setdefault(0, 120.0)  # the standard's default
    tracks = tuple(
        Track(names.get(index, f"track {index}"), channel, tuple(sorted(found)))
        for (index, channel), found in sorted(notes.items())
    )
    return Score(tracks, tuple(TempoChange(ticks, bpm) for ticks, bpm in sorted(tempos.items())))


def _read_track(
    index: int,
    track: Any,
    scale: float,
    tempos: dict[int, float],
    notes: dict[tuple[int, int], list[Note]],
    names: dict[int, str],
) -> None:
    position = 0
    sounding: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch) -> (onset, velocity)

    def end(channel: int, pitch: int) -> None:
        if (channel, pitch) in sounding:
            onset, velocity = sounding.pop((channel, pitch))
            note = Note(onset, max(1, round(position * scale) - onset), pitch, velocity)
            notes.setdefault((index, channel), []).append(note)

    for event in track:
        position += event.time
        if event.type == "track_name":
            names.setdefault(index, event.name)
        elif event.type == "set_tempo" and event.tempo > 0:
            tempos[round(position * scale)] = _MICROSECONDS_PER_MINUTE / event.tempo
        elif event.type == "note_on" and event.velocity > 0:
            end(event.channel + 1, event.note)
            sounding[event.channel + 1, event.note] = (round(position * scale), event.velocity)
        elif event.type in ("note_on", "note_off"):
            end(event.channel + 1, event.note)
    for channel, pitch in tuple(sounding):
        end(channel, pitch)
