"""What the core asks for is the point it gets."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec.layout import LatentLayout
from livevae.core.latents import Corners, Encoded, Grafted, Latent, Moved, Near, Prior, Slerp
from livevae.core.notes import Note
from livevae.latent import LatentEvaluator, near, prior, slerp
from livevae.latent.random import Vector

SIZE = 6
FOUR = (Prior(1), Prior(2), Prior(3), Prior(4))
SPREAD = np.linspace(0.1, 1.0, SIZE, dtype=np.float32)
UP = np.arange(SIZE, dtype=np.float32)
PLAYED = Encoded((("melody", (Note(0, 10, 60, 64),)),), bars=2)


class Encoder:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, played: Encoded) -> tuple[Vector, Vector]:
        self.calls += 1
        return prior(played.bars, SIZE) / np.float32(2.0), SPREAD


def pieced(*seeds: int) -> Vector:
    """Every number from the draw of its own seed."""
    return np.array([prior(seed, SIZE)[index] for index, seed in enumerate(seeds)], dtype=np.float32)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def evaluator(encoder: Encoder) -> LatentEvaluator:
    layout = LatentLayout(bars=(((1, 3),), ((3, 6),)), parts={"bass": ((2, 3), (5, 6))})
    return LatentEvaluator(SIZE, encoder, {"up": UP, "down": -UP}, layout, remembered=3)


@pytest.mark.parametrize(
    ("latent", "point"),
    [
        (Prior(3), prior(3, SIZE)),
        (PLAYED, prior(2, SIZE) / np.float32(2.0)),
        (Near(Prior(3), 0.4, 8), near(prior(3, SIZE), 0.4, 8)),
        (Near(PLAYED, 0.0, 8), prior(2, SIZE) / np.float32(2.0)),
        (Near(PLAYED, 0.3, 8), near(prior(2, SIZE) / np.float32(2.0), 0.3, 8, SPREAD)),
        (Grafted(Prior(1), Prior(2), ("bass",)), pieced(1, 1, 2, 1, 1, 2)),
        (Grafted(Prior(1), Prior(2), (), 1), pieced(1, 1, 1, 2, 2, 2)),
        (Grafted(Prior(1), Prior(2), ("bass",), 1), pieced(1, 1, 1, 1, 1, 2)),
        (Slerp(Prior(1), Prior(2), 0.25), slerp(prior(1, SIZE), prior(2, SIZE), 0.25)),
        (
            Near(Slerp(Prior(1), Prior(2), 0.5), 0.1, 4),
            near(slerp(prior(1, SIZE), prior(2, SIZE), 0.5), 0.1, 4),
        ),
        (Corners(FOUR, 1.0, 0.0), prior(2, SIZE)),
        (Corners(FOUR, 0.0, 1.0), prior(3, SIZE)),
        (Corners(FOUR, 0.5, 1.0), slerp(prior(3, SIZE), prior(4, SIZE), 0.5)),
        (Moved(Prior(3), (("up", 1.0),)), prior(3, SIZE) + UP),
        (Moved(Prior(3), (("down", 0.5), ("sideways", 1.0), ("up", 1.5))), prior(3, SIZE) + UP),
    ],
    ids=[
        "prior",
        "encoded",
        "near",
        "near nothing",
        "near what was played",
        "grafted part",
        "grafted bars",
        "grafted bars of a part",
        "slerp",
        "nested",
        "near right",
        "far left",
        "far edge",
        "moved",
        "moved by what is known",
    ],
)
def test_expressions_mean_their_moves(evaluator: LatentEvaluator, latent: Latent, point: Vector) -> None:
    assert np.array_equal(evaluator.evaluate(latent), point)


def test_equal_expressions_share_one_run_of_the_encoder(evaluator: LatentEvaluator, encoder: Encoder) -> None:
    again = Encoded((("melody", (Note(0, 10, 60, 64),)),), bars=2)
    evaluator.evaluate(Near(PLAYED, 0.1, 1))
    evaluator.evaluate(Near(again, 0.2, 2))
    assert encoder.calls == 1


def test_only_the_newest_points_are_remembered(evaluator: LatentEvaluator, encoder: Encoder) -> None:
    evaluator.evaluate(PLAYED)
    for seed in range(3):
        evaluator.evaluate(Prior(seed))
    evaluator.evaluate(PLAYED)
    assert encoder.calls == 2


def test_a_point_in_use_is_not_forgotten(evaluator: LatentEvaluator, encoder: Encoder) -> None:
    for seed in range(9):
        evaluator.evaluate(PLAYED)
        evaluator.evaluate(Prior(seed))
    assert encoder.calls == 1


def test_points_cannot_be_written_to(evaluator: LatentEvaluator) -> None:
    with pytest.raises(ValueError, match="read-only"):
        evaluator.evaluate(Prior(1))[0] = 0.0


def test_around_a_point_nobody_played_numbers_set_out_from_where_its_music_is_heard(encoder: Encoder) -> None:
    asked: list[Vector] = []

    def heard_at(point: Vector) -> tuple[Vector, Vector]:
        asked.append(point)
        return point / np.float32(2.0), SPREAD

    evaluator = LatentEvaluator(SIZE, encoder, heard_at=heard_at)
    home = prior(3, SIZE)
    for seed in (8, 9):
        found = evaluator.evaluate(Near(Prior(3), 0.3, seed))
        assert np.array_equal(found, near(home / np.float32(2.0), 0.3, seed, SPREAD))
    assert len(asked) == 1
    assert np.array_equal(evaluator.evaluate(Prior(3)), home)
    assert np.array_equal(evaluator.evaluate(Near(Prior(4), 0.0, 8)), prior(4, SIZE))
    played = prior(2, SIZE) / np.float32(2.0)
    assert np.array_equal(evaluator.evaluate(Near(PLAYED, 0.3, 8)), near(played, 0.3, 8, SPREAD))
    assert len(asked) == 1
