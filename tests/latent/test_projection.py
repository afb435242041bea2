"""The map: what lies far apart stays apart, and equal ideas give equal maps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.latent.projection import flat_map
from livevae.latent.random import prior

LATENT = 24


def draws(seeds: list[int], latent_size: int = LATENT) -> npt.NDArray[np.float32]:
    return np.stack([prior(seed, latent_size) for seed in seeds])


def distances(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = np.linalg.norm(places[:, None] - places[None], axis=-1)
    return found


@given(st.lists(st.integers(0, 99), min_size=1, max_size=20), st.integers(1, 20), st.integers(1, 40))
def test_everything_lies_on_the_map(seeds: list[int], anchors: int, latent_size: int) -> None:
    points = draws(seeds, latent_size)
    places = flat_map(points, min(anchors, len(seeds)))
    assert places.shape == (len(seeds), 2)
    assert np.isfinite(places).all()
    assert places.min() >= 0
    assert places.max() <= 1
    np.testing.assert_array_equal(places, flat_map(points, min(anchors, len(seeds))))


def test_points_of_a_plane_keep_their_distances() -> None:
    across, along = np.linalg.qr(draws([1, 2]).T)[0].T
    flat = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0], [3.0, 1.0], [1.0, 0.5]])
    points = (flat[:, :1] * across + flat[:, 1:] * along + prior(3, LATENT)).astype(np.float32)
    mapped, true = distances(flat_map(points, 5)), distances(flat)
    scale = mapped[0, 1] / true[0, 1]
    np.testing.assert_allclose(mapped, true * scale, atol=1e-5)


def test_the_way_of_a_part_does_not_move_the_ideas() -> None:
    kept = draws([1, 2, 3, 4])
    alone = flat_map(kept, 4)
    np.testing.assert_allclose(flat_map(np.concatenate([kept, draws([9, 10])]), 4)[:4], alone)


@pytest.mark.parametrize("seeds", [[5], [5, 5, 5], [5, 6]])
def test_few_or_equal_ideas_have_a_map_too(seeds: list[int]) -> None:
    places = flat_map(draws([*seeds, 7]), len(seeds))
    np.testing.assert_allclose(places[: len(seeds)].mean(axis=0), [0.5, 0.5], atol=1e-6)
    assert np.linalg.norm(places[-1] - places[0]) > 0.05
