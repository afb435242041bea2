"""The 16-bar trio: one latent, a conductor that writes a code a bar, a player that plays a bar from its code.

Special here is what lies between. A bar is first worth a small *code* (trio_bar.py); the latent holds all 16
codes through one linear map each way, which finds what bars share as a principal component analysis would,
and
transformers over the bars add what a linear map cannot say: themes that return, forms. Both begin at zero, so
training starts from the linear map. A bar is played from its code alone (MusicVAE's hierarchy, Roberts et
al. 2018): no bar needs its neighbours, and the first can sound before the second is decoded.

Training goes in three phases, by steps: bars alone, until they survive their codes; codes alone, until the
latent carries them; then everything from codes to tokens. From the second on the bar encoder stays as it is.
Starting with the last phase, the latent is still nearly unused after ten times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.models import GraphFunction, Loss, posterior_sample
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.trio_bar import BarDecoder, BarEncoder
from train.models.trio_graph import trio_functions
from train.models.trio_key import KEY_SIZE, Key, moved
from train.models.trio_memory import BarMemory
from train.models.trio_play import sample_bar
from train.models.trio_practice import looped, medleys, one_part_missing, rearranged
from train.models.trio_prior import LearntPrior

FIRST_SPREAD = (
    -2.5
)  # softplus of it, 0.08, is the posterior's first standard deviation: learn to use z, then to save
LEAST_SIGMA = 1e-4  # the KL takes its logarithm


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes and practice of the trio.

    latent_size: dimensions of z without the key's two. bar_size: of a bar's code. channels, hidden: of the
    bar networks and of the bar decoder's recurrent state. width, heads, layers: of each transformer over the
    bars.
    couplings, coupling_width: of the learnt prior.
    bar_steps: optimiser steps with bars alone. code_steps: steps after them with codes alone.
    bar_beta: weight of a bar code's own KL in the first phase; it keeps codes near unit size.
    decoded_bars: bars of each window played in a step of the last phase, chosen anew every time. All bars
        reach the encoder; the estimate stays unbiased at a fraction of the cost.
    token_dropout: share of the previous steps hidden from the bar decoder while it learns.
    missing_parts: share of windows the encoder hears with parts silent, while all are to be played: a player
        who brings a melody gets bass and drums. loops: share of windows that are a loop of 1, 2, 4 or 8 of
        their bars, as live the bars just played are repeated to fill the window.
    rearranged, medleys: shares of windows whose sections change places, or that go over into another song.
    dropout: in the transformers.
    """

    latent_size: int = 512
    bar_size: int = 64
    channels: int = 128
    hidden: int = 128
    width: int = 192
    heads: int = 6
    layers: int = 3
    couplings: int = 6
    coupling_width: int = 240
    bar_steps: int = 1500
    code_steps: int = 1000
    bar_beta: float = 0.1
    decoded_bars: int = 4
    token_dropout: float = 0.15
    missing_parts: float = 0.2
    loops: float = 0.15
    rearranged: float = 0.3
    medleys: float = 0.15
    dropout: float = 0.1


class _Block(nn.Module):
    """Self-attention and a feed-forward layer, each normalised first."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = nn.Dropout(dropout)
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.norm_feed = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, x: Tensor) -> Tensor:  # (batch, bars, width)
        batch, bars, width = x.shape
        qkv = self.qkv(self.norm_attention(x)).reshape(batch, bars, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # each (batch, heads, bars, width / heads)
        score = (query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5).softmax(-1)
        heard = (score.to(value.dtype) @ value).transpose(1, 2).reshape(batch, bars, width)
        x = x + self.dropout(self.merge(heard))
        whole: Tensor = x + self.dropout(self.feed(self.norm_feed(x)))
        return whole


class _AcrossBars(nn.Module):
    """Adds to every bar's code what the other bars say about it; nothing, before it is trained."""

    def __init__(self, bars: int, config: Config) -> None:
        super().__init__()
        self.enter = nn.Linear(config.bar_size, config.width)
        self.places = nn.Parameter(torch.randn(bars, config.width) * 0.05)
        blocks = (_Block(config.width, config.heads, config.dropout) for _ in range(config.layers))
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(config.width)
        self.leave = nn.Linear(config.width, config.bar_size)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, codes: Tensor) -> Tensor:  # (batch, bars, bar_size)
        changed: Tensor = self.leave(self.norm(self.blocks(self.enter(codes) + self.places)))
        return codes + changed


class TrioModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.config, self.objective = codec, config, objective
        self.latent_size = KEY_SIZE + config.latent_size
        self.key = Key()
        self.bar_encoder = BarEncoder(config.channels, config.bar_size)
        self._memory = BarMemory(self.bar_encoder)
        self.listen = _AcrossBars(codec.bars, config)
        self.to_posterior = nn.Linear(codec.bars * config.bar_size, 2 * config.latent_size)
        nn.init.constant_(self.to_posterior.bias[config.latent_size :], FIRST_SPREAD)
        self.from_latent = nn.Linear(config.latent_size, codec.bars * config.bar_size)
        self.arrange = _AcrossBars(codec.bars, config)
        self.prior = LearntPrior(config.latent_size, config.couplings, config.coupling_width)
        self.bar_decoder = BarDecoder(config.bar_size, config.channels, config.hidden)

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``; windows are varied and the phase counts only while training."""
        config = self.config
        batch = self.key.in_c(batch)[0]
        if not self.training:
            return self._tokens_loss(batch, batch, step, self.codec.bars)
        batch = medleys(rearranged(batch, config.rearranged), config.medleys)
        batch = looped(batch, config.loops)
        if step < config.bar_steps:
            return self._bars_loss(batch)
        step -= config.bar_steps
        heard = one_part_missing(batch, config.missing_parts)
        if step < config.code_steps:
            return self._codes_loss(batch, heard, step)
        return self._tokens_loss(batch, heard, step, config.decoded_bars)

    def _bars_loss(self, batch: Tensor) -> Loss:
        """First phase: a few bars of each window, there and back through their codes."""
        bars = _chosen_bars(_bars(batch), self.config.decoded_bars)[0].flatten(0, 1)
        mu, sigma = self.bar_encoder.posterior(bars)
        nats = self.bar_decoder.nll_nats(posterior_sample(mu, sigma), bars, self.config.token_dropout)
        kl = kl_to_unit_gaussian(mu, sigma).sum(1)
        # A bar counts as a sixteenth of a window, so that the figures of the phases can be compared.
        nats, kl = (each.mean() * self.codec.bars for each in (nats, kl))
        return Loss(nats + self.config.bar_beta * kl, nats, kl)

    def _codes_loss(self, batch: Tensor, heard: Tensor, step: int) -> Loss:
        """Second phase: codes from codes; a code's own posterior says how precisely it must come back."""
        with torch.no_grad():
            target, tolerance = self.bar_encoder.posterior(_bars(batch).flatten(0, 1))
        mu, sigma = self._posterior(heard)
        inner = posterior_sample(mu, sigma)
        played = self._codes(inner).flatten(0, 1)
        # -log of a Student density: once a bar is another bar, it hardly matters how far off it is.
        missed = ((played - target) / (tolerance + 0.1)).square().mean(1)
        nats = self.config.bar_size / 2 * torch.log1p(missed).reshape(len(batch), -1).sum(1)
        kl = self.prior.kl_nats(inner, mu, sigma)
        return Loss(self.objective.total(nats, kl, step), nats.mean(), kl.mean())

    def _tokens_loss(self, batch: Tensor, heard: Tensor, step: int, decoded_bars: int) -> Loss:
        """Last phase, and validation: the whole way."""
        mu, sigma = self._posterior(heard)
        inner = posterior_sample(mu, sigma)
        codes = self._codes(inner)
        bars, codes = _chosen_bars(_bars(batch), decoded_bars, codes)
        dropout = self.config.token_dropout if self.training else 0.0
        nats = self.bar_decoder.nll_nats(codes.flatten(0, 1), bars.flatten(0, 1), dropout)
        nats = nats.reshape(len(batch), -1).mean(1) * self.codec.bars
        kl = self.prior.kl_nats(inner, mu, sigma)
        return Loss(self.objective.total(nats, kl, step), nats.mean(), kl.mean())

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        x, key_mu, key_sigma = self.key.in_c(x)
        mu, sigma = self._posterior(x)
        stage, scales = self.prior(mu)
        # The map bends a Gaussian; this one keeps its volume, since the map's Jacobian is a product of
        # triangular ones.
        return torch.cat([key_mu, stage], dim=1), torch.cat([key_sigma, sigma * scales.exp()], dim=1)

    def _posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation in the inner latent, each (batch, latent)."""
        bars = _bars(x).flatten(0, 1)
        with torch.no_grad():  # only the first phase trains the bar encoder, by other ways
            codes = self._memory.codes(bars) if self.training else self.bar_encoder(bars)
        codes = codes.reshape(-1, self.codec.bars, self.config.bar_size)
        mu, spread = self.to_posterior(self.listen(codes).flatten(1)).float().chunk(2, dim=-1)
        return mu, functional.softplus(spread) + LEAST_SIGMA

    def conduct(self, z: Tensor) -> Tensor:
        """What each bar is played from, from latents (batch, latent).

        Returns shape (batch, bars, bar_size + 1), float32; the last number is the key, in semitones from C.
        """
        codes = self._codes(self.prior.inverse(z[:, KEY_SIZE:]))
        key = self.key.from_c(z[:, :KEY_SIZE]).to(codes.dtype)
        return torch.cat([codes, key.reshape(-1, 1, 1).expand(-1, self.codec.bars, 1)], dim=2)

    def _codes(self, inner: Tensor) -> Tensor:
        codes = self.from_latent(inner).reshape(-1, self.codec.bars, self.config.bar_size)
        arranged: Tensor = self.arrange(codes).float()
        return arranged

    def decode_bar(self, bar: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """One bar from what ``conduct`` says of it, (batch, bar_size + 1).

        Returns tokens, shape (batch, 16, 11), int64.

        noise: uniform [0, 1), shape (batch, 16, 11), float32; one number draws one column, and each of the
            drums' three groups (feet and hats, toms, cymbals) uses its first column's.
        temperature: 0 plays the likeliest tokens, 1 samples the model as learnt; a scalar or (batch,).
        """
        played = sample_bar(self.bar_decoder, bar[:, :-1], noise, temperature)
        return moved(played, bar[:, -1].round().to(torch.int64).clamp(-6, 6))

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; all bars at once."""
        heat = temperature.expand(len(z)).repeat_interleave(self.codec.bars)
        y = self.decode_bar(self.conduct(z).flatten(0, 1), _bars(noise).flatten(0, 1), heat)
        return y.reshape(len(z), -1, y.shape[-1])

    def functions(self) -> tuple[GraphFunction, ...]:
        """``encode``, ``conduct`` and ``decode_bar``, see train/models/trio_graph.py."""
        return trio_functions(self)


def _bars(steps: Tensor) -> Tensor:
    """(batch, steps, columns) as (batch, bars, 16, columns)."""
    return steps.reshape(steps.shape[0], -1, STEPS_PER_BAR, steps.shape[-1])


def _chosen_bars(bars: Tensor, count: int, codes: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """``count`` bars of each window and, if given, their codes; in order when it is all of them."""
    codes = bars if codes is None else codes
    if count >= bars.shape[1]:
        return bars, codes
    chosen = torch.rand(bars.shape[:2]).argsort(1)[:, :count]
    rows = torch.arange(len(bars)).unsqueeze(1)
    return bars[rows, chosen], codes[rows, chosen]


def build(codec: Codec, config: Config, objective: Objective) -> TrioModel:
    """An untrained model. ValueError for another codec than the trio's."""
    if codec.name != "trio":
        raise ValueError(f"the trio model plays the trio codec, not {codec.name!r}")
    return TrioModel(codec, config, objective)
