"""POP909 (Wang et al. 2020): melody and chords of pop songs, put on the beats its annotators found."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from livevae.core.notes import Note, Notes
from livevae.units import BEATS_PER_BAR, TICKS_PER_BEAT
from train.midi_files import UnreadableMidi, read_midi, seconds_at
from train.songs import Dropped, Song, Unread, is_held_out
from train.sources.harte import chord_pitches

ARCHIVE = "pop909.zip"
MIN_BARS = 8  # a shorter run of regular bars is more likely a slip of the annotation than a passage in 4/4
CHORD_VELOCITY = 80


def pop909_melodies(data: Path) -> Iterator[Unread | Dropped]:
    """Part ``melody``: the longest passage of every song whose annotated downbeats are four beats apart.

    Part ``chords`` too, as notes held: the annotated chords.
    """
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        there = set(archive.namelist())
        for name in sorted(there):
            folder, _, file = name.rpartition("/")
            if not (name.endswith(".mid") and folder.endswith(file.removesuffix(".mid"))):
                continue  # the folders `versions` hold other arrangements of the same songs
            beats = f"{folder}/beat_midi.txt"
            if beats not in there:
                yield Dropped(name, "it has no beat_midi.txt")
                continue
            chords = f"{folder}/chord_midi.txt"
            labels = archive.read(chords).decode() if chords in there else ""
            yield Unread(_song, (name, archive.read(name), archive.read(beats).decode(), labels))


def _song(name: str, midi: bytes, beat_lines: str, chord_lines: str) -> Song | Dropped:
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    melody = next((track.notes for track in song.tracks if track.name == "MELODY"), ())
    if not melody:
        return Dropped(name, "it has no MELODY track")
    beat_times_s = regular_beats(name, beat_lines)
    if isinstance(beat_times_s, Dropped):
        return beat_times_s
    parts = {"melody": on_beats(melody, song.tempos, beat_times_s)}
    chords = held_chords(chord_lines, beat_times_s)
    if chords:
        parts["chords"] = chords
    group = group_of(name)
    return Song(name, group, parts, is_held_out(group))


def group_of(name: str) -> str:
    """The group of a song's files."""
    return f"pop909/{name.split('/')[1]}"


def every_track(name: str, midi: bytes, beat_lines: str) -> dict[str, Notes] | Dropped:
    """All tracks of a song by their names, MELODY, BRIDGE and PIANO, on the beats."""
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    beat_times_s = regular_beats(name, beat_lines)
    if isinstance(beat_times_s, Dropped):
        return beat_times_s
    return {track.name: on_beats(track.notes, song.tempos, beat_times_s) for track in song.tracks}


def regular_beats(name: str, beat_lines: str) -> npt.NDArray[np.float64] | Dropped:
    """When the beats are of a song's longest passage in 4/4, in seconds; the last ends it."""
    rows = np.array([[float(cell) for cell in line.split()[:3]] for line in beat_lines.splitlines() if line])
    first, last = longest_regular_run(np.flatnonzero(rows[:, 2] == 1.0))
    if last - first < MIN_BARS * BEATS_PER_BAR:
        return Dropped(name, f"it has no {MIN_BARS} bars whose downbeats are four beats apart")
    found: npt.NDArray[np.float64] = rows[first : last + 1, 0]
    return found


def held_chords(chord_lines: str, beat_times_s: npt.NDArray[np.float64]) -> Notes:
    """The annotated chords as notes held, bass lowest; where there is no chord (``N``) nothing is held.

    chord_lines: start and end in seconds and a label, a line each. Chords are annotated by beats and their
    times rounded, so both ends go to the nearest beat.
    """
    notes = []
    for line in chord_lines.splitlines():
        start_s, end_s, label = line.split()
        start, end = (int(np.argmin(np.abs(beat_times_s - float(time_s)))) for time_s in (start_s, end_s))
        length_ticks = (end - start) * TICKS_PER_BEAT
        if length_ticks > 0:
            pitches = chord_pitches(label)
            notes += [Note(start * TICKS_PER_BEAT, length_ticks, pitch, CHORD_VELOCITY) for pitch in pitches]
    return tuple(sorted(notes))


def longest_regular_run(downbeats: npt.NDArray[np.int64]) -> tuple[int, int]:
    """First and last beat of the longest run of downbeats that are exactly four beats apart.

    downbeats: beat indices, ascending. Returns (0, 0) where there is none.
    """
    if downbeats.size == 0:
        return 0, 0
    breaks = np.flatnonzero(np.diff(downbeats) != BEATS_PER_BAR)
    firsts = downbeats[np.concatenate([[0], breaks + 1])]
    lasts = downbeats[np.concatenate([breaks, [downbeats.size - 1]])]
    longest = int(np.argmax(lasts - firsts))
    return int(firsts[longest]), int(lasts[longest])


def on_beats(
    notes: Notes, tempos: tuple[tuple[int, int], ...], beat_times_s: npt.NDArray[np.float64]
) -> Notes:
    """Notes moved from clock time to musical time; those outside the beats are left out.

    beat_times_s: shape (beats,), ascending; the first becomes position 0.
    """
    positions = np.arange(len(beat_times_s)) * TICKS_PER_BEAT
    placed = []
    for note in notes:
        start_s = seconds_at(note.onset_ticks, tempos)
        end_s = seconds_at(note.onset_ticks + note.duration_ticks, tempos)
        start, end = np.interp([start_s, end_s], beat_times_s, positions)
        if beat_times_s[0] <= start_s < beat_times_s[-1] and end > start:
            placed.append(Note(round(start), max(1, round(end - start)), note.pitch, note.velocity))
    return tuple(sorted(placed))
