"""The functions window models export: encode, decode, and predict where a step hears those before it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from livevae.codec.functions import LIKELIEST, PREDICT, PREDICT_LATENT, PREDICT_TOKENS
from train.models import GraphFunction, Model


class EncodeWindow(nn.Module):
    """``encode`` of a model as a module of its own."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.model.encode(x)
        return mu, sigma


class _Decode(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        tokens: Tensor = self.model.decode(z, noise, temperature)
        return tokens


class _Predict(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, x: Tensor) -> Tensor:
        tokens: Tensor = self.model.predict(z, x)
        return tokens


def window_functions(model: Model) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``decode``: z, noise, temperature -> y.

    Of a model that has it, ``predict``: predict_z, predict_x -> likeliest. It is for judging the model.
    """
    steps, columns = model.codec.steps, len(model.codec.columns)
    x = torch.zeros(2, steps, columns, dtype=torch.int64)
    z = torch.zeros(2, model.latent_size)
    noise = torch.full((2, steps, columns), 0.5)
    both = (
        GraphFunction("encode", EncodeWindow(model), {"x": x}, ("mu", "sigma")),
        GraphFunction(
            "decode", _Decode(model), {"z": z, "noise": noise, "temperature": torch.tensor(1.0)}, ("y",)
        ),
    )
    if not hasattr(model, "predict"):
        return both
    told = {PREDICT_LATENT: z.clone(), PREDICT_TOKENS: x.clone()}
    return (*both, GraphFunction(PREDICT, _Predict(model), told, (LIKELIEST,)))
