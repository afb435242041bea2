"""The band codec: eight players of a bar, each with a program of General MIDI, chords and velocities.

A *slot* is what a player is for: drums, two guitars, keys, strings, bass, a lead, and an extra who is
whatever else there is. Of each of the seven who play pitches the array knows the program, once a bar, and on
every step what begins there: the lowest pitch, the shape of the chord above it, how long it lasts and how
loud it is. Of the drums it knows how loud each of nine is struck.

Coarser than MIDI in three ways, so that a model has few things to decide: what a player strikes together
lasts equally long; a player is equally loud all through a beat, as is each drum; and a bar stands for itself,
so notes end with it. Four out of five beats of the songs trained on have one loudness anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livevae.codec.base import Column, Tokens, checked_tokens, step_of_onset
from livevae.codec.chord_shapes import SHAPES, shape_of
from livevae.codec.drum_maps import DRUM_CLASSES, PLAYBACK_PITCHES, drum_map
from livevae.codec.grid import GridWindow
from livevae.codec.lines import HIGHEST_PITCH, LOWEST_PITCH, class_of_pitch, pitch_of_class
from livevae.core.notes import Note
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_STEP

BAND = "band"
DRUMS = "drums"

SLOT_PROGRAMS: Mapping[str, range] = {
    "guitar": range(24, 32),
    "keys": range(24),
    "strings": range(40, 56),
    "bass": range(32, 40),
    "guitar_2": range(24, 32),
    "lead": range(56, 88),
    "extra": range(128),
}
"""Slot -> the programs, 0-127, of those who play it; in the order of the array."""
SLOTS = tuple(SLOT_PROGRAMS)
USUAL_PROGRAM: Mapping[str, int] = {
    "guitar": 30,  # distortion guitar
    "keys": 0,  # grand piano
    "strings": 48,  # string ensemble
    "bass": 33,  # fingered bass
    "guitar_2": 27,  # clean guitar
    "lead": 81,  # saw lead
    "extra": 89,  # warm pad
}
"""What plays a slot whose program nobody named."""

SILENT, FIRST_PROGRAM, ANY_PROGRAM = 0, 1, 129
"""Tokens of a program: the player rests, program 0 … 127 plus one, or whatever the slot usually is."""
VELOCITY_STEP = 8
VELOCITIES = 128 // VELOCITY_STEP
"""Tokens of loudness: 0 nothing is struck, then 1-16 in steps of 8."""
FIELDS = ("program", "velocity", "pitch", "shape", "length")
"""A slot's columns. pitch: 0 or 1-88, as MIDI 21-108. shape: 0 or 1 + index of ``SHAPES``. length: steps."""
PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1

_CLASSES = (ANY_PROGRAM + 1, VELOCITIES + 1, PITCHES + 1, len(SHAPES) + 1, STEPS_PER_BAR + 1)
_COLUMNS = (
    *(Column(name, DRUMS, VELOCITIES + 1) for name in DRUM_CLASSES),
    *(Column(f"{s}_{f}", s, classes) for s in SLOTS for f, classes in zip(FIELDS, _CLASSES, strict=True)),
)
_PROGRAM, _VELOCITY, _PITCH, _SHAPE, _LENGTH = range(len(FIELDS))
_CLASS_BEFORE_LOWEST = class_of_pitch(LOWEST_PITCH) - 1


def with_program(slot: str, program: int) -> str:
    """The name of a slot's notes that says which program, 0-127, plays them: ``guitar:30``."""
    return f"{slot}:{program}"


