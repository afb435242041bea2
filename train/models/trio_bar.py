"""One bar of the trio, heard and played: the bar encoder and the autoregressive bar decoder.

Drums are drawn in three joint groups, since a kick and a hat on one step are one decision: kick, snare and
hats (16 classes), toms (8), ride and crash (4), each group knowing the ones before it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR, STEPS_PER_BEAT

LINE_CLASSES = 90  # melody and bass: 0 hold, 1 note-off, 2-89 MIDI 21-108
DRUM_GROUPS = ((0, 4), (4, 7), (7, 9))  # drum columns [from, to) drawn together
DRUM_COLUMN = 2  # first drum column of the trio's array
LINE_EMBEDDING = 32
DRUM_EMBEDDING = 32


class StepLogits(NamedTuple):
    """Logits of every decision of a step, each (..., classes)."""

    drums: tuple[Tensor, Tensor, Tensor]
    bass: Tensor
    melody: Tensor


def group_classes(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Class of each drum group for tokens (..., 11): its hits as a binary number, lowest column first."""
    hits = x[..., DRUM_COLUMN:]
    classes = []
    for start, end in DRUM_GROUPS:
        weights = 2 ** torch.arange(end - start, device=x.device)
        classes.append((hits[..., start:end] * weights).sum(-1))
    return classes[0], classes[1], classes[2]


def hits_of_class(group: int) -> Tensor:
    """The drum columns each class of a group stands for, shape (classes, columns), int64."""
    start, end = DRUM_GROUPS[group]
    size = end - start
    return torch.arange(2**size).unsqueeze(1) // 2 ** torch.arange(size) % 2


class StepEmbedding(nn.Module):
    """A step's eleven tokens as one vector."""

    size = 2 * LINE_EMBEDDING + DRUM_EMBEDDING

    def __init__(self) -> None:
        super().__init__()
        self.melody = nn.Embedding(LINE_CLASSES, LINE_EMBEDDING)
        self.bass = nn.Embedding(LINE_CLASSES, LINE_EMBEDDING)
        self.drums = nn.Linear(9, DRUM_EMBEDDING)

    def forward(self, x: Tensor) -> Tensor:  # (..., 11) -> (..., size)
        drums = self.drums(x[..., DRUM_COLUMN:].float())
        return torch.cat([self.melody(x[..., 0]), self.bass(x[..., 1]), drums.float()], dim=-1)


