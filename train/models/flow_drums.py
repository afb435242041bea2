"""A drummer's choices: what each drum does in a beat.

Each drum has a number for each beat, off which the pattern of its hits is read: the higher, the sooner and
the more.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.units import STEPS_PER_BEAT
from train.models.gist import levels_of, syncopations
from train.models.odds import drawn, parted, sides

# Drums of a later group hear those of the earlier ones in the same beat: three rounds decide a beat.
_GROUPS = (("kick", "snare", "low_tom"), ("closed_hat", "crash", "mid_tom"), ("open_hat", "ride", "high_tom"))
GROUP_OF = tuple(next(i for i, group in enumerate(_GROUPS) if name in group) for name in DRUM_CLASSES)
"""The group of each drum."""
_DRUMS = len(DRUM_CLASSES)
_PATTERNS = 2**STEPS_PER_BEAT
_HATS = slice(DRUM_CLASSES.index("closed_hat"), DRUM_CLASSES.index("open_hat") + 1)
DRUM_EDGES = (
    (0.001, 0.15, 0.3, 0.45),  # syncopation of sixteenths, a share of the steps with a hit
    (0.01, 0.2, 0.3, 0.45, 0.55, 0.8),  # share of the beats that have a kick
    (0.001, 0.15, 0.3, 0.42, 0.5, 0.57, 0.65, 0.8),  # share of the hits that are hi-hats
    (6.0, 10.0, 12.5, 14.0, 16.0, 18.5, 21.5, 26.0, 32.5),  # hits a bar
)


class DrumsVoice(nn.Module):
    """What flow.py asks of a voice: see ``train.models.flow.Voice``."""

    rows = _DRUMS * _PATTERNS
    numbers = _DRUMS
    gist_sizes = tuple(len(edges) + 1 for edges in DRUM_EDGES)
    round_first, evened = False, 0.0
    many = False

    hears: Tensor
    bits: Tensor
    powers: Tensor
    firsts: Tensor
    sides: Tensor

    def __init__(self, codec: Codec, width: int, pitch_width: int) -> None:
        super().__init__()
        self.bars = codec.bars
        self.patterns = nn.Linear(width, self.rows)
        self.together = nn.Parameter(torch.zeros(self.rows, self.rows))  # from a pattern, to a later group's
        group = torch.tensor(GROUP_OF).repeat_interleave(_PATTERNS)
        powers = 2 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        self.register_buffer("hears", (group[:, None] < group).float(), persistent=False)
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("bits", torch.arange(_PATTERNS)[:, None] // powers % 2, persistent=False)
        self.register_buffer("firsts", torch.arange(_DRUMS) * _PATTERNS, persistent=False)
        self.register_buffer("sides", sides(_PATTERNS), persistent=False)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Windows (batch, steps, 9) as rows (batch, beats, 9), and their gist (batch, measures)."""
        patterns = (torch.unflatten(x, 1, (-1, STEPS_PER_BEAT)) * self.powers[:, None]).sum(dim=2)
        return patterns + self.firsts, drum_levels(x.to(torch.float32), self.bars)

    def _logits(self, features: Tensor, rows: Tensor, echo: Tensor | None) -> Tensor:
        every = torch.arange(self.rows, device=rows.device)
        hot = (rows[..., None] == every).to(torch.float32).sum(dim=2)
        logits: Tensor = self.patterns(features) + hot @ self.told()
        logits = logits if echo is None else logits + echo
        return torch.unflatten(logits.float(), 2, (_DRUMS, _PATTERNS))

    def nats(self, features: Tensor, rows: Tensor, echo: Tensor | None = None) -> Tensor:
        """-log of the chance of all choices of windows: (batch,). features: (batch, beats, width).

        echo: what else speaks for each row, added to its logit, (batch, beats, rows).
        """
        patterns = (rows - self.firsts).flatten()
        logits = self._logits(features, rows, echo).flatten(0, 2)
        each = functional.cross_entropy(logits, patterns, reduction="none")
        return each.view(rows.shape).sum(dim=(1, 2))

    def chances(self, features: Tensor, rows: Tensor, echo: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Of each number, the chances of all lower choices, of the one made and of all higher.

        (batch, numbers, 3), beat by beat; then whether the number is asked at all, (batch, numbers). echo:
        see ``nats``.
        """
        made = parted(self._logits(features, rows, echo), rows - self.firsts, self.sides)
        return made.flatten(1, 2), torch.ones_like(rows, dtype=torch.bool).flatten(1)

    def told(self) -> Tensor:
        """What ``draw`` looks up: what each row says to the other drums' in its beat, (rows, rows)."""
        return self.together * self.hears

    def draw(
        self, told: Tensor, features: Tensor, shares: Tensor, last: Tensor, echo: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """A beat's rows (batch, 9), and ``last`` as it was.

        told: of ``told``. features: (batch, width). shares: the beat's numbers as shares of their lines,
        (batch, numbers). echo: see ``nats``, (batch, rows).
        """
        alone = self.patterns(features)
        alone = alone if echo is None else alone + echo
        shares = shares[..., None]
        rows = drawn(torch.unflatten(alone, 1, (_DRUMS, _PATTERNS)), shares) + self.firsts
        for _ in range(len(_GROUPS) - 1):
            heard = alone + functional.embedding(rows, told).sum(dim=1)
            rows = drawn(torch.unflatten(heard, 1, (_DRUMS, _PATTERNS)), shares) + self.firsts
        return rows, last

    def struck(self, rows: Tensor) -> Tensor:
        """Rows as they are, for all of them say what is struck."""
        return rows

    def going_on(self, rows: Tensor, last: Tensor) -> Tensor:
        """Rows as they are, for drums do not ring on."""
        return rows

    def newest(self, rows: Tensor) -> Tensor:
        """What ``draw`` hears of after a beat of these rows: nothing of use."""
        return torch.zeros_like(rows[:, :1])

    def silence(self, levels: Tensor) -> Tensor:
        """What ``draw`` hears of before the first beat: nothing of use."""
        return levels[:, :1]

    def write(self, rows: Tensor, levels: Tensor) -> Tensor:
        """Rows (batch, beats, 9) as tokens (batch, steps, 9)."""
        hits: Tensor = self.bits[rows - self.firsts]  # (batch, beats, drums, steps of the beat)
        return hits.transpose(2, 3).flatten(1, 2)


def drum_levels(hits: Tensor, bars: int) -> Tensor:
    """The measures of beats: nine drums' hits, (batch, steps, 9), 0 or 1, to levels, (batch, measures)."""
    kicks = hits[:, ::STEPS_PER_BEAT, DRUM_CLASSES.index("kick")].mean(dim=1)
    count = hits.sum(dim=(1, 2))
    hats = hits[:, :, _HATS].sum(dim=(1, 2)) / count.clamp(min=1.0)
    syncopated = syncopations(hits.amax(dim=2), (1,))
    values = torch.cat([syncopated, torch.stack([kicks, hats, count / bars], dim=1)], dim=1)
    return levels_of(values, DRUM_EDGES)
