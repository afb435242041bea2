"""A melody's key: a direction of the latent, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from tests.train.models.test_flow import COLD, SMALL
from train.models import as_module, build
from train.models.objective import Objective

pytestmark = pytest.mark.train

STEPS = 32


@pytest.fixture
def melody() -> Any:
    torch.manual_seed(4)
    made = build("flow", codec_from("melody", {"bars": 2}), SMALL, Objective(0.03, 0.0))
    as_module(made).eval()
    return made


def c_major(count: int) -> Any:
    """A scale, a note a beat: no other key has all of it. (count, 32, 1)."""
    lines = torch.zeros(count, STEPS, 1, dtype=torch.int64)
    lines[:, ::4, 0] = torch.tensor([0, 2, 4, 5, 7, 9, 11, 12]) + 2 + 60 - 21
    return lines


def test_another_key_is_another_direction_and_nothing_else(melody: Any) -> None:
    line = c_major(1)
    heard, _ = melody.encode(line)
    for semitones in range(-6, 6):
        moved = torch.where(line > 1, line + semitones, line)
        mu, _ = melody.encode(moved)
        assert torch.allclose(mu[:, 2:], heard[:, 2:], atol=1e-5)
        assert (mu[:, :2] - heard[:, :2]).norm() > 1.0 or semitones == 0
        in_its_key = torch.cat([mu[:, :2], heard[:, 2:]], dim=1)
        assert torch.equal(melody.decode(in_its_key, torch.rand(1, STEPS, 1), COLD), moved)


def test_keys_a_fifth_apart_are_neighbours(melody: Any) -> None:
    lines = c_major(12)
    lines[:, ::4, 0] += torch.arange(12)[:, None]
    place = melody.encode(lines)[0][:, :2]
    angles = [math.atan2(y, x) % math.tau for x, y in place.tolist()]
    order = sorted(range(12), key=lambda key: angles[key])
    assert order == [7 * step % 12 for step in range(12)]
