"""The two functions a drummer exports: what livevae/groove_model.py asks of a model that only composes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from train.models import GraphFunction
from train.models.drummer_hits import DRUMS
from train.models.groove_practice import GrooveBatch

_FURTHEST = 3.0
"""Standard deviations: 1 in 700 draws lies higher. There shares end nearer to 1 than float32 can count, and
many choices follow from each other."""


class _Encode(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, velocity: Tensor, offset: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.model.encode(GrooveBatch(x, velocity, offset, tempo, torch.zeros_like(tempo).long()))
        return mu, sigma


class _Decode(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        score: Tensor,
        opened: Tensor,
        z: Tensor,
        style: Tensor,
        tempo: Tensor,
        noise: Tensor,
        temperature: Tensor,
    ) -> tuple[Tensor, ...]:
        drawn: tuple[Tensor, ...] = self.model.draw(score, opened, z, style, tempo, noise, temperature)
        return drawn


def drummer_functions(model: Any) -> tuple[GraphFunction, ...]:
    """``encode`` and ``decode`` with examples of every input."""
    steps, columns = model.codec.steps, len(model.codec.columns)
    count = 2

    def nothing(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """An example of its own: of two inputs that are one tensor the exporter would make one."""
        return torch.zeros(count, *shape, dtype=dtype)

    encode = {
        "x": nothing(steps, columns, dtype=torch.int64),
        "x_velocity": nothing(steps, columns),
        "x_offset": nothing(steps, columns),
        "x_tempo": torch.full((count,), 100.0),
    }
    decode = {
        "score": nothing(steps, columns, dtype=torch.int64),
        "open": torch.ones(count, DRUMS),
        "z": nothing(model.latent_size),
        "style": nothing(dtype=torch.int64),
        "tempo": torch.full((count,), 100.0),
        "noise": torch.full((count, steps, 2 * columns), 0.5),
        "temperature": torch.tensor(1.0),
    }
    tempos = (0.0, 300.0)
    ranges = {
        "x_velocity": (0.0, 1.0),
        "x_offset": (-1.0, 1.0),
        "x_tempo": tempos,
        "open": (0.0, 1.0),
        "style": (0.0, float(len(model.codec.style_names))),
        "tempo": tempos,
    }
    outputs = ("hit", "velocity", "offset", "offset_mean")
    return (
        GraphFunction("encode", _Encode(model), encode, ("mu", "sigma"), ranges),
        GraphFunction("decode", _Decode(model), decode, outputs, ranges, _FURTHEST),
    )
