"""The 16-bar trio: one latent, a conductor that writes all bars' embeddings, a decoder that plays one bar from its own.

Special here: the latent is a row of *slots*. The encoder's slots and the bars attend to each other, so a theme
that returns is stored once; the conductor's bars read the slots back. A bar is then drawn from its embedding
alone (MusicVAE's hierarchy, Roberts et al. 2018), step by step, drums first, the bass hearing the drums and
the melody hearing both. No bar needs its neighbours, so the first can sound before the second is decoded.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from livevae.units import STEPS_PER_BAR
from train.models.trio_bar import BarDecoder, BarEncoder

LN2_NATS_PER_BIT = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class TrioConfig:
    """Sizes and loss of the trio.

    slots, slot_size: the latent has slots * slot_size dimensions.
    width, heads, layers: of the encoder's and of the conductor's transformer over bars and slots.
    bar_size: a bar's embedding. bar_channels, hidden: the bar decoder's trunk and its recurrent state.
    decoded_bars: bars of each window whose loss is computed in a step, chosen anew every time; all 16 still
        reach the encoder. The estimate stays unbiased and a step costs about half.
    part_dropout: share of the windows that the encoder hears with a random proper subset of their parts silent,
        while all parts are to be reconstructed: a player who brings a melody gets its bass and drums.
    tiling: share of the windows that are a loop of 1, 2, 4 or 8 of their bars, as live the last bars played are.
    token_dropout: share of the previous steps that the decoder cannot see while it learns.
    beta: weight of the KL beyond free_bits (taken once from the total); reached as (1 - beta_rate ** step) * beta.
    """

    bars: int = 16
    slots: int = 16
    slot_size: int = 16
    width: int = 256
    heads: int = 4
    layers: int = 3
    bar_size: int = 256
    bar_channels: int = 128
    hidden: int = 192
    decoded_bars: int = 8
    part_dropout: float = 0.2
    tiling: float = 0.15
    token_dropout: float = 0.15
    transpose: int = 5
    beta: float = 0.4
    beta_rate: float = 0.9995
    free_bits: float = 0.0

    @property
    def latent_size(self) -> int:
        """Dimensions of z."""
        return self.slots * self.slot_size


class _Block(nn.Module):
    """Self-attention and a feed-forward layer, normalised first."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.norm_feed = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, x: Tensor) -> Tensor:  # (batch, tokens, width)
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm_attention(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # each (batch, heads, tokens, width / heads)
        score = query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5
        heard = (score.softmax(-1).to(value.dtype) @ value).transpose(1, 2).reshape(batch, tokens, width)
        x = x + self.merge(heard)
        return x + self.feed(self.norm_feed(x))


class Trio(nn.Module):
    """Encoder, conductor and bar decoder of the 16-bar trio.

    Tokens are the trio codec's: shape (batch, bars * 16, 11), int64: melody, bass, nine drum hits.
    """

    def __init__(self, config: TrioConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        self.bar_encoder = BarEncoder(c.bar_channels, c.width)
        self.bar_places = nn.Parameter(torch.randn(c.bars, c.width) * 0.05)
        self.slot_queries = nn.Parameter(torch.randn(c.slots, c.width) * 0.5)
        self.listen = nn.Sequential(*(_Block(c.width, c.heads) for _ in range(c.layers)))
        self.listen_norm = nn.LayerNorm(c.width)
        self.to_posterior = nn.Linear(c.width, 2 * c.slot_size)

        self.from_slot = nn.Linear(c.slot_size, c.width)
        self.from_latent = nn.Linear(c.latent_size, c.width)
        self.slot_places = nn.Parameter(torch.randn(c.slots, c.width) * 0.5)
        self.bar_queries = nn.Parameter(torch.randn(c.bars, c.width) * 0.5)
        self.conduct_blocks = nn.Sequential(*(_Block(c.width, c.heads) for _ in range(c.layers)))
        self.conduct_norm = nn.LayerNorm(c.width)
        self.to_bar = nn.Linear(c.width, c.bar_size)
        self.bar_decoder = BarDecoder(c.bar_size, c.bar_channels, c.hidden)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior of a window: mean and standard deviation, each shape (batch, latent), float32."""
        c = self.config
        bars = self.bar_encoder(x.reshape(-1, STEPS_PER_BAR, x.shape[-1])).reshape(-1, c.bars, c.width)
        slots = self.slot_queries.expand(bars.shape[0], -1, -1)
        heard = self.listen(torch.cat([slots, bars + self.bar_places], dim=1))[:, : c.slots]
        posterior = self.to_posterior(self.listen_norm(heard)).float()  # (batch, slots, 2 * slot_size)
        mu, spread = posterior.split(c.slot_size, dim=-1)
        sigma = F.softplus(spread) + 1e-4  # never quite zero: the KL needs its logarithm
        return mu.reshape(-1, c.latent_size), sigma.reshape(-1, c.latent_size)

    def conduct(self, z: Tensor) -> Tensor:
        """Embeddings of all bars from latents (batch, latent): shape (batch, bars, bar_size), float32."""
        c = self.config
        slots = self.from_slot(z.reshape(-1, c.slots, c.slot_size)) + self.slot_places
        bars = self.from_latent(z).unsqueeze(1) + self.bar_queries
        told = self.conduct_blocks(torch.cat([slots, bars], dim=1))[:, c.slots :]
        embedding: Tensor = self.to_bar(self.conduct_norm(told)).float()
        return embedding

    def decode_bar(self, bar: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """One bar from its embedding (batch, bar_size): tokens, shape (batch, 16, 11), int64.

        noise: uniform [0, 1), shape (batch, 16, 11), float32; one number draws one column, and the drums'
            three groups (feet and hats, toms, cymbals) use the first column of each group.
        temperature: 0 plays the likeliest token, 1 samples the model as learnt; a number or shape (batch,).
        """
        return self.bar_decoder.sample(bar, noise, temperature)
