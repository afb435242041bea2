"""Drawing a whole kit: drums struck together know of one another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.percussion import column_of
from train.models import as_module, build
from train.models.kit import Config
from train.models.objective import Objective

pytestmark = pytest.mark.train

KICK, SNARE, RIM, CLAP, COWBELL = 36, 38, 37, 39, 56


def test_drums_of_one_step_are_drawn_together() -> None:
    """Kick or snare by chance, a rim with every kick, a clap with every snare: no latent could tell."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    config = Config(2, 16, 8, 12, (1,), (1,), 48, 4, 8, 0.0, (KICK, SNARE), (RIM,))
    model: Any = build("kit", codec_from("percussion", {"bars": 2}), config, Objective(1.0, beta_rate=0.0))
    optimiser = torch.optim.Adam(as_module(model).parameters(), lr=1e-2)
    kick, snare, rim, clap = (column_of(pitch) for pitch in (KICK, SNARE, RIM, CLAP))

    def batch(count: int) -> Any:
        is_kick = random.random((count, 32)) < 0.5
        tokens = np.zeros((count, 32, 61), dtype=np.int64)
        tokens[..., kick] = tokens[..., rim] = is_kick
        tokens[..., snare] = tokens[..., clap] = ~is_kick
        return torch.from_numpy(tokens)

    as_module(model).train()
    for step in range(120):
        loss = model.loss(batch(32), step)
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
    as_module(model).eval()
    with torch.no_grad():
        heard = model.decode(torch.randn(16, 2), torch.rand(16, 32, 61), torch.tensor(1.0)).numpy()
    assert 0.3 < heard[..., kick].mean() < 0.7
    assert (heard[..., kick] + heard[..., snare] == 1).mean() > 0.95
    assert (heard[..., rim] == heard[..., kick]).mean() > 0.95
    assert (heard[..., clap] == heard[..., snare]).mean() > 0.95  # a set, and a draw of its own
    assert heard[..., column_of(COWBELL)].mean() < 0.05


def test_only_whole_kits_and_different_pitches() -> None:
    with pytest.raises(ValueError, match="drums"):
        build("kit", codec_from("drums", {"bars": 2}), Config(), Objective())
    for common in ((36, 36), (36, 20)):
        with pytest.raises(ValueError, match="different pitches"):
            build("kit", codec_from("percussion", {"bars": 2}), Config(common=common), Objective())
