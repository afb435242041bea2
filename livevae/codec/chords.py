"""Chords as a model is told them: one row a beat beside the notes it reads and writes.

A model played over chords has an input of this shape on each side: ``x_chords`` of ``encode``, the chords
under the music it hears, and ``chords`` of ``decode``, those under the music it is to write. That a function
names such an input in the manifest is what says that the model wants chords.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from livevae.core.chords import OCTAVE, Chord
from livevae.units import STEPS_PER_BEAT

CHORD_FEATURES = 2 * OCTAVE
"""Twelve for the tones held, from C upwards, then twelve for the bass."""
HEARD_CHORDS = "x_chords"
CHORDS = "chords"
CHORD_INPUTS = (HEARD_CHORDS, CHORDS)

Features = npt.NDArray[np.float32]


def chord_features(chords: Sequence[Chord | None]) -> Features:
    """One row a beat, shape (beats, 24), float32: 1 where a tone, or the bass, is; all 0 for no chord."""
    rows = np.zeros((len(chords), CHORD_FEATURES), dtype=np.float32)
    for row, chord in zip(rows, chords, strict=True):
        if chord is not None:
            row[list(chord.pitch_classes)] = 1.0
            row[OCTAVE + chord.bass] = 1.0
    return rows


def beats_of(steps: int) -> int:
    """How many beats, and so rows of chords, a window of ``steps`` sixteenths has."""
    return steps // STEPS_PER_BEAT
