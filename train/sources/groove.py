"""The Groove MIDI Dataset (Gillick et al. 2019): drummers playing to a click on a Roland TD-11."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from livevae.codec.drum_maps import PLAYBACK_PITCHES, drum_map
from livevae.core.notes import Note, Notes
from train.midi_files import UnreadableMidi, read_midi
from train.songs import Dropped, Song

ARCHIVE = "groove.zip"
_TD11 = drum_map("td11")


def groove(data: Path) -> Iterator[Song | Dropped]:
    """Part ``drums`` in General MIDI pitches; held out is the set's own validation part."""
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        table = csv.DictReader(io.StringIO(archive.read("groove/info.csv").decode()))
        there = set(archive.namelist())
        for row in table:
            name = f"groove/{row['midi_filename']}"
            if name not in there:
                continue  # the official test part is not in this copy
            if row["time_signature"] != "4-4":
                yield Dropped(name, f"its meter is {row['time_signature']}, models know 4/4")
                continue
            try:
                song = read_midi(archive.read(name))
            except UnreadableMidi as error:
                yield Dropped(name, str(error))
                continue
            notes = tuple(sorted(note for track in song.tracks for note in as_general_midi(track.notes)))
            yield Song(name, f"groove/{row['id']}", {"drums": notes}, row["split"] != "train")


def as_general_midi(notes: Notes) -> Iterator[Note]:
    """The same hits in General MIDI's pitches; what the kit's map lacks is left out."""
    for note in notes:
        drum = _TD11.get(note.pitch)
        if drum is not None:
            yield Note(note.onset_ticks, note.duration_ticks, PLAYBACK_PITCHES["gm"][drum], note.velocity)