@dataclass(frozen=True, slots=True)
class BandCodec(GridWindow):
    """Eight players over ``bars`` bars; drums are read and played with the map ``drum_map``."""

    bars: int = 1
    drum_map: str = "gm"

    def __post_init__(self) -> None:
        drum_map(self.drum_map)  # an unknown map is refused here, not in the middle of a performance

    @property
    def name(self) -> str:
        return BAND

    @property
    def parts(self) -> tuple[str, ...]:
        return (DRUMS, *SLOTS)

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Shape (steps, 44), int64; see ``Codec.encode``. A part may name its program, see ``with_program``.

        Where several programs play a slot in one bar, the bar has that of most notes.
        """
        array = np.zeros((self.steps, len(_COLUMNS)), dtype=np.int64)
        self._encode_drums(array[:, : len(DRUM_CLASSES)], notes.get(DRUMS, ()))
        for index, slot in enumerate(SLOTS):
            named = {
                _program_token(part): found for part, found in notes.items() if part.split(":")[0] == slot
            }
            first = len(DRUM_CLASSES) + index * len(FIELDS)
            _encode_slot(array[:, first : first + len(FIELDS)], named)
        return array

    def _encode_drums(self, rows: Tokens, notes: Sequence[Note]) -> None:
        loudest: dict[tuple[int, int], int] = {}
        class_of = drum_map(self.drum_map)
        for note in notes:
            cell = step_of_onset(note.onset_ticks), class_of.get(note.pitch, -1)
            if 0 <= cell[0] < len(rows) and cell[1] >= 0:
                loudest[cell] = max(loudest.get(cell, 0), note.velocity)
        beats: dict[tuple[int, int], list[int]] = {}
        for (step, drum), velocity in loudest.items():
            beats.setdefault((step // STEPS_PER_BEAT, drum), []).append(velocity)
        for step, drum in loudest:
            rows[step, drum] = _velocity_token(beats[step // STEPS_PER_BEAT, drum])

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """See ``Codec.decode``; velocities are the array's own but for the parts that ``velocity`` names.

        A player who strikes a pitch that sounds ends it first.
        """
        array = checked_tokens(tokens, _COLUMNS)
        named = velocity or {}
        hits = array[:, : len(DRUM_CLASSES)]
        pitches = PLAYBACK_PITCHES[self.drum_map]
        found: dict[str, tuple[Note, ...]] = {
            DRUMS: tuple(
                sorted(
                    Note(
                        step * TICKS_PER_STEP,
                        TICKS_PER_STEP,
                        pitches[drum],
                        named.get(DRUMS, velocity_of_token(int(hits[step, drum]))),
                    )
                    for step, drum in np.argwhere(hits > 0).tolist()
                )
            )
        }
        for index, slot in enumerate(SLOTS):
            first = len(DRUM_CLASSES) + index * len(FIELDS)
            found[slot] = _decode_slot(array[:, first : first + len(FIELDS)], named.get(slot))
        return found

    def programs(self, tokens: Tokens) -> dict[str, int]:
        """Slot -> the program, 0-127, that plays it in an array's first bar; slots at rest are absent.

        tokens: shape (at least 16 steps, 44), int64.
        """
        array = checked_tokens(tokens, _COLUMNS)
        found = {}
        for index, slot in enumerate(SLOTS):
            token = int(array[0, len(DRUM_CLASSES) + index * len(FIELDS)])
            if token != SILENT:
                found[slot] = USUAL_PROGRAM[slot] if token == ANY_PROGRAM else token - FIRST_PROGRAM
        return found


def _program_token(part: str) -> int:
    _, _, program = part.partition(":")
    return FIRST_PROGRAM + int(program) if program else ANY_PROGRAM


def _velocity_token(velocities: Sequence[int]) -> int:
    return 1 + round(sum(velocities) / len(velocities)) // VELOCITY_STEP


def velocity_of_token(token: int) -> int:
    """1-127, the middle of a step of loudness."""
    return max(1, (token - 1) * VELOCITY_STEP + VELOCITY_STEP // 2)


def _encode_slot(rows: Tokens, named: Mapping[int, Sequence[Note]]) -> None:
    """Write a slot's notes, by program token, into its columns, shape (steps, 5)."""
    struck: dict[int, list[Note]] = {}
    votes: dict[int, dict[int, int]] = {}
    for token, notes in named.items():
        for note in notes:
            step = step_of_onset(note.onset_ticks)
            if 0 <= step < len(rows):
                struck.setdefault(step, []).append(note)
                bar = votes.setdefault(step // STEPS_PER_BAR, {})
                bar[token] = bar.get(token, 0) + 1
    for number, counts in votes.items():
        rows[number * STEPS_PER_BAR, _PROGRAM] = max(counts, key=lambda token: (counts[token], -token))
    beats: dict[int, list[int]] = {}
    for step, chord in struck.items():
        lowest, shape = shape_of(sorted({_on_the_piano(note.pitch) for note in chord}))
        end = max(step_of_onset(note.onset_ticks + note.duration_ticks) for note in chord)
        line = (step // STEPS_PER_BAR + 1) * STEPS_PER_BAR
        rows[step, _PITCH] = class_of_pitch(lowest) - _CLASS_BEFORE_LOWEST
        rows[step, _SHAPE] = 1 + shape
        rows[step, _LENGTH] = max(1, min(end, line) - step)
        beats.setdefault(step // STEPS_PER_BEAT, []).extend(note.velocity for note in chord)
    for step in struck:
        rows[step, _VELOCITY] = _velocity_token(beats[step // STEPS_PER_BEAT])


def _on_the_piano(pitch: int) -> int:
    return pitch_of_class(class_of_pitch(pitch))


def _decode_slot(rows: Tokens, velocity: int | None) -> tuple[Note, ...]:
    ends: dict[int, int] = {}  # pitch -> the step where it is struck again, going backwards
    found: list[Note] = []
    for step in reversed(np.flatnonzero(rows[:, _PITCH]).tolist()):
        _, loudness, token, shape, length = (int(value) for value in rows[step])
        line = min(len(rows), (step // STEPS_PER_BAR + 1) * STEPS_PER_BAR)
        end = min(line, step + max(1, length))
        level = velocity_of_token(max(1, loudness)) if velocity is None else velocity
        for interval in SHAPES[max(0, shape - 1)]:
            pitch = token - 1 + LOWEST_PITCH + interval
            if pitch > HIGHEST_PITCH:
                continue
            until = min(end, ends.get(pitch, end))
            ends[pitch] = step
            found.append(Note(step * TICKS_PER_STEP, (until - step) * TICKS_PER_STEP, pitch, level))
    return tuple(sorted(found))
