"""What bars of a song leave to those after them: the beats so far, an array that grows by four a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from livevae.units import BEATS_PER_BAR
from train.models.recall import Recall


@dataclass(frozen=True, slots=True)
class Beats:
    """The newest beats, oldest first; those before the beginning are all zeros.

    there: whether a beat has been, (batch, beats). rows: each voice's choices, of the common dictionary,
    (batch, beats, choices), int64. played: what says what was played, (batch, beats, token width). keys,
    values: for ``Recall``, with that of nothing before them, (batch, 1 + beats, size).
    """

    there: Tensor
    rows: tuple[Tensor, ...]
    played: Tensor
    keys: Tensor
    values: Tensor

    @classmethod
    def unpacked(
        cls, memory: Tensor, most: int, choices: Sequence[int], token_width: int, recall: Recall
    ) -> Beats:
        """From an array (batch, up to ``most`` beats, ``width``): ``most`` beats.

        choices: how many a beat each voice makes.
        """
        absent = memory.new_zeros(memory.shape[0], most, memory.shape[2])
        memory = torch.cat([absent, memory], dim=1)[:, -most:]
        sizes = [1, *choices, token_width, recall.size, recall.size]
        there, *rows, played, keys, values = torch.split(memory, sizes, dim=2)
        return cls(
            there[..., 0],
            tuple(mine.round().to(torch.int64) for mine in rows),
            played,
            recall.with_nothing(0, keys),
            recall.with_nothing(1, values),
        )

    def then(self, rows: Sequence[Tensor], played: Tensor, key: Tensor, value: Tensor) -> Beats:
        """With one more beat, each (batch, …)."""
        return Beats(
            torch.cat([self.there, torch.ones_like(self.there[:, :1])], dim=1),
            tuple(torch.cat([old, new[:, None]], dim=1) for old, new in zip(self.rows, rows, strict=True)),
            torch.cat([self.played, played[:, None]], dim=1),
            torch.cat([self.keys, key[:, None]], dim=1),
            torch.cat([self.values, value[:, None]], dim=1),
        )

    def newest_bar(self) -> Tensor:
        """The last four beats as an array (batch, 4, ``width``)."""
        kept = slice(-BEATS_PER_BAR, None)
        rows = [mine[:, kept].to(self.played.dtype) for mine in self.rows]
        parts = [self.there[:, kept, None], *rows, self.played[:, kept]]
        return torch.cat([*parts, self.keys[:, kept], self.values[:, kept]], dim=2)


def width(choices: Sequence[int], token_width: int, recall: Recall) -> int:
    """Numbers of a beat in the array."""
    return 1 + sum(choices) + token_width + 2 * recall.size
