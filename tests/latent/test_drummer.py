"""Noise that leans as drummers do: each number uniform, neighbours alike."""

from __future__ import annotations

import math

import numpy as np
import pytest

from livevae.latent.drummer import feel_noise, hit_noise, normal_share

BARS, DRUMS, SLOTS = 2, 9, 2
MANY = np.stack([feel_noise(seed, BARS, DRUMS, SLOTS) for seed in range(400)])
VELOCITY, TIMING = (part.reshape(len(MANY), 32, SLOTS, DRUMS) for part in np.split(MANY, 2, axis=2))


def alike(a: np.ndarray[tuple[int, ...], np.dtype[np.float32]], b: object) -> float:
    return float(np.corrcoef(a.ravel(), np.asarray(b).ravel())[0, 1])


def test_each_number_is_uniform() -> None:
    for noise in (VELOCITY, TIMING):
        shares, _ = np.histogram(noise, 10, (0, 1))
        assert shares / shares.sum() == pytest.approx(np.full(10, 0.1), abs=0.005)
        assert noise.min() > 0
        assert noise.max() < 1


def test_a_seed_names_the_noise() -> None:
    assert np.array_equal(feel_noise(7, BARS, DRUMS, SLOTS), feel_noise(7, BARS, DRUMS, SLOTS))
    assert not np.array_equal(feel_noise(7, BARS, DRUMS, SLOTS), feel_noise(8, BARS, DRUMS, SLOTS))


def test_hits_struck_at_once_are_off_alike_and_later_ones_less_so() -> None:
    kick, snare = TIMING[:, :, 0, 0], TIMING[:, :, 0, 1]
    at_once, soon, a_bar_later = (alike(kick[:, : 32 - lag], snare[:, lag:]) for lag in (0, 1, 16))
    assert 0.15 < at_once < 0.25
    assert 0.1 < soon < at_once
    assert abs(a_bar_later) < 0.06


def test_a_drum_is_early_again_a_beat_later() -> None:
    hat = TIMING[:, :, 0, 2]
    assert alike(hat[:, :-4], hat[:, 4:]) > alike(hat[:, :-3], hat[:, 3:]) + 0.1


def test_an_accent_comes_back_on_its_place_in_the_bar() -> None:
    hat, ride = VELOCITY[:, :, 0, 2], VELOCITY[:, :, 0, 8]
    assert alike(hat[:, :16], hat[:, 16:]) > alike(hat[:, :-4], hat[:, 4:]) > 0.3
    assert abs(alike(hat[:, :-1], hat[:, 1:])) < 0.05
    assert abs(alike(hat, ride)) < 0.05
    assert abs(alike(hat, TIMING[:, :, 0, 2])) < 0.05


def test_the_share_of_a_gaussian_below_a_value() -> None:
    values = np.linspace(-4, 4, 81)
    exact = [0.5 * (1 + math.erf(v / math.sqrt(2))) for v in values]
    assert normal_share(values) == pytest.approx(exact, abs=1e-6)


def test_a_pattern_comes_back_in_the_next_bar() -> None:
    noise = np.stack([hit_noise(seed, BARS, DRUMS, SLOTS) for seed in range(200)])
    assert noise.shape == (200, 32, SLOTS * DRUMS)
    assert alike(noise[:, :16], noise[:, 16:]) > 0.65
    assert abs(alike(noise[:, :-1], noise[:, 1:])) < 0.03
    shares, _ = np.histogram(noise, 10, (0, 1))
    assert shares / shares.sum() == pytest.approx(np.full(10, 0.1), abs=0.005)
