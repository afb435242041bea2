"""The form of a song: which bars bring an earlier one back.

What is decided, for every bar and voice, before any note: whether the bar is new, resembles an
earlier one or is that one again, and how far back it lies. Learnt as one decision, a return is kept to; as
the sum of a bar's twenty choices, each a little unsure, hardly any draw would ever return. Each decision has
a number of the latent: the higher, the more the bar repeats. Forms are told by forms (AABA goes on as AABA
does) and by what the piece is like as a whole, and tell the bars.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.units import BEATS_PER_BAR
from train.models.odds import drawn, parted, sides

KINDS = 3
NEW, ALIKE, AGAIN = range(KINDS)
_LEAST_ALIKE = 2  # of a bar's beats, to resemble another
_FIRST_FIRMNESS = (2.0, 6.0)  # how much a bar like another, and one that is it again, listen to that other
_NEVER = -30.0  # logit of bars before the beginning
_TOLD_BY = 24  # numbers that describe a decision to later bars


class Form(nn.Module):
    """The decisions of a window, and how likely they are.

    voices: how many decide. bars: of the window. told: size of what the piece as a whole says. width: of the
    layer that hears earlier decisions.

    A decision is 0 for a new bar; 1 … bars - 1 resembles an earlier one, the farthest first; then up to 2
    (bars - 1) is that bar again, the farthest first.
    """

    distances: Tensor
    kinds: Tensor
    sides: Tensor
    out_of_reach: Tensor

    def __init__(self, voices: int, bars: int, told: int, width: int) -> None:
        super().__init__()
        self.bars, self.voices = bars, voices
        self.lags = bars - 1
        self.decisions = 1 + 2 * self.lags
        self.token = nn.Embedding(voices * self.decisions, _TOLD_BY)
        self.heard = nn.Conv1d(_TOLD_BY, width, self.lags, bias=False)
        self.told = nn.Linear(told, width)
        self.place = nn.Parameter(torch.zeros(bars, width))
        self.decide = nn.Linear(width, voices * self.decisions)
        self.together = nn.Parameter(torch.zeros(voices * self.decisions, voices * self.decisions))
        back = torch.arange(self.lags, 0, -1)
        distances = torch.cat([torch.zeros(1, dtype=torch.int64), back, back])
        kinds = torch.cat(
            [torch.tensor([NEW]), torch.full((self.lags,), ALIKE), torch.full((self.lags,), AGAIN)]
        )
        reach = torch.where(distances > torch.arange(bars)[:, None], _NEVER, 0.0)  # (bars, decisions)
        self.register_buffer("distances", distances, persistent=False)
        self.register_buffer("kinds", kinds, persistent=False)
        self.register_buffer("out_of_reach", reach, persistent=False)
        self.register_buffer("sides", sides(self.decisions), persistent=False)
        self.starts = [voice * self.decisions for voice in range(voices)]

    def read(self, rows: Sequence[Tensor]) -> Tensor:
        """The decisions of windows, (batch, bars, voices), from each voice's rows, (batch, beats, choices).

        A bar is that earlier one with which most beats are the same; of several the nearest.
        """
        return torch.stack([self._read(each) for each in rows], dim=2)

    def _read(self, rows: Tensor) -> Tensor:
        bars = torch.unflatten(rows, 1, (-1, BEATS_PER_BAR))
        same = (bars[:, :, None] == bars[:, None]).all(dim=4).sum(dim=3)  # (batch, bars, earlier bars)
        order = torch.arange(self.bars, device=rows.device)
        return self._nearest(same, order[:, None] - order)

    def read_next(self, bar: Tensor, earlier: Tensor, there: Tensor) -> Tensor:
        """The decision that a bar known already is, (batch,).

        bar: a voice's rows of it, (batch, 4, choices). earlier: of the bars before, the farthest first,
        (batch, 4 x bars, choices). there: whether each bar has been, (batch, bars).
        """
        bars = torch.unflatten(earlier, 1, (-1, BEATS_PER_BAR))
        same = (bars == bar[:, None]).all(dim=3).sum(dim=2)
        back = torch.arange(self.lags, 0, -1, device=bar.device) * (there > 0.5).to(torch.int64)
        return self._nearest(same[:, None], back[:, None])[:, 0]

    def _nearest(self, same: Tensor, back: Tensor) -> Tensor:
        """The decisions that bars (batch, bars) are, which have beats in common with others, (batch, bars,
        others), so many bars ``back``, alike; 0 or less for one that does not count."""
        rank = torch.where(back > 0, same * (2 * self.bars) - back, -1)
        best = rank.argmax(dim=2, keepdim=True)
        count = same.gather(2, best)[..., 0]
        distance = back.expand(same.shape).gather(2, best)[..., 0]
        alike = 1 + self.lags - distance.clamp(min=1)
        found = torch.where(count == BEATS_PER_BAR, alike + self.lags, alike)
        return torch.where((count >= _LEAST_ALIKE) & (distance > 0), found, 0)

    def told_of(self, told: Tensor) -> Tensor:
        """What the whole (batch, told) and the place in the window say to each bar: (batch, bars, width)."""
        said: Tensor = self.told(told)[:, None]
        return said + self.place.to(said.dtype)

    def _logits(self, told: Tensor, form: Tensor) -> Tensor:
        """(batch, bars, voices, decisions), given the true decisions before each."""
        rows = form + torch.tensor(self.starts, device=form.device)
        said = self.token(rows).sum(dim=2).transpose(1, 2)
        heard = self.heard(functional.pad(said, (self.lags, 0))[:, :, :-1]).transpose(1, 2)
        first = functional.relu(self.told_of(told) + heard)
        every = torch.arange(self.voices * self.decisions, device=form.device)
        hot = (rows[..., None] == every).to(torch.float32).sum(dim=2)
        logits = torch.unflatten((self.decide(first) + hot @ self._beside()).float(), 2, (self.voices, -1))
        return logits + self.out_of_reach[:, None]

    def _beside(self) -> Tensor:
        """What each decision says to the other voices' in its bar: those after it."""
        voice = torch.arange(self.voices, device=self.together.device).repeat_interleave(self.decisions)
        return self.together * (voice[:, None] < voice).to(self.together.dtype)

    def nats(self, told: Tensor, form: Tensor) -> Tensor:
        """-log of the chance of the decisions of windows, (batch,). told: of the whole, (batch, told)."""
        logits = self._logits(told, form).flatten(0, 2)
        each = functional.cross_entropy(logits, form.flatten(), reduction="none")
        return each.view(form.shape).sum(dim=(1, 2))

    def chances(self, told: Tensor, form: Tensor) -> Tensor:
        """Of each decision, the chances of all lower ones, of the one made and of all higher: (batch, bars,
        voices, 3)."""
        return parted(self._logits(told, form), form, self.sides)

    def next(
        self,
        told: Tensor,
        shares: Tensor,
        earlier: Tensor,
        there: Tensor,
        known: Sequence[tuple[Tensor, Tensor]] | None = None,
    ) -> Tensor:
        """Decisions of a bar (batch, voices), int64, read off shares of their lines, alike.

        told: of ``told_of``, (batch, width). earlier: decisions of the bars before, the farthest first,
        (batch, bars - 1, voices). there: 1.0 for bars that have been, 0.0 for those before the beginning,
        (batch, bars - 1). known: of each voice, a decision to take instead and whether to, (batch,) each.
        """
        earlier = earlier.clamp(0, self.decisions - 1)
        rows = earlier + torch.tensor(self.starts, device=earlier.device)
        said = self.token(rows).sum(dim=2) * there[..., None]
        heard = said.transpose(1, 2).flatten(1) @ self.heard.weight.flatten(1).T
        logits = self.decide(functional.relu(told + heard))
        out_of_reach = (1.0 - there) * _NEVER
        out_of_reach = torch.cat([torch.zeros_like(there[:, :1]), out_of_reach, out_of_reach], dim=1)
        beside = self._beside()
        decisions = []
        for voice, start in enumerate(self.starts):
            mine = logits[:, start : start + self.decisions] + out_of_reach
            decision = drawn(mine, shares[:, voice : voice + 1])
            if known is not None:
                decision = torch.where(known[voice][1], known[voice][0], decision)
            decisions.append(decision)
            logits = logits + functional.embedding(decision + start, beside)
        return torch.stack(decisions, dim=1)


class Firmness(nn.Module):
    """How much a beat listens to the one at its place in the bar brought back; not at all in a new bar."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.says = nn.Linear(inner, len(_FIRST_FIRMNESS))
        nn.init.zeros_(self.says.weight)
        self.says.bias.data = torch.tensor(_FIRST_FIRMNESS)

    def forward(self, feature: Tensor, kind: Tensor) -> Tensor:
        """(…, inner) and (…) -> (…, 1)."""
        weight, bias = functional.pad(self.says.weight, (0, 0, 1, 0)), functional.pad(self.says.bias, (1, 0))
        says = functional.linear(feature, weight.to(feature.dtype), bias.to(feature.dtype))
        return says.gather(-1, kind[..., None])
