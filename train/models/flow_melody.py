"""A melody's choices: a beat's rhythm, then the pitch of each note that begins in it.

A rhythm says of each of the beat's steps whether a note ends, is held or begins; the higher the number it is
read off, the sooner notes begin. Each step has a number for its pitch: the higher, the higher. So a line of
numbers is a contour, whatever the key and the notes before.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from livevae.units import STEPS_PER_BEAT
from train.models.gist import levels_of, syncopations
from train.models.keys import SPEAKS_FOR_C
from train.models.odds import drawn, parted, sides

_FIRST, _OFF = 2, 1  # tokens: hold, note-off, then pitches upwards from 21
_PITCHES = 88
_OCTAVE, _LOWEST = 12, 21
_DOWN, _UP = 5, 6  # semitones windows are moved at most, to be in C
RANGE = _PITCHES + _DOWN + _UP + 1  # places for pitches once in C; place 0 is no pitch at all
_ENDED, _HELD, _BEGUN = range(3)  # what a step of a rhythm can be
RHYTHMS = 3**STEPS_PER_BEAT
FIFTHS = tuple(7 * fifth % _OCTAVE for fifth in range(_OCTAVE))
"""Pitch classes round the circle of fifths, from C."""
_EDGES = (
    (0.001, 0.12, 0.25, 0.4),  # syncopation of sixteenths, a share of the onsets
    (0.001, 0.1, 0.18, 0.28, 0.4),  # of eighths
    (0.5, 1.5, 2.1, 2.6, 3.3, 4.3, 6.0, 9.0),  # mean interval, semitones
    (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),  # onsets a bar
)


class MelodyVoice(nn.Module):
    """What flow.py asks of a voice: see ``train.models.flow.Voice``."""

    keys, rhythms = FIFTHS, RHYTHMS
    rows = RHYTHMS + STEPS_PER_BEAT * RANGE
    numbers = 1 + STEPS_PER_BEAT
    gist_sizes = (len(FIFTHS), *(len(edges) + 1 for edges in _EDGES))
    round_first = True  # the first measure is the key
    evened = 0.5  # songs in C are many, players in D are not few
    many = False

    shifts: Tensor
    speaks: Tensor
    powers: Tensor
    digits: Tensor
    asks: Tensor
    sides_of_rhythms: Tensor
    sides_of_pitches: Tensor
    begins: Tensor
    firsts: Tensor

    def __init__(self, codec: Codec, width: int, pitch_width: int, rhythm_width: int = 0) -> None:
        """rhythm_width: of the features, the first so many are all that rhythms are read off; 0 is all."""
        super().__init__()
        self.bars = codec.bars
        self.rhythm_width = rhythm_width or width
        self.rhythm = nn.Linear(self.rhythm_width, RHYTHMS)
        self.toward = nn.Linear(width, pitch_width)
        self.by_rhythm = nn.Embedding(RHYTHMS, STEPS_PER_BEAT * pitch_width)
        self.pitch = nn.Linear(pitch_width, RANGE)
        self.step = nn.Embedding(RANGE, RANGE)  # from one pitch to the next
        nn.init.normal_(self.by_rhythm.weight, std=0.3)
        nn.init.zeros_(self.step.weight)
        votes = torch.zeros(_FIRST + _PITCHES, len(FIFTHS))  # token, key
        for pitch in range(_PITCHES):
            for index, key in enumerate(FIFTHS):
                votes[_FIRST + pitch, index] = SPEAKS_FOR_C[(pitch + _LOWEST - key) % _OCTAVE]
        shifts = torch.tensor([(_DOWN - key) % _OCTAVE - _DOWN for key in FIFTHS])  # from a key to C
        powers = 3 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        digits = (torch.arange(RHYTHMS)[:, None] // powers) % 3  # (rhythms, steps)
        firsts = torch.tensor([0, *(RHYTHMS + index * RANGE for index in range(STEPS_PER_BEAT))])
        self.register_buffer("speaks", votes, persistent=False)
        self.register_buffer("shifts", shifts, persistent=False)
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("digits", digits, persistent=False)
        asks = torch.cat([torch.ones_like(digits[:, :1], dtype=torch.bool), digits == _BEGUN], dim=1)
        self.register_buffer("asks", asks, persistent=False)
        self.register_buffer("sides_of_rhythms", sides(RHYTHMS), persistent=False)
        self.register_buffer("sides_of_pitches", sides(RANGE), persistent=False)
        self.register_buffer("begins", digits == _BEGUN, persistent=False)
        self.register_buffer("firsts", firsts, persistent=False)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Windows (batch, steps, 1) as rows (batch, beats, 5), and their gist (batch, measures).

        A beat's rows: its rhythm, and the newest pitch, in C, as of each step.
        """
        key = self.votes(x).argmax(dim=1)
        rows, levels = self.read_in(x, key)
        return rows, torch.cat([key[:, None], levels], dim=1)

    def votes(self, x: Tensor) -> Tensor:
        """How much the notes of windows (batch, steps, 1) speak for each key: (batch, keys)."""
        return functional.embedding(x[..., 0], self.speaks).sum(dim=1)

    def read_in(self, x: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """``read``, in keys (batch,) already known, which the gist then leaves out."""
        line = x[..., 0]
        onsets = line >= _FIRST
        moved = line - _FIRST + _UP + self.shifts[key][:, None]
        struck = newest_mark(onsets)
        pitch = torch.where(struck >= 0, moved.gather(1, struck.clamp(min=0)), 0)
        steps = torch.where(onsets, _BEGUN, torch.where(line == _OFF, _ENDED, _HELD))
        rhythm = (_by_beat(steps) * self.powers).sum(dim=2, keepdim=True)
        rows = torch.cat([rhythm, _by_beat(pitch)], dim=2) + self.firsts
        return rows, self._levels(onsets.to(torch.float32), pitch)

    def _levels(self, begun: Tensor, pitch: Tensor) -> Tensor:
        before = _before(pitch)
        leaps = (pitch - before).abs().to(torch.float32) * begun * (before > 0).to(torch.float32)
        count = begun.sum(dim=1)
        wide = leaps.sum(dim=1) / (count - 1.0).clamp(min=1.0)
        values = [syncopations(begun, (1, 2)), wide[:, None], count[:, None] / self.bars]
        return levels_of(torch.cat(values, dim=1), _EDGES)

    def _asked(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rhythms (batch, beats), and pitches and whether they begin, (batch, beats, steps of the beat)."""
        parts = rows - self.firsts
        return parts[..., 0], parts[..., 1:], self.begins[parts[..., 0]]

    def _rhythm_logits(self, features: Tensor) -> Tensor:
        logits: Tensor = self.rhythm(features[..., : self.rhythm_width])
        return logits

    def _heard(self, features: Tensor, rhythm: Tensor) -> Tensor:
        """What features (…, width) and the rhythm say of the pitch of each step: (…, steps, pitches)."""
        told = self.toward(features).unsqueeze(-2)
        told = told + torch.unflatten(self.by_rhythm(rhythm), -1, (STEPS_PER_BEAT, -1))
        heard: Tensor = self.pitch(functional.relu(told))
        return heard

    def _logits(
        self, features: Tensor, rhythm: Tensor, pitch: Tensor, echo: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Of rhythms, (batch, beats, rhythms), and of the pitch of each step, (batch, beats, steps, pitches).

        echo: see ``nats``.
        """
        before = _by_beat(_before(pitch.flatten(1)))
        pitches = self._heard(features, rhythm) + self.step(before)
        rhythms = self._rhythm_logits(features)
        if echo is not None:
            rhythms = rhythms + echo[..., :RHYTHMS]
            pitches = pitches + torch.unflatten(echo[..., RHYTHMS:], -1, (STEPS_PER_BEAT, -1))
        return rhythms.float(), pitches.float()

    def nats(self, features: Tensor, rows: Tensor, echo: Tensor | None = None) -> Tensor:
        """-log of the chance of all choices of windows: (batch,). features: (batch, beats, width).

        echo: what else speaks for each row, added to its logit, (batch, beats, rows).
        """
        rhythm, pitch, begun = self._asked(rows)
        of_rhythms, of_pitches = self._logits(features, rhythm, pitch, echo)
        which = functional.cross_entropy(of_pitches.flatten(0, 2), pitch.flatten(), reduction="none")
        rhythms = functional.cross_entropy(of_rhythms.flatten(0, 1), rhythm.flatten(), reduction="none")
        pitches = torch.where(begun, which.view(pitch.shape), 0.0).sum(dim=(1, 2))
        return rhythms.view(rhythm.shape).sum(dim=1) + pitches

    def chances(self, features: Tensor, rows: Tensor, echo: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Of each number, the chances of all lower choices, of the one made and of all higher.

        (batch, numbers, 3), beat by beat; then whether the number is asked at all, (batch, numbers). echo:
        see ``nats``.
        """
        rhythm, pitch, _ = self._asked(rows)
        of_rhythms, of_pitches = self._logits(features, rhythm, pitch, echo)
        rhythms = parted(of_rhythms, rhythm, self.sides_of_rhythms)
        pitches = parted(of_pitches, pitch, self.sides_of_pitches)
        made = torch.cat([rhythms[:, :, None], pitches], dim=2)
        return made.flatten(1, 2), self.asks[rhythm].flatten(1)

    def told(self) -> Tensor:
        """What ``draw`` looks up: what each pitch says to the next, (pitches, pitches)."""
        return self.step.weight

    def draw(
        self, told: Tensor, features: Tensor, shares: Tensor, last: Tensor, echo: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """A beat's rows (batch, 5), and the newest pitch as of its end, (batch, 1).

        told: of ``told``. features: (batch, width). shares: the beat's numbers as shares of their lines,
        (batch, numbers). last: the newest pitch before. echo: see ``nats``, (batch, rows).
        """
        share_of_rhythm, *shares_of_steps = shares[..., None].chunk(self.numbers, dim=1)
        rhythms = self._rhythm_logits(features)
        rhythms = rhythms if echo is None else rhythms + echo[:, :RHYTHMS]
        rhythm = drawn(rhythms[:, None], share_of_rhythm)  # (batch, 1)
        which = rhythm[:, 0]
        pitches = self._heard(features, which)
        if echo is not None:
            pitches = pitches + torch.unflatten(echo[:, RHYTHMS:], 1, (STEPS_PER_BEAT, -1))
        steps = zip(
            pitches.chunk(STEPS_PER_BEAT, dim=1),
            shares_of_steps,
            self.begins.index_select(0, which).chunk(STEPS_PER_BEAT, dim=1),
            strict=True,
        )
        parts = [rhythm]
        for heard, share, begins in steps:
            pitch = drawn(heard + functional.embedding(last, told), share)
            last = torch.where(begins, pitch, last)
            parts.append(last)
        return torch.cat(parts, dim=1) + self.firsts, last

    def struck(self, rows: Tensor) -> Tensor:
        """Rows (batch, beats, 5) in which pitches stand only where notes begin."""
        rhythm, pitch, begun = self._asked(rows)
        return torch.cat([rhythm[..., None], torch.where(begun, pitch, 0)], dim=2)

    def sounding(self, rows: Tensor) -> Tensor:
        """Whether a note sounds at each step, (batch, steps), bool. rows: (batch, beats, 5)."""
        steps = self.digits[self._asked(rows)[0]].flatten(1)
        event = newest_mark(steps != _HELD)
        return (event >= 0) & (steps.gather(1, event.clamp(min=0)) == _BEGUN)

    def going_on(self, rows: Tensor, last: Tensor) -> Tensor:
        """Rows of ``read_in`` (batch, beats, 5) as they are after another pitch, ``last`` (batch, 1)."""
        rhythm, pitch, _ = self._asked(rows)
        pitch = torch.where(pitch > 0, pitch, last[:, None])
        return torch.cat([rhythm[..., None], pitch], dim=2) + self.firsts

    def newest(self, rows: Tensor) -> Tensor:
        """What ``draw`` hears of after a beat of these rows (batch, 5); all zeros for no beat: (batch, 1)."""
        return (rows[:, -1:] - self.firsts[-1]).clamp(min=0)

    def silence(self, levels: Tensor) -> Tensor:
        """What ``draw`` hears of before the first beat: no pitch."""
        return torch.zeros_like(levels[:, :1])

    def write(self, rows: Tensor, levels: Tensor) -> Tensor:
        """Rows (batch, beats, 5), back in their key, as tokens (batch, steps, 1)."""
        rhythm, pitch, _ = self._asked(rows)
        steps = self.digits[rhythm].flatten(1)
        pitch = pitch.flatten(1) - _UP - self.shifts[levels[:, 0]][:, None]
        pitch = pitch + _OCTAVE * (pitch < 0).to(torch.int64)
        pitch = pitch - _OCTAVE * (pitch >= _PITCHES).to(torch.int64)
        tokens = torch.where(steps == _BEGUN, pitch + _FIRST, torch.where(steps == _ENDED, _OFF, 0))
        return tokens[..., None]


def pitch_class_in_c(place: Tensor) -> Tensor:
    """Pitch class, from C upwards, once in C, of places for pitches (…); of place 0 it means nothing."""
    return (place - _UP + _LOWEST) % _OCTAVE


def _by_beat(steps: Tensor) -> Tensor:
    return torch.unflatten(steps, 1, (-1, STEPS_PER_BEAT))


def _before(pitch: Tensor) -> Tensor:
    return functional.pad(pitch, (1, 0))[:, :-1]


def newest_mark(marks: Tensor) -> Tensor:
    """The step of the newest mark at each step, this one included; -1 where there was none yet.

    marks: (batch, steps), bool. (batch, steps), int64.
    """
    steps = torch.arange(marks.shape[1], device=marks.device)
    heard = marks[:, None, :] & (steps[None, :] <= steps[:, None])  # (batch, step, earlier step)
    return torch.where(heard, steps, -1).amax(dim=2)
