"""A quantity between two ends as a categorical distribution over equal bins, drawn by one uniform number."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from train.models.odds import place

_SMALLEST = 1e-6
_LEAST = 5e-4  # of a distribution that is spread over all bins alike
_FAR = 4.2  # standard deviations: a number lies no further out


class Binned(nn.Module):
    """The distribution its logits stand for: even within a bin.

    lowest, highest: ends. bins: how many. blur: width, in bins, of the bell that a value is learnt as, so
    that a bin helps its neighbours.
    """

    def __init__(self, lowest: float, highest: float, bins: int, blur: float = 1.0) -> None:
        super().__init__()
        self.lowest, self.width, self.bins, self.blur = lowest, (highest - lowest) / bins, bins, blur
        middles = lowest + (torch.arange(bins) + 0.5) * self.width
        self.register_buffer("middles", middles, persistent=False)
        # Sums over the bins below, as a matrix product: far cheaper at run time than a cumulative sum.
        self.register_buffer("below", torch.ones(bins, bins).triu(diagonal=1), persistent=False)

    def cost(self, logits: Tensor, values: Tensor) -> Tensor:
        """-log p in nats of values (n,) under logits (n, bins); shape (n,)."""
        assert isinstance(self.middles, Tensor)
        away = (values[:, None] - self.middles) / (self.width * self.blur)
        target = torch.softmax(-0.5 * away.square(), dim=-1)
        return -(target * torch.log_softmax(logits.float(), dim=-1)).sum(dim=-1)

    def quantile(self, probabilities: Tensor, share: Tensor) -> Tensor:
        """The value below which ``share`` of the distribution lies; (…, bins) and (…) -> (…)."""
        assert isinstance(self.below, Tensor)
        p = probabilities.clamp(min=_SMALLEST)
        filled = ((share[..., None] - p @ self.below) / p).clamp(0.0, 1.0)
        return self.lowest + self.width * filled.sum(dim=-1)

    def shares_beside(self, probabilities: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How much of the distribution lies below each value, how much above, and how dense it is there.

        probabilities: (…, bins). values: (…). All (…), and the inverse of ``quantile``.
        """
        assert isinstance(self.below, Tensor)
        p = probabilities.clamp(min=_SMALLEST)
        far = ((values - self.lowest) / self.width).clamp(0.0, self.bins - 1e-4)
        index = far.floor().long()
        part = far - index
        here = p.gather(-1, index[..., None])[..., 0]
        below = (p @ self.below).gather(-1, index[..., None])[..., 0] + here * part
        above = (p @ self.below.T).gather(-1, index[..., None])[..., 0] + here * (1.0 - part)
        return below, above, here / self.width

    def mean(self, probabilities: Tensor) -> Tensor:
        """(…, bins) -> (…)."""
        assert isinstance(self.middles, Tensor)
        return (probabilities * self.middles).sum(dim=-1)


def tempered(uniform: Tensor, temperature: Tensor) -> Tensor:
    """Uniform numbers drawn towards a half by a low temperature: at 0 all are medians, at 1 unchanged.

    The odds are raised to the power of the temperature, so that an event of probability p is drawn as often
    as if its log odds were divided by it.
    """
    u = uniform.clamp(_SMALLEST, 1.0 - _SMALLEST)
    return torch.sigmoid(temperature * torch.log(u / (1.0 - u)))


def code_of(binned: Binned, logits: Tensor, values: Tensor, near: float) -> tuple[Tensor, Tensor]:
    """The number that values are read off, and the deviation that leaves them about so ``near``; (…) each.

    logits: (…, bins). values: (…).
    """
    shares = spread(logits)
    below, above, density = binned.shares_beside(shares, values)
    mu = place(below.clamp(min=1e-9).log() - above.clamp(min=1e-9).log()).clamp(-_FAR, _FAR)
    bell = torch.exp(-0.5 * mu.square()) / math.sqrt(2.0 * math.pi)
    return mu, (near * density / bell).clamp(1e-3, 1.0)


def spread(logits: Tensor) -> Tensor:
    """Shares of bins, none of them so small that its place on the line is rounding."""
    return (1.0 - _LEAST) * logits.softmax(dim=-1) + _LEAST / logits.shape[-1]
