"""A drummer: four bars from nothing, every hit of them with its feel, each choice read off one number.

What is special: an autoregressive model of whole performances read as a flow, as flow.py reads windows.
First which drums are struck (drummer_hits.py), then how (drummer_feel.py). Draws from N(0, I) are draws of
the model, and bars that were played are a point of the latent: they come back hit for hit and feel for feel.

Hits are learnt from performances and, beside them, from written songs, which know more beats than any
drummer's takes: told apart as one more style.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from livevae.codec import Codec
from livevae.codec.groove import SILENT, GrooveCodec
from train.models import GraphFunction, Loss
from train.models.drummer_feel import DrummerFeel, Played
from train.models.drummer_hits import DRUMS, DrummerHits, HitsConfig
from train.models.drummer_network import FeelConfig, Hits
from train.models.groove_graph import drummer_functions
from train.models.groove_question import GrooveBatch, as_groove_codec
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.odds import Placement, spill_nats

_PLACED = 16  # windows of a batch that the placement learns from


@dataclass(frozen=True, slots=True)
class Config:
    """unknown_style, unknown_tempo: share of windows that are not told it. tempo_jitter: standard deviation
    of the tempo's logarithm. written_weight: of a nat of a written song against one of a performance.
    """

    hits: HitsConfig = field(default_factory=HitsConfig)
    feel: FeelConfig = field(default_factory=FeelConfig)
    unknown_style: float = 0.4
    unknown_tempo: float = 0.15
    tempo_jitter: float = 0.03
    written_weight: float = 0.5


class DrummerModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model`` for ``GrooveBatch``."""

    def __init__(self, codec: GrooveCodec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.config, self.objective = codec, config, objective
        self.written = len(codec.style_names) + 1  # the origin of songs that were written; 0 is any style
        self.hits = DrummerHits(codec, self.written + 1, config.hits)
        self.feel = DrummerFeel(codec, self.written, config.feel)
        self.placement = Placement()
        self.latent_size = self.hits.numbers + self.feel.numbers

    def loss(self, batch: GrooveBatch, step: int, written: Tensor | None = None) -> Loss:
        """See ``Model.loss``; written: hits of songs, (batch, steps, 9), int64."""
        count = len(batch.tokens)
        style, tempo = batch.style, batch.tempo
        if self.training:
            device = style.device
            style = torch.where(torch.rand(count, device=device) < self.config.unknown_style, 0, style)
            drifted = tempo * torch.exp(torch.randn(count, device=device) * self.config.tempo_jitter)
            tempo = torch.where(torch.rand(count, device=device) < self.config.unknown_tempo, 0.0, drifted)
        hits, played = _parted(batch, style, tempo)
        struck = hits.first.long()
        of_hits, of_feel = self.hits.nats(struck, style), self.feel.nats(hits, played)
        nats = (of_hits + of_feel).mean()
        total = nats
        if written is not None:
            origin = torch.full((len(written),), self.written, device=written.device)
            total = total + self.config.written_weight * self.hits.nats(written, origin).mean()
        few = slice(_PLACED if self.training else None)
        with torch.no_grad():  # placing is learnt beside the model and tells it nothing
            ends = self.hits.stretches(struck[few], torch.zeros_like(style[few]))
        mu, sigma = self.placement(ends)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        spilt = spill_nats(mu, sigma, ends).sum(dim=1)
        return Loss(total + self.objective.total(spilt, kl, step), of_feel.mean(), of_hits.mean())

    def encode(self, x: GrooveBatch) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``; the bars are heard as in no style in particular."""
        nobody = torch.zeros_like(x.style)
        hits, played = _parted(x, nobody, x.tempo)
        ends = self.hits.stretches(hits.first.long(), nobody)
        felt = self.feel.codes(hits, played)
        mu, sigma = self.placement(torch.cat([ends, felt.second_ends], dim=1))
        always = torch.ones_like(ends[..., 0], dtype=torch.bool)
        asked = torch.cat([always, felt.second_asked, felt.asked], dim=1)
        mu, sigma = torch.cat([mu, felt.mu], dim=1), torch.cat([sigma, felt.sigma], dim=1)
        return torch.where(asked, mu, 0.0), torch.where(asked, sigma, 1.0)

    def draw(
        self,
        score: Tensor,
        opened: Tensor,
        z: Tensor,
        style: Tensor,
        tempo: Tensor,
        noise: Tensor,
        temperature: Tensor,
    ) -> tuple[Tensor, ...]:
        """The outputs of ``decode``, see livevae/groove_model.py.

        Hits are those of ``score``, and of drums that are open also those that the latent says. A hit's
        probability is above a half if the latent says it; how far from a half either way, what the model
        thought of it.
        """
        of_hits, of_feel = z[:, : self.hits.numbers], z[:, self.hits.numbers :]
        struck, likely = self.hits.draw(of_hits, style)
        may = (opened > 0)[:, None]
        there = score != SILENT
        first = there[..., :DRUMS] | (struck & may)
        hits = Hits(first, there[..., DRUMS:], style, tempo)
        velocity, offset, second = self.feel.draw(of_feel, hits, noise, temperature)
        both = first & (there[..., DRUMS:] | (second.struck & may))
        probability = torch.cat([_told(struck, likely), _told(second.struck, second.likely)], dim=2)
        velocity = torch.cat([velocity, second.velocity * both], dim=2)
        offset = torch.cat([offset, second.offset * both], dim=2)
        return probability, velocity, offset, offset.clone()

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/groove_graph.py."""
        return drummer_functions(self)


def _told(struck: Tensor, likely: Tensor) -> Tensor:
    """Probabilities above a half where something is struck, below where not, in the order of ``likely``."""
    return 0.499 * likely + torch.where(struck, 0.501, 0.0)


def _parted(batch: GrooveBatch, style: Tensor, tempo: Tensor) -> tuple[Hits, Played]:
    """Where a drum was struck, a snare's rim or its head, is not told."""
    there = batch.tokens != SILENT
    hits = Hits(there[..., :DRUMS], there[..., DRUMS:], style, tempo)
    return hits, Played(batch.velocity, batch.offset)


def build(codec: Codec, config: Config, objective: Objective) -> DrummerModel:
    """An untrained model; ValueError for a codec that is not of grooves."""
    return DrummerModel(as_groove_codec(codec, "drummer"), config, objective)
