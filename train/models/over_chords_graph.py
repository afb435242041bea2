"""The two functions a model over chords exports: encode and decode, each told its chords."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from livevae.codec import Codec
from livevae.codec.chords import CHORD_FEATURES, CHORDS, HEARD_CHORDS, beats_of
from train.models import GraphFunction


class _Encode(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, chords: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.model.encode(x, chords)
        return mu, sigma


class DecodeOverChords(nn.Module):
    """``decode`` of a model that is told chords, as a module of its own."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor) -> Tensor:
        tokens: Tensor = self.model.decode(z, noise, temperature, chords)
        return tokens


def chord_functions(model: Any, codec: Codec) -> tuple[GraphFunction, ...]:
    """``encode``: x, x_chords -> mu, sigma; ``decode``: z, noise, temperature, chords -> y."""
    steps, columns = codec.steps, len(codec.columns)
    x = torch.zeros(2, steps, columns, dtype=torch.int64)
    chords = torch.zeros(2, beats_of(steps), CHORD_FEATURES)
    z = torch.zeros(2, model.latent_size)
    noise = torch.full((2, steps, columns), 0.5)
    temperature = torch.tensor(1.0)
    return (
        GraphFunction("encode", _Encode(model), {"x": x, HEARD_CHORDS: chords}, ("mu", "sigma")),
        GraphFunction(
            "decode",
            DecodeOverChords(model),
            {"z": z, "noise": noise, "temperature": temperature, CHORDS: chords.clone()},
            ("y",),
        ),
    )
