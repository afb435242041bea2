"""Numbers of the latent as choices, and choices as stretches of the line."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.attributes import syncopation
from train.models.gist import Gist, levels_of, syncopations
from train.models.objective import kl_to_unit_gaussian
from train.models.odds import (
    Placement,
    drawn,
    odds,
    parted,
    place,
    placed_around,
    share_around,
    sides,
    spill_nats,
    stretch,
    within,
)

pytestmark = pytest.mark.train


def test_odds_are_those_of_a_gaussian_and_place_undoes_them() -> None:
    z = torch.linspace(-5, 5, 1001)
    assert torch.allclose(torch.sigmoid(odds(z)), torch.special.ndtr(z), atol=2e-4)
    assert torch.allclose(place(odds(z)), z, atol=1e-4)
    assert place(torch.tensor(0.0)) == 0.0


def test_choices_come_as_often_as_they_are_likely() -> None:
    torch.manual_seed(0)
    chances = torch.tensor([0.02, 0.5, 0.0, 0.3, 0.18])
    share = within(torch.sigmoid(odds(torch.randn(40_000, 1))))
    made = drawn(chances.log().expand(40_000, 5), share)
    assert torch.bincount(made, minlength=5) / 40_000 == pytest.approx(chances, abs=0.01)


def test_stretches_lie_end_to_end_and_hold_their_choice() -> None:
    torch.manual_seed(1)
    logits = torch.randn(12) * 2
    every = torch.arange(12)
    ends = stretch(parted(logits.expand(12, 12), every, sides(12)))  # (choices, 2)
    assert torch.allclose(ends[1:, 0], ends[:-1, 1], atol=1e-4)
    assert ends[0, 0] < -6
    assert ends[-1, 1] > 6
    middle = ends.clamp(-4, 4).mean(dim=1, keepdim=True)
    assert torch.equal(drawn(logits.expand(12, 12), torch.sigmoid(odds(middle))), every)


def test_a_placement_learns_to_stay_inside_for_few_nats() -> None:
    torch.manual_seed(2)
    placement = Placement()
    optimiser = torch.optim.Adam(placement.parameters(), lr=1e-2)
    for _ in range(400):
        ends = (torch.randn(256, 2) * 1.5).sort(dim=1).values
        mu, sigma = placement(ends)
        cost = (0.05 * kl_to_unit_gaussian(mu, sigma) + spill_nats(mu, sigma, ends)).mean()
        optimiser.zero_grad()
        cost.backward()
        optimiser.step()
    ends = torch.tensor([[-0.5, 0.5], [1.0, 7.0], [-7.0, 7.0]])
    mu, sigma = placement(ends)
    inside = (-spill_nats(mu, sigma, ends)).exp()
    assert (inside > 0.93).all()
    least = -(torch.special.ndtr(ends[:, 1]) - torch.special.ndtr(ends[:, 0])).log()
    assert (kl_to_unit_gaussian(mu, sigma) - least < 0.5).all()


def test_directions_are_shares_of_the_circle() -> None:
    angles = torch.arange(1, 24) * math.tau / 24
    points = 1.7 * torch.stack([angles.cos(), angles.sin()], dim=1)
    assert torch.allclose(share_around(points)[:, 0], torch.arange(1, 24) / 24, atol=1e-5)
    assert torch.isfinite(share_around(torch.zeros(1, 2))).all()


def test_a_point_on_the_circle_stays_in_its_sector() -> None:
    torch.manual_seed(3)
    shares = torch.tensor([0.05, 0.3, 0.1, 0.25, 0.3])
    upto = shares.cumsum(0)
    mu, sigma = placed_around(upto - shares, upto)
    near = mu[:, None] + sigma[:, None] * torch.randn(5, 2000, 2)
    share = share_around(near.flatten(0, 1)).reshape(5, 2000)
    inside = (share >= (upto - shares)[:, None]) & (share < upto[:, None])
    assert (inside.float().mean(dim=1) > 0.97).all()


def test_a_gist_comes_back_from_the_middle_of_its_stretches() -> None:
    torch.manual_seed(4)
    gist = Gist((3, 5, 4), evened=0.5, apart=False)
    torch.nn.init.normal_(gist.bias)
    torch.nn.init.normal_(gist.told)
    levels = torch.stack([torch.randint(0, size, (60,)) for size in gist.sizes], dim=1)
    chances = gist.chances(gist.one_hot(levels))
    assert torch.allclose(chances.sum(dim=2), torch.ones(60, 3), atol=1e-5)
    says = torch.randn(gist.count, 2)
    found, said = gist.drawn(chances[..., 0] + chances[..., 1] / 2, says)
    assert torch.equal(found, levels)
    assert torch.allclose(said, gist.one_hot(levels) @ says, atol=1e-4)
    assert gist.first_shares()[1][-1].item() == pytest.approx(1.0, abs=1e-5)


def test_levels_count_the_edges_passed() -> None:
    values = torch.tensor([[0.5, 3.0], [-1.0, 9.0]])
    assert levels_of(values, ((0.0, 1.0), (2.0, 4.0, 8.0))).tolist() == [[1, 1], [0, 3]]


def test_the_gist_is_what_the_attributes_measure() -> None:
    onsets = np.random.default_rng(1).random((50, 32)) < 0.3
    ours = syncopations(torch.from_numpy(onsets.astype(np.float32)), (1, 2)).numpy()
    for column, grid in enumerate((1, 2)):
        assert ours[:, column] == pytest.approx(syncopation(onsets, grid), abs=1e-6)
