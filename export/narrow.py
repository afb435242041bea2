"""A narrower prior, by measuring the latent in another unit.

A standard Gaussian in many dimensions almost never falls near its middle, and the shell it falls on holds
music the encoder never pointed at. Sampling from N(0, scale²) instead costs variety and gains sense (the
truncation trick of image models). So that everything that plays a model may go on sampling N(0, I), the
graph's latent is the model's divided by ``scale``: means and deviations come out divided, latents go in
multiplied. Distances and interpolations keep their shape; the KL grows a little and is measured as it then
is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor, nn

from livevae.codec.functions import PREDICT_LATENT
from train.models import GraphFunction

LATENTS = ("z", PREDICT_LATENT)
POSTERIOR = ("mu", "sigma")


class _Rescaled(nn.Module):
    """A function whose latent inputs and outputs are in units of ``scale``."""

    def __init__(self, function: GraphFunction, scale: float) -> None:
        super().__init__()
        self.module = function.module
        self.multiplied = [name in LATENTS for name in function.inputs]
        self.divided = [name in POSTERIOR for name in function.outputs]
        self.scale = scale

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        scaled = [x * self.scale if yes else x for x, yes in zip(inputs, self.multiplied, strict=True)]
        result = self.module(*scaled)
        outputs = result if isinstance(result, tuple) else (result,)
        return tuple(y / self.scale if yes else y for y, yes in zip(outputs, self.divided, strict=True))


def narrowed(functions: Sequence[GraphFunction], scale: float) -> tuple[GraphFunction, ...]:
    """The same functions for a prior ``scale`` times as wide; 1 changes nothing."""
    if scale == 1.0:
        return tuple(functions)
    if not 0.0 < scale <= 1.0:
        raise ValueError(f"latent scale {scale} is outside 0-1")
    return tuple(replace(function, module=_Rescaled(function, scale)) for function in functions)
