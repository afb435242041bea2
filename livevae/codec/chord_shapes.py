"""The shapes of chords: which semitones sound above the lowest note.

The commonest 128 of Freedoom's songs and POP909's piano together, which are 0.992 and 0.984 of what is struck
there; fewer notes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

_TABLE = """
0; 0 1; 0 2; 0 3; 0 4; 0 5; 0 6; 0 7; 0 8; 0 9; 0 10; 0 11; 0 12; 0 13; 0 14; 0 15; 0 16; 0 17; 0
19; 0 20; 0 21; 0 22; 0 24; 0 26; 0 27; 0 28; 0 2 5; 0 2 7; 0 3 6; 0 3 7; 0 3 8; 0 3 9; 0 3 10; 0 3
12; 0 4 5; 0 4 6; 0 4 7; 0 4 8; 0 4 9; 0 4 12; 0 5 7; 0 5 8; 0 5 9; 0 5 10; 0 5 12; 0 7 10; 0 7 11;
0 7 12; 0 7 14; 0 7 15; 0 7 16; 0 7 19; 0 7 24; 0 8 12; 0 8 17; 0 9 17; 0 10 15; 0 12 15; 0 12 16; 0
12 17; 0 12 19; 0 12 24; 0 15 19; 0 15 20; 0 15 24; 0 16 19; 0 16 24; 0 19 24; 0 19 27; 0 19 28; 0
24 27; 0 24 28; 0 1 5 8; 0 2 4 7; 0 2 5 9; 0 2 5 10; 0 3 5 7; 0 3 5 8; 0 3 7 10; 0 3 7 12; 0 3 8 12;
0 4 7 11; 0 4 7 12; 0 5 7 9; 0 5 8 10; 0 5 8 12; 0 5 9 12; 0 5 12 15; 0 5 12 17; 0 7 12 15; 0 7 12
16; 0 7 12 19; 0 7 16 19; 0 10 15 19; 0 12 15 18; 0 12 15 19; 0 12 15 20; 0 12 16 19; 0 12 17 21; 0
12 19 24; 0 12 24 27; 0 12 24 28; 0 15 19 22; 0 15 19 24; 0 15 20 24; 0 16 19 23; 0 16 19 24; 0 19
22 27; 0 19 24 27; 0 19 24 28; 0 2 3 5 7; 0 2 3 6 7; 0 5 8 12 17; 0 5 8 20 24; 0 7 12 14 19; 0 7 12
15 19; 0 7 12 16 19; 0 7 12 16 24; 0 7 12 19 24; 0 12 15 19 22; 0 12 15 19 24; 0 12 16 19 23; 0 12
16 19 24; 0 12 19 22 27; 0 12 19 24 27; 0 12 19 24 28; 0 7 12 16 19 24; 0 7 12 19 24 28
"""

Shape = tuple[int, ...]

SHAPES: tuple[Shape, ...] = tuple(
    tuple(int(semitones) for semitones in shape.split()) for shape in _TABLE.split(";")
)
"""Semitones above the lowest note, itself among them, upwards."""
_PLACE = {shape: place for place, shape in enumerate(SHAPES)}


def shape_of(pitches: Sequence[int]) -> tuple[int, int]:
    """The lowest of some pitches, and the place in ``SHAPES`` of the chord they are.

    pitches: rising, at least one. Of a chord that has no place there, the most notes that have are kept: the
    top and the bottom if they can be, for that is what is heard.
    """
    return pitches[0], _nearest(tuple(pitch - pitches[0] for pitch in pitches))


@lru_cache(maxsize=4096)
def _nearest(chord: Shape) -> int:
    if chord in _PLACE:
        return _PLACE[chord]
    has = set(chord)
    inside = [shape for shape in SHAPES if has.issuperset(shape)]
    return _PLACE[max(inside, key=lambda shape: (shape[-1] == chord[-1], len(shape), shape))]
