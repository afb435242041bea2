"""Points are equal when they say the same, at once, in every process."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.latents import Corners, Encoded, Latent, Moved, Near, Prior, Slerp
from livevae.core.notes import Note

SOME: list[Latent] = [
    Prior(1),
    Prior(2),
    Encoded((), 1),
    Encoded((), 2),
    Encoded((("melody", (Note(0, 10, 60, 90),)),), 2),
    Encoded((("melody", (Note(0, 10, 60, 91),)),), 2),
    Encoded((("bass", (Note(0, 10, 60, 90),)),), 2),
    Near(Prior(1), 0.5, 1),
    Near(Prior(1), 0.5, 2),
    Near(Prior(1), 0.25, 1),
    Near(Prior(2), 0.5, 1),
    Slerp(Prior(1), Prior(2), 0.5),
    Slerp(Prior(2), Prior(1), 0.5),
    Corners((Prior(1), Prior(2), Prior(1), Prior(2)), 0.5, 0.25),
    Corners((Prior(1), Prior(2), Prior(1), Prior(2)), 0.25, 0.5),
    Corners((Prior(1), Prior(1), Prior(2), Prior(2)), 0.5, 0.25),
    Moved(Prior(1), (("density", 1.0),)),
    Moved(Prior(1), (("density", -1.0),)),
    Moved(Prior(1), (("interval", 1.0),)),
    Moved(Prior(2), (("density", 1.0), ("interval", 1.0))),
]


def test_points_that_differ_in_anything_are_different() -> None:
    assert len(set(SOME)) == len(SOME)


@given(st.sampled_from(SOME), st.floats(0, 1), st.integers())
def test_a_point_made_again_or_sent_to_another_process_is_the_same(
    centre: Latent, amount: float, seed: int
) -> None:
    point = Near(centre, amount, seed)
    for same in (Near(centre, amount, seed), pickle.loads(pickle.dumps(point))):
        assert same == point
        assert hash(same) == hash(point)
        assert same.depth == point.depth == centre.depth + 1


def test_a_whole_amount_is_that_amount() -> None:
    assert Near(Prior(1), 1, 5) == Near(Prior(1), 1.0, 5)


def test_an_entangled_point_is_compared_without_walking_through_it() -> None:
    corners: list[Latent] = [Prior(seed) for seed in range(4)]
    for turn in range(80):  # as a tree, more than 10 ** 22 points
        a, b, c, d = corners
        corners[turn % 4] = Corners((a, b, c, d), 0.5, 0.5)
    copied = pickle.loads(pickle.dumps(corners[3]))
    assert copied == corners[3]
    assert copied != corners[2]
    assert copied in set(corners)
