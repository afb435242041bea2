"""What a groove model is told, as one vector a step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec

_TEMPO_FEATURES = 4
_MIDDLE_TEMPO = 120.0
_SLOWEST_TEMPO = 20.0

Told = Sequence[tuple[Tensor, Tensor]]
"""Numbers (batch, …, n) with the weights (channels, n) they are told with."""


class Heard(nn.Module):
    """Hits, what is known of their feel, the tempo, and whatever else is told."""

    def __init__(self, codec: Codec, channels: int) -> None:
        super().__init__()
        columns = len(codec.columns)
        self.classes = codec.columns[0].classes
        self.struck = nn.Linear(columns * (self.classes - 1), channels)
        self.feel = nn.Linear(3 * columns, channels, bias=False)
        self.tempo = nn.Linear(_TEMPO_FEATURES, channels, bias=False)
        self.place = nn.Parameter(0.1 * torch.randn(codec.steps, channels))

    def forward(
        self,
        tokens: Tensor,
        velocity: Tensor,
        offset: Tensor,
        tempo: Tensor,
        each_step: Told = (),
        all_steps: Told = (),
    ) -> Tensor:
        """Rows (batch * steps, channels).

        tokens, velocity, offset: (batch, steps, 18), tempo (batch,). each_step: more, (batch, steps, n);
        all_steps: (batch, n).
        """
        each = one_hot(tokens, self.classes)[..., 1:].flatten(2)
        feel = torch.cat([velocity, offset, (velocity > 0).to(velocity.dtype)], dim=-1)
        steps = _sum([(each, self.struck.weight), (feel, self.feel.weight), *each_step], self.struck.bias)
        whole = _sum([(tempo_features(tempo), self.tempo.weight), *all_steps])
        return (steps + (whole[:, None] + self.place)).flatten(0, 1)


def _sum(told: Told, bias: Tensor | None = None) -> Tensor:
    """All of it times its weights, in one product: (batch, …, channels)."""
    numbers = torch.cat([values for values, _ in told], dim=-1)
    return functional.linear(numbers, torch.cat([weights for _, weights in told], dim=1), bias)


def one_hot(classes: Tensor, count: int) -> Tensor:
    """(…), int64 -> (…, count), float32."""
    return functional.one_hot(classes, count).float()


def tempo_features(tempo: Tensor) -> Tensor:
    """(batch,) beats a minute, 0 for unknown -> (batch, 4)."""
    known = (tempo > 0).float()
    beats = tempo.clamp(min=_SLOWEST_TEMPO) / _MIDDLE_TEMPO
    octaves = torch.log2(beats)
    features = torch.stack(
        [octaves, octaves.square(), beats.reciprocal() - 1.0, torch.ones_like(beats)], dim=-1
    )
    return features * known[:, None]
