"""Looking samples up in the training music."""

from __future__ import annotations

import numpy as np

from livevae.codec import codec_from
from train.evaluation.parts import Windows
from train.evaluation.verbatim import TrainingIndex

MELODY = codec_from("melody", {"bars": 2})


def tune(seed: int) -> Windows:
    """Two bars of eighths."""
    window = np.zeros((1, 32, 1), dtype=np.int64)
    window[0, ::2, 0] = np.random.default_rng(seed).integers(30, 60, 16)
    return window


def transposed(windows: Windows, semitones: int) -> Windows:
    return np.where(windows > 1, windows + semitones, windows)


def test_a_learnt_tune_is_found_in_any_key_and_another_is_not() -> None:
    index = TrainingIndex(MELODY)
    index.add(tune(1))
    samples = np.concatenate([tune(1), transposed(tune(1), 5), transposed(tune(1), -7), tune(2)])
    assert index.verbatim_share(samples) == {"melody": 0.75}


def test_a_few_notes_are_nobody_s() -> None:
    sparse = np.zeros((1, 32, 1), dtype=np.int64)
    sparse[0, :4, 0] = 41
    index = TrainingIndex(MELODY)
    index.add(sparse)
    assert index.verbatim_share(sparse, min_onsets=8) == {"melody": 0.0}
    assert index.verbatim_share(sparse) == {"melody": 1.0}
    assert index.verbatim_share(sparse * 0) == {"melody": 0.0}  # and silence is no passage at all
    assert index.report(sparse, tune(3)) == {
        "verbatim_share": 1.0,
        "verbatim": {"prior": {"melody": 1.0}, "held_out": {"melody": 0.0}},
        "verbatim_long_share": 0.0,
        "verbatim_long": {"prior": {"melody": 0.0}, "held_out": {"melody": 0.0}},
    }