class _Residual(nn.Module):
    """A dilated convolution over the steps of a bar, added to what came in."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:  # (bars, channels, steps)
        changed: Tensor = self.mix(F.gelu(self.convolution(x)))
        return x + changed


class BarEncoder(nn.Module):
    """What a bar sounds like, wherever it stands: tokens (bars, 16, 11) to codes (bars, bar_size)."""

    def __init__(self, channels: int, bar_size: int) -> None:
        super().__init__()
        self.embed = StepEmbedding()
        self.enter = nn.Linear(StepEmbedding.size, channels)
        self.places = nn.Parameter(torch.randn(STEPS_PER_BAR, channels) * 0.05)
        self.local = nn.Sequential(*(_Residual(channels, d) for d in (1, 2, 4)))
        self.beats = nn.Conv1d(channels, 2 * channels, STEPS_PER_BEAT, stride=STEPS_PER_BEAT)
        self.leave = nn.Linear(2 * channels * BEATS_PER_BAR, bar_size)
        self.spread = nn.Linear(2 * channels * BEATS_PER_BAR, bar_size)
        nn.init.constant_(self.spread.bias, -2.0)  # softplus: 0.13

    def forward(self, x: Tensor) -> Tensor:
        """The codes, as the sequence hears them."""
        codes: Tensor = self.leave(self._features(x)).float()
        return codes

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """A code and how exactly it is meant, each (bars, bar_size): mean and standard deviation."""
        features = self._features(x)
        return self.leave(features).float(), F.softplus(self.spread(features).float()) + 1e-3

    def _features(self, x: Tensor) -> Tensor:
        steps = self.enter(self.embed(x))  # (bars, steps, channels)
        steps = steps + self.places.to(steps.dtype)
        beats = F.gelu(self.beats(self.local(steps.transpose(1, 2))))  # (bars, 2 * channels, beats)
        return beats.flatten(1)


class BarDecoder(nn.Module):
    """Plays a bar from its code alone: a trunk of convolutions, then step by step with what was played."""

    def __init__(self, bar_size: int, channels: int, hidden: int) -> None:
        super().__init__()
        self.channels, self.hidden = channels, hidden
        self.enter = nn.Linear(bar_size, STEPS_PER_BAR * channels)
        self.places = nn.Parameter(torch.randn(channels, STEPS_PER_BAR) * 0.05)
        self.trunk = nn.Sequential(*(_Residual(channels, d) for d in (1, 2, 4, 1)))
        self.embed = StepEmbedding()
        self.recurrent = nn.GRU(channels + StepEmbedding.size, hidden, batch_first=True)
        sizes = [2 ** (end - start) for start, end in DRUM_GROUPS]
        self.to_drums = nn.ModuleList(nn.Linear(hidden + channels, size) for size in sizes)
        # What a group hears of the groups before it on the same step.
        self.after_core = nn.Embedding(sizes[0], sizes[1] + sizes[2])
        self.after_toms = nn.Embedding(sizes[1], sizes[2])
        self.hear_core = nn.Embedding(sizes[0], 2 * hidden)
        self.hear_bass = nn.Embedding(LINE_CLASSES, hidden)
        self.before_lines = nn.Linear(hidden + channels, 2 * hidden)
        self.to_bass = nn.Linear(hidden, LINE_CLASSES)
        self.to_melody = nn.Linear(hidden, LINE_CLASSES)

    def plan(self, bar: Tensor) -> Tensor:
        """What the embedding says of every step: (bars, bar_size) to (bars, 16, channels)."""
        steps = self.enter(bar).reshape(-1, self.channels, STEPS_PER_BAR)
        steps = steps + self.places.to(steps.dtype)
        planned: Tensor = self.trunk(steps).transpose(1, 2)
        return planned

    def teacher_forced(self, bar: Tensor, x: Tensor, token_dropout: float) -> StepLogits:
        """Logits of every step given the true steps before it; bar (bars, bar_size), x (bars, 16, 11)."""
        plan = self.plan(bar)
        before = self.embed(x[:, :-1])
        if token_dropout > 0:
            heard = torch.rand(before.shape[:2], device=x.device) >= token_dropout
            before = before * heard.unsqueeze(-1)
        before = F.pad(before, (0, 0, 1, 0)).to(plan.dtype)  # nothing precedes a bar's first step
        state, _ = self.recurrent(torch.cat([plan, before], dim=-1))
        told = torch.cat([state.to(plan.dtype), plan], dim=-1)
        core, toms, _cymbals = group_classes(x)
        return self._logits(told, core, toms, x[..., 1])

    def _logits(self, told: Tensor, core: Tensor, toms: Tensor, bass: Tensor) -> StepLogits:
        after_core = self.after_core(core)
        drums = (
            self.to_drums[0](told).float(),
            self.to_drums[1](told).float() + after_core[..., :8],
            self.to_drums[2](told).float() + after_core[..., 8:] + self.after_toms(toms),
        )
        lines = self.before_lines(told)
        lines = lines + self.hear_core(core).to(lines.dtype)
        for_bass, for_melody = lines.split(self.hidden, dim=-1)
        bass_logits = self.to_bass(F.gelu(for_bass)).float()
        melody_logits = self.to_melody(F.gelu(for_melody + self.hear_bass(bass).to(lines.dtype))).float()
        return StepLogits(drums, bass_logits, melody_logits)

    def nll_nats(self, bar: Tensor, x: Tensor, token_dropout: float) -> Tensor:
        """Negative log-likelihood of bars (bars, 16, 11) given their embeddings: shape (bars,), nats."""
        logits = self.teacher_forced(bar, x, token_dropout)
        decisions = (
            *zip(logits.drums, group_classes(x), strict=True),
            (logits.bass, x[..., 1]),
            (logits.melody, x[..., 0]),
        )
        each = [
            F.cross_entropy(scores.flatten(0, 1), truth.flatten(), reduction="none")
            for scores, truth in decisions
        ]
        return torch.stack(each).sum(0).reshape(x.shape[:2]).sum(1)
