"""What a band remembers of a beat that was played: a vector for the drums and one for each slot."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from livevae.codec.band import SLOTS, VELOCITIES
from livevae.codec.chord_shapes import SHAPES
from livevae.units import STEPS_PER_BEAT
from train.models.band_bar import DRUM_COUNT, PATTERNS, PLACES, Chosen
from train.models.band_players import LENGTHS


class Memory(nn.Module):
    """See the module's docstring. width: of the vectors."""

    firsts: Tensor
    drum_rows: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        sizes = [
            PATTERNS,
            VELOCITIES,
            *[PLACES] * STEPS_PER_BEAT,
            *[len(SHAPES) + 1] * STEPS_PER_BEAT,
            *[LENGTHS + 1] * STEPS_PER_BEAT,
        ]
        self.played = nn.Embedding(sum(sizes), width)
        self.by_slot = nn.Parameter(torch.ones(len(SLOTS), width))
        self.drummed = nn.Embedding(DRUM_COUNT * (PATTERNS + VELOCITIES), width)
        nn.init.normal_(self.played.weight, std=0.4)
        nn.init.normal_(self.drummed.weight, std=0.4)
        firsts = torch.tensor([sum(sizes[:index]) for index in range(len(sizes))])
        drums = torch.arange(DRUM_COUNT)
        drum_rows = torch.cat([drums * PATTERNS, DRUM_COUNT * PATTERNS + drums * VELOCITIES])
        self.register_buffer("firsts", firsts, persistent=False)
        self.register_buffer("drum_rows", drum_rows, persistent=False)

    def of_players(self, made: Chosen, slots: slice = slice(None)) -> Tensor:
        """(…, slots, width)."""
        shape, length = (torch.where(made.begun, each + 1, 0) for each in (made.shape, made.length))
        each = [made.rhythm[..., None], made.loud[..., None], made.pitch, shape, length]
        rows = torch.cat(each, dim=-1) + self.firsts
        summed: Tensor = self.played(rows).sum(dim=-2) * self.by_slot[slots]
        return summed

    def of_drums(self, patterns: Tensor, loud: Tensor) -> Tensor:
        """(…, width)."""
        rows = torch.cat([patterns, torch.where(patterns > 0, loud, 0)], dim=-1) + self.drum_rows
        summed: Tensor = self.drummed(rows).sum(dim=-2)
        return summed
