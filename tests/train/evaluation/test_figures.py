"""Reconstruction, histograms and structure of music whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.codec import codec_from
from train.evaluation.histograms import duration_counts, interval_counts, overlap, overlaps
from train.evaluation.parts import Windows
from train.evaluation.reconstruction import Posterior, steps_right, whole
from train.evaluation.structure import structure

TRIO = codec_from("trio", {"bars": 4})


def scale_song() -> Windows:
    """Four equal bars: C major quarters, the bass an octave below on the first, a kick on every beat."""
    bar = np.zeros((16, 11), dtype=np.int64)
    bar[[0, 4, 8, 12], 0] = [41, 43, 45, 46]  # C D E F
    bar[0, 1] = 29
    bar[[0, 4, 8, 12], 2] = 1
    return np.tile(bar, (2, 4, 1))


def random_music(seed: int, windows: int = 6) -> Windows:
    rng = np.random.default_rng(seed)
    return rng.integers(0, [90, 90, *[2] * 9], (windows, 64, 11))


def test_a_drum_step_is_right_when_all_hits_are() -> None:
    truth, heard = scale_song(), scale_song()
    heard[0, 0, 2] = 0
    heard[0, 5, 3:6] = 1
    by_part = steps_right(TRIO, truth, heard)
    assert by_part == {"melody": 1.0, "bass": 1.0, "drums": 1 - 2 / 128}
    assert whole(by_part) == pytest.approx((3 - 2 / 128) / 3)


def test_a_posterior_that_says_nothing_costs_nothing() -> None:
    rng = np.random.default_rng(0)
    silent = Posterior(np.zeros((50, 4), dtype=np.float32), np.ones((50, 4), dtype=np.float32))
    assert silent.kl_nats() == pytest.approx(np.zeros(50))
    assert silent.active_dims() == 0
    told = Posterior(rng.standard_normal((50, 4), dtype=np.float32), np.full((50, 4), 0.1, dtype=np.float32))
    assert told.active_dims() == 4
    assert told.kl_nats().mean() > 4
    assert np.abs(told.sample(rng) - told.mu).max() < 1


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=3), st.lists(st.integers(0, 9), min_size=3, max_size=3)
)
def test_overlap_is_symmetric_and_bounded(one: list[int], other: list[int]) -> None:
    a, b = np.array(one), np.array(other)
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert 0 <= overlap(a, b) <= 1 + 1e-9
    assert overlap(a, a) == pytest.approx(1.0 if a.sum() else 0.0)


def test_music_overlaps_itself_wholly() -> None:
    same = overlaps(TRIO, random_music(1), random_music(1))
    assert set(same.values()) == {1.0} or min(same.values()) == pytest.approx(1.0)
    other = overlaps(TRIO, random_music(1), scale_song())
    assert max(other.values()) < 1


def test_intervals_and_lengths_are_counted() -> None:
    line = np.array([[41, 0, 43, 1, 0, 36, 0, 0]])
    assert {i - 24: n for i, n in enumerate(interval_counts(line)) if n} == {2: 1, -7: 1}
    assert {i: n for i, n in enumerate(duration_counts(line)) if n} == {1: 1, 2: 1, 3: 1}


def test_structure_of_a_plain_song() -> None:
    found = structure(TRIO, scale_song())
    for name in ("in_key", "key_steadiness", "melody_on_beat", "drums_on_beat", "bass_with_kick"):
        assert found[name] == pytest.approx(1.0), name
    for part in TRIO.parts:
        assert found[f"{part}_bar_likeness"] == found[f"{part}_returns"] == 1.0
        assert found[f"{part}_silent_bars"] == 0.0
    assert found["consonance"] == pytest.approx(5 / 16 + 0 / 16, abs=0.4)


def test_chaos_has_less_structure() -> None:
    plain, chaos = structure(TRIO, scale_song()), structure(TRIO, random_music(2))
    for name in ("in_key", "melody_on_beat", "melody_bar_likeness", "bass_returns", "drums_bar_likeness"):
        assert chaos[name] < plain[name], name


@given(st.integers(0, 2**16))
def test_every_figure_is_a_share(seed: int) -> None:
    for windows in (random_music(seed, 2), random_music(seed, 2) * 0):
        assert all(0 <= value <= 1 + 1e-9 for value in structure(TRIO, windows).values())
