"""What every flow promises before it has learnt anything: nothing is lost on the way there and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.band import BandCodec
from livevae.codec.chords import CHORD_FEATURES, beats_of
from tests.train.models.untrained import PLACING, untrained
from train.models import as_module, build
from train.models.band import Config as BandConfig
from train.models.flow import Config

pytestmark = pytest.mark.train

SMALL = Config(width=24, inner=16, token_width=8, gist_width=8, beat_width=4, pitch_width=8, dropout=0.2)
SMALL_BAND = BandConfig(
    width=24, inner=16, token_width=8, gist_width=8, told_width=4, step_width=8, dropout=0.2
)
COLD = torch.tensor(0.0)


@dataclass(frozen=True)
class Flow:
    """A kind of model. over_chords: whether it is told any. spread: see ``untrained``."""

    kind: str
    codec: Any
    config: Any
    over_chords: bool = False
    spread: float = 0.25

    @property
    def columns(self) -> int:
        return len(self.codec.columns)

    def untrained(self) -> Any:
        return untrained(self.kind, self.codec, self.config, spread=self.spread)

    def told(self, count: int) -> tuple[Any, ...]:
        """Chords of so many windows, none to every third, for a model that is told them."""
        if not self.over_chords:
            return ()
        chords = (torch.rand(count, beats_of(self.codec.steps), CHORD_FEATURES) < 0.3).float()
        chords[::3] = 0.0
        return (chords,)

    def noise(self, count: int) -> Any:
        return torch.rand(count, self.codec.steps, self.columns)

    def any_tokens(self, count: int) -> Any:
        classes = torch.tensor([column.classes for column in self.codec.columns])
        return (torch.rand(count, self.codec.steps, self.columns) * classes).long()


def of_codec(name: str, **more: Any) -> Flow:
    return Flow("flow", codec_from(name, {"bars": 2}), SMALL, **more)


FLOWS = {
    "melody": of_codec("melody"),
    "drums": of_codec("drums"),
    # of so many choices the unlikeliest would else be less likely than can be written down
    "percussion": of_codec("percussion", spread=0.15),
    "over chords": Flow(
        "flow",
        codec_from("melody", {"bars": 2}),
        replace(SMALL, chord_width=12, rhythm_width=10),
        over_chords=True,
    ),
    "band": Flow("band", BandCodec(), SMALL_BAND, spread=0.15),
}
but_for_bands = pytest.mark.parametrize(
    "flow",
    [flow for flow in FLOWS.values() if flow.kind != "band"],
    ids=[name for name in FLOWS if name != "band"],
)


@pytest.fixture(params=list(FLOWS.values()), ids=list(FLOWS))
def flow(request: pytest.FixtureRequest) -> Flow:
    found: Flow = request.param
    return found


@pytest.fixture
def model(flow: Flow) -> Any:
    return flow.untrained()


def test_whatever_it_draws_it_hears_as_it_was(flow: Flow, model: Any) -> None:
    told = flow.told(40)
    drawn = model.decode(torch.randn(40, model.latent_size), flow.noise(40), COLD, *told)
    mu, sigma = model.encode(drawn, *told)
    assert mu.shape == sigma.shape == (40, model.latent_size)
    assert ((sigma > 0) & (sigma <= 1.5)).all()
    again = model.decode(mu, flow.noise(40), COLD, *told)
    assert torch.equal(again, drawn)
    assert len({window.numpy().tobytes() for window in drawn}) == 40


@but_for_bands  # whose codec would never write most tokens: see test_band.py
def test_what_it_would_never_draw_comes_back_too(flow: Flow, model: Any) -> None:
    tokens, told = flow.any_tokens(40), flow.told(40)
    back = model.decode(model.encode(tokens, *told)[0], flow.noise(40), COLD, *told)
    assert torch.equal(back, tokens)


def test_silence_comes_back_as_silence(flow: Flow, model: Any) -> None:
    silent = torch.zeros(2, flow.codec.steps, flow.columns, dtype=torch.int64)
    told = flow.told(2)
    assert torch.equal(model.decode(model.encode(silent, *told)[0], flow.noise(2), COLD, *told), silent)


def test_tokens_are_in_range_however_far_out_the_latent(flow: Flow, model: Any) -> None:
    for scale in (0.0, 1.0, 30.0):
        for temperature in (0.0, 1e-6, 1.0, 100.0):
            z = torch.randn(3, model.latent_size) * scale
            drawn = model.decode(z, flow.noise(3), torch.tensor(temperature), *flow.told(3))
            assert drawn.shape == (3, flow.codec.steps, flow.columns)
            assert drawn.dtype == torch.int64
            for index, column in enumerate(flow.codec.columns):
                assert 0 <= int(drawn[..., index].min()) <= int(drawn[..., index].max()) < column.classes


def test_a_window_is_the_same_alone_and_in_company(flow: Flow, model: Any) -> None:
    inputs = (torch.randn(4, model.latent_size), flow.noise(4), torch.full((4,), 2.0), *flow.told(4))
    alone = [model.decode(*(each[i : i + 1] for each in inputs)) for i in range(4)]
    assert torch.equal(model.decode(*inputs), torch.cat(alone))


def test_the_temperature_says_how_many_beats_are_left_to_chance(flow: Flow, model: Any) -> None:
    z, told = torch.randn(64, model.latent_size), flow.told(64)
    first, second = flow.noise(64), flow.noise(64)

    def changed(temperature: float) -> float:
        one, other = (model.decode(z, chance, torch.tensor(temperature), *told) for chance in (first, second))
        return float((one != other).any(dim=2).float().mean())

    shares = [changed(temperature) for temperature in (0.0, 1.0, 1.6, 2.5)]
    assert shares[0] == 0.0
    assert shares[1] < 0.1
    assert shares[1] <= shares[2] < shares[3]


def test_it_learns_and_every_weight_takes_part(flow: Flow, model: Any) -> None:
    told = flow.told(24)
    tokens = model.decode(torch.randn(24, model.latent_size), flow.noise(24), COLD, *told)
    learner: Any = build(flow.kind, flow.codec, flow.config, PLACING)
    as_module(learner).eval()
    before = learner.loss(tokens, 0, *told)
    assert before.kl_nats > 0
    optimiser = torch.optim.Adam(learner.parameters(), lr=1e-2)
    learner.train()
    taking_part: set[str] = set()
    for _ in range(25):
        optimiser.zero_grad()
        learner.loss(tokens, 0, *told).total.backward()
        taking_part |= {name for name, each in learner.named_parameters() if each.grad.abs().sum() > 0}
        optimiser.step()
    assert taking_part == {name for name, _ in learner.named_parameters()}
    learner.eval()
    assert learner.loss(tokens, 0, *told).total < 0.9 * before.total


@but_for_bands  # who work out only what is played: how much that is, the meta device cannot know
def test_nothing_stays_behind_on_the_processor(flow: Flow, model: Any) -> None:
    """The meta device computes nothing, but refuses whatever another device has to be asked for."""
    away = model.to("meta")
    tokens, *told = (each.to("meta") for each in (flow.any_tokens(2), *flow.told(2)))
    assert away.loss(tokens, 0, *told).total.is_meta
    heat = torch.tensor(1.0).to("meta")
    drawn = away.decode(away.encode(tokens, *told)[0], flow.noise(2).to("meta"), heat, *told)
    assert drawn.shape == tokens.shape
