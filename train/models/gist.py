"""What a window is like as a whole, in a few levels decided before its first step.

How dense, how syncopated, how wide its leaps, in which key: numbers a player wants under the fingers. Each is
measured on the window, so the encoder knows them exactly, and each has one number in the latent: turn it and
the steps that follow are drawn for a denser or a calmer window. Earlier ones say how likely the levels of
later ones are.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class Gist(nn.Module):
    """The levels of a window and how likely they are.

    sizes: levels of each measure, in the order they are decided. evened: how far the levels of the first
    measure are made alike, 0 to 1, so that none is out of reach. apart: how many of the first measures
    tell nothing, to other measures or to the steps.
    """

    mine: Tensor
    alongside: Tensor
    lower: Tensor
    telling: Tensor
    earlier: Tensor
    alike: Tensor
    firsts: Tensor

    def __init__(self, sizes: Sequence[int], evened: float, apart: int) -> None:
        super().__init__()
        self.sizes, self.evened = tuple(sizes), evened
        self.starts = [sum(sizes[:index]) for index in range(len(sizes))]
        self.count = sum(sizes)
        self.bias = nn.Parameter(torch.zeros(self.count))
        self.told = nn.Parameter(torch.zeros(self.count, self.count))  # by an earlier level, to a later one
        measure = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        mine = (measure[:, None] == torch.arange(len(sizes))).float()  # (levels, measures)
        order = torch.arange(self.count)
        lower = (measure[:, None] == measure) & (order[:, None] < order)
        alike = torch.where(measure == 0, 1.0 / sizes[0], 0.0)
        self.register_buffer("mine", mine.double(), persistent=False)
        self.register_buffer("alongside", (mine @ mine.T).double(), persistent=False)
        self.register_buffer("lower", lower.double(), persistent=False)
        telling = torch.where(measure < apart, 0.0, 1.0)[:, None]
        self.register_buffer("telling", telling, persistent=False)
        self.register_buffer("earlier", telling * (measure[:, None] < measure), persistent=False)
        self.register_buffer("alike", alike, persistent=False)
        self.register_buffer("firsts", torch.tensor(self.starts), persistent=False)

    def one_hot(self, levels: Tensor) -> Tensor:
        """(batch, measures), int64 -> (batch, count), float32."""
        rows = (levels + self.firsts)[..., None] == torch.arange(self.count, device=levels.device)
        return rows.to(torch.float32).sum(dim=1)

    def _evened(self, shares: Tensor, first: slice) -> Tensor:
        """Shares of levels with those of the first measure made more alike."""
        if not self.evened:
            return shares
        alike = self.alike[first]
        return torch.where(alike > 0, (1.0 - self.evened) * shares + self.evened * alike, shares)

    def heard(self, hot: Tensor) -> Tensor:
        """What steps are told of ``one_hot`` levels."""
        return hot * self.telling[:, 0]

    def chances(self, hot: Tensor) -> Tensor:
        """Of each measure, the chances of all lower levels, of its own and of all higher: (batch, measures,
        3).

        In float64, which training leaves alone where it makes do with less than float32: shares need more.
        """
        hot = hot.double()
        rough = (self.bias + hot @ (self.told * self.earlier).double()).exp()
        shares = self._evened(rough / (rough @ self.alongside), slice(None))
        below, above = shares @ self.lower, functional.linear(shares, self.lower)
        parts = torch.stack([below, shares, above], dim=1) * hot[:, None]
        chances: Tensor = (parts @ self.mine).transpose(1, 2).float()
        return chances

    def first_shares(self) -> tuple[Tensor, Tensor]:
        """Shares of the line at which each level of the first measure begins and ends, (levels,) each."""
        first = slice(self.sizes[0])
        shares = self._evened(self.bias[first].softmax(dim=0), first)
        upto = shares.cumsum(dim=0)
        return upto - shares, upto

    def drawn(self, uniform: Tensor, says: Tensor) -> tuple[Tensor, Tensor]:
        """Levels (batch, measures) from a share of the line for each, and the sum of what they say.

        says: what each level says to the steps, (count, features).
        """
        said = torch.cat([self.bias, says.new_zeros(says.shape[1])]).expand(uniform.shape[0], -1)
        rows = torch.cat([self.told * self.earlier, says * self.telling], dim=1)
        levels = []
        for index, (start, size) in enumerate(zip(self.starts, self.sizes, strict=True)):
            mine = slice(start, start + size)
            shares = said[:, mine].softmax(dim=-1)
            if index == 0:
                shares = self._evened(shares, mine)
            under = shares.cumsum(dim=-1) <= uniform[:, index : index + 1]
            level = under.to(torch.int64).sum(dim=-1)
            levels.append(level)
            said = said + functional.embedding(level + start, rows)
        return torch.stack(levels, dim=1), said[:, self.count :]


def levels_of(values: Tensor, edges: Sequence[Sequence[float]]) -> Tensor:
    """How many of a measure's ``edges`` lie below its value. values: (batch, measures); int64, the same."""
    most = max(map(len, edges))
    table = torch.tensor([[*row, *[float("inf")] * (most - len(row))] for row in edges], device=values.device)
    return (values[..., None] > table).to(torch.int64).sum(dim=-1)


def syncopations(onsets: Tensor, grids: Sequence[int]) -> Tensor:
    """Shares of onsets between two grid points with nothing on the one before: (batch, grids).

    onsets: (batch, steps), 0 or 1. grids: steps between grid points. As train/attributes.py measures it.
    """
    steps = torch.arange(onsets.shape[1], device=onsets.device)
    between = torch.stack([(steps % (2 * grid) == grid).to(onsets.dtype) for grid in grids])
    earlier = torch.cat([(steps - grid) % len(steps) for grid in grids])
    before = torch.unflatten(onsets.index_select(1, earlier), 1, (len(grids), -1))
    found = (onsets[:, None, :] * between * (1.0 - before)).sum(dim=2)
    shares: Tensor = found / onsets.sum(dim=1, keepdim=True).clamp(min=1.0)
    return shares
