"""Binned distributions: what is read off them, and what values cost under them."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.models.binned import Binned, code_of, spread, tempered
from train.models.odds import odds

pytestmark = pytest.mark.train


def test_a_quantile_undoes_the_distribution() -> None:
    binned = Binned(-1.0, 1.0, 8)
    probabilities = torch.softmax(torch.randn(5, 8, generator=torch.Generator().manual_seed(0)), dim=-1)
    shares = torch.linspace(0.001, 0.999, 4_001)
    values = binned.quantile(probabilities[:, None].expand(-1, len(shares), -1), shares.expand(5, -1))
    assert (values.diff(dim=1) >= -1e-6).all()
    assert values.mean(dim=1).numpy() == pytest.approx(binned.mean(probabilities).numpy(), abs=5e-3)
    for row in range(5):
        counts, _ = np.histogram(values[row].numpy(), 8, (-1, 1))
        assert counts / counts.sum() == pytest.approx(probabilities[row].numpy(), abs=5e-3)


def test_a_value_costs_least_where_the_distribution_is() -> None:
    binned = Binned(0.0, 1.0, 16)
    logits = torch.zeros(3, 16)
    logits[:, 4] = 5.0
    costs = binned.cost(logits, torch.tensor([0.28, 0.5, 0.9]))
    assert costs[0] < costs[1] <= costs[2] + 1e-3


def test_temperature_draws_towards_the_median() -> None:
    uniform = torch.tensor([0.02, 0.5, 0.9])
    assert tempered(uniform, torch.tensor(0.0)).tolist() == [0.5, 0.5, 0.5]
    assert tempered(uniform, torch.tensor(1.0)).tolist() == pytest.approx(uniform.tolist(), abs=1e-5)
    half = tempered(uniform, torch.tensor(0.5))
    assert uniform[0] < half[0] < 0.5 < half[2] < uniform[2]


def test_a_place_on_a_distribution_says_the_value() -> None:
    binned = Binned(-1.0, 1.0, 8)
    chances = torch.randn(50, 8).softmax(dim=-1)
    values = 1.9 * torch.rand(50) - 0.95
    below, above, density = binned.shares_beside(chances, values)
    assert torch.allclose(below + above, torch.ones(50), atol=1e-5)
    assert torch.allclose(binned.quantile(chances, below), values, atol=1e-4)
    nearby = binned.quantile(chances, below + 1e-4)
    assert torch.allclose(nearby - values, 1e-4 / density, rtol=0.5, atol=1e-5)


def test_a_value_is_read_off_its_code_again() -> None:
    torch.manual_seed(0)
    binned = Binned(-1.0, 1.0, 8)
    logits, values = torch.randn(50, 8), 1.9 * torch.rand(50) - 0.95
    mu, sigma = code_of(binned, logits, values, 0.01)
    assert torch.allclose(binned.quantile(spread(logits), torch.sigmoid(odds(mu))), values, atol=1e-4)
    nearby = binned.quantile(spread(logits), torch.sigmoid(odds(mu + 0.1 * sigma)))
    assert (nearby - values).abs().median() == pytest.approx(0.001, rel=0.2)
