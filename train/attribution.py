"""Whose music a model learned from, as it must be named in the model's card and file."""

from __future__ import annotations

from livevae.codec.manifest import Dataset

LICENCE = "CC BY 4.0"
"""Of our models' weights."""

_LAKH = Dataset(
    "Lakh MIDI Dataset v0.1, extracts of SCHmUBERT",
    "source CC BY 4.0, extracts MIT",
    "Lakh MIDI Dataset v0.1, Colin Raffel, colinraffel.com/projects/lmd; "
    "extracts by Matthias Plasser (SCHmUBERT, IJCAI 2023)",
)

_GROOVE = Dataset(
    "Groove MIDI Dataset v1.0.0",
    "CC BY 4.0",
    "Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck, David Bamman (Google Magenta), "
    "magenta.tensorflow.org/datasets/groove; Gillick et al., ICML 2019",
)

_FREEDOOM = Dataset("Freedoom", "BSD-3-Clause", "Freedoom project contributors, freedoom.github.io")
_POP909 = Dataset("POP909", "MIT", "POP909, Wang et al., ISMIR 2020, Music X Lab")

DATASETS: dict[str, Dataset] = {
    "lakh_melodies": _LAKH,
    "lakh_trios": _LAKH,
    "lakh_melodies_over_bass": _LAKH,
    "lakh_kits": _LAKH,
    "lakh_bands_fifth": _LAKH,
    "pop909": _POP909,
    "pop909_bands_third": _POP909,
    "groove": _GROOVE,
    "groove_kit": _GROOVE,
    "freedoom_drums": _FREEDOOM,
    "freedoom_bands": _FREEDOOM,
    "drum_machine_patterns": Dataset(
        "Drum machine patterns",
        "MIT (transcriptions)",
        "montoyamoraga/drum-machine-patterns, stephenhandley/DrumMachinePatterns; "
        "after René-Pierre Bardet's books",
    ),
}
"""Source name -> how to attribute it. People's ``own_files`` are theirs to attribute."""


def datasets(sources: tuple[str, ...]) -> tuple[Dataset, ...]:
    """The data sets behind a config's sources, each once."""
    return tuple(dict.fromkeys(DATASETS[name] for name in sources if name in DATASETS))
