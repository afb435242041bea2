"""What a player of a band decides in a beat, and what a drummer does.

A player: when notes begin, how loud, and for each of the beat's steps how long, which shape of chord, and
which pitch is lowest. A rhythm is one number of the latent, each of the others too; those of steps on which
nothing begins are not asked. A chord's shape hears that of the beat's first, a pitch the one before it.

A drummer: for each of nine drums which steps it is struck on, and how loud; drums of a later group hear those
of the earlier (flow_drums.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec.band import SLOTS, VELOCITIES
from livevae.codec.chord_shapes import SHAPES
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT
from train.models.band_bar import DRUM_COUNT, PATTERNS, PLACES, Chosen
from train.models.flow_drums import GROUP_OF
from train.models.odds import drawn, parted, sides

PLAYER_NUMBERS = 2 + 3 * STEPS_PER_BEAT
DRUM_NUMBERS = 2 * DRUM_COUNT
LENGTHS = STEPS_PER_BAR
"""Steps that a note may last."""


class Player(nn.Module):
    """Choices of all seven slots; what differs between slots is told by the features."""

    begins: Tensor
    first: Tensor
    sides_of_rhythm: Tensor
    sides_of_loud: Tensor
    sides_of_length: Tensor
    sides_of_shape: Tensor
    sides_of_pitch: Tensor

    def __init__(self, width: int, step_width: int) -> None:
        super().__init__()
        self.rhythm = nn.Linear(width, PATTERNS)
        self.loud = nn.Linear(width, VELOCITIES)
        self.loud_by_rhythm = nn.Embedding(PATTERNS, VELOCITIES)
        self.toward = nn.Linear(width, step_width)
        self.by_rhythm = nn.Embedding(PATTERNS, STEPS_PER_BEAT * step_width)
        self.length = nn.Linear(step_width, LENGTHS)
        self.shape = nn.Linear(step_width, len(SHAPES))
        self.same = nn.Embedding(len(SHAPES), len(SHAPES))  # from the beat's first chord to the others
        self.pitch = nn.Linear(step_width, PLACES)
        self.pitch_by_shape = nn.Embedding(len(SHAPES), PLACES)
        self.pitch_by_slot = nn.Parameter(torch.zeros(len(SLOTS), PLACES))
        self.step = nn.Embedding(PLACES, PLACES)  # from one pitch to the next
        nn.init.normal_(self.by_rhythm.weight, std=0.3)
        for table in (self.loud_by_rhythm, self.same, self.pitch_by_shape, self.step):
            nn.init.zeros_(table.weight)
        powers = 2 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        begins = (torch.arange(PATTERNS)[:, None] // powers % 2).bool()
        first = begins & (begins.cumsum(dim=1) == 1)
        self.register_buffer("begins", begins, persistent=False)
        self.register_buffer("first", first, persistent=False)
        for name, choices in (("rhythm", PATTERNS), ("loud", VELOCITIES), ("length", LENGTHS)):
            self.register_buffer(f"sides_of_{name}", sides(choices), persistent=False)
        self.register_buffer("sides_of_shape", sides(len(SHAPES)), persistent=False)
        self.register_buffer("sides_of_pitch", sides(PLACES), persistent=False)

    def _steps(self, features: Tensor, rhythm: Tensor) -> Tensor:
        """Features of each step of the beat, (…, 4, step_width)."""
        told = self.toward(features).unsqueeze(-2)
        told = told + torch.unflatten(self.by_rhythm(rhythm), -1, (STEPS_PER_BEAT, -1))
        return functional.relu(told)

    def _logits(self, features: Tensor, slot: Tensor, made: Chosen, before: Tensor) -> dict[str, Tensor]:
        """Of every choice given those made before it. features: (…, width). slot: (…,), which of the
        seven."""
        steps = self._steps(features, made.rhythm)
        first = self.first[made.rhythm]
        lead = (made.shape * first).sum(dim=-1)
        alike = torch.where(first[..., None], 0.0, self.same(lead).unsqueeze(-2))
        pitch = self.pitch(steps) + self.pitch_by_slot[slot].unsqueeze(-2)
        logits = {
            "rhythm": self.rhythm(features),
            "loud": self.loud(features) + self.loud_by_rhythm(made.rhythm),
            "length": self.length(steps),
            "shape": self.shape(steps) + alike,
            "pitch": pitch + self.pitch_by_shape(made.shape) + self.step(before),
        }
        return {name: each.float() for name, each in logits.items()}

    def nats(
        self, features: Tensor, slot: Tensor, made: Chosen, before: Tensor, knows_loudness: Tensor
    ) -> Tensor:
        """-log of the chance of all choices of cells: (cells,). features: (cells, width), and so on."""
        logits = self._logits(features, slot, made, before)
        asks_loud = knows_loudness & (made.rhythm > 0)
        loud = torch.where(asks_loud, _nats(logits["loud"], made.loud), 0.0)
        total = _nats(logits["rhythm"], made.rhythm) + loud
        for name, chosen in (("length", made.length), ("shape", made.shape), ("pitch", made.pitch)):
            total = total + torch.where(made.begun, _nats(logits[name], chosen), 0.0).sum(dim=-1)
        return total

    def chances(
        self, features: Tensor, slot: Tensor, made: Chosen, before: Tensor, plays: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Of each number, the chances of lower choices, of the one made and of higher, (…, numbers, 3).

        Then whether it is asked, (…, numbers).
        """
        logits = self._logits(features, slot, made, before)
        whole = torch.stack(
            [
                parted(logits["rhythm"], made.rhythm, self.sides_of_rhythm),
                parted(logits["loud"], made.loud, self.sides_of_loud),
            ],
            dim=-2,
        )
        steps = [
            parted(logits["length"], made.length, self.sides_of_length),
            parted(logits["shape"], made.shape, self.sides_of_shape),
            parted(logits["pitch"], made.pitch, self.sides_of_pitch),
        ]
        asked = torch.cat([torch.stack([plays, made.rhythm > 0], dim=-1), *[made.begun] * 3], dim=-1)
        return torch.cat([whole, *steps], dim=-2), asked

    def draw(self, features: Tensor, slots: slice, plays: Tensor, shares: Tensor, last: Tensor) -> Chosen:
        """What some slots play in a beat. features: (batch, slots, width). plays: (batch, slots).

        shares: the numbers as shares of their lines, (batch, slots, numbers). last: newest pitch, (batch,
        slots).
        """
        shares = shares[..., None]
        rhythm = torch.where(plays, drawn(self.rhythm(features), shares[:, :, 0]), 0)
        loud = drawn(self.loud(features) + self.loud_by_rhythm(rhythm), shares[:, :, 1])
        steps = self._steps(features, rhythm)
        for_length, for_shape, for_pitch = shares[:, :, 2:].chunk(3, dim=2)
        length = drawn(self.length(steps), for_length)
        alone = self.shape(steps)
        first = self.first[rhythm]
        shape = drawn(alone, for_shape)
        lead = (shape * first).sum(dim=-1)
        shape = torch.where(first, shape, drawn(alone + self.same(lead).unsqueeze(-2), for_shape))
        heard = self.pitch(steps) + self.pitch_by_slot[slots].unsqueeze(-2) + self.pitch_by_shape(shape)
        begun = self.begins[rhythm]
        pitches = []
        for step in range(STEPS_PER_BEAT):
            pitch = drawn(heard[:, :, step] + self.step(last), for_pitch[:, :, step]).clamp(min=1)
            last = torch.where(begun[:, :, step], pitch, last)
            pitches.append(last)
        pitch = torch.stack(pitches, dim=-1)
        return Chosen(rhythm, torch.where(rhythm > 0, loud, 0), pitch, shape, length, begun)


