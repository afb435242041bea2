"""How hits are played: velocity and timing of each, read off a number of the latent each.

Beat by beat, with what drummer_network.py hears: how far ahead of the grid the beat leans, then each hit's
velocity and timing. Each is a whole distribution, binned, and the number says how much of it lies below: so
what was played is a point of the latent, exactly, and a draw from N(0, I) is a draw of the model. A second
hit in a cell is rarer: whether there is one is read off a number for each drum and beat, and its feel is
drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BEAT
from train.models.binned import code_of, spread, tempered
from train.models.drummer_hits import DRUMS
from train.models.drummer_network import CELLS, PATTERNS, FeelConfig, FeelNetwork, Hits
from train.models.odds import drawn, odds, parted, place, sides, stretch, within

_WAVER = 0.2  # share of its number that temperature 1 draws afresh: no drummer plays a bar twice alike
_MOST_WAVER = 0.6
_NEAR_VELOCITY, _NEAR_OFFSET = 1.0 / 127, 0.015  # a posterior's deviation, as played: about a millisecond


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


class DrummerFeel(FeelNetwork):
    """See the module's docstring. numbers: how many of the latent it reads."""

    sides: Tensor

    def __init__(self, codec: Codec, styles: int, config: FeelConfig) -> None:
        super().__init__(codec, styles, config)
        self.register_buffer("sides", sides(PATTERNS), persistent=False)
        self.numbers = self.beats * (DRUMS + 1 + 2 * CELLS)

    def nats(self, hits: Hits, played: Played) -> Tensor:
        """-log of the chance of how a window's hits were played: (batch,)."""
        velocity, offset = played.velocity[..., :DRUMS], played.offset[..., :DRUMS]
        lean, steps, inner = self.teacher_forced(hits, velocity, offset)
        windows = torch.zeros(len(hits.first), device=velocity.device)
        asked = self.by_beat(hits.first).any(dim=2)
        leans = self.leans.cost(self.lean(inner)[asked], lean[asked])
        windows = windows.index_add(0, asked.nonzero(as_tuple=True)[0], leans)
        where = hits.first.nonzero(as_tuple=True)
        cells = (steps + self.cells_of(inner, lean).flatten(1, 2))[where]
        hidden, bins = self.hidden_and_bins(cells, self.drum_bins[where[2]])
        each = self._cost(bins, velocity[where], offset[where])
        told = torch.stack([velocity[where], offset[where]], dim=1)
        seconds = self.seconds_of(hidden, told, self.drum_second[where[2]])
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
        lean, steps, inner = self.teacher_forced(hits, velocity, offset)
        cells = steps + self.cells_of(inner, lean).flatten(1, 2)
        hidden, bins = self.hidden_and_bins(cells, self.drum_bins)
        velocity_bins, offset_bins = self._split(bins)
        lines = (
            code_of(self.leans, self.lean(inner).float(), lean, _NEAR_OFFSET),
            code_of(self.velocity, velocity_bins, velocity, _NEAR_VELOCITY),
            code_of(self.offset, offset_bins, offset, _NEAR_OFFSET),
        )
        mu, sigma = (torch.cat([line[which].flatten(1) for line in lines], dim=1) for which in range(2))
        has_first, struck = self.by_beat(hits.first).any(dim=2), hits.first.flatten(1)
        seconds = self.seconds_of(hidden, torch.stack([velocity, offset], dim=3), self.drum_second)
        logits = self.second_patterns(self.presence(hits.first, seconds))
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
        of_seconds, of_firsts = z[:, : self.beats * DRUMS], z[:, self.beats * DRUMS :]
        fresh = torch.unflatten(noise, 2, (2, 2, DRUMS)).transpose(1, 2)  # (batch, what, steps, slots, drums)
        velocity, offset, hidden = self._draw_firsts(of_firsts, hits, fresh[:, :, :, 0], temperature)
        seconds = self.seconds_of(hidden, torch.stack([velocity, offset], dim=3), self.drum_second)
        return velocity, offset, self._draw_seconds(of_seconds, hits, seconds, fresh[..., 1, :], temperature)

    def _draw_firsts(
        self, z: Tensor, hits: Hits, noise: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Velocity and offset (batch, steps, 9), and what describes each cell, (batch, steps, 9, hidden).

        noise: (batch, velocity or offset, steps, 9).
        """
        leans, rest = z[:, : self.beats], z[:, self.beats :]
        loose = (_WAVER * temperature).clamp(max=_MOST_WAVER).reshape(-1, 1, 1, 1)
        own = torch.unflatten(rest, 1, (2, self.steps, DRUMS))
        wavered = (1.0 - loose.square()).sqrt() * own + loose * _gaussian(noise)
        shares = torch.unflatten(_share(wavered), 2, (-1, STEPS_PER_BEAT))  # (batch, what, beats, 4, drums)
        lean_shares = _share(leans)
        struck = hits.first.to(z.dtype)
        steps, beats = self.hear_hits(struck, hits.style, hits.tempo)
        by_beat, struck_by_beat = (torch.unflatten(a, 1, (-1, STEPS_PER_BEAT)) for a in (steps, struck))
        any_struck = struck_by_beat.amax(dim=(2, 3))
        past = z.new_zeros(z.shape[0], self.lags * self.config.token_width)
        played = []
        for beat in range(self.beats):
            inner = self.hear_beat(beats[:, beat], past)
            leaning = self.leans.quantile(spread(self.lean(inner)), lean_shares[:, beat])
            leaning = leaning * any_struck[:, beat]
            cells = by_beat[:, beat] + self.cells_of(inner, leaning)
            hidden, bins = self.hidden_and_bins(cells, self.drum_bins)
            velocity_bins, offset_bins = self._split(bins)
            here = struck_by_beat[:, beat]
            velocity = here * self.velocity.quantile(spread(velocity_bins), shares[:, 0, beat])
            offset = here * self.offset.quantile(spread(offset_bins), shares[:, 1, beat])
            offset = _leant(offset, here, leaning)
            token = torch.cat([a.flatten(1) for a in (here, velocity, offset)] + [leaning[:, None]], dim=1)
            past = torch.cat([past[:, self.config.token_width :], self.token(token)], dim=1)
            played.append((velocity, offset, hidden))
        velocity, offset, hidden = (torch.cat(each, dim=1) for each in zip(*played, strict=True))
        return velocity, offset, hidden

    def _draw_seconds(
        self, z: Tensor, hits: Hits, seconds: Tensor, noise: Tensor, temperature: Tensor
    ) -> Seconds:
        """Second hits, read off numbers z (batch, beats x 9). seconds: of ``seconds_of``. noise: as above."""
        presence = self.presence(hits.first, seconds)
        by_drum = torch.unflatten(_share(z), 1, (self.beats, DRUMS, 1))
        drawn_bits = self.bits[drawn(self.second_patterns(presence), by_drum)]  # (batch, beats, drums, steps)
        velocity_bins, offset_bins = self._split(seconds[..., 1:])
        return Seconds(
            drawn_bits.transpose(2, 3).flatten(1, 2) > 0,
            torch.sigmoid(presence),
            self.velocity.quantile(spread(velocity_bins), tempered(noise[:, 0], temperature)),
            self.offset.quantile(spread(offset_bins), tempered(noise[:, 1], temperature)),
        )

    def _split(self, bins: Tensor) -> tuple[Tensor, Tensor]:
        return bins[..., : self.config.velocity_bins], bins[..., self.config.velocity_bins :]

    def _cost(self, bins: Tensor, velocity: Tensor, offset: Tensor) -> Tensor:
        velocity_bins, offset_bins = self._split(bins)
        return self.velocity.cost(velocity_bins, velocity) + self.offset.cost(offset_bins, offset)


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
