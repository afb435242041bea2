"""The dilated-convolution halves our 2-bar models share: windows to a posterior, a latent to step features.

All steps are read and written at once (no recurrence), which is what makes these models cheap to train and
to run.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec

MIN_SIGMA = 1e-3


class StepEmbedding(nn.Module):
    """One vector a step, the sum of a learned vector for each column's token."""

    def __init__(self, codec: Codec, channels: int) -> None:
        super().__init__()
        classes = [column.classes for column in codec.columns]
        self.table = nn.Embedding(sum(classes), channels)
        nn.init.normal_(self.table.weight, std=len(classes) ** -0.5)
        self.binary = set(classes) == {2}
        offsets = torch.tensor([sum(classes[:i]) for i in range(len(classes))])
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """(…, columns), int64 -> (…, channels)."""
        if self.binary:  # the same sum as one matrix product, which is cheaper
            absent, present = self.table.weight[0::2], self.table.weight[1::2]
            return tokens.to(absent.dtype) @ (present - absent) + absent.sum(dim=0)
        assert isinstance(self.offsets, Tensor)
        embedded: Tensor = self.table(tokens + self.offsets).sum(dim=-2)
        return embedded


class Block(nn.Module):
    """A residual pair of convolutions, the first dilated; starts as the identity."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.wide = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, steps) -> the same shape."""
        inner: Tensor = self.mix(functional.relu(self.wide(functional.relu(x))))
        return x + inner


class Bend(nn.Module):
    """A small network beside a linear layer or its input; starts as nothing, so it can join a trained model.

    Music fills no Gaussian: what is bent between the latent and the features decides how well samples of the
    prior land where music is.
    """

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.last = nn.Linear(width, outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs) -> (batch, outputs)."""
        bent: Tensor = self.last(functional.relu(self.first(x)))
        return bent


class WindowEncoder(nn.Module):
    """Tokens to posterior mean and standard deviation.

    neck: channels kept when all steps meet in one layer, which would else hold most of the weights; 0 = all.
    bend: width of the network beside that layer; 0 = none.
    """

    def __init__(
        self, codec: Codec, channels: int, dilations: tuple[int, ...], latent_size: int, neck: int, bend: int
    ) -> None:
        super().__init__()
        self.embed = StepEmbedding(codec, channels)
        self.place = nn.Parameter(torch.zeros(channels, codec.steps))  # the metrical position
        self.blocks = nn.ModuleList(Block(channels, dilation) for dilation in dilations)
        self.neck = nn.Conv1d(channels, neck, 1) if neck else nn.Identity()
        features = (neck or channels) * codec.steps
        self.head = nn.Linear(features, 2 * latent_size)
        self.bend = Bend(features, bend, 2 * latent_size) if bend else None

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, steps, columns), int64 -> two of (batch, latent)."""
        x = self.embed(tokens).transpose(1, 2) + self.place  # (batch, channels, steps)
        for block in self.blocks:
            x = block(x)
        features = functional.relu(self.neck(functional.relu(x))).flatten(1)
        both = self.head(features)
        if self.bend is not None:
            both = both + self.bend(features)
        mu, spread = both.float().chunk(2, dim=-1)
        return mu, functional.softplus(spread) + MIN_SIGMA


class LatentSpread(nn.Module):
    """A latent to features of every step; ``neck`` and ``bend`` as in WindowEncoder."""

    def __init__(
        self, steps: int, channels: int, dilations: tuple[int, ...], latent_size: int, neck: int, bend: int
    ) -> None:
        super().__init__()
        self.bends = nn.ModuleList(Bend(latent_size, bend, latent_size) for _ in range(2 if bend else 0))
        self.shape = (neck or channels, steps)
        self.spread = nn.Linear(latent_size, (neck or channels) * steps)
        self.neck = nn.Conv1d(neck, channels, 1) if neck else nn.Identity()
        self.blocks = nn.ModuleList(Block(channels, dilation) for dilation in dilations)

    def forward(self, z: Tensor) -> Tensor:
        """(batch, latent) -> (batch, steps, channels)."""
        for bend in self.bends:
            z = z + bend(z)
        x = self.neck(self.spread(z).unflatten(1, self.shape))
        for block in self.blocks:
            x = block(x)
        return functional.relu(x).transpose(1, 2)
