"""A band's windows of one bar, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec.band import FIELDS, SLOTS
from livevae.codec.chord_shapes import SHAPES
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import LOWEST_PITCH
from livevae.core.chords import OCTAVE
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import Windows

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BandBars:
    """Bars by what they say; windows first, then steps, then slots.

    hits: (windows, 16, 9), how loud each drum is struck, 0 for not. program: (windows, 7). velocity, pitch,
    shape, length: (windows, 16, 7), tokens of ``livevae.codec.band``.
    """

    hits: Ints
    program: Ints
    velocity: Ints
    pitch: Ints
    shape: Ints
    length: Ints

    @staticmethod
    def first_column(slot: int) -> int:
        """The first of a slot's columns, by the slot's number."""
        return len(DRUM_CLASSES) + slot * len(FIELDS)

    @classmethod
    def of(cls, windows: Windows) -> BandBars:
        """From windows (windows, 16, 44)."""
        players = windows[:, :, len(DRUM_CLASSES) :].reshape(
            len(windows), STEPS_PER_BAR, len(SLOTS), len(FIELDS)
        )
        program, velocity, pitch, shape, length = np.moveaxis(players, 3, 0)
        return cls(windows[:, :, : len(DRUM_CLASSES)], program[:, 0], velocity, pitch, shape, length)

    @property
    def begun(self) -> Flags:
        """Where a slot begins something, (windows, 16, 7)."""
        return np.asarray(self.pitch > 0)

    def onsets(self) -> Flags:
        """Where the drums, then each slot, begin something, (windows, 16, 8)."""
        return np.concatenate([(self.hits > 0).any(axis=2, keepdims=True), self.begun], axis=2)

    @property
    def plays(self) -> Flags:
        """Whether the drums, then each slot, play, (windows, 8)."""
        return np.asarray(self.onsets().any(axis=1))

    def sounding(self) -> Ints:
        """Which pitch classes sound, 0 or 1, (windows, slots, steps, 12)."""
        found = np.zeros((len(self.pitch), len(SLOTS), STEPS_PER_BAR, OCTAVE), dtype=np.int64)
        for window, step, slot in np.argwhere(self.begun).tolist():
            lowest = int(self.pitch[window, step, slot]) - 1 + LOWEST_PITCH
            shape = SHAPES[max(0, int(self.shape[window, step, slot]) - 1)]
            end = step + max(1, int(self.length[window, step, slot]))
            for interval in shape:
                found[window, slot, step:end, (lowest + interval) % OCTAVE] = 1
        return found

    def in_any_key(self, slot: int) -> Ints:
        """What a slot plays, pitches counted from its first, (windows, 16, 3)."""
        pitch, begun = self.pitch[:, :, slot], self.begun[:, :, slot]
        first = pitch[np.arange(len(pitch)), begun.argmax(axis=1)]
        relative = np.where(begun, pitch - first[:, None] + 128, 0)
        return np.stack([relative, self.shape[:, :, slot], self.length[:, :, slot]], axis=-1)
