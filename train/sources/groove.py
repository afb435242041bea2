"""The Groove MIDI Dataset (Gillick et al. 2019): drummers playing to a click on a Roland TD-11."""

from __future__ import annotations

import csv
import errno
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from livevae.codec.drum_maps import PLAYBACK_PITCHES, drum_map
from livevae.core.drum_kit import GM, TD11
from livevae.core.notes import Note, Notes
from train.midi_files import UnreadableMidi, read_midi
from train.songs import Dropped, Song, Unread

ARCHIVE = "groove.zip"
TABLE = "info.csv"
TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
STYLES = (
    "afrobeat",
    "afrocuban",
    "blues",
    "country",
    "dance",
    "funk",
    "gospel",
    "highlife",
    "hiphop",
    "jazz",
    "latin",
    "middleeastern",
    "neworleans",
    "pop",
    "punk",
    "reggae",
    "rock",
    "soul",
)
"""Primary styles of the set's training part; ``jazz/swing`` counts as jazz."""

_MAP = "td11"
_TD11 = drum_map(_MAP)


@dataclass(frozen=True, slots=True)
class Take:
    """One recording in 4/4.

    name: of its file. style, split: as ``info.csv`` has them, of the style only what stands before the slash.
    tempo_bpm: of the click, 0 if the table does not say. notes: the kit's own pitches, from the first bar
    line.
    """

    name: str
    style: str
    split: str
    tempo_bpm: float
    notes: Notes


def groove(data: Path) -> Iterator[Unread]:
    """Part ``drums`` in General MIDI pitches; held out is the set's own validation part."""
    for name, row, midi in _rows(data):
        yield Unread(_song, (name, row, midi))


def _song(name: str, row: Mapping[str, str], midi: bytes) -> Song | Dropped:
    take = _take(name, row, midi)
    if isinstance(take, Dropped):
        return take
    return Song(name, name, {"drums": tuple(sorted(as_general_midi(take.notes)))}, take.split != TRAIN)


def groove_kit(data: Path) -> Iterator[Unread]:
    """As ``groove``, but rims, pedal hats, bells and splashes keep pitches of their own."""
    for name, row, midi in _rows(data):
        yield Unread(_whole_kit, (name, row, midi))


def _whole_kit(name: str, row: Mapping[str, str], midi: bytes) -> Song | Dropped:
    take = _take(name, row, midi)
    if isinstance(take, Dropped):
        return take
    pitches = [(note, TD11.translated(note.pitch, GM)) for note in take.notes]
    drums = tuple(sorted(replace(note, pitch=pitch) for note, pitch in pitches if pitch is not None))
    return Song(name, name, {"drums": drums}, take.split != TRAIN)


def takes(data: Path) -> Iterator[Take | Dropped]:
    """Every recording of the table that is there; parts of the set may have been left out.

    data: the set's zip or folder, or a folder with the zip in it. Raises OSError or KeyError if there is no
    table in it.
    """
    return (_take(*about) for about in _rows(data))


def _rows(data: Path) -> Iterator[tuple[str, Mapping[str, str], bytes]]:
    """Name, row of the table and contents of every recording that is there."""
    files, read = _files(data)
    table_name = min((name for name in files if name.rsplit("/", 1)[-1] == TABLE), key=len, default="")
    if not table_name:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(data / TABLE))
    root = table_name.removesuffix(TABLE)
    for row in csv.DictReader(io.StringIO(read(table_name).decode())):
        name = root + row["midi_filename"]
        if name in files:
            yield name, row, read(name)


def _take(name: str, row: Mapping[str, str], midi: bytes) -> Take | Dropped:
    if row["time_signature"] != "4-4":
        return Dropped(name, f"its meter is {row['time_signature']}, models know 4/4")
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    notes = tuple(sorted(note for track in song.tracks for note in track.notes))
    style, tempo_bpm = row.get("style", "").split("/")[0], float(row.get("bpm", 0.0))
    return Take(name, style, row["split"], tempo_bpm, notes)


def _files(data: Path) -> tuple[set[str], Callable[[str], bytes]]:
    """Names of all files, with slashes, and how to read one."""
    if data.is_dir() and (data / ARCHIVE).is_file():
        data = data / ARCHIVE
    if data.is_dir():
        names = {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()}
        return names, lambda name: (data / name).read_bytes()
    archive = zipfile.ZipFile(data)
    return set(archive.namelist()), archive.read


def as_general_midi(notes: Notes) -> Iterator[Note]:
    """The same hits in General MIDI's pitches; what the kit's map lacks is left out."""
    for note in notes:
        drum = _TD11.get(note.pitch)
        if drum is not None:
            yield Note(note.onset_ticks, note.duration_ticks, PLAYBACK_PITCHES["gm"][drum], note.velocity)
