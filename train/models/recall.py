"""Beats that remember: what came, earlier on, after bars like the ones just heard.

One layer of attention with a division of labour: a beat asks with what it hears just before it, earlier beats
are found by what was heard just before *them*, and answer with what was played *in* them. So a theme that
returns is found by its beginning and goes on as it did; how far back is learnt for each head (a bias for
every distance, as Shaw et al. 2018 have it). Attention heads that do this are known as induction heads
(Olsson et al. 2022). Nothing found is an answer too: a key and a value of their own.

What is found can also be echoed: spoken for choice by choice, as pointer networks copy (See, Liu and Manning
2017). An embedding of a beat says roughly what was played, an echo says exactly.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_STRANGE = -30.0  # added to the scores of beats that are not there


class Recall(nn.Module):
    """width: of what is heard before a beat. played: of what says what is played in it.

    beats: the most there are. heads, size: of the attention; keys and values have ``heads * size`` numbers.
    """

    def __init__(self, width: int, played: int, beats: int, heads: int, size: int) -> None:
        super().__init__()
        self.heads, self.beats, self.size = heads, beats, heads * size
        self.ask = nn.Linear(width, self.size)
        self.find = nn.Linear(width, self.size, bias=False)
        self.answer = nn.Linear(played, self.size, bias=False)
        self.distance = nn.Parameter(torch.zeros(heads, beats))  # [:, 0] is that of nothing
        self.nothing = nn.Parameter(torch.zeros(2, self.size))  # its key and value
        self.scale = size**-0.5
        order = torch.arange(beats)
        self.register_buffer("apart", (order[:, None] - order).clamp(min=0), persistent=False)

    def forward(self, heard: Tensor, played: Tensor) -> tuple[Tensor, Tensor]:
        """All beats at once: (batch, beats, width) and (batch, beats, played) -> (batch, beats, size).

        And how much of each head's attention each earlier beat has, (batch, heads, beats, beats).
        """
        assert isinstance(self.apart, Tensor)
        beats = heard.shape[1]
        apart = self.apart[:beats, :beats]
        bias = torch.where(apart > 0, self.distance[:, apart], float("-inf"))
        bias = torch.cat([self.distance[:, :1].expand(-1, beats)[..., None], bias], dim=2)
        return self._mixed(
            self.ask(heard),
            self.with_nothing(0, self.find(heard)),
            self.with_nothing(1, self.answer(played)),
            bias,
        )

    def with_nothing(self, which: int, beats: Tensor) -> Tensor:
        """Keys (which = 0) or values (1) of beats, (batch, beats, size), with that of nothing before them."""
        nothing = self.nothing[which].to(beats.dtype).expand(beats.shape[0], 1, -1)
        return torch.cat([nothing, beats], dim=1)

    def strange(self, there: Tensor) -> Tensor:
        """What is added to the scores of nothing, and of beats that may be before the beginning.

        there: 1.0 for beats that have been, 0.0 for others, (batch, beats). (batch, 1 + beats).
        """
        return functional.pad((1.0 - there) * _STRANGE, (1, 0))

    def next(self, heard: Tensor, keys: Tensor, values: Tensor, strange: Tensor) -> tuple[Tensor, Tensor]:
        """One beat after some others: (batch, width) -> (batch, size), and attention (batch, heads, before).

        keys, values: of the beats before, oldest first and nothing before them, (batch, 1 + before, size).
        strange: of ``strange``, (batch, 1 + before).
        """
        before = keys.shape[1] - 1
        far = self.distance[:, 1 : before + 1].flip(1)
        bias = torch.cat([self.distance[:, :1], far], dim=1)[None, :, None]  # (1, heads, 1, 1 + before)
        bias = bias + strange[:, None, None]
        mixed, attention = self._mixed(self.ask(heard)[:, None], keys, values, bias)
        return mixed[:, 0], attention[:, :, 0]

    def _mixed(self, ask: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        ask, keys, values = (
            torch.unflatten(each, 2, (self.heads, -1)).transpose(1, 2) for each in (ask, keys, values)
        )
        score = (ask @ keys.transpose(2, 3)).float() * self.scale + bias
        attention = score.softmax(dim=3)
        mixed: Tensor = (attention.to(values.dtype) @ values).transpose(1, 2).flatten(2)
        return mixed, attention[..., 1:]
