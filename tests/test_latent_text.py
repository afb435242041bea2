"""Whatever point can be kept is written and read back as it was; what is not ours is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.chords import Chord
from livevae.core.latents import MAX_DEPTH, Corners, Encoded, Grafted, Latent, Moved, Near, Prior, Slerp
from livevae.core.notes import Note
from livevae.errors import SetError
from livevae.latent_text import latent_from_text, latent_to_text

shares = st.floats(0, 1)
seeds = st.integers(-(2**63), 2**64)
notes = st.builds(
    Note, st.integers(-12_000, 768_000), st.integers(1, 400_000), st.integers(0, 127), st.integers(1, 127)
)
parts = st.tuples(st.text(max_size=8), st.lists(notes, max_size=4).map(tuple))
leaves: st.SearchStrategy[Latent] = st.one_of(
    st.builds(Prior, seeds),
    st.builds(
        Encoded,
        st.lists(parts, max_size=3).map(tuple),
        st.integers(1, 16),
        st.lists(st.none() | st.sets(st.integers(0, 127), min_size=1).map(Chord.of_pitches), max_size=4).map(
            tuple
        ),
    ),
)
moves = st.tuples(st.text(max_size=8), st.floats(-1.5, 1.5))
latents: st.SearchStrategy[Latent] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Near, inner, shares, seeds),
        st.builds(Slerp, inner, inner, shares),
        st.builds(Grafted, inner, inner, st.lists(st.text(max_size=8)).map(tuple), st.integers(0, 15)),
        st.builds(Moved, inner, st.lists(moves, max_size=3).map(tuple)),
        st.builds(Corners, st.tuples(inner, inner, inner, inner), shares, shares),
    ),
    max_leaves=12,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


@given(latents)
def test_every_point_is_read_back_as_it_was(latent: Latent) -> None:
    assert latent_from_text(latent_to_text(latent)) == latent


def test_a_point_kept_between_kept_points_again_and_again_stays_short() -> None:
    a, b, c, d = (Prior(seed) for seed in range(4))
    corners: list[Latent] = [a, b, c, d]
    for turn in range(90):  # as a tree, this would have 10 ** 25 nodes
        near_left, near_right, far_left, far_right = corners
        corners[turn % 4] = Corners((near_left, near_right, far_left, far_right), 0.5, 0.25)
    text = latent_to_text(corners[0])
    assert len(text) < 10_000
    assert latent_to_text(latent_from_text(text)) == text


def test_a_point_that_builds_on_too_many_others_is_refused() -> None:
    latent: Latent = Prior(0)
    for seed in range(MAX_DEPTH):
        latent = Near(latent, 0.5, seed)
    with pytest.raises(SetError, match="too many others"):
        latent_to_text(latent)


@given(st.one_of(st.text(), anything.map(json.dumps)))
def test_what_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(SetError, match="no idea that livevae has written"):
        latent_from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '[["near", 0, 0.5, 1]]',
        '[["prior", 1], ["near", 1, 0.5, 1]]',
        '[["prior", 1], ["near", -1, 0.5, 1]]',
        '[["prior", 1], ["near", 0, NaN, 1]]',
        '[["prior", 1], ["near", 0, 2, 1]]',
        '[["prior", true]]',
        '[["prior", 1, 2]]',
        '[["played", 2, [["melody", [[0, 0, 60, 90]]]]]]',
        '[["prior", 1], ["corners", 0, 0, 0, 0, 0.5]]',
        "[" * 100_000,
    ],
)
def test_damage_is_refused(text: str) -> None:
    with pytest.raises(SetError):
        latent_from_text(text)
