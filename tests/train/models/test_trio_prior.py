"""The learnt prior can be undone, and knows what it does to volumes."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.models.objective import kl_to_unit_gaussian
from train.models.trio_prior import LearntPrior

pytestmark = pytest.mark.train


def bent(size: int) -> LearntPrior:
    torch.manual_seed(1)
    prior = LearntPrior(size, 3, 8)
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return prior


def test_untrained_it_changes_nothing() -> None:
    prior = LearntPrior(6, 3, 8)
    z = torch.randn(4, 6)
    assert torch.equal(prior(z)[0], z)
    assert torch.equal(prior.inverse(z), z)


@pytest.mark.parametrize("size", [6, 7])
def test_there_and_back(size: int) -> None:
    prior = bent(size)
    z = torch.randn(50, size)
    assert torch.allclose(prior.inverse(prior(z)[0]), z, atol=1e-4)
    assert torch.allclose(prior(prior.inverse(z))[0], z, atol=1e-4)
    assert not torch.allclose(prior(z)[0], z, atol=0.1)


def test_its_scales_are_the_jacobian_s() -> None:
    prior = bent(6)
    z = torch.randn(6)
    jacobian = torch.autograd.functional.jacobian(lambda v: prior(v[None])[0][0], z)
    volume = torch.linalg.slogdet(jacobian)[1]
    assert prior(z[None])[1].sum().item() == pytest.approx(volume.item(), abs=1e-4)


def test_its_kl_is_the_usual_one_where_it_is_the_identity() -> None:
    prior = LearntPrior(6, 3, 8)
    mu, sigma = torch.randn(1, 6), torch.rand(1, 6) + 0.1
    samples = mu + sigma * torch.randn(20_000, 6)
    estimate = prior.kl_nats(samples, mu, sigma).mean()
    assert estimate.item() == pytest.approx(kl_to_unit_gaussian(mu, sigma).sum().item(), abs=0.1)


def test_two_processes_make_the_same_map() -> None:
    one, other = LearntPrior(8, 2, 4), LearntPrior(8, 2, 4)
    other.load_state_dict(one.state_dict())
    for a, b in zip(one.couplings, other.couplings, strict=True):
        assert torch.equal(a.order, b.order)
