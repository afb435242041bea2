"""The same seed, the same numbers: everywhere, for ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.latent.random import Stream, bar_noise, normal, prior
from livevae.units import STEPS_PER_BAR

seeds = st.integers(-(2**70), 2**70)

GOLDEN_PRIOR = [1.2894392013549805, 0.9312368631362915, -0.3475278615951538, 0.07840976864099503]
GOLDEN_NOISE = [0.4458112120628357, 0.40775078535079956]


def test_golden_draws() -> None:
    """These numbers are part of the format of a saved set: a change here changes everybody's music."""
    assert prior(0, 4).tolist() == pytest.approx(GOLDEN_PRIOR, abs=1e-6)
    assert bar_noise(7, 3, 2)[0].tolist() == GOLDEN_NOISE


@given(seeds, st.integers(1, 300))
def test_a_seed_names_a_draw(seed: int, size: int) -> None:
    draw = prior(seed, size)
    assert draw.shape == (size,)
    assert draw.dtype == np.float32
    assert np.isfinite(draw).all()
    assert np.array_equal(draw, prior(seed, size))
    assert np.array_equal(draw, prior(seed + 2**64, size))


@given(seeds, st.integers(0, 2**20), st.integers(1, 12))
def test_noise_is_what_a_model_takes(seed: int, bar: int, columns: int) -> None:
    noise = bar_noise(seed, bar, columns)
    assert noise.shape == (STEPS_PER_BAR, columns)
    assert noise.dtype == np.float32
    assert noise.min() >= 0.0
    assert noise.max() < 1.0


def test_streams_seeds_and_indices_do_not_repeat_each_other() -> None:
    draws = {
        normal(seed, stream, 8, index).tobytes()
        for seed in range(20)
        for stream in Stream
        for index in range(20)
    }
    assert len(draws) == 20 * len(Stream) * 20


def test_the_prior_is_standard_normal() -> None:
    draws = np.concatenate([prior(seed, 256) for seed in range(200)]).astype(np.float64)
    assert draws.mean() == pytest.approx(0.0, abs=0.02)
    assert draws.std() == pytest.approx(1.0, abs=0.02)
    assert (draws**4).mean() == pytest.approx(3.0, abs=0.15)  # kurtosis of a normal distribution
    assert np.corrcoef(draws[:-1], draws[1:])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_noise_is_even() -> None:
    noise = np.concatenate([bar_noise(seed, 0, 11).ravel() for seed in range(300)])
    counts, _ = np.histogram(noise, bins=10, range=(0, 1))
    assert counts / noise.size == pytest.approx(np.full(10, 0.1), abs=0.006)
