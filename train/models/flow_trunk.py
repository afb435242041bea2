"""The network of flow.py: from a window's gist, the beats before and its chords to features of each beat.

Eight beats are drawn one after another. A beat costs two small layers: what each choice says to the beats
after it is looked up in a table when it is made, and added up as time goes by.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.models.flow_chords import Over
from train.models.silent_channels import SilentChannels


@dataclass(frozen=True, slots=True)
class Rows:
    """What beats are written in.

    count: rows of the dictionary. many: whether a beat has so many that it is cheaper to work out what they
    say than to look it up. rhythms: the first so many are rhythms, a beat's first row one of them; 0 where
    there is no such thing.
    """

    count: int
    many: bool
    rhythms: int


class Trunk(nn.Module):
    """See the module's docstring.

    gist: numbers that say how a window is. beats: of a window. chord_width: of what chords say; 0 is none.
    The others are those of ``train.models.flow.Config``.
    """

    def __init__(
        self,
        rows: Rows,
        gist: int,
        beats: int,
        *,
        width: int,
        inner: int,
        token_width: int,
        gist_width: int,
        beat_width: int,
        rhythm_width: int,
        chord_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.rows = rows
        self.silent = SilentChannels(dropout)
        self.width, self.rhythm_width = width, rhythm_width
        self.lags = beats - 1
        first = width + rhythm_width
        self.whole = nn.Linear(gist, gist_width)
        self.spread = nn.Linear(gist_width, beats * beat_width)
        self.told = nn.Linear(beat_width, first)
        self.place = nn.Parameter(torch.zeros(beats, first))  # the metrical position
        self.token = nn.Embedding(rows.count, token_width)
        self.heard = nn.Conv1d(token_width, width, self.lags, bias=False)
        self.inner = nn.Linear(first, inner)
        if rhythm_width:
            self.rhythm = nn.Embedding(rows.rhythms, token_width)
            self.rhythms_heard = nn.Conv1d(token_width, rhythm_width, self.lags, bias=False)
        if chord_width:
            self.over = nn.Linear(chord_width, width, bias=False)
        self.features = rhythm_width + inner + chord_width

    def forward(self, rows: Tensor, gist: Tensor, over: Over | None) -> Tensor:
        """What it says of every beat given the true beats before it: (batch, beats, features).

        rows: (batch, beats, rows of a beat). gist: (batch, gist).
        """
        heard = _before(self.token(rows).sum(dim=2), self.heard)
        if self.rhythm_width:
            heard = torch.cat([heard, _before(self.rhythm(rows[..., 0]), self.rhythms_heard)], dim=2)
        first = self.silent(functional.relu(self.beats(self.whole(gist), over) + heard))
        inner = self.silent(functional.relu(self.inner(first)))
        return self._together(first, inner, None if over is None else over.says)

    def beats(self, gist: Tensor, over: Over | None) -> Tensor:
        """What the gist (batch, gist_width), and chords, say to every beat: (batch, beats, first layer)."""
        spread = self.spread(functional.relu(gist))
        told: Tensor = self.told(functional.relu(torch.unflatten(spread, 1, (len(self.place), -1))))
        told = told + self.place.to(told.dtype)
        if over is None:
            return told
        return told + functional.pad(self.over(over.says), (0, self.rhythm_width))

    def beat(self, told: Tensor, heard: Tensor, says: Tensor | None) -> Tensor:
        """Features of one beat, (batch, features).

        told: of ``beats``, and heard: what earlier beats say, (batch, first layer). says: what its chord
        does.
        """
        first = functional.relu(told + heard)
        return self._together(first, functional.relu(self.inner(first)), says)

    def _together(self, first: Tensor, inner: Tensor, says: Tensor | None) -> Tensor:
        """All that a voice hears: what rhythms alone say, the second layer, then the chords."""
        parts = [first[..., self.width :], inner] if self.rhythm_width else [inner]
        if says is not None:
            parts.append(says.to(inner.dtype))
        return torch.cat(parts, dim=-1) if len(parts) > 1 else inner

    def table(self) -> Tensor:
        """What each row says to the beats after its own, nearest first: (rows, lags x first layer).

        Of many rows: what each number of their descriptions does, (token_width, lags x first layer).
        """
        says = _says(self.heard)
        if self.rows.many:
            return says.flatten(1)
        says = torch.einsum("rt,tlw->rlw", self.token.weight, says)
        if self.rhythm_width:
            rhythms = torch.einsum("rt,tlw->rlw", self.rhythm.weight, _says(self.rhythms_heard))
            rhythms = functional.pad(rhythms, (0, 0, 0, 0, 0, self.rows.count - self.rows.rhythms))
            says = torch.cat([says, rhythms], dim=2)
        return says.flatten(1)

    def says(self, rows: Tensor, table: Tensor) -> Tensor:
        """What rows (batch, rows of a beat) say to the beats after their own: (batch, lags x first layer)."""
        if self.rows.many:
            described: Tensor = self.token(rows).sum(dim=1)
            return described @ table
        return functional.embedding(rows, table).sum(dim=1)


def _before(told: Tensor, hears: nn.Conv1d) -> Tensor:
    """What ``hears`` makes of all beats before each: (batch, beats, token_width) -> (batch, beats, width)."""
    told = functional.pad(told.transpose(1, 2), (hears.kernel_size[0], 0))[:, :, :-1]
    heard: Tensor = hears(told).transpose(1, 2)
    return heard


def _says(hears: nn.Conv1d) -> Tensor:
    """Its weights, nearest beat first: (token_width, lags, width)."""
    weights: Tensor = hears.weight.flip(2).permute(1, 2, 0)
    return weights
