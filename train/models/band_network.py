"""What the players of a band hear before each beat: the bar's gist, its chord, the beats before, each other.

All players share it; each has its own place in it. In a beat guitar, keys and strings hear the drums, and
bass, second guitar, lead and extra hear all of these. All of them hear the three beats before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec.band import SLOTS
from livevae.units import BEATS_PER_BAR
from train.models.band_bar import CHORD_MEASURES, GIST_SIZES, PLAYERS, Bar, Reader
from train.models.band_memory import Memory
from train.models.band_players import Drummer, Player
from train.models.chord_guess import QUALITIES
from train.models.gist import Gist
from train.models.silent_channels import SilentChannels

if TYPE_CHECKING:
    from train.models.band import Config

_EVENED = 1.0  # every root is as likely: which is a matter of transposition
FIRST_GROUP, SECOND_GROUP = slice(0, 3), slice(3, len(SLOTS))
"""Of slots; in a beat the second hears the first."""


class BandNetwork(nn.Module):
    """See the module's docstring."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.silent = SilentChannels(config.dropout)
        self.config = config
        self.reader = Reader()
        self.gist = Gist(GIST_SIZES, _EVENED, apart=CHORD_MEASURES)
        self.whole = nn.Linear(self.gist.count, config.gist_width)
        self.spread = nn.Linear(config.gist_width, (BEATS_PER_BAR + PLAYERS) * config.told_width)
        self.told_beats = nn.Linear(config.told_width, config.width)
        self.told_players = nn.Linear(config.told_width, config.width, bias=False)
        self.place = nn.Parameter(torch.zeros(BEATS_PER_BAR, 1, config.width))  # the metrical position
        self.player = nn.Parameter(torch.zeros(PLAYERS, config.width))
        self.quality = nn.Embedding(len(QUALITIES), config.width)
        self.memory = Memory(config.token_width)
        lags = BEATS_PER_BAR - 1
        self.all_before = nn.Conv1d(PLAYERS * config.token_width, config.width, lags, bias=False)
        self.own_before = nn.Conv1d(config.token_width, config.width, lags, bias=False)
        self.by_first = nn.Linear(config.token_width, config.width, bias=False)
        heard_by_second = (1 + FIRST_GROUP.stop) * config.token_width
        self.by_second = nn.Linear(heard_by_second, config.width, bias=False)
        self.inner = nn.Linear(config.width, config.inner)
        self.player_inner = nn.Parameter(torch.zeros(PLAYERS, config.inner))
        self.drummer = Drummer(config.inner)
        self.slots = Player(config.inner, config.step_width)

    def told(self, gist: Tensor) -> Tensor:
        """What the gist (batch, gist_width) says: (batch, beats, players, width)."""
        spread = torch.unflatten(
            self.spread(functional.relu(gist)), 1, (BEATS_PER_BAR + PLAYERS, self.config.told_width)
        )
        beats, players = functional.relu(spread).tensor_split([BEATS_PER_BAR], dim=1)
        by_player = self.told_players(players) + self.player.to(players.dtype)
        result: Tensor = (self.told_beats(beats)[:, :, None] + self.place.to(beats.dtype)) + by_player[
            :, None
        ]
        return result

    def first_layer(self, bar: Bar, hot: Tensor) -> Tensor:
        """What everybody hears given the true bar, (batch, beats, players, width), before the
        nonlinearity."""
        drums = self.memory.of_drums(bar.drums, bar.drums_loud)[:, :, None]
        memory = torch.cat([drums, self.memory.of_players(bar.made)], dim=2)
        every = memory.flatten(2).transpose(1, 2)  # (batch, players x token_width, beats)
        lags = BEATS_PER_BAR - 1
        everybody = self.all_before(functional.pad(every, (lags, 0))[:, :, :-1]).transpose(1, 2)
        own = memory.transpose(1, 2).flatten(0, 1).transpose(1, 2)  # (batch x players, token_width, beats)
        own = self.own_before(functional.pad(own, (lags, 0))[:, :, :-1]).transpose(1, 2)
        own = torch.unflatten(own, 0, (-1, PLAYERS)).transpose(1, 2)
        now_first = self.by_first(memory[:, :, 0])[:, :, None].expand(-1, -1, FIRST_GROUP.stop, -1)
        now_second = self.by_second(memory[:, :, : 1 + FIRST_GROUP.stop].flatten(2))[:, :, None]
        now_second = now_second.expand(-1, -1, len(SLOTS) - FIRST_GROUP.stop, -1)
        now = torch.cat([torch.zeros_like(now_first[:, :, :1]), now_first, now_second], dim=2)
        told = self.told(self.whole(self.gist.heard(hot)))
        chord = self.quality(bar.levels[:, 1])[:, None, None]
        first: Tensor = told + chord + everybody[:, :, None] + own + now
        return first

    def second_layer(self, first: Tensor, player: Tensor) -> Tensor:
        """Features (…, inner) of cells (…, width). player: which of the eight, as ``player_inner`` is
        indexed."""
        return functional.relu(self.inner(functional.relu(first)) + player)
