"""What every window model must do, trained or not."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from tests.train.models.untrained import untrained
from train.models import Model, as_module
from train.models.draws import draw, prepare
from train.models.lookback import Config as LookbackConfig
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.one_pass import Config as OnePassConfig
from train.models.symbols import Symbols

pytestmark = pytest.mark.train

SMALL: dict[str, Any] = {
    "lookback": LookbackConfig(8, 16, 8, 12, (1, 4), (4, 1), 24, 4, 6, 0.25),
    "one_pass": OnePassConfig(8, 16, 0, 0, (1, 4), (4, 1)),
}


PAIRS = [(kind, codec) for kind in ("lookback", "one_pass") for codec in ("melody", "drums")]


@pytest.fixture(params=PAIRS, ids="-".join)
def model(request: pytest.FixtureRequest) -> Model:
    kind, codec = request.param
    return untrained(kind, codec_from(codec, {"bars": 2}), SMALL[kind], Objective(0.2), spread=0.3)


def tokens(model: Model, batch: int) -> Any:
    classes = torch.tensor([column.classes for column in model.codec.columns])
    return (torch.rand(batch, model.codec.steps, len(classes)) * classes).long()


def test_shapes_and_ranges(model: Model) -> None:
    x = tokens(model, 3)
    mu, sigma = model.encode(x)
    assert mu.shape == sigma.shape == (3, 8)
    assert (sigma > 0).all()
    y = model.decode(mu, torch.rand(x.shape), torch.tensor(1.0))
    assert y.shape == x.shape
    assert y.dtype == torch.int64
    assert (y >= 0).all()
    for index, column in enumerate(model.codec.columns):
        assert int(y[..., index].max()) < column.classes


def test_same_noise_same_notes_whatever_the_batch(model: Model) -> None:
    z, noise = torch.randn(4, 8), torch.rand(4, model.codec.steps, len(model.codec.columns))
    together = model.decode(z, noise, torch.tensor(1.0))
    alone = torch.cat([model.decode(z[i : i + 1], noise[i : i + 1], torch.tensor(1.0)) for i in range(4)])
    assert torch.equal(together, alone)
    assert not torch.equal(together, model.decode(z, 1 - noise, torch.tensor(1.0)))


def test_temperature_zero_ignores_the_noise(model: Model) -> None:
    z, noise = torch.randn(2, 8), torch.rand(2, model.codec.steps, len(model.codec.columns))
    cold = torch.tensor(0.0)
    assert torch.equal(model.decode(z, noise, cold), model.decode(z, 1 - noise, cold))


def test_extreme_noise_and_temperature_stay_in_range(model: Model) -> None:
    z = torch.randn(2, 8) * 10
    for noise in (0.0, 1.0 - 2**-24):
        for temperature in (0.0, 1e-6, 1e-3, 100.0):
            y = model.decode(
                z, torch.full((2, 32, len(model.codec.columns)), noise), torch.tensor(temperature)
            )
            for index, column in enumerate(model.codec.columns):
                assert int(y[..., index].min()) >= 0
                assert int(y[..., index].max()) < column.classes


def test_a_step_down_the_gradient_lowers_the_loss(model: Model) -> None:
    module = as_module(model)
    x = tokens(model, 4)
    optimiser = torch.optim.SGD(module.parameters(), lr=1e-4)
    torch.manual_seed(0)
    before = model.loss(x, 0)
    before.total.backward()
    optimiser.step()
    torch.manual_seed(0)
    assert model.loss(x, 0).total < before.total
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_draws_follow_the_distribution() -> None:
    logits = torch.log(torch.tensor([[0.1, 0.0, 0.6, 0.3]]))
    uniforms = torch.linspace(0, 1, 1001)[None, :-1]

    def counts(temperature: float) -> list[int]:
        uniform, sharpness = prepare(uniforms, torch.tensor(temperature))
        drawn = draw(logits[:, None].expand(1, 1000, 4), uniform[..., None], sharpness[:, None])
        return [int(count) for count in torch.bincount(drawn[0], minlength=4)]

    assert counts(1.0) == pytest.approx([100, 0, 600, 300], abs=1)
    assert counts(0.5)[2] > 750
    assert counts(100.0) == pytest.approx([333, 0, 333, 333], abs=10)
    assert counts(0.0) == [0, 0, 1000, 0]


def test_a_tie_is_broken_alike_at_temperature_zero() -> None:
    uniform, sharpness = prepare(torch.rand(1, 50), torch.tensor(0.0))
    drawn = draw(torch.zeros(1, 50, 512), uniform[..., None], sharpness[:, None])
    assert len(set(drawn[0].tolist())) == 1


def test_the_objective() -> None:
    objective = Objective(max_beta=0.5, beta_rate=0.0, free_bits=10.0)
    reconstruction, kl = torch.tensor([5.0]), torch.tensor([8.0])
    assert objective.beta(1) == 0.5
    free_nats = 10 * 0.6931472
    assert objective.total(reconstruction, kl, 1).item() == pytest.approx(5 + 0.5 * (8 - free_nats))
    assert objective.total(reconstruction, torch.tensor([1.0]), 1).item() == pytest.approx(5.0)
    assert Objective(0.2, 0.99).beta(0) == 0.0
    assert kl_to_unit_gaussian(torch.zeros(1, 3), torch.ones(1, 3)).sum() == 0


def test_symbols_and_their_folded_logits() -> None:
    for name in ("melody", "drums"):
        codec = codec_from(name, {"bars": 2})
        symbols = Symbols(codec, 6)
        for parameter in symbols.parameters():
            torch.nn.init.normal_(parameter)
        every = torch.arange(symbols.count)
        assert torch.equal(symbols.of_tokens(symbols.to_tokens(every)), every)
        features = torch.randn(5, 6)
        weight, bias = symbols.folded()
        assert torch.allclose(symbols.logits(features), features @ weight + bias, atol=1e-4)
    with pytest.raises(ValueError, match="trio"):
        Symbols(codec_from("trio", {"bars": 2}), 6)
