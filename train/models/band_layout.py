"""Which numbers of a band's latent are about what.

First the two of the chord's root, then one for each other measure of the bar, then beat by beat those of the
drums and of every slot.
"""

from __future__ import annotations

from collections.abc import Sequence

from livevae.codec.band import SLOTS
from livevae.codec.layout import LatentLayout
from livevae.units import BEATS_PER_BAR
from train.models.band_bar import CHORD_MEASURES, GIST_SIZES, PLAYERS
from train.models.band_players import DRUM_NUMBERS, PLAYER_NUMBERS

AROUND = 2
"""Numbers of the root, a direction."""
LINES = len(GIST_SIZES) - 1
"""Numbers of the other measures."""
BEAT_NUMBERS = DRUM_NUMBERS + len(SLOTS) * PLAYER_NUMBERS
LATENT_SIZE = AROUND + LINES + BEATS_PER_BAR * BEAT_NUMBERS


def band_layout(parts: Sequence[str]) -> LatentLayout:
    """Of every part: its instrument, how busy it is, and what it does in each beat."""
    first = AROUND + LINES
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for index, part in enumerate(parts):
        size = PLAYER_NUMBERS if index else DRUM_NUMBERS
        start = first + (DRUM_NUMBERS + (index - 1) * PLAYER_NUMBERS if index else 0)
        beats = [start + beat * BEAT_NUMBERS for beat in range(BEATS_PER_BAR)]
        whole = [AROUND - 1 + measure + index for measure in (CHORD_MEASURES, len(GIST_SIZES) - PLAYERS)]
        found[part] = (*((one, one + 1) for one in whole), *((beat, beat + size) for beat in beats))
    return LatentLayout(parts=found)
