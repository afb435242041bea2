"""The music of Freedoom, a free game: songs for a whole band with all of General MIDI's percussion."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from train.midi_files import UnreadableMidi, read_midi
from train.songs import Dropped, Song, Unread, is_held_out

ARCHIVE = "freedoom.zip"


def freedoom_drums(data: Path) -> Iterator[Unread]:
    """Part ``drums`` of every song that is in 4/4 throughout, with the pitches as they are."""
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".mid"):
                yield Unread(_song, (name, archive.read(name)))


def _song(name: str, midi: bytes) -> Song | Dropped:
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    odd = [f"{n}/{d}" for n, d in song.meters if (n, d) not in ((4, 4), (2, 4), (2, 2))]
    if odd:
        return Dropped(name, f"it has bars of {odd[0]}, models know 4/4")
    drums = tuple(sorted(note for track in song.tracks if track.is_drums for note in track.notes))
    group = f"freedoom/{name}"
    return Song(name, group, {"drums": drums}, is_held_out(group))
