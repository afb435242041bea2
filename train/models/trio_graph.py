"""The three functions a trio exports: encode, conduct, decode_bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from livevae.units import STEPS_PER_BAR
from train.models import GraphFunction

if TYPE_CHECKING:
    from train.models.trio import TrioModel


class _Encode(nn.Module):
    def __init__(self, model: TrioModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.encode(x)


class _Conduct(nn.Module):
    def __init__(self, model: TrioModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        return self.model.conduct(z)


class _DecodeBar(nn.Module):
    def __init__(self, model: TrioModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, bar: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        return self.model.decode_bar(bar, noise, temperature)


def trio_functions(model: TrioModel) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``conduct``: z -> bars; ``decode_bar``: bar, noise, temperature -> y."""
    columns = len(model.codec.columns)
    x = torch.zeros(2, model.codec.steps, columns, dtype=torch.int64)
    bar = {
        "bar": torch.zeros(2, model.config.bar_size + 1),
        "noise": torch.full((2, STEPS_PER_BAR, columns), 0.5),
        "temperature": torch.tensor(1.0),
    }
    return (
        GraphFunction("encode", _Encode(model), {"x": x}, ("mu", "sigma")),
        GraphFunction("conduct", _Conduct(model), {"z": torch.zeros(2, model.latent_size)}, ("bars",)),
        GraphFunction("decode_bar", _DecodeBar(model), bar, ("y",)),
    )
