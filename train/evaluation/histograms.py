"""Do samples use pitches, lengths and places as music does? Overlaps of histograms, 0 (none) to 1 (equal)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import (
    DRUMS,
    FIRST_PITCH_CLASS,
    LINES,
    LOWEST_PITCH,
    Symbols,
    Windows,
    onsets,
    part_symbols,
    part_tokens,
    struck_steps,
)

Counts = npt.NDArray[np.int64]

MAX_INTERVAL = 24  # semitones; wider leaps are counted as this
OCTAVE = 12


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


def pitch_class_counts(line: Symbols) -> Counts:
    """Onsets by pitch class, shape (12,), C first."""
    pitches = line[onsets(line)] - FIRST_PITCH_CLASS + LOWEST_PITCH
    return np.bincount(pitches % OCTAVE, minlength=OCTAVE)


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


Histogram = Callable[[Symbols], Counts]

_LINE_HISTOGRAMS: dict[str, Histogram] = {
    "density": lambda line: density_counts(onsets(line)),
    "pitch_class": pitch_class_counts,
    "interval": interval_counts,
    "duration": duration_counts,
}
_FURTHER: dict[str, Histogram] = {
    "pitch": pitch_counts,
    "place": lambda line: place_counts(onsets(line)),
}


def overlaps(codec: Codec, samples: Windows, real: Windows) -> dict[str, float]:
    """Overlap of density, and of pitch class, interval and duration or drum class, by ``part_histogram``."""
    found = _of_lines(codec, samples, real, _LINE_HISTOGRAMS)
    if DRUMS in codec.parts:
        hits, real_hits = (part_tokens(codec, windows)[DRUMS] for windows in (samples, real))
        found["drums_density"] = overlap(
            density_counts(struck_steps(hits)), density_counts(struck_steps(real_hits))
        )
        found["drums_class"] = overlap(hits.sum(axis=(0, 1)), real_hits.sum(axis=(0, 1)))
    return found


def further_overlaps(codec: Codec, samples: Windows, real: Windows) -> dict[str, float]:
    """Overlap of pitches, which depends on the register, and of places in the bar."""
    found = _of_lines(codec, samples, real, _FURTHER)
    if DRUMS in codec.parts:
        struck, real_struck = (struck_steps(part_tokens(codec, w)[DRUMS]) for w in (samples, real))
        found["drums_place"] = overlap(place_counts(struck), place_counts(real_struck))
    return found


def _of_lines(
    codec: Codec, samples: Windows, real: Windows, histograms: Mapping[str, Histogram]
) -> dict[str, float]:
    ours, theirs = part_symbols(codec, samples), part_symbols(codec, real)
    return {
        f"{part}_{name}": overlap(count(ours[part]), count(theirs[part]))
        for part in codec.parts
        if part in LINES
        for name, count in histograms.items()
    }
