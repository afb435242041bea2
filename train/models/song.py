"""Sixteen bars in which every choice has a number of the latent to itself, and themes return.

What flow.py is to two bars: an autoregressive model read as a flow, so that draws from N(0, I) are draws of
that model, a code takes few nats more than the music is unlikely, and what was played comes back as it was.
Special here is what a long piece needs. Before its notes a bar decides which earlier one it brings back
(song_form.py), and every half bar its chord (song_harmony.py). Before each beat the model recalls what came,
earlier on, after beats like those just heard (recall.py). Several parts decide beat by beat (song_voices.py).
And bars come one at a time: a *conductor* turns z into one embedding a bar, of what the piece is like as a
whole and the bar's own numbers; a bar is played from its embedding and a memory of the bars before it, and
leaves a memory to the next (song_play.py; the hierarchy of MusicVAE, Roberts et al. 2018, but that bars hear
one another).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.layout import LatentLayout
from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models import GraphFunction, Loss
from train.models.gist import Gist
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.odds import Placement, odds, placed_around, share_around, spill_nats, stretch, within
from train.models.recall import Recall
from train.models.silent_channels import SilentChannels
from train.models.song_form import KINDS, Firmness, Form
from train.models.song_graph import song_functions
from train.models.song_harmony import CHORDS_PER_BAR, Harmony
from train.models.song_hear import Decided, hear
from train.models.song_layout import song_layout
from train.models.song_memory import width
from train.models.song_play import Chance, Known, play
from train.models.song_practice import rearranged
from train.models.song_voices import Reading, Voices

_PLACED = 4  # windows of a batch the placement learns from


@dataclass(frozen=True, slots=True)
class Config:
    """width: of the layer that hears. inner: of what parts decide from. token_width: numbers that say what is
    played in a beat.

    just_heard: beats that are heard as such; older ones are recalled. heads, head_size: of recall.
    gist_width: of the layer that turns the gist into what every beat is told. form_width: of the layer that
    decides the form. pitch_width: of the layer before pitches. dropout: share of either layer silent in
    training. forgotten: share of beats that training hides from those after them. rearranged: share of
    windows whose sections change places in training.

    Once it plays, layers are whole and what it draws is less sure than songs are. by_chords, by_others: how
    much more it then listens to chords, and parts to those before them in a beat. sure_of_chords: what the
    logits of chords are multiplied by.
    """

    width: int = 384
    inner: int = 320
    token_width: int = 128
    just_heard: int = 5
    heads: int = 8
    head_size: int = 32
    gist_width: int = 128
    form_width: int = 64
    pitch_width: int = 128
    dropout: float = 0.15
    forgotten: float = 0.1
    rearranged: float = 0.5
    by_chords: float = 1.0
    by_others: float = 1.0
    sure_of_chords: float = 1.0


class SongModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.silent = SilentChannels(config.dropout)
        self.codec, self.config, self.objective = codec, config, objective
        self.beats = codec.steps // STEPS_PER_BEAT
        self.voices = Voices(codec, config.inner, config.pitch_width)
        self.around = int(bool(self.voices.lines))  # the key goes round a circle and has two numbers
        self.measures = len(self.voices.sizes)
        self.gist = Gist(self.voices.sizes, self.voices.evened if self.around else 0.0, bool(self.around))
        self.whole = nn.Linear(self.gist.count, config.gist_width)
        self.told = nn.Linear(config.gist_width, config.width)
        self.bar_place = nn.Parameter(torch.zeros(codec.bars, config.width))
        self.beat_place = nn.Parameter(torch.zeros(BEATS_PER_BAR, config.width))
        self.token = nn.Embedding(self.voices.rows, config.token_width)
        nn.init.normal_(self.token.weight, std=0.3)
        self.heard = nn.Linear(config.just_heard * config.token_width, config.width, bias=False)
        self.recall = Recall(config.width, config.token_width, self.beats, config.heads, config.head_size)
        self.inner = nn.Linear(config.width + self.recall.size, config.inner)
        others = len(self.voices.parts) - 1
        self.beside = nn.ModuleList(nn.Linear(config.token_width, config.inner) for _ in range(others))
        parts = len(self.voices.parts)
        self.echo = nn.ModuleList(nn.Linear(config.inner, config.heads) for _ in range(parts))
        self.form = Form(parts, codec.bars, config.gist_width, config.form_width)
        self.kind = nn.ModuleList(nn.Embedding(KINDS, config.inner) for _ in range(parts))
        self.firm = nn.ModuleList(Firmness(config.inner) for _ in range(parts))
        self.harmony: Harmony | None = None
        if len(self.voices.lines) > 1:
            self.harmony = Harmony(self.voices, config)
        self.chords = 0 if self.harmony is None else CHORDS_PER_BAR  # of a bar
        self.placement = Placement()
        self.numbers = sum(self.voices.numbers)  # of a beat
        self.bar_numbers = parts + self.chords + BEATS_PER_BAR * self.numbers
        self.latent_size = self.around + self.measures + codec.bars * self.bar_numbers

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``; what is lowered is the windows' own nats, and the cost of placing their
        codes."""
        if self.training:
            batch = rearranged(batch, self.config.rearranged)
        read = self.voices.read(batch)
        gist = self.gist.one_hot(read.levels)
        whole = self._whole(gist)
        form = self._form(read)
        decided = hear(self, read, whole, form)
        chances = self.gist.chances(gist)
        nats = self.form.nats(whole, form) - chances[..., 1].log().sum(dim=1)
        for voice, (feature, rows, echo) in zip(self.voices.each, decided.voices, strict=True):
            nats = nats + voice.nats(feature, rows, echo)
        if decided.over is not None and decided.chords is not None:
            each = functional.cross_entropy(decided.over.float().mT, decided.chords, reduction="none")
            nats = nats + each.sum(dim=1)
        few = slice(_PLACED if self.training else None)
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            forms = self.form.chances(whole[few], form[few])
            ends, asked = self._stretches(chances[few], forms, decided.first(few))
        mu, sigma = self._placed(ends, asked)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        if self.around:
            kl = kl + kl_to_unit_gaussian(*self._placed_around(read.levels[few])).sum(dim=1).detach()
        spilt = torch.where(asked, spill_nats(mu, sigma, ends), 0.0).sum(dim=1)
        total = nats.mean() + self.objective.total(spilt, kl, step)
        if decided.aside is not None:
            total = total + decided.aside.mean()
        return Loss(total, spilt.mean(), kl.mean())

    def _whole(self, gist: Tensor) -> Tensor:
        """What one-hot levels (batch, count) say: (batch, gist_width)."""
        return functional.relu(self.whole(self.gist.heard(gist)))

    def _form(self, read: Reading) -> Tensor:
        rows = self.voices.own(read.rows)
        return self.form.read([voice.struck(own) for voice, own in zip(self.voices.each, rows, strict=True)])

    def said_beside(self, voice: int, before: Tensor) -> Tensor:
        """What those before a voice in a beat say to it, (…, inner).

        before: what says what they play, (…, token_width).
        """
        beside = self.beside[voice - 1]
        assert isinstance(beside, nn.Linear)
        count = 1.0 if self.training else self.config.by_others
        said: Tensor = functional.linear(before, count * beside.weight, beside.bias)
        return said

    def told_of(self, whole: Tensor) -> Tensor:
        """What the whole (batch, gist_width) and the place in the window say to each bar: (batch, bars,
        width)."""
        told: Tensor = self.told(whole)[:, None]
        return told + self.bar_place.to(told.dtype)

    def _stretches(self, chances: Tensor, forms: Tensor, decided: Decided) -> tuple[Tensor, Tensor]:
        """Where each number on a line must lie, (batch, numbers, 2), and whether it matters.

        chances: of the gist, (batch, measures, 3). forms: of the form, (batch, bars, voices, 3).
        """
        whole = chances[:, self.around :]
        if self.harmony is not None and decided.over is not None and decided.chords is not None:
            chords = self.harmony.chances(decided.over, decided.chords)
            forms = torch.cat([forms, torch.unflatten(chords, 1, (self.codec.bars, -1))], dim=2)
        always = torch.ones_like(forms[..., 0], dtype=torch.bool)
        by_beat, asks = [], []
        for voice, (feature, rows, echo) in zip(self.voices.each, decided.voices, strict=True):
            made, asked = voice.chances(feature, rows, echo)
            by_beat.append(torch.unflatten(made, 1, (self.beats, -1)))
            asks.append(torch.unflatten(asked, 1, (self.beats, -1)))
        bars = torch.cat([forms, _by_bar(torch.cat(by_beat, dim=2))], dim=2).flatten(1, 2)
        asked = torch.cat([always, _by_bar(torch.cat(asks, dim=2))], dim=2).flatten(1, 2)
        ends = stretch(torch.cat([whole, bars], dim=1))
        return ends, torch.cat([torch.ones_like(whole[..., 0], dtype=torch.bool), asked], dim=1)

    def _placed(self, ends: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.placement(ends)
        return torch.where(asked, mu, 0.0), torch.where(asked, sigma, 1.0)

    def _placed_around(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the two numbers of the key: (batch, 2) each."""
        every = torch.cat(placed_around(*self.gist.first_shares()), dim=1)
        mu, sigma = functional.embedding(levels[:, 0], every).chunk(2, dim=1)
        return mu, sigma

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        read = self.voices.read(x)
        gist = self.gist.one_hot(read.levels)
        whole, form = self._whole(gist), self._form(read)
        decided = hear(self, read, whole, form)
        forms = self.form.chances(whole, form)
        placed = self._placed(*self._stretches(self.gist.chances(gist), forms, decided))
        if not self.around:
            return placed
        first = self._placed_around(read.levels)
        return torch.cat([first[0], placed[0]], dim=1), torch.cat([first[1], placed[1]], dim=1)

    def conduct(self, z: Tensor) -> Tensor:
        """What each bar is played from: (batch, latent) -> (batch, bars, width + 1 + form_width +
        bar_numbers).

        What its beats are told of the whole, the key's level, what its form is told, and its numbers as
        shares of their lines.
        """
        shares = torch.sigmoid(odds(z[:, 2 * self.around :]))
        lines = self.measures - self.around
        measures = shares[:, :lines]
        if self.around:
            measures = torch.cat([share_around(z[:, :2]), measures], dim=1)
        levels, said = self.gist.drawn(within(measures), self.whole.weight.T)
        whole = functional.relu(said + self.whole.bias)
        bars = torch.unflatten(shares[:, lines:], 1, (self.codec.bars, -1))
        key = levels[:, :1, None].to(whole.dtype).expand(-1, self.codec.bars, -1)
        return torch.cat([self.told_of(whole), key, self.form.told_of(whole), bars], dim=2)

    @property
    def memory_size(self) -> int:
        """Numbers of a beat in the memory of bars (song_memory.py)."""
        return width(self.voices.numbers, self.config.token_width, self.recall)

    @property
    def layout(self) -> LatentLayout:
        """Which numbers of z are about which bar and which part; the first are about the whole."""
        return song_layout(self.voices, self.codec.bars, self.chords)

    def decode_bar(
        self, bar: Tensor, memory: Tensor, noise: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One bar from its embedding, (batch, …), and the memory of those before, (batch, beats,
        memory_size).

        Returns tokens (batch, 16, columns), int64, and what the memory grows by, (batch, 4, memory_size).
        noise: uniform [0, 1), (batch, 16, columns), of which the first column of
        each beat is used. temperature: the share of beats left to chance grows with it; none at 0.
        """
        return play(self, bar, memory, Chance(noise, temperature))

    def complete_bar(self, bar: Tensor, memory: Tensor, x: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """``decode_bar`` at temperature 0, where some parts are known and the others play along.

        x: the bar, (batch, 16, columns), int64. given: which parts count of it, 1.0 or 0.0, (batch, parts),
        in the codec's order.
        """
        return play(self, bar, memory, known=Known(x, given))

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; bar after bar."""
        memory = z.new_zeros(z.shape[0], 0, self.memory_size)
        bars = []
        by_bar = torch.unflatten(noise, 1, (self.codec.bars, -1)).unbind(dim=1)
        for bar, random in zip(self.conduct(z).unbind(dim=1), by_bar, strict=True):
            tokens, more = self.decode_bar(bar, memory, random, temperature)
            memory = torch.cat([memory, more], dim=1)
            bars.append(tokens)
        return torch.cat(bars, dim=1)

    def functions(self) -> tuple[GraphFunction, ...]:
        """``encode``, ``conduct`` and ``decode_bar``, see train/models/song_graph.py."""
        return song_functions(self)


def _by_bar(beats: Tensor) -> Tensor:
    """(batch, beats, numbers, …) as (batch, bars, numbers of a bar, …)."""
    return torch.unflatten(beats, 1, (-1, BEATS_PER_BAR)).flatten(2, 3)


def build(codec: Codec, config: Config, objective: Objective) -> SongModel:
    """An untrained model."""
    return SongModel(codec, config, objective)
