"""A percussionist's choices: which instruments are out for these two bars, then what each does in a beat.

Of sixty-one instruments a window strikes six. So the gist says for every family which of its instruments are
at hand, and only those have something to say: a number for each beat off which the pattern of its hits is
read, the higher, the sooner and the more. Instruments of a later group hear what those of earlier ones do in
the same beat, as units of a NADE hear one another (Uria, Murray and Larochelle 2014), but in four steps
instead of sixty-one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.percussion import PITCHES, column_of
from livevae.core.drum_kit import GM
from livevae.units import STEPS_PER_BEAT
from train.models.flow_drums import DRUM_EDGES, drum_levels
from train.models.odds import drawn, parted, sides

_COUNT = len(PITCHES)
_PATTERNS = 2**STEPS_PER_BEAT
_GROUPS = ((36, 38, 41, 45, 47), (35, 40, 42, 48, 49, 51), (37, 43, 44, 46, 50, 53, 57))  # then all others
# Families, and which of their instruments songs use together; where none of these will do, all are at hand.
_ALL_SUBSETS = 4  # families of at most so many have every subset
_FAMILIES: tuple[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], ...] = (
    ((36, 35), ()),
    ((38, 40, 37, 39), ()),
    ((42, 44, 46), ()),
    (
        (41, 43, 45, 47, 48, 50),
        (
            *((45, 50), (45, 48), (48, 50), (41, 43), (43, 45), (41, 45), (41, 47)),
            *((45, 48, 50), (41, 43, 45), (41, 45, 48), (41, 47, 50), (43, 47, 50), (43, 45, 47)),
            *((43, 45, 48, 50), (41, 43, 45, 47, 48)),
        ),
    ),
    ((49, 57, 55, 52), ()),
    ((51, 53, 59), ()),
    ((60, 61, 62, 63, 64, 65, 66), ((60, 61), (60, 64), (60, 63, 64), (62, 63, 64), (60, 61, 62, 63, 64))),
    ((54, 69, 70, 82), ()),
    ((27, 28, 29, 30, 31, 32, 33, 34), ((27, 28), (29, 30), (27, 28, 29, 30), (27, 33, 34))),
    (
        (56, 58, 67, 68, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 83, 84, 85, 86, 87),
        ((80, 81), (56, 75)),
    ),
)


def _sets(family: tuple[int, ...], together: tuple[tuple[int, ...], ...]) -> Iterator[tuple[int, ...]]:
    """None, some, and all of a family, small sets first."""
    if len(family) <= _ALL_SUBSETS:
        yield from chain.from_iterable(combinations(family, size) for size in range(len(family) + 1))
        return
    yield from ((), *((pitch,) for pitch in family), *together, family)


_SETS = tuple(tuple(_sets(family, together)) for family, together in _FAMILIES)
_SET_SIZES = [len(some) for some in _SETS]


class PercussionVoice(nn.Module):
    """What flow.py asks of a voice: see ``train.models.flow.Voice``."""

    rows = _COUNT * _PATTERNS
    numbers = _COUNT
    gist_sizes = (*(len(edges) + 1 for edges in DRUM_EDGES), *_SET_SIZES)
    round_first, evened = False, 0.0
    many = True

    order: Tensor
    powers: Tensor
    bits: Tensor
    firsts: Tensor
    sides: Tensor
    classes: Tensor
    lacks: Tensor
    has: Tensor
    set_firsts: Tensor
    back: Tensor

    def __init__(self, codec: Codec, width: int, pitch_width: int) -> None:
        super().__init__()
        self.bars = codec.bars
        groups = [*_GROUPS, tuple(pitch for pitch in PITCHES if pitch not in chain(*_GROUPS))]
        self.sizes = [len(group) for group in groups]
        pitches = list(chain(*groups))
        self.patterns = nn.Linear(width, self.rows)
        self.toward = nn.Linear(width, pitch_width)  # what instruments hear beside one another
        last = len(groups) - 1
        self.groups = nn.ModuleList(_Group(n, pitch_width, i < last) for i, n in enumerate(self.sizes))
        powers = 2 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        nine = torch.tensor([[float(pitch in row) for row in GM.rows] for pitch in pitches])
        has = torch.tensor([[float(p in one) for p in pitches] for some in _SETS for one in some])
        family = torch.tensor([[float(p in f) for p in pitches] for f, _ in _FAMILIES])
        mine = family.repeat_interleave(torch.tensor(_SET_SIZES), dim=0)
        order = torch.tensor([column_of(pitch) for pitch in pitches])
        first_sets = torch.tensor([sum(_SET_SIZES[:index]) for index in range(len(_SETS))])
        self.register_buffer("order", order, persistent=False)
        self.register_buffer("back", order.argsort(), persistent=False)
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("bits", torch.arange(_PATTERNS)[:, None] // powers % 2, persistent=False)
        self.register_buffer("firsts", torch.arange(_COUNT) * _PATTERNS, persistent=False)
        self.register_buffer("sides", sides(_PATTERNS), persistent=False)
        self.register_buffer("classes", nine, persistent=False)
        self.register_buffer("lacks", (mine - has).T.contiguous(), persistent=False)  # (pitches, sets)
        self.register_buffer("has", has, persistent=False)  # (sets, pitches)
        self.register_buffer("set_firsts", first_sets, persistent=False)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Windows (batch, steps, 61) as rows (batch, beats, 61), and their gist (batch, measures)."""
        hits = x.index_select(2, self.order)
        struck = hits.to(torch.float32)
        levels = drum_levels((struck @ self.classes).clamp(max=1.0), self.bars)
        patterns = (torch.unflatten(hits, 1, (-1, STEPS_PER_BEAT)) * self.powers[:, None]).sum(dim=2)
        return patterns + self.firsts, torch.cat([levels, self._sets(struck.amax(dim=1))], dim=1)

    def _groups(self) -> list[_Group]:
        return [group for group in self.groups if isinstance(group, _Group)]

    def _sets(self, struck: Tensor) -> Tensor:
        """Of each family the smallest set that has all that is struck: (batch, 61) -> (batch, families)."""
        covers = torch.split((struck @ self.lacks == 0).to(torch.int64), _SET_SIZES, dim=1)
        return torch.stack([some.argmax(dim=1) for some in covers], dim=1)

    def _at_hand(self, sets: Tensor) -> Tensor:
        """Whether each instrument is: (batch, families) -> (batch, 61)."""
        return functional.embedding(sets + self.set_firsts, self.has).sum(dim=1) > 0

    def _asked(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The patterns of all beats, (batch, beats, 61), and which instruments are at hand, (batch, 61)."""
        patterns = rows - self.firsts
        struck = (patterns > 0).to(torch.float32).amax(dim=1)
        return patterns, self._at_hand(self._sets(struck))

    def _logits(self, features: Tensor, patterns: Tensor) -> Tensor:
        every = torch.arange(_PATTERNS, device=patterns.device)
        hot = (patterns[..., None] == every).flatten(2).to(features.dtype)
        spans = [size * _PATTERNS for size in self.sizes]
        heard = self.toward(features)
        parts = []
        for group, alone, mine in zip(
            self._groups(),
            torch.split(self.patterns(features), spans, dim=2),
            torch.split(hot, spans, dim=2),
            strict=True,
        ):
            parts.append(alone + functional.relu(heard) @ group.hears)
            if group.says is not None:
                heard = heard + mine @ group.says
        return torch.unflatten(torch.cat(parts, dim=2).float(), 2, (_COUNT, _PATTERNS))

    def nats(self, features: Tensor, rows: Tensor) -> Tensor:
        """-log of the chance of all choices of windows: (batch,). features: (batch, beats, width)."""
        patterns, at_hand = self._asked(rows)
        logits = self._logits(features, patterns).flatten(0, 2)
        each = functional.cross_entropy(logits, patterns.flatten(), reduction="none").view(rows.shape)
        return torch.where(at_hand[:, None], each, 0.0).sum(dim=(1, 2))

    def chances(self, features: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Of each number, the chances of all lower choices, of the one made and of all higher.

        (batch, numbers, 3), beat by beat; then whether the number is asked at all, (batch, numbers).
        """
        patterns, at_hand = self._asked(rows)
        made = parted(self._logits(features, patterns), patterns, self.sides)
        return made.flatten(1, 2), at_hand[:, None].expand(rows.shape).flatten(1)

    def told(self) -> Tensor:
        """What ``draw`` looks up: where the rows of each instrument begin, (61,)."""
        return self.firsts

    def draw(self, told: Tensor, features: Tensor, shares: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """A beat's rows (batch, 61), and ``last`` as it was: which instruments are at hand.

        told: of ``told``. features: (batch, width). shares: the beat's numbers as shares of their lines,
        (batch, numbers).
        """
        spans = [size * _PATTERNS for size in self.sizes]
        heard = self.toward(features)
        patterns = []
        for group, alone, share, at_hand in zip(
            self._groups(),
            torch.split(self.patterns(features), spans, dim=1),
            torch.split(shares[..., None], self.sizes, dim=1),
            torch.split(last, self.sizes, dim=1),
            strict=True,
        ):
            logits = torch.unflatten(alone + functional.relu(heard) @ group.hears, 1, (-1, _PATTERNS))
            pattern = torch.where(at_hand, drawn(logits, share), 0)
            if group.says is not None:
                heard = heard + functional.embedding(pattern + group.firsts, group.says).sum(dim=1)
            patterns.append(pattern)
        return torch.cat(patterns, dim=1) + told, last

    def silence(self, levels: Tensor) -> Tensor:
        """What ``draw`` is told of the window: which instruments are at hand, (batch, 61)."""
        return self._at_hand(levels[:, len(DRUM_EDGES) :])

    def write(self, rows: Tensor, levels: Tensor) -> Tensor:
        """Rows (batch, beats, 61) as tokens (batch, steps, 61)."""
        hits: Tensor = self.bits[rows - self.firsts]  # (batch, beats, pitches, steps of the beat)
        return hits.transpose(2, 3).flatten(1, 2).index_select(2, self.back)


class _Group(nn.Module):
    """Instruments that are drawn at the same time.

    hears: of earlier groups, (width, patterns). says: to later ones, of each pattern of each instrument,
    (patterns, width); None for the last.
    """

    firsts: Tensor

    def __init__(self, size: int, width: int, tells: bool) -> None:
        super().__init__()
        self.hears = nn.Parameter(torch.zeros(width, size * _PATTERNS))
        self.says = nn.Parameter(0.1 * torch.randn(size * _PATTERNS, width)) if tells else None
        self.register_buffer("firsts", torch.arange(size) * _PATTERNS, persistent=False)
