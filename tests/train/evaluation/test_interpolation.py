"""Ways between windows: through a latent space made for the test, and by mixing."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec import codec_from
from train.evaluation.interpolation import PAIRS, mixed, pairs_of, walk
from train.evaluation.language_model import StepModel
from train.evaluation.parts import Windows

MELODY = codec_from("melody", {"bars": 2})
LOW, HIGH = (np.full((64, 32, 1), token, dtype=np.int64) for token in (41, 53))
HEARD = StepModel(np.concatenate([LOW, HIGH])[..., 0], 90)


def step_by_step(fraction: float) -> Windows:
    """The first steps from the second end: as gradual as a way can be."""
    return np.where(np.arange(32)[None, :, None] < 32 * fraction, HIGH, LOW)


def test_a_gradual_way_rises_evenly_and_only_its_seam_surprises() -> None:
    way = walk(MELODY, {"melody": HEARD}, step_by_step)
    assert way.hamming == pytest.approx([index / 8 for index in range(9)])
    assert way.monotonic
    assert way.monotonic_share == 1.0
    assert way.cost_ratio[0] == pytest.approx(1.0) == way.cost_ratio[-1]
    assert way.cost_ratio_max > 1.5


def test_mixing_costs_more_than_one_seam() -> None:
    rng = np.random.default_rng(0)
    mix = walk(MELODY, {"melody": HEARD}, lambda at: mixed(LOW, HIGH, at, rng))
    assert mix.hamming == pytest.approx([index / 8 for index in range(9)], abs=0.03)
    assert mix.cost_ratio_max > 2 * walk(MELODY, {"melody": HEARD}, step_by_step).cost_ratio_max
    assert np.array_equal(mixed(LOW, HIGH, 0.0, rng), LOW)
    assert np.array_equal(mixed(LOW, HIGH, 1.0, rng), HIGH)


def test_a_way_that_jumps_to_and_fro_is_not_monotonic() -> None:
    way = walk(MELODY, {"melody": HEARD}, lambda at: HIGH if round(at * 8) % 2 else LOW)
    assert not way.monotonic
    assert way.monotonic_share == pytest.approx(0.5)


@pytest.mark.parametrize("windows", [2, 3, 500, 1024, 5000])
def test_pairs_are_of_different_windows_used_evenly(windows: int) -> None:
    starts, ends = pairs_of(windows, np.random.default_rng(0))
    assert len(starts) == len(ends) == PAIRS
    assert (starts != ends).all()
    assert ends.max() < windows
    used = np.bincount(starts, minlength=windows)
    assert used.max() - used.min() <= 1
