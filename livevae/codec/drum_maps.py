"""The drum maps of ``livevae.core.drum_kit`` as codecs look things up in them. A drum is a class here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from livevae.core.drum_kit import DRUMS, MAPS

DRUM_CLASSES = DRUMS

DRUM_ROWS: Mapping[str, tuple[tuple[int, ...], ...]] = {name: known.rows for name, known in MAPS.items()}
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
