"""What bars of a song leave to those after them: the beats so far, an array that grows by four a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from livevae.units import BEATS_PER_BAR
from train.models.recall import Recall


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars before one, the farthest first; those before the beginning are all zeros.

    there: whether a bar has been, (batch, bars). form: what each voice's brings back, (batch, bars, voices),
    int64.
    """

    there: Tensor
    form: Tensor


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat. chord: what it is over, counted from 1, (batch, 1). rows: each voice's choices, (batch,
    choices). played: what says what was played, (batch, token width). key, value: for ``Recall``, (batch,
    size)."""

    chord: Tensor
    rows: Sequence[Tensor]
    played: Tensor
    key: Tensor
    value: Tensor


@dataclass(frozen=True, slots=True)
class Beats:
    """The newest beats, oldest first; those before the beginning are all zeros.

    chords: what beats are over, counted from 1, (batch, beats). rows: each voice's choices, of its own
    dictionary, (batch, beats, choices). played: what says what was played, (batch, beats, token width). keys,
    values, strange: for ``Recall``, with that of nothing before them, (batch, 1 + beats, …).
    """

    chords: Tensor
    rows: tuple[Tensor, ...]
    played: Tensor
    keys: Tensor
    values: Tensor
    strange: Tensor

    def then(self, beat: Beat) -> Beats:
        """With one more beat."""
        return Beats(
            torch.cat([self.chords, beat.chord], dim=1),
            tuple(
                torch.cat([old, new[:, None]], dim=1) for old, new in zip(self.rows, beat.rows, strict=True)
            ),
            torch.cat([self.played, beat.played[:, None]], dim=1),
            torch.cat([self.keys, beat.key[:, None]], dim=1),
            torch.cat([self.values, beat.value[:, None]], dim=1),
            functional.pad(self.strange, (0, 1)),
        )

    def newest_bar(self, form: Tensor) -> Tensor:
        """The last four beats as an array (batch, 4, ``width``). form: of their bar, (batch, voices)."""
        kept = slice(-BEATS_PER_BAR, None)
        forms = form[:, None].expand(-1, BEATS_PER_BAR, -1)
        written = torch.cat(
            [forms, self.chords[:, kept, None], *(mine[:, kept] for mine in self.rows)], dim=2
        )
        played = self.played[:, kept]
        parts = [torch.ones_like(played[..., :1]), written.to(played.dtype), played]
        return torch.cat([*parts, self.keys[:, kept], self.values[:, kept]], dim=2)


def unpacked(
    memory: Tensor, bars: int, choices: Sequence[int], token_width: int, recall: Recall
) -> tuple[Bars, Beats]:
    """What stands in an array (batch, up to 4 x ``bars`` beats, ``width``): so many bars and their beats.

    choices: how many a beat each voice makes.
    """
    most = BEATS_PER_BAR * bars
    absent = memory.new_zeros(memory.shape[0], most, memory.shape[2])
    memory = torch.cat([absent, memory], dim=1)[:, -most:]
    sizes = [1, len(choices) + 1 + sum(choices), token_width, recall.size, recall.size]
    there, written, played, keys, values = torch.split(memory, sizes, dim=2)
    form, chords, *rows = torch.split(
        written.round().to(torch.int64).clamp(min=0), [len(choices), 1, *choices], dim=2
    )
    before = Bars(there[:, ::BEATS_PER_BAR, 0], form[:, ::BEATS_PER_BAR])
    keys, values = recall.with_nothing(0, keys), recall.with_nothing(1, values)
    return before, Beats(chords[..., 0], tuple(rows), played, keys, values, recall.strange(there[..., 0]))


def width(choices: Sequence[int], token_width: int, recall: Recall) -> int:
    """Numbers of a beat in the array."""
    return 1 + len(choices) + 1 + sum(choices) + token_width + 2 * recall.size