class Drummer(nn.Module):
    """Choices of the nine drums."""

    hears: Tensor
    firsts: Tensor
    sides_of_pattern: Tensor
    sides_of_loud: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        rows = DRUM_COUNT * PATTERNS
        self.patterns = nn.Linear(width, rows)
        self.together = nn.Parameter(torch.zeros(rows, rows))  # from a pattern, to a later group's
        self.loud = nn.Linear(width, DRUM_COUNT * VELOCITIES)
        self.loud_by_pattern = nn.Embedding(rows, VELOCITIES)
        nn.init.zeros_(self.loud_by_pattern.weight)
        group = torch.tensor(GROUP_OF).repeat_interleave(PATTERNS)
        self.rounds = max(GROUP_OF)
        self.register_buffer("hears", (group[:, None] < group).float(), persistent=False)
        self.register_buffer("firsts", torch.arange(DRUM_COUNT) * PATTERNS, persistent=False)
        self.register_buffer("sides_of_pattern", sides(PATTERNS), persistent=False)
        self.register_buffer("sides_of_loud", sides(VELOCITIES), persistent=False)

    def _logits(self, features: Tensor, patterns: Tensor) -> tuple[Tensor, Tensor]:
        rows = patterns + self.firsts
        heard = functional.embedding(rows, self.together * self.hears).sum(dim=-2)
        struck = torch.unflatten(self.patterns(features) + heard, -1, (DRUM_COUNT, PATTERNS))
        loud = torch.unflatten(self.loud(features), -1, (DRUM_COUNT, VELOCITIES)) + self.loud_by_pattern(rows)
        return struck.float(), loud.float()

    def nats(self, features: Tensor, patterns: Tensor, loud: Tensor, knows_loudness: Tensor) -> Tensor:
        """-log of the chance of all choices of beats: (beats,). features: (beats, width), and so on."""
        struck, loudness = self._logits(features, patterns)
        asked = (patterns > 0) & knows_loudness[..., None]
        each = _nats(struck, patterns) + torch.where(asked, _nats(loudness, loud), 0.0)
        return each.sum(dim=-1)

    def chances(
        self, features: Tensor, patterns: Tensor, loud: Tensor, plays: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As ``Player.chances``."""
        struck, loudness = self._logits(features, patterns)
        made = [parted(struck, patterns, self.sides_of_pattern), parted(loudness, loud, self.sides_of_loud)]
        return torch.cat(made, dim=-2), torch.cat(
            [plays[..., None].expand_as(patterns), patterns > 0], dim=-1
        )

    def draw(self, features: Tensor, plays: Tensor, shares: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Patterns and loudness, (batch, 9) each. features: (batch, width). plays: (batch,).

        shares: (batch, numbers). told: of ``told``.
        """
        for_pattern, for_loud = shares[..., None].chunk(2, dim=1)
        alone = self.patterns(features)
        patterns = drawn(torch.unflatten(alone, -1, (DRUM_COUNT, PATTERNS)), for_pattern)
        for _ in range(self.rounds):
            heard = alone + functional.embedding(patterns + self.firsts, told).sum(dim=1)
            patterns = drawn(torch.unflatten(heard, -1, (DRUM_COUNT, PATTERNS)), for_pattern)
        patterns = torch.where(plays[:, None], patterns, 0)
        loudness = torch.unflatten(self.loud(features), -1, (DRUM_COUNT, VELOCITIES))
        loud = drawn(loudness + self.loud_by_pattern(patterns + self.firsts), for_loud)
        return patterns, torch.where(patterns > 0, loud, 0)

    def told(self) -> Tensor:
        """What ``draw`` looks up: what each pattern says to the other drums in its beat."""
        return self.together * self.hears


def _nats(logits: Tensor, chosen: Tensor) -> Tensor:
    """-log of the chances of choices (…,) from logits (…, choices)."""
    flat = functional.cross_entropy(logits.flatten(0, -2), chosen.flatten(), reduction="none")
    return flat.view(chosen.shape)
