"""A groove model taught by itself what to guess from hits alone: many answers made one.

A model that learnt a few hours of drumming by heart is too sure of itself where nothing is told but hits. Its
answers with channels hidden, one after another, go wrong in different ways: their mean is nearer to drummers.
Taught are whole distributions, on hits that no label fits and nobody knows by heart: bars and drums of two
windows together, hits left out. Each answer is one draw, so that what costs least is their mean. Whatever
else is asked (taps, hats, a feel that is told or drawn) is answered as by the teacher, with which it begins
(``--begin``). Source: Bulò et al. 2016, *Dropout Distillation*.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.groove import SILENT, SLOTS, GrooveCodec
from train.models import Loss, groove
from train.models.groove import GrooveModel
from train.models.groove_practice import practise, some_places
from train.models.groove_question import DRUMS, GrooveBatch, Question, as_groove_codec, plain_question
from train.models.objective import Objective

Where = tuple[Tensor, ...]

_TOLD = 0.4  # of the games: with the feel that was played; the rest with a feel drawn, or none


@dataclass(frozen=True, slots=True)
class Config(groove.Config):
    """As the groove model's, and who teaches.

    teacher: run of the model that it begins with and stays like; its dropout hides the channels.
    """

    teacher: str = ""


class TaughtGrooveModel(GrooveModel):
    """See the module's docstring; ``GrooveModel`` in all but what it learns from."""

    config: Config

    def __init__(self, codec: GrooveCodec, config: Config, objective: Objective) -> None:
        super().__init__(codec, config, objective)
        for parameter in self.encoder.parameters():
            parameter.requires_grad_(False)  # a feel that is told stays what it was
        self._teachers: list[GrooveModel] = []  # a list: the weights of a teacher are not this model's

    def loss(self, batch: GrooveBatch, step: int) -> Loss:
        """Cross-entropy with the teacher's distributions; the KL is 0, for the encoder learns nothing.

        batch: real windows; their feel is heard only by the teacher. See ``Model.loss``.
        Raises ConfigError when the teacher's run cannot be read.
        """
        teacher = self._found_teacher()
        guessed = plain_question(varied(batch))
        asked, hit_asked, feel_asked = practise(batch, self.config.shares)
        cells = (guessed.score != SILENT).nonzero(as_tuple=True)
        asked_cells = feel_asked.nonzero(as_tuple=True)
        with torch.no_grad():
            feel = self._feel(teacher, batch, asked)
            none = torch.zeros_like(feel)
            teacher.train()
            _, *answers = teacher.shares_of(guessed, none, cells)
            teacher.eval()
            hit, *kept = teacher.shares_of(asked, feel, asked_cells)
        logits, *guess = self.logits_of(
            _both(guessed, asked), torch.cat([none, feel]), _both_cells(cells, asked_cells, len(feel))
        )
        velocity, offset = (
            _cross_entropy(torch.cat([a, k]), g).sum() for a, k, g in zip(answers, kept, guess, strict=True)
        )
        hits = functional.binary_cross_entropy_with_logits(logits[len(feel) :], hit, reduction="none")
        nats = (velocity + offset + (hits * hit_asked).sum()) / (2 * len(feel))
        return Loss(nats / self.codec.steps, nats, torch.zeros(()))

    def _feel(self, teacher: GrooveModel, batch: GrooveBatch, asked: Question) -> Tensor:
        """The played feel, one from the prior, or none; never none where none is asked of hits alone."""
        mu, sigma = teacher.encode(batch)
        told, drawn = mu + sigma * torch.randn_like(mu), torch.randn_like(mu)
        beside = (asked.taps, asked.played_velocity, asked.open)
        alone = ~torch.stack([part.flatten(1).any(dim=1) for part in beside]).any(dim=0)[:, None]
        kind = torch.rand(len(mu), 1)
        rest = torch.where((kind < 0.5 * (1.0 + _TOLD)) | alone, drawn, torch.zeros_like(mu))
        return torch.where(kind < _TOLD, told, rest)

    def _found_teacher(self) -> GrooveModel:
        if not self._teachers:
            from train.checkpoint import load_model  # which builds models like this one

            model, _ = load_model(Path(self.config.teacher))
            assert isinstance(model, GrooveModel)
            self._teachers.append(model.to(next(self.parameters()).device).eval())
        return self._teachers[0]


def varied(batch: GrooveBatch) -> GrooveBatch:
    """Hits nobody played: some bars and drums of another window, bars swapped, hits left out, all at random.

    Its offsets are nonsense; style and tempo are the window's, the other's, or unknown.
    """
    count, steps, _ = batch.tokens.shape
    other = torch.randperm(count)
    later = torch.arange(steps)[:, None] >= steps // 2
    bars = (torch.rand(count, 1, 1) < 0.3) & later
    drums = (torch.rand(count, 1, DRUMS) < torch.rand(count, 1, 1)).repeat(1, 1, SLOTS)
    taken = bars | (drums & (torch.rand(count, 1, 1) < 0.4))
    tokens = torch.where(taken, batch.tokens[other], batch.tokens)
    velocity = torch.where(taken, batch.velocity[other], batch.velocity)
    swapped = torch.rand(count, 1, 1) < 0.4
    tokens, velocity = (torch.where(swapped, a.roll(steps // 2, 1), a) for a in (tokens, velocity))
    gone = 0.4 * torch.rand(count, 1, 1) * (torch.rand(count, 1, 1) < 0.35)
    tokens = torch.where(torch.rand(tokens.shape) < gone * (1.6 - 1.2 * velocity), SILENT, tokens)
    kind = torch.rand(count)
    style = torch.where(kind < 0.15, 0, torch.where(kind < 0.25, batch.style[other], batch.style))
    tempo = batch.tempo * torch.exp(0.06 * torch.randn(count))
    tempo = torch.where(torch.rand(count) < 0.1, 0.0, tempo)
    return GrooveBatch(some_places(tokens, 0.15), velocity, batch.offset, tempo, style)


def _both(first: Question, second: Question) -> Question:
    pairs = ((getattr(first, f.name), getattr(second, f.name)) for f in fields(Question))
    return Question(*(torch.cat(pair) for pair in pairs))


def _both_cells(first: Where, second: Where, count: int) -> Where:
    """Cells of ``count`` windows and of those that follow them."""
    windows = torch.cat([first[0], second[0] + count])
    return (windows, *(torch.cat(pair) for pair in zip(first[1:], second[1:], strict=True)))


def _cross_entropy(wanted: Tensor, logits: Tensor) -> Tensor:
    return -(wanted * torch.log_softmax(logits, dim=-1)).sum(dim=-1)


def build(codec: Codec, config: Config, objective: Objective) -> TaughtGrooveModel:
    """An untrained model; ValueError for a codec that is not of grooves, or if no teacher is named."""
    grooves = as_groove_codec(codec, "groove_taught")
    if not config.teacher:
        raise ValueError('model.teacher = "": name the run of the model to begin with')
    return TaughtGrooveModel(grooves, config, objective)
