"""Drum-machine patterns (transcribed by S. Handley after R.-P. Bardet's books): one bar each, looped."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from livevae.core.notes import Note
from livevae.units import STEPS_PER_BAR, TICKS_PER_STEP
from train.songs import Dropped, Song, is_held_out

ARCHIVE = "drum_machine_patterns.zip"
LOOPS = 2  # a one-bar pattern is played twice, so that two-bar models see it as it is used
_VELOCITY = 80
_SUFFIX = re.compile(r"(Measure[A-Z]|Break|EndingsMeasure[A-Z])$")
_PITCHES = {
    "AcousticBassDrum": 36,
    "BassDrum": 36,
    "SnareDrum": 38,
    "RimShot": 37,
    "Clap": 39,
    "Cowbell": 56,
    "ClosedHiHat": 42,
    "OpenHiHat": 46,
    "LowTom": 45,
    "MediumTom": 48,
    "HighTom": 50,
    "Cymbal": 49,
    "Tambourine": 54,
}


def drum_machine_patterns(data: Path) -> Iterator[Song | Dropped]:
    """Part ``drums``: every 16-step pattern, played twice."""
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("Patterns.json"):
                continue
            for pattern in json.loads(archive.read(name)):
                title = f"{name}#{pattern['title']}"
                if pattern["signature"] != "4/4" or pattern["length"] != STEPS_PER_BAR:
                    yield Dropped(title, f"it has {pattern['length']} steps of {pattern['signature']}")
                    continue
                # Measures A and B and the break of one pattern share a title but for the suffix.
                group = f"drum_machine/{_SUFFIX.sub('', pattern['title'])}"
                yield Song(title, group, {"drums": _notes(pattern["tracks"])}, is_held_out(group))


def _notes(tracks: dict[str, list[str]]) -> tuple[Note, ...]:
    notes = []
    for instrument, cells in tracks.items():
        pitch = _PITCHES.get(instrument)
        for step, cell in enumerate(cells):
            if pitch is not None and cell != "Rest":
                for loop in range(LOOPS):
                    onset = (loop * STEPS_PER_BAR + step) * TICKS_PER_STEP
                    notes.append(Note(onset, TICKS_PER_STEP, pitch, _VELOCITY))
    return tuple(sorted(notes))
