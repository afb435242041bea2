"""Steps that listen to one another: pre-norm transformer blocks over a window of fixed length."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ChannelDropout(nn.Module):
    """Hides whole channels of a window: a stronger habit-breaker than single numbers, and far cheaper."""

    def __init__(self, share: float, steps: int) -> None:
        super().__init__()
        self.share, self.steps = share, steps

    def forward(self, x: Tensor) -> Tensor:
        """(batch * steps, channels) -> the same."""
        if not self.training or self.share == 0.0:
            return x
        windows = x.view(-1, self.steps, x.shape[-1])
        kept = torch.rand(len(windows), 1, x.shape[-1], device=x.device) >= self.share
        hidden: Tensor = windows * (kept.to(x.dtype) / (1.0 - self.share))
        return hidden.flatten(0, 1)


class Block(nn.Module):
    """Attention and a feed-forward layer, each added to what came in.

    Attention knows how far apart two steps are (a learnt bias for each head and distance; Shaw et al. 2018).
    Windows come as rows, all their steps below one another: ONNX Runtime multiplies and adds a bias in one go
    only where there is no axis before the rows.
    """

    def __init__(self, steps: int, channels: int, heads: int, widening: int, dropout: float) -> None:
        super().__init__()
        self.steps, self.heads = steps, heads
        self.norm = nn.LayerNorm(channels)
        self.inner_norm = nn.LayerNorm(channels)
        self.ask = nn.Linear(channels, 3 * channels)
        self.answer = nn.Linear(channels, channels)
        self.widen = nn.Linear(channels, widening * channels)
        self.narrow = nn.Linear(widening * channels, channels)
        self.distance = nn.Parameter(torch.zeros(heads, 2 * steps - 1))
        self.dropout = ChannelDropout(dropout, steps)
        places = torch.arange(steps)
        self.register_buffer("apart", places[:, None] - places[None] + steps - 1, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch * steps, channels) -> the same."""
        x = x + self.dropout(self._attend(self.norm(x)))
        inner = self.dropout(functional.relu(self.widen(self.inner_norm(x))))
        result: Tensor = x + self.dropout(self.narrow(inner))
        return result

    def _attend(self, x: Tensor) -> Tensor:
        assert isinstance(self.apart, Tensor)
        all_heads = self.ask(x).reshape(-1, self.steps, 3 * self.heads, x.shape[-1] // self.heads)
        query, key, value = all_heads.transpose(1, 2).chunk(3, dim=1)
        # each (batch, heads, steps, channels of a head)
        affinity = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5
        attention = torch.softmax(affinity + self.distance[:, self.apart], dim=-1)
        mixed = (attention.to(value.dtype) @ value).transpose(1, 2)
        result: Tensor = self.answer(mixed.reshape(-1, x.shape[-1]))
        return result
