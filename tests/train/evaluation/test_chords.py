"""A melody of chord tones fits its chords and not another song's."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="train imports PyTorch")

from livevae.codec.chords import chord_features
from livevae.codec.lines import class_of_pitch
from livevae.core.chords import Chord
from train.evaluation.chords import fitting

pytestmark = pytest.mark.train

C_MAJOR, F_SHARP = Chord.of_pitches((48, 52, 55)), Chord.of_pitches((54, 58, 61))
HERE, THERE = (chord_features([chord] * 8)[None] for chord in (C_MAJOR, F_SHARP))


def melody(**pitches: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.int64]]:
    line = np.zeros((1, 32, 1), dtype=np.int64)
    for step, pitch in pitches.items():
        line[0, int(step[1:]), 0] = class_of_pitch(pitch)
    return line


def test_shares_of_all_notes_and_of_those_on_strong_beats() -> None:
    found = fitting(melody(s0=60, s3=62, s8=64, s12=65, s24=66), HERE, THERE)
    assert found["notes"] == pytest.approx(2 / 5)
    assert found["strong_beats"] == pytest.approx(2 / 3)
    assert found["notes_mismatched"] == pytest.approx(1 / 5)
    assert found["strong_beats_mismatched"] == pytest.approx(1 / 3)


def test_a_bass_alone_is_no_chord_to_fit() -> None:
    bass = chord_features([Chord(1, 0)] * 8)[None]
    assert fitting(melody(s0=60, s4=61), bass, HERE)["notes"] == 0.0
