"""The chords under windows: kept as two numbers a beat, told to models as rows of features."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.codec.chords import CHORD_FEATURES, Features
from livevae.core.chords import OCTAVE, chords_of_notes
from livevae.core.notes import Notes

CHORD_PART = "chords"
"""The part of a song whose notes are its chords."""


def song_chords(held: Notes, beats: int) -> npt.NDArray[np.uint16]:
    """A song's chords: shape (beats, 2), the tones as twelve bits and the bass; (0, 0) for no chord."""
    chords = chords_of_notes(held, beats)
    return np.array([(c.tones, c.bass) if c else (0, 0) for c in chords], dtype=np.uint16).reshape(-1, 2)


def chord_windows(chords: npt.NDArray[np.uint16], semitones: npt.NDArray[np.int64] | None = None) -> Features:
    """As models are told them: shape (windows, beats, 24), float32, see ``livevae.codec.chords``.

    chords: shape (windows, beats, 2), as ``song_chords`` has them. semitones: (windows,), how far each window
    is moved up.
    """
    tones, bass = chords[..., 0].astype(np.int64), chords[..., 1].astype(np.int64)
    classes = np.arange(OCTAVE)
    features = np.zeros((*tones.shape, CHORD_FEATURES), dtype=np.float32)
    features[..., :OCTAVE] = tones[..., None] >> classes & 1
    features[..., OCTAVE:] = (tones > 0)[..., None] & (bass[..., None] == classes)
    return features if semitones is None else transposed_chords(features, semitones)


def transposed_chords(features: Features, semitones: npt.NDArray[np.int64]) -> Features:
    """Chords moved up: shape (windows, beats, 24), semitones (windows,)."""
    source = (np.arange(OCTAVE) - semitones[:, None]) % OCTAVE  # (windows, 12): what arrives at each class
    both = np.concatenate([source, source + OCTAVE], axis=1)[:, None, :]
    moved: Features = np.take_along_axis(features, np.broadcast_to(both, features.shape), axis=2)
    return moved
