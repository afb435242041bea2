"""Anybody's own MIDI files: a folder, or a zip, of 4/4 songs written to a grid."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from train.midi_files import UnreadableMidi, read_midi
from train.songs import Dropped, Song, is_held_out
from train.sources.lakh import parts_by_program

SUFFIXES = (".mid", ".midi")


def own_files(data: Path) -> Iterator[Song | Dropped]:
    """Parts ``melody`` (programs 1-32), ``bass`` (33-40) and ``drums`` (channel 10) of every MIDI file found.

    data: a folder (searched with its subfolders) or a zip. Each file is its own group.
    """
    for name, midi in _files(data):
        try:
            song = read_midi(midi)
        except UnreadableMidi as error:
            yield Dropped(name, str(error))
            continue
        odd = [f"{n}/{d}" for n, d in song.meters if (n, d) not in ((4, 4), (2, 4), (2, 2))]
        parts = parts_by_program(song)
        if odd:
            yield Dropped(name, f"it has bars of {odd[0]}, models know 4/4")
        elif not parts:
            yield Dropped(name, "it has no drums on channel 10 and no notes of programs 1-40")
        else:
            yield Song(name, f"own/{name}", parts, is_held_out(f"own/{name}"))


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    if data.is_file():
        with zipfile.ZipFile(data) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith(SUFFIXES):
                    yield name, archive.read(name)
    else:
        for path in sorted(data.rglob("*")):
            if path.suffix.lower() in SUFFIXES:
                yield str(path.relative_to(data)), path.read_bytes()
