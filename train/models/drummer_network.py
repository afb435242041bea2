"""What a drummer hears before deciding how a hit is played, and the distributions of what may be decided.

All hits are known, so a small transformer hears the whole of them; then, beat by beat, two layers hear the
feel of the beats before. Beats so heard say how far ahead of the grid they may lean, their cells how each hit
may be played, and hits that were played so what a second in the same cell may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BEAT
from train.models.attention import Block, ChannelDropout
from train.models.binned import Binned
from train.models.drummer_hits import DRUMS, before, row_by_row
from train.models.groove_input import one_hot, tempo_features
from train.models.silent_channels import SilentChannels

CELLS = STEPS_PER_BEAT * DRUMS
"""Of a beat."""
PATTERNS = 2**STEPS_PER_BEAT
"""On which of a beat's steps a drum is struck a second time."""
_NEVER = -30.0  # log odds of a second hit where there is no first


@dataclass(frozen=True, slots=True)
class FeelConfig:
    """channels, layers, heads, widening: of the transformer that hears the hits.

    width, inner: of the two layers that hear the beats before. token_width: numbers a beat's feel is told
    with. cell: numbers that describe a cell. hidden: of the layer before a cell's distributions. *_bins: of
    those. dropout: share of channels silent in training.
    """

    channels: int = 96
    layers: int = 3
    heads: int = 4
    widening: int = 2
    width: int = 256
    inner: int = 192
    token_width: int = 96
    cell: int = 32
    hidden: int = 64
    velocity_bins: int = 32
    offset_bins: int = 64
    lean_bins: int = 32
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits, and what is told beside them. first, second: bool (batch, steps, 9). style, tempo: (batch,)."""

    first: Tensor
    second: Tensor
    style: Tensor
    tempo: Tensor


class FeelNetwork(nn.Module):
    """See the module's docstring. styles: how many there are to be told, the unknown one included."""

    bits: Tensor
    powers: Tensor

    def __init__(self, codec: Codec, styles: int, config: FeelConfig) -> None:
        super().__init__()
        self.silent = SilentChannels(config.dropout)
        self.config, self.styles, self.steps = config, styles, codec.steps
        self.beats = codec.steps // STEPS_PER_BEAT
        self.lags = self.beats - 1
        channels = config.channels
        self.struck = nn.Linear(DRUMS, channels)
        self.place = nn.Parameter(0.1 * torch.randn(codec.steps, channels))
        self.style = nn.Linear(styles, channels, bias=False)
        self.tempo = nn.Linear(4, channels, bias=False)
        self.dropout = ChannelDropout(config.dropout, codec.steps)
        self.blocks = nn.ModuleList(
            Block(codec.steps, channels, config.heads, config.widening, config.dropout)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.step_cells = nn.Linear(channels, DRUMS * config.cell)
        self.to_beat = nn.Linear(STEPS_PER_BEAT * channels, config.width)
        self.token = nn.Linear(3 * CELLS + 1, config.token_width, bias=False)
        self.heard = nn.Linear(self.lags * config.token_width, config.width, bias=False)  # oldest beat first
        self.inner = nn.Linear(config.width, config.inner)
        self.lean = nn.Linear(config.inner, config.lean_bins)
        self.beat_cells = nn.Linear(config.inner, CELLS * config.cell)
        self.leaning = nn.Parameter(torch.zeros(DRUMS, config.cell))
        self.hidden = nn.Linear(config.cell, config.hidden)
        bins = config.velocity_bins + config.offset_bins
        self.bins = nn.Linear(config.hidden, bins)
        self.drum_bins = nn.Parameter(torch.zeros(DRUMS, bins))
        self.second = nn.Linear(config.hidden + 2, config.hidden)
        self.second_bins = nn.Linear(config.hidden, 1 + bins)
        self.drum_second = nn.Parameter(torch.zeros(DRUMS, 1 + bins))
        self.velocity = Binned(0.0, 1.0, config.velocity_bins)
        self.offset = Binned(-1.0, 1.0, config.offset_bins)
        self.leans = Binned(-1.0, 1.0, config.lean_bins)
        powers = 2 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        bits = (torch.arange(PATTERNS)[:, None] // powers % 2).float()
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("bits", bits, persistent=False)

    def hear_hits(self, struck: Tensor, style: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        """What cells (batch, steps, 9, cell) and beats (batch, beats, width) hear of all hits."""
        whole = self.style(one_hot(style, self.styles)) + self.tempo(tempo_features(tempo))
        x = (self.struck(struck) + (whole[:, None] + self.place)).flatten(0, 1)
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        x = self.dropout(self.norm(x))
        cells = self.step_cells(x).reshape(-1, self.steps, DRUMS, self.config.cell)
        beats = self.to_beat(x.reshape(-1, self.beats, STEPS_PER_BEAT * x.shape[-1]))
        return cells, beats

    def hear_beat(self, beat: Tensor, past: Tensor) -> Tensor:
        """A beat, (batch, width), told of those before, (batch, lags x token_width): (batch, inner)."""
        return functional.relu(self.inner(functional.relu(beat + self.heard(past))))

    def teacher_forced(self, hits: Hits, velocity: Tensor, offset: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How far each beat leans, (batch, beats), what cells hear of the hits, (batch, steps, 9, cell), and
        what beats hear of those before, (batch, beats, inner)."""
        struck = hits.first.to(velocity.dtype)
        steps, beats = self.hear_hits(struck, hits.style, hits.tempo)
        counts = self.by_beat(struck).sum(dim=2)
        lean = self.by_beat(offset).sum(dim=2) / counts.clamp(min=1.0)
        told = torch.cat([self.by_beat(a) for a in (struck, velocity, offset)] + [lean[..., None]], dim=2)
        heard = row_by_row(self.heard, before(self.token(told), self.lags))
        first = self.silent(functional.relu(beats + heard))
        inner = self.silent(functional.relu(row_by_row(self.inner, first)))
        return lean, steps, inner

    def by_beat(self, cells: Tensor) -> Tensor:
        """(batch, steps, 9) -> (batch, beats, 36)."""
        return torch.unflatten(cells, 1, (self.beats, STEPS_PER_BEAT)).flatten(2)

    def cells_of(self, inner: Tensor, lean: Tensor) -> Tensor:
        """What beats (…, inner) that lean (…) say to their cells: (…, 4, 9, cell)."""
        told = row_by_row(self.beat_cells, inner) if inner.dim() > 2 else self.beat_cells(inner)
        cells = torch.unflatten(told, -1, (STEPS_PER_BEAT, DRUMS, -1))
        result: Tensor = cells + lean[..., None, None, None] * self.leaning
        return result

    def hidden_and_bins(self, cells: Tensor, drum_bins: Tensor) -> tuple[Tensor, Tensor]:
        """What describes cells (…, cell) further, (…, hidden), and their velocity and offset bins."""
        hidden = functional.relu(self.hidden(functional.relu(cells)))
        return hidden, (self.bins(hidden) + drum_bins).float()

    def seconds_of(self, hidden: Tensor, told: Tensor, drum_second: Tensor) -> Tensor:
        """Of second hits beside first ones, played as told (…, 2): log odds, velocity and offset bins."""
        inner = functional.relu(self.second(torch.cat([hidden, told.to(hidden.dtype)], dim=-1)))
        bins: Tensor = (self.second_bins(inner) + drum_second).float()
        return bins

    def second_patterns(self, presence: Tensor) -> Tensor:
        """Log odds of single cells (batch, steps, 9) as those of a beat's patterns, (batch, beats, 9, 16)."""
        by_beat = torch.unflatten(presence, 1, (-1, STEPS_PER_BEAT)).transpose(2, 3)
        patterns: Tensor = by_beat @ self.bits.T
        return patterns

    @staticmethod
    def presence(first: Tensor, seconds: Tensor) -> Tensor:
        """Log odds of second hits, (batch, steps, 9), of those that ``seconds_of`` describes."""
        return torch.where(first, seconds[..., 0], _NEVER)
