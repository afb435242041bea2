"""How hits are played: velocity and timing of each, read off a number of the latent each.

All hits are known first, so a small transformer hears the whole of them. Then beat by beat, with the feel of
the beats before in the ear: how far ahead of the grid the beat leans, then each hit's velocity and timing.
Each is a whole distribution, binned, and the number says how much of it lies below: so what was played is a
point of the latent, exactly, and a draw from N(0, I) is a draw of the model. A second hit in a cell is rarer:
whether there is one is read off a number for each drum and beat, and its feel is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BEAT
from train.models.attention import Block, ChannelDropout
from train.models.binned import Binned, tempered
from train.models.drummer_hits import DRUMS, before, row_by_row
from train.models.groove_input import one_hot, tempo_features
from train.models.odds import drawn, odds, parted, place, sides, stretch, within
from train.models.silent_channels import SilentChannels

_CELLS = STEPS_PER_BEAT * DRUMS  # of a beat
_PATTERNS = 2**STEPS_PER_BEAT
_NEVER = -30.0  # log odds of a second hit where there is no first
_WAVER = 0.2  # share of its number that temperature 1 draws afresh: no drummer plays a bar twice alike
_MOST_WAVER = 0.6
_LEAST = 5e-4  # of a distribution that is spread over all bins alike
_FAR = 4.2  # standard deviations: a number lies no further out
_NEAR_VELOCITY, _NEAR_OFFSET = 1.0 / 127, 0.015  # a posterior's deviation, as played: about a millisecond


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


@dataclass(frozen=True, slots=True)
class Played:
    """velocity, offset: (batch, steps, 18), as in ``livevae.codec.groove.Performed``."""

    velocity: Tensor
    offset: Tensor


@dataclass(frozen=True, slots=True)
class Seconds:
    """Second hits of cells: whether there are, how likely they were, and what they would be like.

    All (batch, steps, 9).
    """

    struck: Tensor
    likely: Tensor
    velocity: Tensor
    offset: Tensor


@dataclass(frozen=True, slots=True)
class Codes:
    """Numbers that say how hits were played: of second hits, beat by beat and drum by drum; of leans,
    velocities, offsets.

    second_ends: places between which the former must lie, (batch, numbers, 2). mu, sigma: of the latter,
    (batch, numbers). *asked*: which matter.
    """

    second_ends: Tensor
    second_asked: Tensor
    mu: Tensor
    sigma: Tensor
    asked: Tensor


class DrummerFeel(nn.Module):
    """See the module's docstring. styles: how many there are to be told, the unknown one included."""

    bits: Tensor
    powers: Tensor
    sides: Tensor

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
        self.token = nn.Linear(3 * _CELLS + 1, config.token_width, bias=False)
        self.heard = nn.Linear(self.lags * config.token_width, config.width, bias=False)  # oldest beat first
        self.inner = nn.Linear(config.width, config.inner)
        self.lean = nn.Linear(config.inner, config.lean_bins)
        self.beat_cells = nn.Linear(config.inner, _CELLS * config.cell)
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
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer(
            "bits", (torch.arange(_PATTERNS)[:, None] // powers % 2).float(), persistent=False
        )
        self.register_buffer("sides", sides(_PATTERNS), persistent=False)
        self.numbers = self.beats * (DRUMS + 1 + 2 * _CELLS)

    def nats(self, hits: Hits, played: Played) -> Tensor:
        """-log of the chance of how a window's hits were played: (batch,)."""
        velocity, offset = played.velocity[..., :DRUMS], played.offset[..., :DRUMS]
        lean, steps, inner = self._teacher_forced(hits, velocity, offset)
        windows = torch.zeros(len(hits.first), device=velocity.device)
        asked = self._beats_of(hits.first).any(dim=2)
        leans = self.leans.cost(self.lean(inner)[asked], lean[asked])
        windows = windows.index_add(0, asked.nonzero(as_tuple=True)[0], leans)
        where = hits.first.nonzero(as_tuple=True)
        cells = (steps + self._beat_cells(inner, lean).flatten(1, 2))[where]
        hidden, bins = self._hidden_and_bins(cells, self.drum_bins[where[2]])
        each = self._cost(bins, velocity[where], offset[where])
        told = torch.stack([velocity[where], offset[where]], dim=1)
        seconds = self._second_bins(hidden, told, self.drum_second[where[2]])
        there = hits.second[where]
        each = each + functional.binary_cross_entropy_with_logits(
            seconds[:, 0], there.float(), reduction="none"
        )
        windows = windows.index_add(0, where[0], each)
        both = tuple(axis[there] for axis in where)
        second = (both[0], both[1], both[2] + DRUMS)
        more = self._cost(seconds[there, 1:], played.velocity[second], played.offset[second])
        return windows.index_add(0, both[0], more)

    def codes(self, hits: Hits, played: Played) -> Codes:
        """The numbers that say how a window's hits were played."""
        velocity, offset = played.velocity[..., :DRUMS], played.offset[..., :DRUMS]
        lean, steps, inner = self._teacher_forced(hits, velocity, offset)
        cells = steps + self._beat_cells(inner, lean).flatten(1, 2)
        hidden, bins = self._hidden_and_bins(cells, self.drum_bins)
        velocity_bins, offset_bins = self._split(bins)
        lines = (
            _code(self.leans, self.lean(inner).float(), lean, _NEAR_OFFSET),
            _code(self.velocity, velocity_bins, velocity, _NEAR_VELOCITY),
            _code(self.offset, offset_bins, offset, _NEAR_OFFSET),
        )
        mu, sigma = (torch.cat([line[which].flatten(1) for line in lines], dim=1) for which in range(2))
        has_first, struck = self._beats_of(hits.first).any(dim=2), hits.first.flatten(1)
        seconds = self._second_bins(hidden, torch.stack([velocity, offset], dim=3), self.drum_second)
        logits = self._patterns(torch.where(hits.first, seconds[..., 0], _NEVER))
        by_beat, first = (torch.unflatten(a, 1, (-1, STEPS_PER_BEAT)) for a in (hits.second, hits.first))
        made = (by_beat.long() * self.powers[:, None]).sum(dim=2)
        return Codes(
            stretch(parted(logits, made, self.sides)).flatten(1, 2),
            first.any(dim=2).flatten(1),
            mu,
            sigma,
            torch.cat([has_first, struck, struck], dim=1),
        )

    def draw(
        self, z: Tensor, hits: Hits, noise: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor, Seconds]:
        """How hits are played, read off numbers z (batch, numbers).

        noise: (batch, steps, 36), uniform. Of ``hits`` the second ones do not matter. Returns velocity and
        offset (batch, steps, 9), 0 where nothing is struck, and the second hits.
        """
        of_seconds, z = z[:, : self.beats * DRUMS], z[:, self.beats * DRUMS :]
        leans, rest = z[:, : self.beats], z[:, self.beats :]
        loose = (_WAVER * temperature).clamp(max=_MOST_WAVER).reshape(-1, 1, 1, 1)
        own = torch.unflatten(rest, 1, (2, self.steps, DRUMS))
        fresh = torch.unflatten(noise, 2, (2, 2, DRUMS)).transpose(1, 2)  # (batch, what, steps, slots, drums)
        wavered = (1.0 - loose.square()).sqrt() * own + loose * _gaussian(fresh[:, :, :, 0])
        shares = torch.unflatten(_share(wavered), 2, (-1, STEPS_PER_BEAT))  # (batch, what, beats, 4, drums)
        lean_shares = _share(leans)
        struck = hits.first.to(z.dtype)
        steps, beats = self._context(struck, hits.style, hits.tempo)
        by_beat, struck_by_beat = (torch.unflatten(a, 1, (-1, STEPS_PER_BEAT)) for a in (steps, struck))
        any_struck = struck_by_beat.amax(dim=(2, 3))
        past = z.new_zeros(z.shape[0], self.lags * self.config.token_width)
        found: tuple[list[Tensor], ...] = ([], [], [])
        for beat in range(self.beats):
            inner = functional.relu(self.inner(functional.relu(beats[:, beat] + self.heard(past))))
            leaning = self.leans.quantile(_chances(self.lean(inner)), lean_shares[:, beat])
            leaning = leaning * any_struck[:, beat]
            cells = by_beat[:, beat] + self._beat_cells(inner, leaning)
            hidden, bins = self._hidden_and_bins(cells, self.drum_bins)
            velocity_bins, offset_bins = self._split(bins)
            here = struck_by_beat[:, beat]
            velocity = here * self.velocity.quantile(_chances(velocity_bins), shares[:, 0, beat])
            offset = here * self.offset.quantile(_chances(offset_bins), shares[:, 1, beat])
            offset = _leant(offset, here, leaning)
            token = torch.cat([a.flatten(1) for a in (here, velocity, offset)] + [leaning[:, None]], dim=1)
            past = torch.cat([past[:, self.config.token_width :], self.token(token)], dim=1)
            for list_, value in zip(found, (velocity, offset, hidden), strict=True):
                list_.append(value)
        velocity, offset, hidden = (torch.cat(list_, dim=1) for list_ in found)
        seconds = self._second_bins(hidden, torch.stack([velocity, offset], dim=3), self.drum_second)
        presence = torch.where(hits.first, seconds[..., 0], _NEVER)
        by_drum = torch.unflatten(_share(of_seconds), 1, (self.beats, DRUMS, 1))
        drawn_bits = self.bits[drawn(self._patterns(presence), by_drum)]  # (batch, beats, drums, steps)
        velocity_bins, offset_bins = self._split(seconds[..., 1:])
        second = Seconds(
            drawn_bits.transpose(2, 3).flatten(1, 2) > 0,
            torch.sigmoid(presence),
            self.velocity.quantile(_chances(velocity_bins), tempered(fresh[:, 0, :, 1], temperature)),
            self.offset.quantile(_chances(offset_bins), tempered(fresh[:, 1, :, 1], temperature)),
        )
        return velocity, offset, second

    def _teacher_forced(self, hits: Hits, velocity: Tensor, offset: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How far each beat leans, (batch, beats), what cells hear of the hits, (batch, steps, 9, cell), and
        what beats hear of those before, (batch, beats, inner)."""
        struck = hits.first.to(velocity.dtype)
        steps, beats = self._context(struck, hits.style, hits.tempo)
        counts = self._beats_of(struck).sum(dim=2)
        lean = self._beats_of(offset).sum(dim=2) / counts.clamp(min=1.0)
        told = torch.cat([self._beats_of(a) for a in (struck, velocity, offset)] + [lean[..., None]], dim=2)
        heard = row_by_row(self.heard, before(self.token(told), self.lags))
        first = self.silent(functional.relu(beats + heard))
        inner = self.silent(functional.relu(row_by_row(self.inner, first)))
        return lean, steps, inner

    def _context(self, struck: Tensor, style: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
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

    def _beats_of(self, cells: Tensor) -> Tensor:
        """(batch, steps, 9) -> (batch, beats, 36)."""
        return torch.unflatten(cells, 1, (self.beats, STEPS_PER_BEAT)).flatten(2)

    def _beat_cells(self, inner: Tensor, lean: Tensor) -> Tensor:
        """What beats (…, inner) that lean (…) say to their cells: (…, 4, 9, cell)."""
        told = row_by_row(self.beat_cells, inner) if inner.dim() > 2 else self.beat_cells(inner)
        cells = torch.unflatten(told, -1, (STEPS_PER_BEAT, DRUMS, -1))
        result: Tensor = cells + lean[..., None, None, None] * self.leaning
        return result

    def _hidden_and_bins(self, cells: Tensor, drum_bins: Tensor) -> tuple[Tensor, Tensor]:
        hidden = functional.relu(self.hidden(functional.relu(cells)))
        return hidden, (self.bins(hidden) + drum_bins).float()

    def _second_bins(self, hidden: Tensor, told: Tensor, drum_second: Tensor) -> Tensor:
        """Of second hits beside first ones, played as told (…, 2): log odds, velocity and offset bins."""
        inner = functional.relu(self.second(torch.cat([hidden, told.to(hidden.dtype)], dim=-1)))
        bins: Tensor = (self.second_bins(inner) + drum_second).float()
        return bins

    def _split(self, bins: Tensor) -> tuple[Tensor, Tensor]:
        return bins[..., : self.config.velocity_bins], bins[..., self.config.velocity_bins :]

    def _cost(self, bins: Tensor, velocity: Tensor, offset: Tensor) -> Tensor:
        velocity_bins, offset_bins = self._split(bins)
        return self.velocity.cost(velocity_bins, velocity) + self.offset.cost(offset_bins, offset)

    def _patterns(self, presence: Tensor) -> Tensor:
        """Log odds of single cells (batch, steps, 9) as those of a beat's patterns, (batch, beats, 9, 16)."""
        by_beat = torch.unflatten(presence, 1, (-1, STEPS_PER_BEAT)).transpose(2, 3)
        patterns: Tensor = by_beat @ self.bits.T
        return patterns


def _code(binned: Binned, logits: Tensor, values: Tensor, near: float) -> tuple[Tensor, Tensor]:
    """The number that a value is read off, and the deviation that leaves it about so ``near``; (…) each."""
    shares = _chances(logits)
    below, above, density = binned.shares_beside(shares, values)
    mu = place(below.clamp(min=1e-9).log() - above.clamp(min=1e-9).log()).clamp(-_FAR, _FAR)
    bell = torch.exp(-0.5 * mu.square()) / math.sqrt(2.0 * math.pi)
    return mu, (near * density / bell).clamp(1e-3, 1.0)


def _chances(logits: Tensor) -> Tensor:
    """Shares of bins, none of them so small that its place on the line is rounding."""
    return (1.0 - _LEAST) * logits.softmax(dim=-1) + _LEAST / logits.shape[-1]


def _leant(offset: Tensor, struck: Tensor, lean: Tensor) -> Tensor:
    """Offsets of a beat, (batch, 4, 9), moved together so that their mean is what the beat leans by.

    Drawn hit by hit they would miss it, and hits struck at once would be more alike than drummers' are.
    """
    count = struck.sum(dim=(1, 2), keepdim=True).clamp(min=1.0)
    missing = lean[:, None, None] - offset.sum(dim=(1, 2), keepdim=True) / count
    return (offset + missing * struck).clamp(-1.0, 1.0)


def _share(z: Tensor) -> Tensor:
    """The share of a standard Gaussian below z."""
    return within(torch.sigmoid(odds(z)))


def _gaussian(uniform: Tensor) -> Tensor:
    """Uniform numbers as standard Gaussians."""
    share = within(uniform)
    return place(share.log() - (1.0 - share).log())
