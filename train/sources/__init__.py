"""Public collections of music, and people's own, each read as its makers publish it.

A source is a function from the folder (or zip) of training data to songs, or songs yet to be read, and, with
reasons, what it could not use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from train.songs import Dropped, Song, Unread
from train.sources.band import freedoom_bands, lakh_bands_fifth, own_bands, pop909_bands_third
from train.sources.drum_machine import drum_machine_patterns
from train.sources.freedoom import freedoom_drums
from train.sources.groove import groove, groove_kit
from train.sources.lakh import lakh_kits, lakh_melodies, lakh_melodies_over_bass, lakh_trios
from train.sources.own_files import own_files
from train.sources.pop909 import pop909_melodies

Source = Callable[[Path], Iterator[Song | Dropped | Unread]]

SOURCES: dict[str, Source] = {
    "lakh_melodies": lakh_melodies,
    "lakh_trios": lakh_trios,
    "lakh_melodies_over_bass": lakh_melodies_over_bass,
    "lakh_kits": lakh_kits,
    "pop909": pop909_melodies,
    "groove": groove,
    "groove_kit": groove_kit,
    "freedoom_drums": freedoom_drums,
    "drum_machine_patterns": drum_machine_patterns,
    "freedoom_bands": freedoom_bands,
    "lakh_bands_fifth": lakh_bands_fifth,
    "pop909_bands_third": pop909_bands_third,
    "own_files": own_files,
    "own_bands": own_bands,
}
"""Name in a training config -> reader."""
