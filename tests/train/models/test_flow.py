"""What a flow promises before it has learnt anything: nothing is lost on the way there and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from train.models import as_module, build
from train.models.flow import Config, FlowModel
from train.models.objective import Objective

pytestmark = pytest.mark.train

SMALL = Config(width=24, inner=16, token_width=8, gist_width=8, beat_width=4, pitch_width=8, dropout=0.2)
STEPS = 32


@pytest.fixture(params=["melody", "drums", "percussion"])
def model(request: pytest.FixtureRequest) -> FlowModel:
    torch.manual_seed(3)
    made = build("flow", codec_from(request.param, {"bars": 2}), SMALL, Objective(0.03, 0.0))
    for name, parameter in as_module(made).named_parameters():
        if not name.startswith("placement"):  # an untrained model is too even for its draws to differ
            # of many instruments' patterns the unlikeliest would be less likely than can be written down
            torch.nn.init.normal_(parameter, std=0.15 if request.param == "percussion" else 0.25)
    as_module(made).eval()
    assert isinstance(made, FlowModel)
    return made


@pytest.fixture
def melody() -> FlowModel:
    torch.manual_seed(4)
    made = build("flow", codec_from("melody", {"bars": 2}), SMALL, Objective(0.03, 0.0))
    as_module(made).eval()
    assert isinstance(made, FlowModel)
    return made


def noise(model: FlowModel, batch: int) -> Any:
    return torch.rand(batch, STEPS, len(model.codec.columns))


def heat(temperature: float) -> Any:
    return torch.tensor(temperature)


def any_tokens(model: FlowModel, batch: int) -> Any:
    classes = torch.tensor([column.classes for column in model.codec.columns])
    return (torch.rand(batch, STEPS, len(classes)) * classes).long()


def test_whatever_it_draws_it_hears_as_it_was(model: FlowModel) -> None:
    drawn = model.decode(torch.randn(40, model.latent_size), noise(model, 40), heat(0.0))
    mu, sigma = model.encode(drawn)
    assert mu.shape == sigma.shape == (40, model.latent_size)
    assert (sigma > 0).all()
    assert (sigma <= 1.5).all()
    again = model.decode(mu, noise(model, 40), heat(0.0))
    assert torch.equal(again, drawn)
    assert len({window.numpy().tobytes() for window in drawn}) == 40


def test_what_it_would_never_draw_comes_back_too(model: FlowModel) -> None:
    tokens = any_tokens(model, 40)
    back = model.decode(model.encode(tokens)[0], noise(model, 40), heat(0.0))
    assert torch.equal(back, tokens)


def test_silence_comes_back_as_silence(model: FlowModel) -> None:
    silent = torch.zeros(1, STEPS, len(model.codec.columns), dtype=torch.int64)
    assert torch.equal(model.decode(model.encode(silent)[0], noise(model, 1), heat(0.0)), silent)


def test_tokens_are_in_range_however_far_out_the_latent(model: FlowModel) -> None:
    for scale in (0.0, 1.0, 30.0):
        for temperature in (0.0, 1e-6, 1.0, 100.0):
            z = torch.randn(3, model.latent_size) * scale
            drawn = model.decode(z, noise(model, 3), heat(temperature))
            assert drawn.shape == (3, STEPS, len(model.codec.columns))
            assert drawn.dtype == torch.int64
            for index, column in enumerate(model.codec.columns):
                assert 0 <= int(drawn[..., index].min()) <= int(drawn[..., index].max()) < column.classes


def test_a_window_is_the_same_alone_and_in_company(model: FlowModel) -> None:
    z, chance = torch.randn(4, model.latent_size), noise(model, 4)
    together = model.decode(z, chance, heat(2.0))
    alone = [model.decode(z[i : i + 1], chance[i : i + 1], heat(2.0)) for i in range(4)]
    assert torch.equal(together, torch.cat(alone))


def test_the_temperature_says_how_many_beats_are_left_to_chance(model: FlowModel) -> None:
    z = torch.randn(64, model.latent_size)
    first, second = noise(model, 64), noise(model, 64)

    def changed(temperature: float) -> float:
        one, other = (model.decode(z, chance, heat(temperature)) for chance in (first, second))
        return float((one != other).any(dim=2).float().mean())

    shares = [changed(temperature) for temperature in (0.0, 1.0, 1.6, 2.5)]
    assert shares[0] == 0.0
    assert shares[1] < 0.1
    assert shares[1] <= shares[2] < shares[3]


def test_it_learns_and_every_weight_takes_part(model: FlowModel) -> None:
    tokens = any_tokens(model, 16)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    before = model.loss(tokens, 0)
    assert before.kl_nats > 0
    for _ in range(30):
        model.train()
        optimiser.zero_grad()
        model.loss(tokens, 0).total.backward()
        assert all(parameter.grad is not None for parameter in model.parameters())
        optimiser.step()
    model.eval()
    assert model.loss(tokens, 0).total < before.total


def test_nothing_stays_behind_on_the_processor(model: FlowModel) -> None:
    """The meta device computes nothing, but refuses whatever another device has to be asked for."""
    away = model.to("meta")
    tokens = any_tokens(model, 2).to("meta")
    assert away.loss(tokens, 0).total.is_meta
    drawn = away.decode(away.encode(tokens)[0], noise(model, 2).to("meta"), heat(1.0).to("meta"))
    assert drawn.shape == tokens.shape


def test_another_key_is_another_direction_and_nothing_else(melody: FlowModel) -> None:
    scale = torch.tensor([0, 2, 4, 5, 7, 9, 11, 12])  # C major: no other key has all of it
    line = torch.zeros(1, STEPS, 1, dtype=torch.int64)
    line[0, ::4, 0] = scale + 2 + 60 - 21
    heard, _ = melody.encode(line)
    for semitones in range(-6, 6):
        moved = torch.where(line > 1, line + semitones, line)
        mu, _ = melody.encode(moved)
        assert torch.allclose(mu[:, 2:], heard[:, 2:], atol=1e-5)
        assert (mu[:, :2] - heard[:, :2]).norm() > 1.0 or semitones == 0
        in_its_key = torch.cat([mu[:, :2], heard[:, 2:]], dim=1)
        assert torch.equal(melody.decode(in_its_key, noise(melody, 1), heat(0.0)), moved)


def test_keys_a_fifth_apart_are_neighbours(melody: FlowModel) -> None:
    scale = torch.tensor([0, 2, 4, 5, 7, 9, 11, 12])
    lines = torch.zeros(12, STEPS, 1, dtype=torch.int64)
    lines[:, ::4, 0] = scale + 2 + 60 - 21 + torch.arange(12)[:, None]
    place = melody.encode(lines)[0][:, :2]
    angles = [math.atan2(y, x) % math.tau for x, y in place.tolist()]
    order = sorted(range(12), key=lambda key: angles[key])
    assert order == [7 * step % 12 for step in range(12)]


def test_the_gist_is_what_the_attributes_measure() -> None:
    from train.attributes import syncopation
    from train.models.gist import syncopations

    onsets = np.random.default_rng(1).random((50, STEPS)) < 0.3
    ours = syncopations(torch.from_numpy(onsets.astype(np.float32)), (1, 2)).numpy()
    for column, grid in enumerate((1, 2)):
        assert ours[:, column] == pytest.approx(syncopation(onsets, grid), abs=1e-6)
