"""Anybody's own MIDI files: a folder, or a zip, of 4/4 songs written to a grid."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from livevae.core.notes import Notes
from train.midi_files import MidiSong, UnreadableMidi, read_midi
from train.songs import Dropped, Song, Unread, is_held_out
from train.sources.lakh import MELODY_PROGRAMS, parts_by_program

SUFFIXES = (".mid", ".midi")


def own_files(data: Path) -> Iterator[Unread]:
    """Parts ``melody`` (programs 1-32), ``bass`` (33-40) and ``drums`` (channel 10) of every MIDI file found.

    Part ``chords`` is what tracks hold that have *chord* in their names, and in a file without such tracks
    whatever holds pitches and is no melody. data: a folder (searched with its subfolders) or a zip. Each file
    is its own group.
    """
    for name, midi in midi_files(data):
        yield Unread(_song, (name, midi))


def _song(name: str, midi: bytes) -> Song | Dropped:
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    odd = [f"{n}/{d}" for n, d in song.meters if (n, d) not in ((4, 4), (2, 4), (2, 2))]
    if odd:
        return Dropped(name, f"it has bars of {odd[0]}, models know 4/4")
    chords, others = _chords_and_others(song)
    parts = parts_by_program(others)
    if not parts:
        return Dropped(name, "it has no drums on channel 10 and no notes of programs 1-40")
    with_chords = {**parts, "chords": chords} if chords else parts
    return Song(name, f"own/{name}", with_chords, is_held_out(f"own/{name}"))


def _chords_and_others(song: MidiSong) -> tuple[Notes, MidiSong]:
    """The notes that are a song's chords, and the song without the tracks that are only that."""
    named = [track for track in song.tracks if "chord" in track.name.lower() and not track.is_drums]
    held = named or [
        track for track in song.tracks if not track.is_drums and track.program not in MELODY_PROGRAMS
    ]
    others = tuple(track for track in song.tracks if track not in named)
    notes = tuple(sorted(note for track in held for note in track.notes))
    return notes, dataclasses.replace(song, tracks=others)


def midi_files(data: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every MIDI file of a folder or zip."""
    if data.is_file():
        with zipfile.ZipFile(data) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith(SUFFIXES):
                    yield name, archive.read(name)
        return
    for folder, folders, names in os.walk(data):  # one folder's names in memory at a time
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES):
                path = Path(folder, name)
                yield str(path.relative_to(data)), path.read_bytes()
