"""Do samples use pitches, lengths and places as music does? Overlaps of histograms, 0 (none) to 1 (equal)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import (
    DRUMS,
    LINES,
    Symbols,
    Windows,
    onsets,
    part_symbols,
    part_tokens,
    struck_steps,
)

Counts = npt.NDArray[np.int64]

MAX_INTERVAL = 24  # semitones; wider leaps are counted as this
_DRUM_CLASSES = 9


def overlap(one: Counts, other: Counts) -> float:
    """Common area of two histograms, each scaled to area 1; 0 if either is empty."""
    if one.sum() == 0 or other.sum() == 0:
        return 0.0
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


def place_counts(struck: npt.NDArray[np.bool_]) -> Counts:
    """Onsets by place in the bar, shape (16,), from (windows, steps)."""
    counts: Counts = struck.reshape(-1, STEPS_PER_BAR).sum(axis=0)
    return counts


def density_counts(struck: npt.NDArray[np.bool_]) -> Counts:
    """Bars by their number of struck steps, shape (17,)."""
    per_bar = struck.reshape(-1, STEPS_PER_BAR).sum(axis=1)
    return np.bincount(per_bar, minlength=STEPS_PER_BAR + 1)


def pitch_counts(line: Symbols) -> Counts:
    """Onsets by token, shape (88,): which register, which black keys."""
    return np.bincount(line[onsets(line)] - 2, minlength=88)


def interval_counts(line: Symbols) -> Counts:
    """Successive onsets of a window by semitones between them, shape (49,), rests overlooked."""
    counts = np.zeros(2 * MAX_INTERVAL + 1, dtype=np.int64)
    for window in line:
        steps = np.diff(window[onsets(window)])
        np.add.at(counts, np.clip(steps, -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL, 1)
    return counts


def duration_counts(line: Symbols) -> Counts:
    """Notes by length in steps, shape (17,); longer than a bar counts as a bar."""
    counts = np.zeros(STEPS_PER_BAR + 1, dtype=np.int64)
    for window in line:
        changes = np.append(np.flatnonzero(window > 0), window.size)  # where a note starts or is let go
        started = onsets(window)[changes[:-1]]
        lengths = np.diff(changes)[started]
        np.add.at(counts, np.minimum(lengths, STEPS_PER_BAR), 1)
    return counts


_LINE_HISTOGRAMS: dict[str, Callable[[Symbols], Counts]] = {
    "pitch": pitch_counts,
    "interval": interval_counts,
    "duration": duration_counts,
    "place": lambda line: place_counts(onsets(line)),
    "density": lambda line: density_counts(onsets(line)),
}


def overlaps(codec: Codec, samples: Windows, real: Windows) -> dict[str, float]:
    """Overlap of every histogram that applies, named ``part_histogram``."""
    found: dict[str, float] = {}
    for part in codec.parts:
        if part in LINES:
            one, other = part_symbols(codec, samples)[part], part_symbols(codec, real)[part]
            for name, count in _LINE_HISTOGRAMS.items():
                found[f"{part}_{name}"] = overlap(count(one), count(other))
        elif part == DRUMS:
            hits, real_hits = (part_tokens(codec, w)[part] for w in (samples, real))
            struck, real_struck = struck_steps(hits), struck_steps(real_hits)
            found["drums_class"] = overlap(hits.sum(axis=(0, 1)), real_hits.sum(axis=(0, 1)))
            found["drums_place"] = overlap(place_counts(struck), place_counts(real_struck))
            found["drums_density"] = overlap(density_counts(struck), density_counts(real_struck))
    return found
