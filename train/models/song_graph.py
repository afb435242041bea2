"""The functions a model of many bars exports: encode, conduct, and a bar at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from livevae.codec.functions import (
    COMPLETE,
    COMPLETE_BAR_MEANT,
    COMPLETE_MEMORY,
    COMPLETE_MORE,
    COMPLETED,
    GIVEN,
    KNOWN,
    MEMORY,
    MORE,
)
from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR
from train.models import GraphFunction

if TYPE_CHECKING:
    from train.models.song import SongModel

_SHARES = (0.02, 0.98)  # of lines: at their very ends, rounding decides what is drawn


class _Encode(nn.Module):
    def __init__(self, model: SongModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.encode(x)


class _Conduct(nn.Module):
    def __init__(self, model: SongModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        return self.model.conduct(z)


class _DecodeBar(nn.Module):
    def __init__(self, model: SongModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, bar: Tensor, memory: Tensor, noise: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.model.decode_bar(bar, memory, noise, temperature)


class _CompleteBar(nn.Module):
    def __init__(self, model: SongModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, bar: Tensor, memory: Tensor, x: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.complete_bar(bar, memory, x, given)


def song_functions(model: SongModel) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``conduct``: z -> bars; ``decode_bar``: bar, memory, noise, temperature ->
    y, more.

    Of a model of several parts, ``complete_bar`` too (see ``livevae.codec.completion``).
    """
    columns = len(model.codec.columns)
    x = torch.zeros(2, model.codec.steps, columns, dtype=torch.int64)
    z = torch.zeros(2, model.latent_size)
    with torch.no_grad():
        embedding = model.conduct(z)[:, 0].clone()
    memory = torch.zeros(2, 2 * BEATS_PER_BAR, model.memory_size)
    bar = {
        "bar": embedding,
        MEMORY: memory,
        "noise": torch.full((2, STEPS_PER_BAR, columns), 0.5),
        "temperature": torch.tensor(1.0),
    }
    functions = (
        GraphFunction("encode", _Encode(model), {"x": x}, ("mu", "sigma")),
        GraphFunction("conduct", _Conduct(model), {"z": z}, ("bars",)),
        GraphFunction("decode_bar", _DecodeBar(model), bar, ("y", MORE), {"bar": _SHARES}),
    )
    parts = len(model.codec.parts)
    if parts == 1:
        return functions
    known = {
        COMPLETE_BAR_MEANT: embedding.clone(),
        COMPLETE_MEMORY: memory.clone(),
        KNOWN: torch.zeros(2, STEPS_PER_BAR, columns, dtype=torch.int64),
        GIVEN: torch.zeros(2, parts),
    }
    completes = GraphFunction(
        COMPLETE,
        _CompleteBar(model),
        known,
        (COMPLETED, COMPLETE_MORE),
        {COMPLETE_BAR_MEANT: _SHARES, GIVEN: (0.0, 1.0)},
    )
    return (*functions, completes)
