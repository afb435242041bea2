"""Drum hits as nine yes-or-no columns a step."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from livevae.codec.base import Column, step_of_onset
from livevae.codec.drum_maps import DRUM_CLASSES, PLAYBACK_PITCHES, drum_map
from livevae.core.notes import Note
from livevae.units import TICKS_PER_STEP

DRUM_COLUMNS = tuple(Column(name, "drums", 2) for name in DRUM_CLASSES)


def encode_hits(notes: Iterable[Note], steps: int, map_name: str) -> npt.NDArray[np.int64]:
    """Which drums are struck on each step; pitches in no class are ignored. Shape (steps, 9), int64."""
    hits = np.zeros((steps, len(DRUM_CLASSES)), dtype=np.int64)
    class_of = drum_map(map_name)
    for note in notes:
        step = step_of_onset(note.onset_ticks)
        drum = class_of.get(note.pitch)
        if drum is not None and 0 <= step < steps:
            hits[step, drum] = 1
    return hits


def decode_hits(hits: npt.NDArray[np.int64], velocity: int, map_name: str) -> tuple[Note, ...]:
    """One note of one step for each hit, in the map's playback pitches."""
    pitches = PLAYBACK_PITCHES[map_name]
    return tuple(
        sorted(
            Note(step * TICKS_PER_STEP, TICKS_PER_STEP, pitches[drum], velocity)
            for step, drum in np.argwhere(hits == 1).tolist()
        )
    )
