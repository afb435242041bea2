"""A step's columns as one symbol, so that a step is drawn at once and its columns depend on one another.

A line has one column and its 90 classes are the symbols. Nine drums make 512 symbols, one for each set of
drums struck together (as MusicVAE's drum models do).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from livevae.codec import Codec


def symbol_count(codec: Codec) -> int:
    """How many symbols a step can be; ValueError for a codec whose steps are no single symbol."""
    classes = [column.classes for column in codec.columns]
    if len(classes) == 1:
        return classes[0]
    if set(classes) == {2}:
        return int(2 ** len(classes))
    raise ValueError(f"codec {codec.name!r} mixes lines and hits; its steps are no single symbol")


class Symbols(nn.Module):
    """Tokens to symbols and back, and symbol logits from features."""

    def __init__(self, codec: Codec, channels: int) -> None:
        super().__init__()
        count = self.count = symbol_count(codec)
        self.columns = len(codec.columns)
        self.free = nn.Linear(channels, count)
        nn.init.zeros_(self.free.weight)
        if self.columns > 1:
            # Each drum has a logit shared by the symbols it is in; the free logits say what differs.
            self.hits = nn.Linear(channels, self.columns)
            powers = 2 ** torch.arange(self.columns)
            bits = (torch.arange(count)[:, None] // powers) % 2
            self.register_buffer("powers", powers, persistent=False)
            self.register_buffer("bits", bits, persistent=False)
            self.register_buffer("hit_sums", bits.T.float().contiguous(), persistent=False)

    def of_tokens(self, tokens: Tensor) -> Tensor:
        """(…, columns) -> (…), int64."""
        if self.columns == 1:
            return tokens[..., 0]
        assert isinstance(self.powers, Tensor)
        return (tokens * self.powers).sum(dim=-1)

    def to_tokens(self, symbols: Tensor) -> Tensor:
        """(…), int64 -> (…, columns)."""
        if self.columns == 1:
            return symbols[..., None]
        assert isinstance(self.bits, Tensor)
        return self.bits[symbols]

    def logits(self, features: Tensor) -> Tensor:
        """(…, channels) -> (…, symbols), float32."""
        free: Tensor = self.free(features).float()
        if self.columns == 1:
            return free
        assert isinstance(self.hit_sums, Tensor)
        hits: Tensor = self.hits(features).float()
        return free + hits @ self.hit_sums

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight (channels, symbols) and bias (symbols,) of the one linear map that ``logits`` amounts to."""
        if self.columns == 1:
            return self.free.weight.T.contiguous(), self.free.bias
        assert isinstance(self.hit_sums, Tensor)
        weight = self.free.weight.T + self.hits.weight.T @ self.hit_sums
        return weight.contiguous(), self.free.bias + self.hits.bias @ self.hit_sums
