"""A whole kit: instruments struck together know of one another, those not at hand say nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.percussion import PITCHES, column_of
from train.models import as_module, build
from train.models.flow import Config, FlowModel
from train.models.flow_percussion import PercussionVoice
from train.models.objective import Objective

pytestmark = pytest.mark.train

KICK, RIM, CLAP, COWBELL = 36, 37, 39, 56
SMALL = Config(width=48, inner=32, token_width=8, gist_width=12, beat_width=8, pitch_width=32, dropout=0.0)


@pytest.fixture
def model() -> FlowModel:
    torch.manual_seed(0)
    made = build("flow", codec_from("percussion", {"bars": 2}), SMALL, Objective(0.02, 0.0))
    assert isinstance(made, FlowModel)
    return made


def struck(*pitches: int) -> Any:
    """Two bars in which these instruments are struck on every step."""
    window = torch.zeros(1, 32, len(PITCHES), dtype=torch.int64)
    window[..., [column_of(pitch) for pitch in pitches]] = 1
    return window


def test_instruments_of_one_beat_are_drawn_together(model: FlowModel) -> None:
    """Kicks by chance, a rim with every one of them, a clap wherever there is none."""
    random = np.random.default_rng(0)
    optimiser = torch.optim.Adam(as_module(model).parameters(), lr=1e-2)
    kick, rim, clap = (column_of(pitch) for pitch in (KICK, RIM, CLAP))

    def batch(count: int) -> Any:
        is_kick = random.random((count, 32)) < 0.5
        tokens = np.zeros((count, 32, 61), dtype=np.int64)
        tokens[..., kick] = tokens[..., rim] = is_kick
        tokens[..., clap] = ~is_kick
        return torch.from_numpy(tokens)

    as_module(model).train()
    for step in range(150):
        loss = model.loss(batch(32), step)
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
    as_module(model).eval()
    with torch.no_grad():
        z = torch.randn(16, model.latent_size)
        heard = model.decode(z, torch.rand(16, 32, 61), torch.tensor(1.0)).numpy()
    assert 0.3 < heard[..., kick].mean() < 0.7
    assert (heard[..., rim] == heard[..., kick]).mean() > 0.9
    assert (heard[..., clap] != heard[..., kick]).mean() > 0.9
    assert heard[..., column_of(COWBELL)].mean() < 0.05


def test_instruments_not_at_hand_say_nothing(model: FlowModel) -> None:
    as_module(model).eval()
    mu, sigma = model.encode(struck(KICK, COWBELL))
    beats = PercussionVoice.numbers * 8
    asked = (sigma[:, -beats:] != 1).reshape(8, -1).sum(dim=1)
    assert asked.tolist() == [2] * 8
    assert (mu[:, -beats:][sigma[:, -beats:] == 1] == 0).all()


def test_what_no_set_of_a_family_has_just_so_is_in_a_larger_one(model: FlowModel) -> None:
    as_module(model).eval()
    for pitches in ((41, 50), (60, 65), (73, 85), tuple(PITCHES)):
        window = struck(*pitches)
        back = model.decode(model.encode(window)[0], torch.rand(1, 32, 61), torch.tensor(0.0))
        assert torch.equal(back, window)


def test_every_instrument_is_in_one_family_and_one_group(model: FlowModel) -> None:
    voice = model.voice
    assert isinstance(voice, PercussionVoice)
    assert sorted(voice.order.tolist()) == list(range(len(PITCHES)))
    assert torch.equal(voice._at_hand(voice._sets(torch.ones(1, 61))), torch.ones(1, 61, dtype=torch.bool))
    assert not voice._at_hand(voice._sets(torch.zeros(1, 61))).any()
