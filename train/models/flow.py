"""Two-bar model in which every choice has a number of the latent to itself.

What is special: an autoregressive model of the windows, read as a flow. Window and latent are two ways of
writing the same thing: first how the window is as a whole (gist.py), then beat by beat what happens, each
choice read off one number of z through the chances that everything before it leaves (odds.py). So draws from
N(0, I) are draws of the autoregressive model, a code takes few nats more than the window is unlikely, and
what was played comes back as it was. A model that sends windows through a noisy Gaussian channel cannot have
both: train/EXPERIMENTS.md has the curves. After autoregressive flows (Papamakarios, Pavlakou and Murray 2017)
and arithmetic coding.

Training has no latent in it: the windows are made likely, and a small network beside learns to place codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.chords import CHORD_INPUTS
from livevae.units import STEPS_PER_BEAT
from train.models import GraphFunction, Loss
from train.models.flow_chords import Harmony, Over, withheld
from train.models.flow_drums import DrumsVoice
from train.models.flow_melody import MelodyVoice
from train.models.flow_percussion import PercussionVoice
from train.models.flow_trunk import Rows, Trunk
from train.models.gist import Gist
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.odds import (
    Placement,
    odds,
    placed_around,
    share_around,
    spill_nats,
    stretch,
    within,
)
from train.models.window_graph import window_functions

_LEFT_TO_CHANCE = 0.001  # share of the beats that temperature 1 draws afresh, whatever the latent says
_MOST_CHANCE = 0.25
_PLACED = 32  # windows of a batch the placement learns from
_VOICES: dict[str, type[MelodyVoice] | type[DrumsVoice] | type[PercussionVoice]] = {
    "melody": MelodyVoice,
    "drums": DrumsVoice,
    "percussion": PercussionVoice,
}


class Voice(Protocol):
    """What is played in a beat, and the choices it takes.

    rows: entries of the dictionary beats are written in. numbers: of the latent, for each beat. gist_sizes:
    levels of the window's measures. round_first: whether the first goes round a circle. evened: see Gist.
    many: whether a beat has so many rows that it is cheaper to work out what they say than to look it up.
    flow_melody.py says what its methods do.
    """

    rows: int
    numbers: int
    gist_sizes: tuple[int, ...]
    round_first: bool
    evened: float
    many: bool

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]: ...
    def nats(self, features: Tensor, rows: Tensor) -> Tensor: ...
    def chances(self, features: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]: ...
    def told(self) -> Tensor: ...
    def silence(self, levels: Tensor) -> Tensor: ...
    def draw(self, told: Tensor, features: Tensor, shares: Tensor, last: Tensor) -> tuple[Tensor, Tensor]: ...
    def write(self, rows: Tensor, levels: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Config:
    """width: of the first layer. inner: of the second. token_width: numbers that describe a choice to later
    beats.

    gist_width, beat_width: of the network from a window's gist to its beats. pitch_width: of the layer before
    pitches, or between instruments of a beat. dropout: share of either layer silent in training.
    chord_width: numbers that say what the chords of a beat are; 0 is a model that is told none.
    rhythm_width: of a layer that hears nothing but rhythms and off which rhythms are read, so that a melody
    keeps its own over other chords; 0 is none. chord_dropout: share of training windows whose chords are
    withheld, so that it plays without any too. bass_dropout: share in which only the bass of the chords is:
    players hold inversions.
    """

    width: int = 384
    inner: int = 320
    token_width: int = 64
    gist_width: int = 96
    beat_width: int = 48
    pitch_width: int = 128
    dropout: float = 0.1
    chord_width: int = 0
    rhythm_width: int = 0
    chord_dropout: float = 0.08
    bass_dropout: float = 0.15


class FlowModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``.

    Over chords it is told them as last argument of ``loss``, ``encode`` and ``decode``: shape (batch, beats,
    24), float32, see ``livevae.codec.chords``; all 0 where none are known.
    """

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        if (config.chord_width or config.rhythm_width) and codec.name != "melody":
            raise ValueError(f"codec {codec.name!r} is no melody; only melodies are played over chords")
        self.codec, self.config, self.objective = codec, config, objective
        kind = _VOICES[codec.name]
        beats = codec.steps // STEPS_PER_BEAT
        self.gist = Gist(kind.gist_sizes, kind.evened, int(kind.round_first))
        self.trunk = Trunk(
            Rows(kind.rows, kind.many, MelodyVoice.rhythms if config.rhythm_width else 0),
            self.gist.count,
            beats,
            width=config.width,
            inner=config.inner,
            token_width=config.token_width,
            gist_width=config.gist_width,
            beat_width=config.beat_width,
            rhythm_width=config.rhythm_width,
            chord_width=config.chord_width,
            dropout=config.dropout,
        )
        self.voice: Voice = kind(codec, self.trunk.features, config.pitch_width)
        if config.rhythm_width:
            self.voice = MelodyVoice(codec, self.trunk.features, config.pitch_width, config.rhythm_width)
        if config.chord_width:
            self.harmony = Harmony(MelodyVoice.keys, config.chord_width)
        self.placement = Placement()
        self.measures = len(kind.gist_sizes)
        self.around = int(kind.round_first)  # a measure that goes round has two numbers
        self.latent_size = self.around + self.measures + beats * kind.numbers

    def loss(self, batch: Tensor, step: int, chords: Tensor | None = None) -> Loss:
        """See ``Model.loss``; what is lowered is the windows' own nats, and the cost of placing their
        codes."""
        if self.training and chords is not None:
            chords = withheld(chords, self.config.chord_dropout, self.config.bass_dropout)
        over = self._heard(chords)
        rows, levels = self._read(batch, over)
        gist = self.gist.one_hot(levels)
        features = self._features(rows, gist, over)
        chances = self.gist.chances(gist)
        nats = self.voice.nats(features, rows) - self._asked(chances[..., 1].log(), over).sum(dim=1)
        few = slice(_PLACED if self.training else None)
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            ends, asked = self._stretches(chances[few], features[few], rows[few])
        mu, sigma = self._placed(ends, asked)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        if self.around:
            first = kl_to_unit_gaussian(*self._placed_around(levels, over))[few]
            kl = kl + first.sum(dim=1).detach()
        spilt = torch.where(asked, spill_nats(mu, sigma, ends), 0.0).sum(dim=1)
        total = nats.mean() + self.objective.total(spilt, kl, step)
        return Loss(total, spilt.mean(), kl.mean())

    def _heard(self, chords: Tensor | None) -> Over | None:
        """What the chords say, to a model that is told chords."""
        if not self.config.chord_width:
            return None
        assert chords is not None, "a model over chords is told them, be it none"
        over: Over = self.harmony(chords)
        return over

    def _read(self, x: Tensor, over: Over | None) -> tuple[Tensor, Tensor]:
        """Rows and levels of windows, in their chords' key where there are chords."""
        if over is None:
            return self.voice.read(x)
        assert isinstance(self.voice, MelodyVoice)
        key = torch.where(over.known, over.key, self.voice.votes(x).argmax(dim=1))
        rows, levels = self.voice.read_in(x, key)
        return rows, torch.cat([key[:, None], levels], dim=1)

    @staticmethod
    def _asked(nats: Tensor, over: Over | None) -> Tensor:
        """Nats of a window's levels, (batch, measures): none for a key the chords decide."""
        if over is None:
            return nats
        first = torch.where(over.known[:, None], 0.0, nats[:, :1])
        return torch.cat([first, nats[:, 1:]], dim=1)

    def _features(self, rows: Tensor, gist: Tensor, over: Over | None) -> Tensor:
        """What the network says for every beat given the true beats before it: (batch, beats, features)."""
        features: Tensor = self.trunk(rows, self.gist.heard(gist), over)
        return features

    def _stretches(self, chances: Tensor, features: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Where each number on a line must lie, (batch, numbers, 2), and whether it matters.

        chances: of the gist.
        """
        made, asked = self.voice.chances(features, rows)
        whole = chances[:, self.around :]
        always = torch.ones_like(whole[..., 0], dtype=torch.bool)
        return stretch(torch.cat([whole, made], dim=1)), torch.cat([always, asked], dim=1)

    def _placed(self, ends: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.placement(ends)
        return torch.where(asked, mu, 0.0), torch.where(asked, sigma, 1.0)

    def _placed_around(self, levels: Tensor, over: Over | None) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the two numbers of the measure that goes round: (batch, 2) each.

        Where chords say the key already they may be anything.
        """
        every = torch.cat(placed_around(*self.gist.first_shares()), dim=1)
        mu, sigma = functional.embedding(levels[:, 0], every).chunk(2, dim=1)
        if over is None:
            return mu, sigma
        known = over.known[:, None]
        return torch.where(known, 0.0, mu), torch.where(known, 1.0, sigma)

    def encode(self, x: Tensor, chords: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        over = self._heard(chords)
        rows, levels = self._read(x, over)
        gist = self.gist.one_hot(levels)
        features = self._features(rows, gist, over)
        placed = self._placed(*self._stretches(self.gist.chances(gist), features, rows))
        if not self.around:
            return placed
        first = self._placed_around(levels, over)
        return torch.cat([first[0], placed[0]], dim=1), torch.cat([first[1], placed[1]], dim=1)

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor | None = None) -> Tensor:
        """See ``Model.decode``; of the noise the first column is used.

        The latent decides everything but a share of the beats that grows with the temperature: none at 0.
        """
        return self.decode_by(self.trunk.table(), z, noise, temperature, chords)

    def decode_by(
        self, table: Tensor, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor | None = None
    ) -> Tensor:
        """``decode`` with ``table`` worked out before."""
        over = self._heard(chords)
        read = torch.sigmoid(odds(z[:, 2 * self.around :]))
        lines = self.measures - self.around
        shares = read[:, :lines]
        if self.around:
            shares = torch.cat([share_around(z[:, :2]), shares], dim=1)
        levels, gist = self.gist.drawn(within(shares), self.trunk.whole.weight.T)
        if over is not None:
            key = torch.where(over.known, over.key, levels[:, 0])
            levels = torch.cat([key[:, None], levels[:, 1:]], dim=1)
        shares = torch.unflatten(read[:, lines:], 1, (-1, self.voice.numbers))
        shares = within(some_left_to_chance(shares, noise[:, ::STEPS_PER_BEAT, 0], temperature))
        told = self.trunk.beats(gist + self.trunk.whole.bias, over)
        in_beat, width = self.voice.told(), told.shape[2]
        says = [None] * told.shape[1] if over is None else over.says.unbind(dim=1)
        ahead = z.new_zeros(z.shape[0], told[0].numel())
        last = self.voice.silence(levels)
        beats = []
        for mine, share, chord in zip(told.unbind(dim=1), shares.unbind(dim=1), says, strict=True):
            heard, ahead = ahead[:, :width], ahead[:, width:]
            rows, last = self.voice.draw(in_beat, self.trunk.beat(mine, heard, chord), share, last)
            beats.append(rows)
            ahead = ahead + self.trunk.says(rows, table)[:, : ahead.shape[1]]
        return self.voice.write(torch.stack(beats, dim=1), levels)

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/window_graph.py."""
        encode, decode = window_functions(self, CHORD_INPUTS if self.config.chord_width else ())
        return encode, replace(decode, module=_ReadyToDecode(self))


class _ReadyToDecode(nn.Module):
    """Decoding with the table worked out once and for all."""

    table: Tensor

    def __init__(self, model: FlowModel) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("table", model.trunk.table().detach().clone())

    def forward(self, z: Tensor, noise: Tensor, temperature: Tensor, *chords: Tensor) -> Tensor:
        return self.model.decode_by(self.table, z, noise, temperature, *chords)


def some_left_to_chance(beats: Tensor, uniform: Tensor, temperature: Tensor) -> Tensor:
    """Numbers as shares of their lines, (batch, beats, numbers), a few beats' drawn anew.

    uniform: (batch, beats).
    """
    share = (_LEFT_TO_CHANCE * temperature.reshape(-1, 1).pow(6)).clamp(max=_MOST_CHANCE)
    anew = (uniform / share.clamp(min=1e-6)).clamp(max=1.0)[..., None]  # uniform again where it is below 1
    # One number serves all of a beat's, turned differently for each.
    turns = torch.arange(beats.shape[2], device=beats.device) * 2 + 1
    several = (anew * turns).remainder(1.0)
    return torch.where(anew < 1.0, several, beats)


def build(codec: Codec, config: Config, objective: Objective) -> FlowModel:
    """An untrained model."""
    return FlowModel(codec, config, objective)
