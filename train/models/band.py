"""One bar of a band, every choice of which has a number of the latent to itself.

What is special: flow.py for many players at once. First the bar as a whole (band_bar.py): its chord, who
plays, on which instrument, how loud and how busy. Then beat by beat: the drums, then guitar, keys and strings
side by side, who hear the drums, then bass, second guitar, lead and extra, who hear all of these. Players
share one network; each has its own place in it. All of them hear the three beats before.

The root of the chord is C to everything: turning its two numbers transposes and does nothing else. Where the
stage knows the chord of a beat, that takes the place of what the latent says.

Counterpart of Simon et al. 2018, "Learning a latent space of multitrack measures": eight tracks of one bar,
with programs and velocities, over a chord.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.band import SLOTS
from livevae.codec.chords import CHORD_FEATURES
from livevae.codec.layout import LatentLayout
from livevae.core.chords import OCTAVE
from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models import GraphFunction, Loss
from train.models.band_bar import GIST_SIZES, Bar, Reader, shifted_between
from train.models.band_graph import band_functions
from train.models.band_players import (
    DRUM_NUMBERS,
    PLAYER_NUMBERS,
    Chosen,
    Drummer,
    Memory,
    Player,
    chosen_of,
)
from train.models.chord_guess import QUALITIES
from train.models.flow import some_left_to_chance
from train.models.gist import Gist
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.odds import Placement, odds, placed_around, share_around, spill_nats, stretch, within
from train.models.silent_channels import SilentChannels

_AROUND = 2  # numbers of the root, a direction
_CHORD_MEASURES = 2  # root and quality
_PLACED = 32  # windows of a batch the placement learns from
_END = 1e-4  # of a line: among hundreds of numbers, some would lie where rounding decides nearer to it
_EVENED = 1.0  # every root is as likely: which is a matter of transposition
_BEAT_NUMBERS = DRUM_NUMBERS + len(SLOTS) * PLAYER_NUMBERS
_FIRST_GROUP, _SECOND_GROUP = (
    slice(0, 3),
    slice(3, len(SLOTS)),
)  # of slots; in a beat the second hears the first
_PLAYERS = 1 + len(SLOTS)


@dataclass(frozen=True, slots=True)
class Config:
    """width: of the first layer. inner: of the second. token_width: numbers that describe what a player did
    in a beat. gist_width, told_width: of the network from a bar's gist to its beats and players. step_width:
    of the layer before pitches. dropout: share of either layer silent in training.
    """

    width: int = 320
    inner: int = 256
    token_width: int = 64
    gist_width: int = 96
    told_width: int = 48
    step_width: int = 128
    dropout: float = 0.1


class BandModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.silent = SilentChannels(config.dropout)
        self.codec, self.config, self.objective = codec, config, objective
        self.reader = Reader()
        self.gist = Gist(GIST_SIZES, _EVENED, apart=_CHORD_MEASURES)
        self.whole = nn.Linear(self.gist.count, config.gist_width)
        self.spread = nn.Linear(config.gist_width, (BEATS_PER_BAR + _PLAYERS) * config.told_width)
        self.told_beats = nn.Linear(config.told_width, config.width)
        self.told_players = nn.Linear(config.told_width, config.width, bias=False)
        self.place = nn.Parameter(torch.zeros(BEATS_PER_BAR, 1, config.width))  # the metrical position
        self.player = nn.Parameter(torch.zeros(_PLAYERS, config.width))
        self.quality = nn.Embedding(len(QUALITIES), config.width)
        self.memory = Memory(config.token_width)
        lags = BEATS_PER_BAR - 1
        self.all_before = nn.Conv1d(_PLAYERS * config.token_width, config.width, lags, bias=False)
        self.own_before = nn.Conv1d(config.token_width, config.width, lags, bias=False)
        self.by_first = nn.Linear(config.token_width, config.width, bias=False)
        heard_by_second = (1 + _FIRST_GROUP.stop) * config.token_width
        self.by_second = nn.Linear(heard_by_second, config.width, bias=False)
        self.inner = nn.Linear(config.width, config.inner)
        self.player_inner = nn.Parameter(torch.zeros(_PLAYERS, config.inner))
        self.drummer = Drummer(config.inner)
        self.slots = Player(config.inner, config.step_width)
        self.placement = Placement()
        self.lines = len(GIST_SIZES) - 1
        self.latent_size = _AROUND + self.lines + BEATS_PER_BAR * _BEAT_NUMBERS

    @property
    def layout(self) -> LatentLayout:
        """Of every part: its instrument, how busy it is, and what it does in each beat."""
        first = _AROUND + self.lines
        found: dict[str, list[tuple[int, int]]] = {}
        for index, part in enumerate(self.codec.parts):
            size = PLAYER_NUMBERS if index else DRUM_NUMBERS
            start = first + (DRUM_NUMBERS + (index - 1) * PLAYER_NUMBERS if index else 0)
            beats = [start + beat * _BEAT_NUMBERS for beat in range(BEATS_PER_BAR)]
            whole = [
                _AROUND - 1 + measure + index for measure in (_CHORD_MEASURES, len(GIST_SIZES) - _PLAYERS)
            ]
            found[part] = [*((one, one + 1) for one in whole), *((beat, beat + size) for beat in beats)]
        return LatentLayout(parts={part: tuple(ranges) for part, ranges in found.items()})

    # --- what the players hear ------------------------------------------------------------------

    def _told(self, gist: Tensor) -> Tensor:
        """What the gist (batch, gist_width) says: (batch, beats, players, width)."""
        spread = torch.unflatten(
            self.spread(functional.relu(gist)), 1, (BEATS_PER_BAR + _PLAYERS, self.config.told_width)
        )
        beats, players = functional.relu(spread).tensor_split([BEATS_PER_BAR], dim=1)
        by_player = self.told_players(players) + self.player.to(players.dtype)
        told: Tensor = (self.told_beats(beats)[:, :, None] + self.place.to(beats.dtype)) + by_player[:, None]
        return told

    def _first_layer(self, bar: Bar, hot: Tensor) -> Tensor:
        """What everybody hears given the true bar, (batch, beats, players, width), before the
        nonlinearity."""
        drums = self.memory.of_drums(bar.drums, bar.drums_loud)[:, :, None]
        memory = torch.cat([drums, self.memory.of_players(chosen_of(bar))], dim=2)
        every = memory.flatten(2).transpose(1, 2)  # (batch, players x token_width, beats)
        lags = BEATS_PER_BAR - 1
        everybody = self.all_before(functional.pad(every, (lags, 0))[:, :, :-1]).transpose(1, 2)
        own = memory.transpose(1, 2).flatten(0, 1).transpose(1, 2)  # (batch x players, token_width, beats)
        own = self.own_before(functional.pad(own, (lags, 0))[:, :, :-1]).transpose(1, 2)
        own = torch.unflatten(own, 0, (-1, _PLAYERS)).transpose(1, 2)
        now_first = self.by_first(memory[:, :, 0])[:, :, None].expand(-1, -1, _FIRST_GROUP.stop, -1)
        now_second = self.by_second(memory[:, :, : 1 + _FIRST_GROUP.stop].flatten(2))[:, :, None]
        now_second = now_second.expand(-1, -1, len(SLOTS) - _FIRST_GROUP.stop, -1)
        now = torch.cat([torch.zeros_like(now_first[:, :, :1]), now_first, now_second], dim=2)
        told = self._told(self.whole(self.gist.heard(hot)))
        chord = self.quality(bar.levels[:, 1])[:, None, None]
        first: Tensor = told + chord + everybody[:, :, None] + own + now
        return first

    def _second_layer(self, first: Tensor, player: Tensor) -> Tensor:
        """Features (…, inner) of cells (…, width). player: which of the eight, as ``player_inner`` is
        indexed."""
        return functional.relu(self.inner(functional.relu(first)) + player)

    # --- training -------------------------------------------------------------------------------

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``; what is lowered is the bars' own nats, and the cost of placing their codes."""
        bar = self.reader.read(batch)
        hot = self.gist.one_hot(bar.levels)
        first = self.silent(self._first_layer(bar, hot))
        chances = self.gist.chances(hot)
        whole = torch.where(bar.known, -chances[..., 1].log(), 0.0).sum(dim=1)
        nats = whole + self._cell_nats(bar, first)
        few = slice(_PLACED if self.training else None)
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            part = Bar(*(each[few] for each in bar))
            ends, asked = self._stretches(part, chances[few], first[few])
        mu, sigma = self._placed(ends, asked)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        kl = kl + kl_to_unit_gaussian(*self._placed_around(part.levels)).sum(dim=1).detach()
        spilt = torch.where(asked, spill_nats(mu, sigma, ends), 0.0).sum(dim=1)
        total = nats.mean() + self.objective.total(spilt, kl, step)
        return Loss(total, spilt.mean(), kl.mean())

    def _cell_nats(self, bar: Bar, first: Tensor) -> Tensor:
        """-log of the chance of what everybody who plays does, (batch,)."""
        batch, beats = bar.drums.shape[:2]
        plays = bar.plays[:, None].expand(-1, beats, -1)
        window = torch.arange(batch, device=first.device)[:, None, None].expand_as(plays)
        total = first.new_zeros(batch, dtype=torch.float32)
        drummed = plays[:, :, 0]
        features = self._second_layer(first[:, :, 0][drummed], self.player_inner[0])
        loudness = bar.knows_loudness[:, None].expand(-1, beats)[drummed]
        nats = self.drummer.nats(features, bar.drums[drummed], bar.drums_loud[drummed], loudness)
        total = total.index_add(0, window[:, :, 0][drummed], nats)
        played = plays[:, :, 1:]
        slot = torch.arange(len(SLOTS), device=first.device).expand_as(played)[played]
        features = self._second_layer(first[:, :, 1:][played], self.player_inner[1 + slot])
        made = Chosen(each[played] for each in chosen_of(bar))
        loudness = bar.knows_loudness[:, None, None].expand_as(played)[played]
        nats = self.slots.nats(features, slot, made, bar.before[played], loudness)
        return total.index_add(0, window[:, :, 1:][played], nats)

    def _stretches(self, bar: Bar, chances: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
        """Where each number on a line must lie, (batch, lines, 2), and whether it matters."""
        features = self._second_layer(first, self.player_inner)
        plays = bar.plays[:, None].expand(-1, BEATS_PER_BAR, -1)
        drums, asks_drums = self.drummer.chances(features[:, :, 0], bar.drums, bar.drums_loud, plays[:, :, 0])
        slot = torch.arange(len(SLOTS), device=first.device)
        made, asked = self.slots.chances(
            features[:, :, 1:], slot, chosen_of(bar), bar.before, plays[:, :, 1:]
        )
        beats = torch.cat([drums, made.flatten(2, 3)], dim=2).flatten(1, 2)
        asks_beats = torch.cat([asks_drums, asked.flatten(2)], dim=2).flatten(1)
        always = torch.ones_like(bar.levels[:, 1:], dtype=torch.bool)
        return stretch(torch.cat([chances[:, 1:], beats], dim=1)), torch.cat([always, asks_beats], dim=1)

    def _placed(self, ends: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.placement(ends)
        return torch.where(asked, mu, 0.0), torch.where(asked, sigma, 1.0)

    def _placed_around(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the two numbers of the root: (batch, 2) each."""
        every = torch.cat(placed_around(*self.gist.first_shares()), dim=1)
        mu, sigma = functional.embedding(levels[:, 0], every).chunk(2, dim=1)
        return mu, sigma

    # --- use ------------------------------------------------------------------------------------

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        bar = self.reader.read(x)
        hot = self.gist.one_hot(bar.levels)
        ends, asked = self._stretches(bar, self.gist.chances(hot), self._first_layer(bar, hot))
        around, placed = self._placed_around(bar.levels), self._placed(ends, asked)
        return torch.cat([around[0], placed[0]], dim=1), torch.cat([around[1], placed[1]], dim=1)

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor | None = None) -> Tensor:
        """See ``Model.decode``; of the noise the first column is used.

        chords: (batch, beats, 24) as ``livevae.codec.chords`` has them; a beat of zeros, like none at all,
        leaves the chord to the latent. The latent decides all but a share of the beats that grows with the
        temperature: none at 0.
        """
        told = odds(z[:, _AROUND:])
        shares = torch.sigmoid(told[:, : self.lines])
        shares = torch.cat([share_around(z[:, :_AROUND]), shares], dim=1)
        levels, gist = self.gist.drawn(within(shares, _END), self.whole.weight.T)
        shares = torch.unflatten(torch.sigmoid(told[:, self.lines :]), 1, (-1, _BEAT_NUMBERS))
        shares = within(some_left_to_chance(shares, noise[:, ::STEPS_PER_BEAT, 0], temperature), _END)
        roots, qualities = self._chords(levels, chords)
        heard = self._told(gist + self.whole.bias) + self.quality(qualities)[:, :, None]
        bar, drums = self._drawn(heard, shares, roots, levels)
        return torch.cat([drums, self.reader.write_players(bar, roots)], dim=2)

    def _chords(self, levels: Tensor, chords: Tensor | None) -> tuple[Tensor, Tensor]:
        """Root and quality of every beat, (batch, beats) each."""
        own = levels[:, :_CHORD_MEASURES, None].expand(-1, -1, BEATS_PER_BAR)
        if chords is None:
            return own[:, 0], own[:, 1]
        tones, bass = torch.unflatten(chords, 2, (CHORD_FEATURES // OCTAVE, OCTAVE)).unbind(dim=2)
        root, quality = self.reader.guess(tones, bass)
        is_told = tones.amax(dim=2) > 0
        return torch.where(is_told, root, own[:, 0]), torch.where(is_told, quality, own[:, 1])

    def _drawn(self, heard: Tensor, shares: Tensor, roots: Tensor, levels: Tensor) -> tuple[Bar, Tensor]:
        """The bar that the numbers say, and its drums as tokens. heard: (batch, beats, players, width)."""
        plays = levels[:, _CHORD_MEASURES : _CHORD_MEASURES + _PLAYERS] > 0
        all_before, own_before = self.all_before.weight, self.own_before.weight
        remembered: list[Tensor] = []
        beats: list[Chosen] = []
        drums: list[tuple[Tensor, Tensor]] = []
        told = self.drummer.told()
        last = levels.new_zeros(levels.shape[0], len(SLOTS))
        for beat in range(BEATS_PER_BAR):
            first = heard[:, beat]
            for lag, memory in enumerate(reversed(remembered), start=1):
                first = first + (memory.flatten(1) @ all_before[:, :, -lag].T)[:, None]
                first = first + memory @ own_before[:, :, -lag].T
            for_drums, for_slots = shares[:, beat].tensor_split([DRUM_NUMBERS], dim=1)
            for_slots = torch.unflatten(for_slots, 1, (len(SLOTS), PLAYER_NUMBERS))
            features = self._second_layer(first[:, 0], self.player_inner[0])
            struck = self.drummer.draw(features, plays[:, 0], for_drums, told)
            memory = self.memory.of_drums(*struck)[:, None]
            if beat:
                last = shifted_between(self.reader, last, roots[:, beat - 1], roots[:, beat])
            groups: list[Chosen] = []
            for group, by in ((_FIRST_GROUP, self.by_first), (_SECOND_GROUP, self.by_second)):
                players = slice(1 + group.start, 1 + group.stop)
                now = first[:, players] + by(memory.flatten(1))[:, None]
                features = self._second_layer(now, self.player_inner[players])
                made = self.slots.draw(
                    features, group, plays[:, players], for_slots[:, group], last[:, group]
                )
                memory = torch.cat([memory, self.memory.of_players(made, group)], dim=1)
                groups.append(made)
            remembered.append(memory)
            both = Chosen(torch.cat(pair, dim=1) for pair in zip(*groups, strict=True))
            last = both[2][:, :, -1]
            beats.append(both)
            drums.append(struck)
        rhythm, loud, pitch, shape, length, begun = (
            torch.stack(each, 1) for each in zip(*beats, strict=True)
        )
        patterns, drums_loud = (torch.stack(each, dim=1) for each in zip(*drums, strict=True))
        unused = levels > 0
        bar = Bar(
            levels,
            unused,
            unused[:, 0],
            patterns,
            drums_loud,
            rhythm,
            loud,
            pitch,
            pitch,
            shape,
            length,
            begun,
        )
        return bar, self.reader.write_drums(patterns, drums_loud)

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/band_graph.py."""
        return band_functions(self, self.codec)


def build(codec: Codec, config: Config, objective: Objective) -> BandModel:
    """An untrained model."""
    return BandModel(codec, config, objective)
