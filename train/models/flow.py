"""Two-bar model in which every choice has a number of the latent to itself.

What is special: an autoregressive model of the windows, read as a flow. Window and latent are two ways of
writing the same thing: first how the window is as a whole (gist.py), then beat by beat what happens, each
choice read off one number of z through the chances that everything before it leaves (odds.py). So draws from
N(0, I) are draws of the autoregressive model, a code takes few nats more than the window is unlikely, and
what was played comes back as it was. A model that sends windows through a noisy Gaussian channel cannot have
both: train/EXPERIMENTS.md has the curves. After autoregressive flows (Papamakarios, Pavlakou and Murray 2017)
and arithmetic coding.

Training has no latent in it: the windows are made likely, and a small network beside learns to place codes.

Eight beats are drawn one after another. A beat costs two small layers: what each choice says to the beats
after it is looked up in a table when it is made, and added up as time goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BEAT
from train.models import GraphFunction, Loss
from train.models.flow_drums import DrumsVoice
from train.models.flow_melody import MelodyVoice
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
_VOICES: dict[str, Callable[[Codec, int, int], Voice]] = {"melody": MelodyVoice, "drums": DrumsVoice}


class Voice(Protocol):
    """What is played in a beat, and the choices it takes.

    rows: entries of the dictionary beats are written in. numbers: of the latent, for each beat. gist_sizes:
    levels of the window's measures. round_first: whether the first goes round a circle. evened: see Gist.
    flow_melody.py says what its methods do.
    """

    rows: int
    numbers: int
    gist_sizes: tuple[int, ...]
    round_first: bool
    evened: float

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]: ...
    def nats(self, features: Tensor, rows: Tensor) -> Tensor: ...
    def chances(self, features: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]: ...
    def told(self) -> Tensor: ...
    def silence(self, z: Tensor) -> Tensor: ...
    def draw(self, told: Tensor, features: Tensor, shares: Tensor, last: Tensor) -> tuple[Tensor, Tensor]: ...
    def write(self, rows: Tensor, levels: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Config:
    """width: of the first layer. inner: of the second. token_width: numbers that describe a choice to later
    beats.

    gist_width, beat_width: of the network from a window's gist to its beats. pitch_width: of the layer before
    pitches. dropout: share of either layer silent in training.
    """

    width: int = 384
    inner: int = 320
    token_width: int = 64
    gist_width: int = 96
    beat_width: int = 48
    pitch_width: int = 128
    dropout: float = 0.1


class FlowModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.config, self.objective = codec, config, objective
        beats = codec.steps // STEPS_PER_BEAT
        self.lags = beats - 1
        self.voice = _VOICES[codec.name](codec, config.inner, config.pitch_width)
        self.gist = Gist(self.voice.gist_sizes, self.voice.evened, int(self.voice.round_first))
        self.whole = nn.Linear(self.gist.count, config.gist_width)
        self.spread = nn.Linear(config.gist_width, beats * config.beat_width)
        self.told = nn.Linear(config.beat_width, config.width)
        self.place = nn.Parameter(torch.zeros(beats, config.width))  # the metrical position
        self.token = nn.Embedding(self.voice.rows, config.token_width)
        self.heard = nn.Conv1d(config.token_width, config.width, self.lags, bias=False)
        self.inner = nn.Linear(config.width, config.inner)
        self.placement = Placement()
        self.measures = len(self.voice.gist_sizes)
        self.around = int(self.voice.round_first)  # a measure that goes round has two numbers
        self.latent_size = self.around + self.measures + beats * self.voice.numbers

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``; what is lowered is the windows' own nats, and the cost of placing their
        codes."""
        rows, levels = self.voice.read(batch)
        gist = self.gist.one_hot(levels)
        features = self._teacher_forced(rows, gist)
        chances = self.gist.chances(gist)
        nats = self.voice.nats(features, rows) - chances[..., 1].log().sum(dim=1)
        few = slice(_PLACED if self.training else None)
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            ends, asked = self._stretches(chances[few], features[few], rows[few])
        mu, sigma = self._placed(ends, asked)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        if self.around:
            kl = kl + kl_to_unit_gaussian(*self._placed_around(levels[few])).sum(dim=1).detach()
        spilt = torch.where(asked, spill_nats(mu, sigma, ends), 0.0).sum(dim=1)
        total = nats.mean() + self.objective.total(spilt, kl, step)
        return Loss(total, spilt.mean(), kl.mean())

    def _teacher_forced(self, rows: Tensor, gist: Tensor) -> Tensor:
        """What the network says for every beat given the true beats before it: (batch, beats, inner)."""
        told = self.token(rows).sum(dim=2).transpose(1, 2)
        heard = self.heard(functional.pad(told, (self.lags, 0))[:, :, :-1]).transpose(1, 2)
        first = self._dropped(functional.relu(self._told(self.whole(self.gist.heard(gist))) + heard))
        return self._dropped(functional.relu(self.inner(first)))

    def _dropped(self, features: Tensor) -> Tensor:
        """Some of the channels (batch, beats, channels) silent in training, the same in every beat."""
        if not self.training or not self.config.dropout:
            return features
        kept = 1.0 - self.config.dropout
        mask = torch.rand(features.shape[0], 1, features.shape[2], device=features.device) < kept
        return features * (mask / kept).to(features.dtype)

    def _told(self, gist: Tensor) -> Tensor:
        """What the gist (batch, gist_width) says to every beat: (batch, beats, width)."""
        spread = self.spread(functional.relu(gist))
        features: Tensor = self.told(functional.relu(torch.unflatten(spread, 1, (len(self.place), -1))))
        return features + self.place.to(features.dtype)

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

    def _placed_around(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the two numbers of the measure that goes round: (batch, 2) each."""
        every = torch.cat(placed_around(*self.gist.first_shares()), dim=1)
        mu, sigma = functional.embedding(levels[:, 0], every).chunk(2, dim=1)
        return mu, sigma

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        rows, levels = self.voice.read(x)
        gist = self.gist.one_hot(levels)
        features = self._teacher_forced(rows, gist)
        placed = self._placed(*self._stretches(self.gist.chances(gist), features, rows))
        if not self.around:
            return placed
        first = self._placed_around(levels)
        return torch.cat([first[0], placed[0]], dim=1), torch.cat([first[1], placed[1]], dim=1)

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; of the noise the first column is used.

        The latent decides everything but a share of the beats that grows with the temperature: none at 0.
        """
        return self.decode_by(self.table(), z, noise, temperature)

    def decode_by(self, table: Tensor, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """``decode`` with ``table`` worked out before."""
        told = odds(z[:, 2 * self.around :])
        lines = self.measures - self.around
        shares = torch.sigmoid(told[:, :lines])
        if self.around:
            shares = torch.cat([share_around(z[:, :2]), shares], dim=1)
        levels, gist = self.gist.drawn(within(shares), self.whole.weight.T)
        shares = torch.unflatten(torch.sigmoid(told[:, lines:]), 1, (-1, self.voice.numbers))
        shares = within(some_left_to_chance(shares, noise[:, ::STEPS_PER_BEAT, 0], temperature))
        features = self._told(gist + self.whole.bias)
        width, in_beat = self.config.width, self.voice.told()
        ahead = z.new_zeros(z.shape[0], (self.lags + 1) * width)
        last = self.voice.silence(z)
        beats = []
        for feature, share in zip(features.unbind(dim=1), shares.unbind(dim=1), strict=True):
            heard, ahead = ahead[:, :width], ahead[:, width:]
            inner = functional.relu(self.inner(functional.relu(feature + heard)))
            rows, last = self.voice.draw(in_beat, inner, share, last)
            beats.append(rows)
            ahead = ahead + functional.embedding(rows, table).sum(dim=1)[:, : ahead.shape[1]]
        return self.voice.write(torch.stack(beats, dim=1), levels)

    def table(self) -> Tensor:
        """What each row says to the beats after its own, nearest first: (rows, lags x width)."""
        told = torch.einsum("re,wel->rlw", self.token.weight, self.heard.weight.flip(2))
        return told.flatten(1)

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/window_graph.py."""
        encode, decode = window_functions(self)
        return encode, replace(decode, module=_ReadyToDecode(self))


class _ReadyToDecode(nn.Module):
    """Decoding with the table worked out once and for all."""

    table: Tensor

    def __init__(self, model: FlowModel) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("table", model.table().detach().clone())

    def forward(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        return self.model.decode_by(self.table, z, noise, temperature)


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
