"""Laws of movement in the latent space."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.latent import corner_blend, near, prior, slerp, walk

Vector = npt.NDArray[np.float32]

seeds = st.integers(-(2**70), 2**70)
fractions = st.floats(0.0, 1.0)
sizes = st.integers(2, 64)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Vector, Vector]:
    """Two points of one space, of any lengths."""
    size = draw(sizes)
    start, end = prior(draw(seeds), size), prior(draw(seeds), size)
    lengths = st.floats(0.015625, 64.0, width=32)
    return np.float32(draw(lengths)) * start, np.float32(draw(lengths)) * end


def angle_between(a: Vector, b: Vector) -> float:
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    a64, b64 = a64 / np.linalg.norm(a64), b64 / np.linalg.norm(b64)
    return float(
        2 * np.arctan2(np.linalg.norm(a64 - b64), np.linalg.norm(a64 + b64))
    )  # exact for small angles


@given(pairs())
def test_slerp_ends_exactly_where_it_should(ends: tuple[Vector, Vector]) -> None:
    start, end = ends
    assert np.array_equal(slerp(start, end, 0.0), start)
    assert np.array_equal(slerp(start, end, 1.0), end)
    assert np.array_equal(slerp(start, end, -1.0), start)
    assert np.array_equal(slerp(start, end, 2.0), end)


@given(pairs(), fractions)
def test_slerp_changes_length_in_proportion(ends: tuple[Vector, Vector], fraction: float) -> None:
    start, end = ends
    expected = (1 - fraction) * np.linalg.norm(start) + fraction * np.linalg.norm(end)
    assert np.linalg.norm(slerp(start, end, fraction)) == pytest.approx(expected, rel=1e-4)


@given(pairs(), fractions)
def test_slerp_turns_at_a_steady_rate(ends: tuple[Vector, Vector], fraction: float) -> None:
    start, end = ends
    point = slerp(start, end, fraction)
    whole = angle_between(start, end)
    assert angle_between(start, point) == pytest.approx(fraction * whole, abs=2e-3)
    assert angle_between(point, end) == pytest.approx((1 - fraction) * whole, abs=2e-3)


@given(pairs(), fractions)
def test_slerp_is_the_same_path_from_either_end(ends: tuple[Vector, Vector], fraction: float) -> None:
    start, end = ends
    there, back = slerp(start, end, fraction), slerp(end, start, 1 - fraction)
    assert np.allclose(there, back, rtol=1e-3, atol=1e-3 * float(np.linalg.norm(there)))


@given(sizes, seeds, fractions)
def test_slerp_of_opposite_ends_goes_round_and_not_through_zero(
    size: int, seed: int, fraction: float
) -> None:
    start = prior(seed, size)
    point = slerp(start, -start, fraction)
    assert np.linalg.norm(point) == pytest.approx(float(np.linalg.norm(start)), rel=1e-4)
    assert angle_between(start, point) == pytest.approx(fraction * np.pi, abs=2e-3)
    assert np.array_equal(point, slerp(start, -start, fraction))


@given(sizes, seeds, fractions)
def test_slerp_between_equal_ends_stays(size: int, seed: int, fraction: float) -> None:
    start = prior(seed, size)
    assert np.allclose(slerp(start, start.copy(), fraction), start, rtol=1e-5)


@given(fractions)
def test_slerp_with_an_end_at_zero_is_straight(fraction: float) -> None:
    zero, end = np.zeros(5, dtype=np.float32), prior(1, 5)
    assert np.allclose(slerp(zero, end, fraction), np.float32(fraction) * end, atol=1e-6)
    assert np.array_equal(slerp(zero, zero, fraction), zero)


@given(fractions)
def test_slerp_in_one_dimension_is_finite(fraction: float) -> None:
    one = np.ones(1, dtype=np.float32)
    assert np.isfinite(slerp(one, -one, fraction)).all()


@given(sizes, seeds, seeds)
def test_near_ends_at_the_centre_and_at_a_draw_of_its_own(size: int, seed: int, centre_seed: int) -> None:
    centre, other = prior(centre_seed, size), prior(centre_seed + 1, size)
    assert np.array_equal(near(centre, 0.0, seed), centre)
    assert np.array_equal(near(centre, 1.0, seed), near(other, 1.0, seed))
    assert not np.array_equal(near(centre, 1.0, seed), prior(seed, size))  # draws for other uses are others


@given(sizes, seeds, seeds, fractions, fractions)
def test_near_goes_farther_with_the_amount(
    size: int, seed: int, centre_seed: int, one: float, other: float
) -> None:
    centre = prior(centre_seed, size)
    less, more = sorted((one, other))
    draw = near(centre, 1.0, seed)
    assert (
        angle_between(centre, near(centre, less, seed))
        <= angle_between(centre, near(centre, more, seed)) + 1e-3
    )
    assert np.linalg.norm(near(centre, more, seed)) <= np.linalg.norm(centre) + np.linalg.norm(draw)


@pytest.mark.parametrize("amount", [0.1, 0.3, 0.5, 0.9])
def test_near_keeps_the_variance_of_the_prior(amount: float) -> None:
    size, draws = 64, 400
    points = np.stack([near(prior(seed, size), amount, seed) for seed in range(draws)])
    assert points.mean() == pytest.approx(0.0, abs=0.03)
    assert points.std() == pytest.approx(1.0, abs=0.03)


@given(seeds, fractions, fractions)
def test_corner_blend_meets_its_corners_and_its_edges(seed: int, x: float, y: float) -> None:
    corners = np.stack([prior(seed + index, 16) for index in range(4)]).reshape(2, 2, 16)
    for row in (0, 1):
        for column in (0, 1):
            assert np.array_equal(corner_blend(corners, column, row), corners[row, column])
        assert np.array_equal(corner_blend(corners, x, row), slerp(corners[row, 0], corners[row, 1], x))
    for column in (0, 1):
        assert np.array_equal(
            corner_blend(corners, column, y), slerp(corners[0, column], corners[1, column], y)
        )
    assert np.isfinite(corner_blend(corners, x, y)).all()


def test_walk_takes_even_steps_and_stays_among_the_priors_draws() -> None:
    size = 128
    points = walk(prior(1, size), steps=200, stride=0.2, seed=2)
    assert points.shape == (200, size)
    assert points.dtype == np.float32
    assert points.std() == pytest.approx(1.0, abs=0.05)
    turns = [angle_between(a, b) for a, b in pairwise(points)]
    assert np.mean(turns) == pytest.approx(0.2 * np.pi / 2, rel=0.1)
    assert np.array_equal(points, walk(prior(1, size), steps=200, stride=0.2, seed=2))


def test_a_walk_without_stride_stands_still() -> None:
    start = prior(1, 8)
    assert np.array_equal(walk(start, 3, 0.0, seed=5), np.tile(start, (3, 1)))


@given(st.floats(0.0, 1.0), seeds)
def test_a_dimension_with_little_room_sets_out_slowly_and_arrives_with_the_others(
    amount: float, seed: int
) -> None:
    spread = np.array([0.05, 1.0], dtype=np.float32)
    centre = np.ones(2, dtype=np.float32)
    plain, careful = near(centre, amount, seed), near(centre, amount, seed, spread)
    assert careful[1] == pytest.approx(plain[1], abs=1e-6)
    assert np.array_equal(near(centre, 1.0, seed, spread), near(centre, 1.0, seed))
    assert np.array_equal(near(centre, 0.0, seed, spread), centre)


def test_near_keeps_the_variance_of_the_prior_whatever_room_there_is() -> None:
    spread = np.array([0.05, 0.5], dtype=np.float32)
    points = np.stack([near(prior(seed, 2), 0.5, seed, spread) for seed in range(4000)])
    assert points.std(axis=0) == pytest.approx(np.ones(2), abs=0.05)


def test_a_tenth_moves_a_dimension_by_a_tenth_of_its_room() -> None:
    spread = np.array([0.05, 0.5], dtype=np.float32)
    centre = np.zeros(2, dtype=np.float32)
    moved_by = np.stack([near(centre, 0.1, seed, spread) for seed in range(2000)]).std(axis=0)
    assert moved_by == pytest.approx(0.157 * spread**0.9, rel=0.1)
