"""What is particular about how bars were played, beyond what a groove model's latent holds of it.

A latent of a few dimensions knows whether a drummer lays back, and hardly that it was the snare. So the hits
of bars whose groove is taken are compared with what the model makes of them, told their own feel; what is
left over is averaged for each drum and place in the bar, and added wherever the groove is laid on other hits.
A place that was struck rarely goes by others like it: on the beat, on the eighth between, on the sixteenths
between those, and then by all of the drum's. ``python -m train evaluate`` measures what it is worth: the
groove of bars laid on those that came next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import MOST_VELOCITY, SILENT, SLOTS, Feel, Performed
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT

_DRUMS = len(DRUM_CLASSES)
_WORTH = 2.0
"""How many hits of its own a place must have to count as much as the places like it."""
_CALM = 4.0
"""How many hits a drum must have to be believed by half."""
_LEAST = 1.0 / MOST_VELOCITY

_KIND = np.array([0 if s % STEPS_PER_BEAT == 0 else 1 if s % 2 == 0 else 2 for s in range(STEPS_PER_BAR)])
_ALIKE = _KIND[:, None] == _KIND

Cells = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Manner:
    """What to add to velocities (0 … 1) and offsets (half steps, positive early), shape (16, 9) each."""

    velocity: Cells
    offset: Cells

    def laid_on(self, velocity: Feel, offset: Feel) -> tuple[Feel, Feel]:
        """Hits as a model plays them, played in this manner; shape (…, steps, 18), nothing where none is."""
        bars = velocity.shape[-2] // STEPS_PER_BAR
        more, earlier = (np.tile(cells, (bars, SLOTS)) for cells in (self.velocity, self.offset))
        struck = velocity > 0
        louder = np.where(struck, np.clip(velocity + more, _LEAST, 1.0), 0.0)
        moved = np.where(struck, np.clip(offset + earlier, -1.0, 1.0), 0.0)
        return louder.astype(np.float32), moved.astype(np.float32)


def manner_of(played: Performed, velocity: Feel, offset: Feel) -> Manner:
    """What of bars that were played is in none of what a model makes of them.

    velocity, offset: the model's, of the same hits, told their feel; shape (steps, 18).
    """
    struck = (played.tokens[:, :_DRUMS] != SILENT).astype(np.float64)
    return Manner(
        _typical((played.velocity - velocity)[:, :_DRUMS] * struck, struck),
        _typical((played.offset - offset)[:, :_DRUMS] * struck, struck),
    )


def _typical(left_over: Cells, struck: Cells) -> Cells:
    """Means by drum and step of the bar, shape (16, 9), each drawn towards those of the steps like it."""
    mine, count = (cells.reshape(-1, STEPS_PER_BAR, _DRUMS).sum(axis=0) for cells in (left_over, struck))
    by_drum = mine.sum(axis=0) / (count.sum(axis=0) + _CALM)
    by_kind = (_ALIKE @ mine + _WORTH * by_drum) / (_ALIKE @ count + _WORTH)
    typical: Cells = (mine + _WORTH * by_kind) / (count + _WORTH)
    return typical
