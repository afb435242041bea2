"""Which drums are struck in bars from nothing: every choice read off one number of the latent.

As flow.py writes two bars: first what the bars are like as a whole (their style is told, the rest decided),
then beat by beat what each drum does, with all beats before in the ear. Beside it stands, for every cell, how
likely it was once all else was decided: what comes first and what goes first when a player wants fewer hits,
or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.units import STEPS_PER_BEAT
from train.models.flow_drums import DrumsVoice
from train.models.gist import Gist, levels_of, syncopations
from train.models.odds import odds, stretch, within
from train.models.silent_channels import SilentChannels

DRUMS = len(DRUM_CLASSES)
_KICK = DRUM_CLASSES.index("kick")
_HATS = ("closed_hat", "open_hat")
_EDGES = (
    (0.001, 0.15, 0.3, 0.45),  # syncopation of sixteenths, a share of the steps with a hit
    (0.01, 0.2, 0.3, 0.45, 0.55, 0.8),  # share of the beats that have a kick
    (0.001, 0.15, 0.3, 0.42, 0.5, 0.57, 0.65, 0.8),  # share of the hits that are hi-hats
    (0.25, 0.4, 0.55, 0.7, 0.85),  # likeness of the second half to the first
    (7.5, 10.5, 12.5, 14.5, 16.5, 18.75, 21.25, 24.25, 28.0),  # hits a bar
)
MEASURES = len(_EDGES)


@dataclass(frozen=True, slots=True)
class HitsConfig:
    """width, inner: of the two layers of a beat. token_width: numbers that describe a choice to later beats.

    gist_width, beat_width: of the network from a window's gist to its beats. dropout: share of either layer
    silent in training.
    """

    width: int = 384
    inner: int = 320
    token_width: int = 64
    gist_width: int = 96
    beat_width: int = 48
    dropout: float = 0.2


class DrummerHits(nn.Module):
    """See the module's docstring. origins: how many styles there are to be told, the unknown one included."""

    hats: Tensor

    def __init__(self, codec: Codec, origins: int, config: HitsConfig) -> None:
        super().__init__()
        self.silent = SilentChannels(config.dropout)
        self.config = config
        self.bars, self.beats = codec.bars, codec.steps // STEPS_PER_BEAT
        self.lags = self.beats - 1
        self.origins = origins
        self.voice = DrumsVoice(codec, config.inner, 0)
        self.gist = Gist((origins, *(len(edges) + 1 for edges in _EDGES)), 0.0, False)
        self.whole = nn.Linear(self.gist.count, config.gist_width)
        self.spread = nn.Linear(config.gist_width, self.beats * config.beat_width)
        self.told = nn.Linear(config.beat_width, config.width)
        self.place = nn.Parameter(torch.zeros(self.beats, config.width))  # the metrical position
        self.token = nn.Embedding(self.voice.rows, config.token_width)
        self.heard = nn.Linear(self.lags * config.token_width, config.width, bias=False)  # oldest beat first
        self.inner = nn.Linear(config.width, config.inner)
        self.numbers = MEASURES + self.beats * DRUMS
        hats = torch.tensor([float(name in _HATS) for name in DRUM_CLASSES])
        self.register_buffer("hats", hats, persistent=False)

    def nats(self, struck: Tensor, origin: Tensor) -> Tensor:
        """-log of the chance of windows given their style: (batch,).

        struck: (batch, steps, 9), int64. origin: (batch,), int64.
        """
        rows, gist = self._read(struck, origin)
        features = self._teacher_forced(rows, gist)
        chances = self.gist.chances(gist)[:, 1:, 1]
        return self.voice.nats(features, rows) - chances.log().sum(dim=1)

    def stretches(self, struck: Tensor, origin: Tensor) -> Tensor:
        """Between which places each number must lie to say these windows: (batch, numbers, 2)."""
        rows, gist = self._read(struck, origin)
        made, _ = self.voice.chances(self._teacher_forced(rows, gist), rows)
        return stretch(torch.cat([self.gist.chances(gist)[:, 1:], made], dim=1))

    def draw(self, z: Tensor, origin: Tensor) -> tuple[Tensor, Tensor]:
        """Windows read off numbers z (batch, numbers), told their style, (batch,), int64.

        Returns which cells are struck, bool, and how likely each was given all others'
        choices that it hears, both (batch, steps, 9).
        """
        shares = within(torch.sigmoid(odds(z)))
        # The style is the gist's first measure; it is told: the middle of its level's part of the line.
        begins, ends = self.gist.first_shares()
        style = functional.embedding(origin, ((begins + ends) / 2)[:, None])
        decided = torch.cat([style, shares[:, :MEASURES]], dim=1)
        _, gist = self.gist.drawn(decided, self.whole.weight.T)
        features = self._told(gist + self.whole.bias)
        in_beat = self.voice.told()
        past = z.new_zeros(z.shape[0], self.lags * self.config.token_width)
        last = z[:, :1]  # of a drummer nothing is carried from beat to beat but this
        beats, inners = [], []
        by_beat = torch.unflatten(shares[:, MEASURES:], 1, (self.beats, -1))
        for feature, share in zip(features.unbind(dim=1), by_beat.unbind(dim=1), strict=True):
            inner = functional.relu(self.inner(functional.relu(feature + self.heard(past))))
            rows, last = self.voice.draw(in_beat, inner, share, last)
            beats.append(rows)
            inners.append(inner)
            past = torch.cat([past[:, self.config.token_width :], self.token(rows).sum(dim=1)], dim=1)
        every = torch.stack(beats, dim=1)  # (batch, beats, 9)
        logits = self.voice.patterns(torch.stack(inners, dim=1)) + functional.embedding(every, in_beat).sum(2)
        chances = torch.unflatten(logits, 2, (DRUMS, -1)).softmax(dim=-1)
        likely = (chances @ self.voice.bits.to(chances.dtype)).transpose(2, 3).flatten(1, 2)
        struck = self.voice.bits[every - self.voice.firsts].transpose(2, 3).flatten(1, 2) > 0
        return struck, likely

    def _read(self, struck: Tensor, origin: Tensor) -> tuple[Tensor, Tensor]:
        """Windows as rows (batch, beats, 9), and their gist as ``Gist.one_hot`` has it."""
        rows, _ = self.voice.read(struck)
        levels = torch.cat([origin[:, None], levels_of(self._measured(struck.float()), _EDGES)], dim=1)
        return rows, self.gist.one_hot(levels)

    def _measured(self, hits: Tensor) -> Tensor:
        count = hits.sum(dim=(1, 2))
        kicks = hits[:, ::STEPS_PER_BEAT, _KICK].mean(dim=1)
        hats = (hits * self.hats).sum(dim=(1, 2)) / count.clamp(min=1.0)
        first, second = hits.chunk(2, dim=1)
        alike = (first * second).sum(dim=(1, 2)) / torch.maximum(first, second).sum(dim=(1, 2)).clamp(min=1.0)
        syncopated = syncopations(hits.amax(dim=2), (1,))
        return torch.cat([syncopated, torch.stack([kicks, hats, alike, count / self.bars], dim=1)], dim=1)

    def _teacher_forced(self, rows: Tensor, gist: Tensor) -> Tensor:
        """What the network says for every beat given the true beats before it: (batch, beats, inner)."""
        heard = row_by_row(self.heard, before(self.token(rows).sum(dim=2), self.lags))
        first = self.silent(functional.relu(self._told(self.whole(self.gist.heard(gist))) + heard))
        inner: Tensor = self.silent(functional.relu(row_by_row(self.inner, first)))
        return inner

    def _told(self, gist: Tensor) -> Tensor:
        """What the gist (batch, gist_width) says to every beat: (batch, beats, width)."""
        spread = self.spread(functional.relu(gist))
        features: Tensor = self.told(functional.relu(torch.unflatten(spread, 1, (self.beats, -1))))
        return features + self.place.to(features.dtype)


def before(told: Tensor, lags: int) -> Tensor:
    """What so many beats before each say, oldest first, nothing before the first.

    told: (batch, beats, numbers). Returns (batch, beats, lags x numbers).
    """
    windows = functional.pad(told, (0, 0, lags, 0))[:, :-1].unfold(
        1, lags, 1
    )  # (batch, beats, numbers, lags)
    return windows.transpose(2, 3).flatten(2)


def row_by_row(layer: nn.Linear, told: Tensor) -> Tensor:
    """A layer over beats (batch, beats, numbers), as rows of one matrix.

    So encoding multiplies as decoding does, beat by beat, and a file holds the layer's weights but once.
    """
    rows: Tensor = layer(told.reshape(-1, told.shape[2]))
    return rows.reshape(-1, told.shape[1], layer.out_features)
