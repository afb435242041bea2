"""A band's bar as a model thinks of it: tokens read into choices, and choices written as tokens.

Pitches are thought of as if the chord's root were C; what the bar is like as a whole is measured in a few
levels (gist.py): its chord, who plays, on which instrument, how loud, how syncopated, how busy each is.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec.band import (
    ANY_PROGRAM,
    FIELDS,
    FIRST_PROGRAM,
    PITCHES,
    SLOT_PROGRAMS,
    SLOTS,
    USUAL_PROGRAM,
)
from livevae.codec.chord_shapes import SHAPES
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import LOWEST_PITCH
from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR, STEPS_PER_BEAT
from train.models.chord_guess import QUALITIES, ChordGuess
from train.models.flow_melody import FIFTHS
from train.models.gist import levels_of, syncopations

DRUM_COUNT = len(DRUM_CLASSES)
PATTERNS = 2**STEPS_PER_BEAT
_OCTAVE = 12
_DOWN, _UP = 5, 6  # semitones a bar is moved at most, for its root to be C
PLACES = PITCHES + _DOWN + _UP + 1
"""Places of pitches once the root is C; place 0 is no pitch at all."""
_UNKNOWN_LOUDNESS = 11  # token of velocity 80, all that Lakh's extracts have
_LOUDNESS = (9.0, 11.0, 12.5, 14.0)  # edges of the mean loudness, in tokens
_SYNCOPATION = (0.001, 0.1, 0.2, 0.35)  # share of the onsets on sixteenths with nothing before
_BUSY = (0.5, 2.5, 5.5, 9.5)  # steps on which a player begins anything; of the drums
_BUSY_DRUMS = (0.5, 4.5, 8.5, 12.5)

CHORD_MEASURES = 2
"""The first: root and quality."""
PLAYERS = 1 + len(SLOTS)
"""The drums, then the slots."""
_BAND_MEASURES = slice(CHORD_MEASURES, CHORD_MEASURES + PLAYERS)  # who plays, and what
_LOUDNESS_MEASURE = _BAND_MEASURES.stop
GIST_SIZES = (
    len(FIFTHS),
    len(QUALITIES),
    2,
    *(1 + len(programs) for programs in SLOT_PROGRAMS.values()),
    len(_LOUDNESS) + 1,
    len(_SYNCOPATION) + 1,
    len(_BUSY_DRUMS) + 1,
    *(len(_BUSY) + 1 for _ in SLOTS),
)
"""Levels of each measure: root, quality, drums or none, each slot's program, loudness, syncopation, how busy
the drums and each slot are."""


class Chosen(NamedTuple):
    """What slots choose in beats of 4 steps; (…, slots) or (…, slots, 4), int64 but where said.

    rhythm, loud: on which steps a player begins, and how loud, (…, slots).
    pitch: the newest as of each step, 0 for none yet. shape, length: of what begins there. begun: whether
    anything does, bool. (…, slots, 4).
    """

    rhythm: Tensor
    loud: Tensor
    pitch: Tensor
    shape: Tensor
    length: Tensor
    begun: Tensor

    def at(self, where: Tensor | slice) -> Chosen:
        """Those that an index picks."""
        return Chosen(*(each[where] for each in self))


class Bar(NamedTuple):
    """What happens in bars; int64 but where said.

    levels: (batch, measures). known: (batch, measures), bool: measures that the music tells, rather than a
        collection that lost them. knows_loudness: (batch,), bool.
    drums: what each does in a beat, (batch, beats, 9), and its loudness ``drums_loud``, the same.
    made: what the slots choose in every beat, (batch, beats, slots, …). before: the newest pitch as of the
        step before each, as ``made.pitch``.
    """

    levels: Tensor
    known: Tensor
    knows_loudness: Tensor
    drums: Tensor
    drums_loud: Tensor
    made: Chosen
    before: Tensor

    def first(self, count: int | None) -> Bar:
        """The first ``count`` bars of the batch, all for None."""
        few = slice(count)
        return Bar(
            self.levels[few],
            self.known[few],
            self.knows_loudness[few],
            self.drums[few],
            self.drums_loud[few],
            self.made.at(few),
            self.before[few],
        )

    @property
    def plays(self) -> Tensor:
        """Whether the drums and each slot play, (batch, 8), bool."""
        return playing(self.levels)


def playing(levels: Tensor) -> Tensor:
    """Whether the drums and each slot play, (batch, 8), bool, of levels (batch, measures)."""
    return levels[:, _BAND_MEASURES] > 0


class Reader(nn.Module):
    """Tokens to bars and back; it learns nothing."""

    powers: Tensor
    bits: Tensor
    tones: Tensor
    shifts: Tensor
    level_of: Tensor
    program_of: Tensor
    usual: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.guess = ChordGuess()
        powers = 2 ** torch.arange(STEPS_PER_BEAT - 1, -1, -1)
        tones = torch.zeros(_OCTAVE, len(SHAPES), _OCTAVE)  # lowest pitch class, shape, what sounds
        for lowest in range(_OCTAVE):
            for place, shape in enumerate(SHAPES):
                for interval in shape:
                    tones[lowest, place, (lowest + interval) % _OCTAVE] = 1.0
        level_of = torch.zeros(len(SLOTS), ANY_PROGRAM + 1, dtype=torch.int64)
        program_of = torch.zeros(len(SLOTS), 1 + max(map(len, SLOT_PROGRAMS.values())), dtype=torch.int64)
        for slot, (name, programs) in enumerate(SLOT_PROGRAMS.items()):
            level_of[slot, FIRST_PROGRAM:] = 1 + USUAL_PROGRAM[name] - programs.start
            for level, program in enumerate(programs, start=1):
                level_of[slot, FIRST_PROGRAM + program] = level
                program_of[slot, level] = FIRST_PROGRAM + program
        shifts = torch.tensor([(_DOWN - root) % _OCTAVE - _DOWN for root in FIFTHS])  # from a root to C
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("bits", torch.arange(PATTERNS)[:, None] // powers % 2, persistent=False)
        self.register_buffer("tones", tones.flatten(0, 1), persistent=False)
        self.register_buffer("shifts", shifts, persistent=False)
        self.register_buffer("level_of", level_of.flatten(), persistent=False)
        self.register_buffer("program_of", program_of.flatten(), persistent=False)
        self.register_buffer("usual", torch.arange(len(SLOTS)), persistent=False)

    def read(self, x: Tensor) -> Bar:
        """Tokens (batch, 16, 44) as a bar."""
        hits, players = x[:, :, :DRUM_COUNT], torch.unflatten(x[:, :, DRUM_COUNT:], 2, (-1, len(FIELDS)))
        program, loudness, pitch, shape, length = players.unbind(dim=3)  # (batch, steps, slots) each
        begun = pitch > 0
        shape, length = (shape - 1).clamp(min=0), (length - 1).clamp(min=0)
        root, quality = self._chord(pitch, shape, length, begun)
        moved = torch.where(begun, pitch - 1 + _UP + self.shifts[root][:, None, None], 0)
        newest = _newest(moved)
        loudness = torch.where(begun, loudness, 0)
        levels, known, knows_loudness = self._measured(
            hits, program[:, 0], loudness, begun, torch.stack([root, quality], dim=1)
        )
        return Bar(
            levels,
            known,
            knows_loudness,
            self._patterns(hits > 0),
            (_by_beat(hits).amax(dim=2) - 1).clamp(min=0),
            Chosen(
                self._patterns(begun),
                (_by_beat(loudness).amax(dim=2) - 1).clamp(min=0),
                _cells(newest),
                _cells(shape),
                _cells(length),
                _cells(begun),
            ),
            _cells(functional.pad(newest, (0, 0, 1, 0))[:, :-1]),
        )

    def _patterns(self, begins: Tensor) -> Tensor:
        """Steps on which something begins, (batch, steps, players), as a pattern of every beat."""
        return (_by_beat(begins.to(torch.int64)) * self.powers[:, None]).sum(dim=2)

    def _chord(self, pitch: Tensor, shape: Tensor, length: Tensor, begun: Tensor) -> tuple[Tensor, Tensor]:
        """Root and quality of the bar, (batch,) each."""
        lowest = (pitch - 1 + LOWEST_PITCH).clamp(min=0) % _OCTAVE
        sounds = functional.embedding(lowest * len(SHAPES) + shape, self.tones)
        weight = (begun * (length + 1)).to(torch.float32)[..., None]
        each = (sounds * weight).sum(dim=1)  # (batch, slots, 12)
        root, quality = self.guess(each.sum(dim=1), each[:, SLOTS.index("bass")])
        return root, quality

    def _measured(
        self, hits: Tensor, program: Tensor, loudness: Tensor, begun: Tensor, chord: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Levels and whether they are known, (batch, measures) each, and whether the loudness is,
        (batch,)."""
        drummed = hits.amax(dim=2) > 0
        plays = begun.any(dim=1)
        everything = torch.cat([hits, loudness], dim=2)
        struck = everything > 0
        count = struck.sum(dim=(1, 2)).clamp(min=1)
        mean = everything.sum(dim=(1, 2)).to(torch.float32) / count
        onsets = struck.any(dim=2).to(torch.float32)
        busy = begun.sum(dim=1).to(torch.float32)
        levels = self.level_of[program + self.usual * (ANY_PROGRAM + 1)]
        measured = torch.cat(
            [
                levels_of(mean[:, None], [_LOUDNESS]),
                levels_of(syncopations(onsets, (1,)), [_SYNCOPATION]),
                levels_of(drummed.sum(dim=1, keepdim=True).to(torch.float32), [_BUSY_DRUMS]),
                levels_of(busy, [_BUSY] * len(SLOTS)),
            ],
            dim=1,
        )
        who = torch.cat([drummed.any(dim=1, keepdim=True).to(torch.int64), levels * plays], dim=1)
        is_flat = ~(struck & (everything != _UNKNOWN_LOUDNESS)).any(dim=2).any(dim=1)
        is_named = ~(plays & (program == ANY_PROGRAM)).any(dim=1)
        knows_loudness = is_named | ~is_flat
        measures = torch.arange(len(GIST_SIZES), device=hits.device)
        of_band = (measures >= _BAND_MEASURES.start) & (measures < _BAND_MEASURES.stop)
        of_chord = measures < _BAND_MEASURES.start
        known = (
            (is_named[:, None] | ~of_band)
            & (knows_loudness[:, None] | (measures != _LOUDNESS_MEASURE))
            & (plays.any(dim=1, keepdim=True) | ~of_chord)
        )
        return torch.cat([chord, who, measured], dim=1), known, knows_loudness

    def write_drums(self, drums: Tensor, loud: Tensor) -> Tensor:
        """What the drums do, (batch, beats, 9) each, as tokens (batch, steps, 9)."""
        bits = self.bits[drums].transpose(2, 3)  # (batch, beats, steps of the beat, drums)
        return (bits * (loud[:, :, None] + 1)).flatten(1, 2)

    def write_players(self, levels: Tensor, made: Chosen, roots: Tensor) -> Tensor:
        """What the slots play, over the root of each beat (batch, beats), as tokens (batch, steps, 35)."""
        pitch = made.pitch - _UP - self.shifts[roots][:, :, None, None]
        pitch = pitch + _OCTAVE * (pitch < 0).to(torch.int64)
        pitch = (pitch - _OCTAVE * (pitch >= PITCHES).to(torch.int64)).clamp(0, PITCHES - 1) + 1
        begun = made.begun.to(torch.int64)
        within = torch.arange(STEPS_PER_BAR, device=begun.device).view(1, BEATS_PER_BAR, 1, STEPS_PER_BEAT)
        length = torch.minimum(made.length + 1, STEPS_PER_BAR - within)
        level = levels[:, _BAND_MEASURES][:, 1:]
        program = self.program_of[level + self.usual * (len(self.program_of) // len(SLOTS))]
        program = program * begun.amax(dim=3).amax(dim=1)  # who never begins anything rests
        named = torch.where(within == 0, program[:, None, :, None], 0)
        loud = (made.loud + 1)[..., None]
        fields = torch.stack(
            [named, loud * begun, pitch * begun, (made.shape + 1) * begun, length * begun], -1
        )
        return fields.transpose(2, 3).flatten(1, 2).flatten(2)  # (batch, steps, slots x fields)


def shifted_between(reader: Reader, last: Tensor, before: Tensor, now: Tensor) -> Tensor:
    """The newest pitches (batch, slots) as the root of the beat (batch,) sees them, from where another
    did."""
    by = (reader.shifts[now] - reader.shifts[before])[:, None]
    return torch.where(last > 0, (last + by).clamp(1, PLACES - 1), 0)


def _by_beat(steps: Tensor) -> Tensor:
    return torch.unflatten(steps, 1, (-1, STEPS_PER_BEAT))


def _cells(steps: Tensor) -> Tensor:
    """(batch, steps, slots) -> (batch, beats, slots, steps of the beat)."""
    return _by_beat(steps).transpose(2, 3)


def _newest(moved: Tensor) -> Tensor:
    """The newest of what began, this step included, (batch, steps, slots); 0 where nothing did yet."""
    steps = torch.arange(1, moved.shape[1] + 1, device=moved.device)
    began = torch.where(moved > 0, steps[:, None], 0)  # (batch, steps, slots)
    earlier = steps[None, :] <= steps[:, None]
    last = torch.where(earlier[None, :, :, None], began[:, None], 0).amax(dim=2)
    found = moved.gather(1, (last - 1).clamp(min=0))
    return torch.where(last > 0, found, 0)
