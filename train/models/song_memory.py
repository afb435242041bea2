"""What bars of a song leave to those after them: the beats so far, an array that grows by four a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from livevae.units import BEATS_PER_BAR
from train.models.recall import Recall


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat, as ``Beats`` has it; each (batch, …)."""

    form: Tensor
    chord: Tensor
    rows: Sequence[Tensor]
    played: Tensor


@dataclass(frozen=True, slots=True)
class Beats:
    """The newest beats, oldest first; those before the beginning are all zeros.

    there: whether a beat has been, (batch, beats). form: what each voice's bar brings back, (batch, beats,
    voices), and chords: what beats are over, counted from 1, (batch, beats, 1); int64. rows: each voice's
    choices, of the common dictionary, (batch, beats, choices), int64. played: what says what was played,
    (batch, beats, token width). keys, values: for ``Recall``, with that of nothing before them, (batch, 1 +
    beats, size).
    """

    there: Tensor
    form: Tensor
    chords: Tensor
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
        sizes = [1, len(choices) + 1 + sum(choices), token_width, recall.size, recall.size]
        there, written, played, keys, values = torch.split(memory, sizes, dim=2)
        form, chords, *rows = torch.split(written.round().to(torch.int64), [len(choices), 1, *choices], dim=2)
        return cls(
            there[..., 0],
            form,
            chords,
            tuple(rows),
            played,
            recall.with_nothing(0, keys),
            recall.with_nothing(1, values),
        )

    def bars(self) -> tuple[Tensor, Tensor]:
        """Whether each bar has been, (batch, bars), and what it brings back, (batch, bars, voices)."""
        return self.there[:, ::BEATS_PER_BAR], self.form[:, ::BEATS_PER_BAR]

    def then(self, beat: Beat, key: Tensor, value: Tensor) -> Beats:
        """With one more beat; what is for ``Recall`` of it, (batch, size) each."""
        return Beats(
            torch.cat([self.there, torch.ones_like(self.there[:, :1])], dim=1),
            torch.cat([self.form, beat.form[:, None]], dim=1),
            torch.cat([self.chords, beat.chord[:, None]], dim=1),
            tuple(
                torch.cat([old, new[:, None]], dim=1) for old, new in zip(self.rows, beat.rows, strict=True)
            ),
            torch.cat([self.played, beat.played[:, None]], dim=1),
            torch.cat([self.keys, key[:, None]], dim=1),
            torch.cat([self.values, value[:, None]], dim=1),
        )

    def newest_bar(self) -> Tensor:
        """The last four beats as an array (batch, 4, ``width``)."""
        kept = slice(-BEATS_PER_BAR, None)
        written = [mine[:, kept] for mine in (self.form, self.chords, *self.rows)]
        parts = [self.there[:, kept, None], torch.cat(written, dim=2).to(self.played.dtype)]
        return torch.cat([*parts, *(each[:, kept] for each in (self.played, self.keys, self.values))], dim=2)


def width(choices: Sequence[int], token_width: int, recall: Recall) -> int:
    """Numbers of a beat in the array."""
    return 1 + len(choices) + 1 + sum(choices) + token_width + 2 * recall.size
