"""One bar of a band, every choice of which has a number of the latent to itself.

What is special: flow.py for many players at once. First the bar as a whole (band_bar.py): its chord, who
plays, on which instrument, how loud and how busy. Then beat by beat what each player does (band_players.py),
given what all of them hear (band_network.py).

The root of the chord is C to everything: turning its two numbers transposes and does nothing else. Where the
stage knows the chord of a beat, that takes the place of what the latent says.

Counterpart of Simon et al. 2018, "Learning a latent space of multitrack measures": eight tracks of one bar,
with programs and velocities, over a chord.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.band import SLOTS
from livevae.codec.chords import CHORD_FEATURES, CHORDS
from livevae.codec.layout import LatentLayout
from livevae.core.chords import OCTAVE
from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models import GraphFunction, Loss
from train.models.band_bar import CHORD_MEASURES, Bar, Chosen, playing, shifted_between
from train.models.band_layout import AROUND, BEAT_NUMBERS, LATENT_SIZE, LINES, band_layout
from train.models.band_network import FIRST_GROUP, SECOND_GROUP, BandNetwork
from train.models.band_players import DRUM_NUMBERS, PLAYER_NUMBERS
from train.models.flow import some_left_to_chance
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.odds import Placement, odds, placed_around, share_around, spill_nats, stretch, within
from train.models.window_graph import window_functions

_PLACED = 32  # windows of a batch the placement learns from
_END = 1e-4  # of a line: among hundreds of numbers, some would lie where rounding decides nearer to it


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


class BandModel(BandNetwork):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__(config)
        self.codec, self.objective = codec, objective
        self.placement = Placement()
        self.latent_size = LATENT_SIZE

    @property
    def layout(self) -> LatentLayout:
        """Of every part: its instrument, how busy it is, and what it does in each beat."""
        return band_layout(self.codec.parts)

    # --- training -------------------------------------------------------------------------------

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``; what is lowered is the bars' own nats, and the cost of placing their codes."""
        bar = self.reader.read(batch)
        hot = self.gist.one_hot(bar.levels)
        first = self.silent(self.first_layer(bar, hot))
        chances = self.gist.chances(hot)
        whole = torch.where(bar.known, -chances[..., 1].log(), 0.0).sum(dim=1)
        nats = whole + self._cell_nats(bar, first)
        few = _PLACED if self.training else None
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            part = bar.first(few)
            ends, asked = self._stretches(part, chances[:few], first[:few])
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
        features = self.second_layer(first[:, :, 0][drummed], self.player_inner[0])
        loudness = bar.knows_loudness[:, None].expand(-1, beats)[drummed]
        nats = self.drummer.nats(features, bar.drums[drummed], bar.drums_loud[drummed], loudness)
        total = total.index_add(0, window[:, :, 0][drummed], nats)
        played = plays[:, :, 1:]
        slot = torch.arange(len(SLOTS), device=first.device).expand_as(played)[played]
        features = self.second_layer(first[:, :, 1:][played], self.player_inner[1 + slot])
        made = bar.made.at(played)
        loudness = bar.knows_loudness[:, None, None].expand_as(played)[played]
        nats = self.slots.nats(features, slot, made, bar.before[played], loudness)
        return total.index_add(0, window[:, :, 1:][played], nats)

    def _stretches(self, bar: Bar, chances: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
        """Where each number on a line must lie, (batch, lines, 2), and whether it matters."""
        features = self.second_layer(first, self.player_inner)
        plays = bar.plays[:, None].expand(-1, BEATS_PER_BAR, -1)
        drums, asks_drums = self.drummer.chances(features[:, :, 0], bar.drums, bar.drums_loud, plays[:, :, 0])
        slot = torch.arange(len(SLOTS), device=first.device)
        made, asked = self.slots.chances(features[:, :, 1:], slot, bar.made, bar.before, plays[:, :, 1:])
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
        ends, asked = self._stretches(bar, self.gist.chances(hot), self.first_layer(bar, hot))
        around, placed = self._placed_around(bar.levels), self._placed(ends, asked)
        return torch.cat([around[0], placed[0]], dim=1), torch.cat([around[1], placed[1]], dim=1)

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor | None = None) -> Tensor:
        """See ``Model.decode``; of the noise the first column is used.

        chords: (batch, beats, 24) as ``livevae.codec.chords`` has them; a beat of zeros, like none at all,
        leaves the chord to the latent. The latent decides all but a share of the beats that grows with the
        temperature: none at 0.
        """
        told = odds(z[:, AROUND:])
        shares = torch.sigmoid(told[:, :LINES])
        shares = torch.cat([share_around(z[:, :AROUND]), shares], dim=1)
        levels, gist = self.gist.drawn(within(shares, _END), self.whole.weight.T)
        shares = torch.unflatten(torch.sigmoid(told[:, LINES:]), 1, (-1, BEAT_NUMBERS))
        shares = within(some_left_to_chance(shares, noise[:, ::STEPS_PER_BEAT, 0], temperature), _END)
        roots, qualities = self._chords(levels, chords)
        heard = self.told(gist + self.whole.bias) + self.quality(qualities)[:, :, None]
        drums, drums_loud, made = self._drawn(heard, shares, roots, playing(levels))
        hits = self.reader.write_drums(drums, drums_loud)
        return torch.cat([hits, self.reader.write_players(levels, made, roots)], dim=2)

    def _chords(self, levels: Tensor, chords: Tensor | None) -> tuple[Tensor, Tensor]:
        """Root and quality of every beat, (batch, beats) each."""
        own = levels[:, :CHORD_MEASURES, None].expand(-1, -1, BEATS_PER_BAR)
        if chords is None:
            return own[:, 0], own[:, 1]
        tones, bass = torch.unflatten(chords, 2, (CHORD_FEATURES // OCTAVE, OCTAVE)).unbind(dim=2)
        root, quality = self.reader.guess(tones, bass)
        is_told = tones.amax(dim=2) > 0
        return torch.where(is_told, root, own[:, 0]), torch.where(is_told, quality, own[:, 1])

    def _drawn(
        self, heard: Tensor, shares: Tensor, roots: Tensor, plays: Tensor
    ) -> tuple[Tensor, Tensor, Chosen]:
        """The bar that the numbers say: its drums and their loudness, as in ``Bar``, and what slots play.

        heard: (batch, beats, players, width). plays: (batch, players).
        """
        all_before, own_before = self.all_before.weight, self.own_before.weight
        remembered: list[Tensor] = []
        beats: list[Chosen] = []
        drums: list[tuple[Tensor, Tensor]] = []
        told = self.drummer.told()
        last = torch.zeros_like(plays[:, 1:], dtype=torch.int64)
        for beat in range(BEATS_PER_BAR):
            first = heard[:, beat]
            for lag, memory in enumerate(reversed(remembered), start=1):
                first = first + (memory.flatten(1) @ all_before[:, :, -lag].T)[:, None]
                first = first + memory @ own_before[:, :, -lag].T
            for_drums, for_slots = shares[:, beat].tensor_split([DRUM_NUMBERS], dim=1)
            for_slots = torch.unflatten(for_slots, 1, (len(SLOTS), PLAYER_NUMBERS))
            features = self.second_layer(first[:, 0], self.player_inner[0])
            struck = self.drummer.draw(features, plays[:, 0], for_drums, told)
            memory = self.memory.of_drums(*struck)[:, None]
            if beat:
                last = shifted_between(self.reader, last, roots[:, beat - 1], roots[:, beat])
            groups: list[Chosen] = []
            for group, by in ((FIRST_GROUP, self.by_first), (SECOND_GROUP, self.by_second)):
                players = slice(1 + group.start, 1 + group.stop)
                now = first[:, players] + by(memory.flatten(1))[:, None]
                features = self.second_layer(now, self.player_inner[players])
                made = self.slots.draw(
                    features, group, plays[:, players], for_slots[:, group], last[:, group]
                )
                memory = torch.cat([memory, self.memory.of_players(made, group)], dim=1)
                groups.append(made)
            remembered.append(memory)
            both = Chosen(*(torch.cat(pair, dim=1) for pair in zip(*groups, strict=True)))
            last = both.pitch[:, :, -1]
            beats.append(both)
            drums.append(struck)
        patterns, loud = (torch.stack(each, dim=1) for each in zip(*drums, strict=True))
        return patterns, loud, Chosen(*(torch.stack(each, dim=1) for each in zip(*beats, strict=True)))

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode, which hears the chord by itself, and decode, which may be told it; see
        train/models/window_graph.py."""
        return window_functions(self, (CHORDS,))


def build(codec: Codec, config: Config, objective: Objective) -> BandModel:
    """An untrained model."""
    return BandModel(codec, config, objective)
