"""What parts say to each other directly, choice by choice: a note to the notes beside it, a rhythm to a kick.

Beside what the layers work out, as tables that speak for each choice: simple, and so learnt from few songs.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.units import STEPS_PER_BEAT


class Together(nn.Module):
    """Tables between the voices of ``song_voices.py``; silent before they are trained.

    rhythms, pitches: how many a line has; a line's rows are its rhythm, then the pitch as of each step. rows:
    of each voice's dictionary. lines: which voices are lines.
    """

    def __init__(self, rhythms: int, pitches: int, rows: Sequence[int], lines: Sequence[int]) -> None:
        super().__init__()
        self.rhythms, self.pitches = rhythms, pitches
        self.lines = tuple(lines)
        self.rows = tuple(rows)
        now: dict[str, nn.Embedding] = {}
        before: dict[str, nn.Embedding] = {}
        for voice in range(len(rows)):
            for line in lines:
                if line < voice:
                    now[f"rhythm_{line}_{voice}"] = nn.Embedding(
                        rhythms, rhythms if voice in lines else rows[voice]
                    )
                    if voice in lines:
                        now[f"pitch_{line}_{voice}"] = nn.Embedding(pitches, pitches)
                if line > voice and voice in lines:
                    before[f"{line}_{voice}"] = nn.Embedding(pitches, pitches)
        self.now, self.before = nn.ModuleDict(now), nn.ModuleDict(before)
        for table in (*self.now.values(), *self.before.values()):
            assert isinstance(table, nn.Embedding)
            nn.init.zeros_(table.weight)

    def forward(self, voice: int, beside: Sequence[Tensor], sounding: Sequence[Tensor]) -> Tensor | None:
        """What speaks for a voice's rows, (…, rows); None if nothing does.

        beside: own rows of the voices before it in the same beat, (…, choices). sounding: of each voice, own
        rows of the beat before, (…, choices), zeros for none; a line still sounds with its last pitch.
        """
        said: list[Tensor] = []
        for line in self.lines:
            if line < voice:
                rhythm, pitch = self._parts(beside[line])
                by_rhythm = self.now[f"rhythm_{line}_{voice}"](rhythm)
                if voice in self.lines:
                    by_pitch = self.now[f"pitch_{line}_{voice}"](pitch).flatten(-2)
                    by_rhythm = torch.cat([by_rhythm, by_pitch], dim=-1)
                said.append(by_rhythm)
            elif line > voice and voice in self.lines:
                last = self._parts(sounding[line])[1][..., -1]
                by_pitch = self.before[f"{line}_{voice}"](last)
                every = torch.cat([by_pitch] * STEPS_PER_BEAT, dim=-1)
                said.append(functional.pad(every, (self.rhythms, 0)))
        if not said:
            return None
        return torch.stack(said).sum(dim=0)

    def _parts(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """A line's rhythm, (…), and pitches, (…, steps of the beat)."""
        firsts = self.rhythms + torch.arange(STEPS_PER_BEAT, device=rows.device) * self.pitches
        pitch = (rows[..., 1:] - firsts).clamp(min=0)
        return rows[..., 0].clamp(min=0), pitch
