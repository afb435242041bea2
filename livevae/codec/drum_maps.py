"""Which drum a MIDI pitch means: nine classes, and a table for each way of numbering them.

Class order and the reduction of pitches to nine classes are those of MusicVAE and the Groove MIDI Dataset
(Roberts et al. 2018; Gillick et al. 2019). The first pitch of a row is the one played back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from livevae.core.notes import Note

DRUM_CLASSES = ("kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride")

DRUM_ROWS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    # General MIDI percussion, widened so that every GM2 drum has a class.
    "gm": (
        (36, 35),
        (38, 27, 28, 31, 32, 33, 34, 37, 39, 40, 56, 65, 66, 75, 85),
        (42, 44, 54, 68, 69, 70, 71, 73, 78, 80, 22),
        (46, 67, 72, 74, 79, 81, 26),
        (45, 29, 41, 43, 61, 64, 84),
        (48, 47, 60, 63, 77, 86, 87),
        (50, 30, 62, 76, 83),
        (49, 52, 55, 57, 58),
        (51, 53, 59, 82),
    ),
    # Roland TD-11, the kit the Groove recordings were played on: 22 and 26 are hat edges, 45, 47 and 58 toms.
    "td11": (
        (36,),
        (38, 37, 40),
        (42, 22, 44),
        (46, 26),
        (43, 58),
        (47, 45),
        (50, 48),
        (49, 52, 55, 57),
        (51, 53, 59),
    ),
}
"""Map name -> for each class its pitches, the one played back first."""


def _by_pitch(rows: tuple[tuple[int, ...], ...]) -> Mapping[int, int]:
    return MappingProxyType({pitch: index for index, row in enumerate(rows) for pitch in row})


DRUM_MAPS: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {key: _by_pitch(r) for key, r in DRUM_ROWS.items()}
)
"""Map name -> pitch -> drum class (0-8)."""

PLAYBACK_PITCHES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {key: tuple(row[0] for row in rows) for key, rows in DRUM_ROWS.items()}
)
"""Map name -> the pitch each class is played back with."""


def drum_map(name: str) -> Mapping[int, int]:
    """The table called ``name``; ValueError names the known ones."""
    if name not in DRUM_MAPS:
        raise ValueError(f"unknown drum map {name!r}; known: {', '.join(sorted(DRUM_MAPS))}")
    return DRUM_MAPS[name]


def unmapped_pitches(notes: Iterable[Note], map_name: str = "gm") -> tuple[int, ...]:
    """Pitches that no class of the map claims (encoding ignores them), each once, ascending."""
    known = drum_map(map_name)
    return tuple(sorted({note.pitch for note in notes if note.pitch not in known}))
