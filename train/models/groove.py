"""Groove model: humanises, answers taps with a kit, adds hats, fills in, all by what it is given and asked.

What is special: one transformer over sixteenths hears the hits that are there, whatever is known of their
feel, taps, style, tempo, and a small latent that holds what the hits do not say: the drummer's feel. It
answers for every cell with the probability of a hit, and with whole distributions of its velocity and timing,
binned, that one uniform number each draws from. The latent is 0 in half of the windows while learning, so
that 0 means *no feel in particular*: there the medians are the best guess from the hits alone, and around it
prior draws are grooves. Related: GrooVAE (Gillick et al. 2019), a recurrent VAE for each of these tasks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.groove import SILENT, GrooveCodec
from train.models import GraphFunction, Loss, posterior_sample
from train.models.attention import Block, ChannelDropout
from train.models.binned import Binned, tempered
from train.models.groove_graph import groove_functions
from train.models.groove_input import Heard, one_hot
from train.models.groove_practice import Shares, practise
from train.models.groove_question import DRUMS, GrooveBatch, Question, as_groove_codec
from train.models.objective import Objective, kl_to_unit_gaussian


@dataclass(frozen=True, slots=True)
class Config:
    """latent_size: dimensions of z. channels, layers, heads, widening: of the decoder's blocks.

    encoder_channels, encoder_layers: of the encoder. cell: numbers that describe a cell. hidden: width of the
    layer before a cell's distributions. velocity_bins, offset_bins: of those.
    feel_share: of windows whose latent is told. hit_weight: of a nat of hits against one of feel.
    """

    latent_size: int = 24
    channels: int = 128
    layers: int = 4
    heads: int = 4
    widening: int = 3
    encoder_channels: int = 96
    encoder_layers: int = 2
    cell: int = 32
    hidden: int = 64
    velocity_bins: int = 32
    offset_bins: int = 64
    dropout: float = 0.2
    feel_share: float = 0.5
    hit_weight: float = 1.0
    shares: Shares = field(default_factory=Shares)


class _Encoder(nn.Module):
    """The feel of bars that were played: mean and standard deviation of the latent."""

    def __init__(self, codec: Codec, config: Config) -> None:
        super().__init__()
        channels, self.steps = config.encoder_channels, codec.steps
        self.heard = Heard(codec, channels)
        self.blocks = nn.ModuleList(
            Block(codec.steps, channels, config.heads, 2, config.dropout)
            for _ in range(config.encoder_layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.latent = nn.Linear(channels, 2 * config.latent_size)

    def forward(
        self, tokens: Tensor, velocity: Tensor, offset: Tensor, tempo: Tensor
    ) -> tuple[Tensor, Tensor]:
        x = self.heard(tokens, velocity, offset, tempo)
        for block in self.blocks:
            x = block(x)
        whole = self.norm(x).unflatten(0, (-1, self.steps)).mean(dim=1)
        mu, width = self.latent(whole).float().chunk(2, dim=-1)
        return mu, functional.softplus(width + 0.5) + 1e-4


class GrooveModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model`` for ``GrooveBatch``."""

    def __init__(self, codec: GrooveCodec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.config, self.objective = codec, config, objective
        self.latent_size = config.latent_size
        columns, channels = len(codec.columns), config.channels
        self.encoder = _Encoder(codec, config)
        self.heard = Heard(codec, channels)
        self.asked = nn.Linear(DRUMS, channels, bias=False)
        self.taps = nn.Linear(3, channels, bias=False)
        self.style = nn.Embedding(len(codec.style_names) + 1, channels)
        self.feel = nn.Linear(config.latent_size, channels, bias=False)
        self.dropout = ChannelDropout(config.dropout, codec.steps)
        self.blocks = nn.ModuleList(
            Block(codec.steps, channels, config.heads, config.widening, config.dropout)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.hit = nn.Linear(channels, columns)
        self.cells = nn.Linear(channels, columns * config.cell)
        self.struck = nn.Parameter(0.1 * torch.randn(columns, codec.columns[0].classes, config.cell))
        self.inner = nn.Linear(config.cell, config.hidden)
        self.velocity = Binned(0.0, 1.0, config.velocity_bins)
        self.offset = Binned(-1.0, 1.0, config.offset_bins)
        bins = config.velocity_bins + config.offset_bins
        self.bins = nn.Linear(config.hidden, bins)
        self.column_bins = nn.Parameter(torch.zeros(columns, bins))

    def loss(self, batch: GrooveBatch, step: int) -> Loss:
        """See ``Model.loss``."""
        question, hit_asked, feel_asked = practise(batch, self.config.shares)
        mu, sigma = self.encode(batch)
        told = (torch.rand(len(mu)) < self.config.feel_share).float()
        where = feel_asked.nonzero(as_tuple=True)
        hit_logits, velocity_bins, offset_bins = self.logits_of(
            question, posterior_sample(mu, sigma) * told[:, None], where
        )
        hits = functional.binary_cross_entropy_with_logits(
            hit_logits, (batch.tokens != SILENT).float(), reduction="none"
        )
        feel = self.velocity.cost(velocity_bins, batch.velocity[where]) + self.offset.cost(
            offset_bins, batch.offset[where]
        )
        windows = torch.zeros(len(mu)).index_add(0, where[0], feel)
        windows = windows + self.config.hit_weight * (hits * hit_asked).sum(dim=(1, 2))
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        total = self.objective.total(windows, kl * told, step)
        return Loss(total / self.codec.steps, windows.mean(), (kl * told).sum() / told.sum().clamp(min=1.0))

    def encode(self, x: GrooveBatch) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        mu, sigma = self.encoder(x.tokens, x.velocity, x.offset, x.tempo)
        return mu, sigma

    def draw(self, question: Question, z: Tensor, noise: Tensor, temperature: Tensor) -> tuple[Tensor, ...]:
        """The four outputs of ``decode``, see livevae/groove_model.py.

        Only cells that are struck are worked out: a twentieth of all, as a rule.
        """
        where = (question.score != SILENT).nonzero(as_tuple=True)
        hit, velocity_shares, offset_shares = self.shares_of(question, z, where)
        velocity_noise, offset_noise = (part[where] for part in noise.chunk(2, dim=-1))
        played_velocity, played_offset = question.played_velocity[where], question.played_offset[where]
        known = played_velocity > 0
        answers = (
            torch.where(known, played, drawn)
            for played, drawn in (
                (
                    played_velocity,
                    self.velocity.quantile(velocity_shares, tempered(velocity_noise, temperature)),
                ),
                (played_offset, self.offset.quantile(offset_shares, tempered(offset_noise, temperature))),
                (played_offset, self.offset.mean(offset_shares)),
            )
        )
        nothing = torch.zeros_like(question.played_velocity)
        return (hit, *(nothing.index_put(where, a) for a in answers))

    def logits_of(
        self, question: Question, z: Tensor, where: tuple[Tensor, ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of hits (batch, steps, 18); of velocity and offset of the n cells ``where``, (n, bins) each."""
        features = self._features(question, z)
        bins = self._bins(self._cells(features)[where], question.score[where], where[2])
        return (self._hits(features).float(), *bins)

    def shares_of(
        self, question: Question, z: Tensor, where: tuple[Tensor, ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As ``logits_of``, but probabilities."""
        hits, velocity, offset = self.logits_of(question, z, where)
        return torch.sigmoid(hits), velocity.softmax(-1), offset.softmax(-1)

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/groove_graph.py."""
        return groove_functions(self)

    def _features(self, question: Question, z: Tensor) -> Tensor:
        style = one_hot(question.style, self.style.num_embeddings)
        x = self.heard(
            question.score,
            question.played_velocity,
            question.played_offset,
            question.tempo,
            each_step=[(question.taps, self.taps.weight)],
            all_steps=[
                (question.open, self.asked.weight),
                (style, self.style.weight.T),
                (z, self.feel.weight),
            ],
        )
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        features: Tensor = self.dropout(self.norm(x))
        return features

    def _hits(self, features: Tensor) -> Tensor:
        """(batch * steps, channels) -> logits (batch, steps, 18)."""
        logits: Tensor = self.hit(features).unflatten(0, (-1, self.codec.steps))
        return logits

    def _cells(self, features: Tensor) -> Tensor:
        """(batch * steps, channels) -> (batch, steps, 18, cell)."""
        shape = (-1, self.codec.steps, len(self.codec.columns), self.config.cell)
        cells: Tensor = self.cells(features).reshape(shape)
        return cells

    def _bins(self, cells: Tensor, tokens: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of velocity and offset of cells (n, cell) with their tokens and columns (n,)."""
        told = functional.relu(cells + self.struck[columns, tokens])
        inner = functional.relu(self.inner(told))
        bins = (self.bins(inner) + self.column_bins[columns]).float()
        velocity, offset = bins.split([self.config.velocity_bins, self.config.offset_bins], dim=-1)
        return velocity, offset


def build(codec: Codec, config: Config, objective: Objective) -> GrooveModel:
    """An untrained model; ValueError for a codec that is not of grooves."""
    return GrooveModel(as_groove_codec(codec, "groove"), config, objective)
