"""Does music keep a beat, a key and a theme, and do its parts listen to each other?

Every figure is the mean over windows in which it means something, between 0 and 1; none is good by itself:
compare a model's samples with real music, and, where given, with parts taken from different songs
(``mismatched``).
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT
from train.evaluation.parts import DRUMS, LINES, Windows, onsets, part_symbols, part_tokens, sounding_pitches

Floats = npt.NDArray[np.float64]

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
CONSONANT = (0, 3, 4, 7, 8, 9)  # semitones above the bass, modulo an octave: unison, thirds, fifth, sixths
THEME_LIKENESS = 0.75  # a bar that shares this much with an earlier one brings it back
_KICK = 0


def structure(codec: Codec, windows: Windows) -> dict[str, float]:
    """All figures that apply to the codec's parts.

    in_key: share of the sounding time in the window's best major scale (7 of 12 pitch classes give 0.58 by
        chance alone). key_steadiness: cosine between the pitch-class profiles of the window's halves.
    PART_on_beat: share of onsets on quarters. PART_bar_likeness: mean over pairs of bars of the share of
    onsets they have in common (Jaccard). PART_returns: share of bars, from the second on, that bring an
    earlier one back. PART_silent_bars: share of bars in which the part does nothing.
    """
    figures: dict[str, float] = {}
    symbols, tokens = part_symbols(codec, windows), part_tokens(codec, windows)
    lines = {part: sounding_pitches(symbols[part]) for part in codec.parts if part in LINES}
    if lines:
        profile = _profiles(list(lines.values()))  # (windows, 2 halves, 12)
        figures["in_key"] = _mean(_in_key(profile.sum(axis=1)))
        if windows.shape[1] > 2 * STEPS_PER_BAR:
            figures["key_steadiness"] = _mean(_cosine(profile[:, 0], profile[:, 1]))
    for part in codec.parts:
        struck = tokens[part] > 0 if part == DRUMS else onsets(tokens[part])
        figures[f"{part}_on_beat"] = _mean(_on_beat(np.any(struck, axis=-1)))
        figures[f"{part}_silent_bars"] = float((~_bars(struck).any((2, 3))).mean())
        events = struck * tokens[part]  # an onset's identity is its token, so other notes are other events
        likeness = _bar_likeness(events)
        pairs = np.triu_indices(likeness.shape[1], 1)
        figures[f"{part}_bar_likeness"] = _mean(likeness[:, *pairs].mean(axis=1))
        if likeness.shape[1] > 2:
            figures[f"{part}_returns"] = _mean(_returns(likeness))
    figures.update(_togetherness(codec, windows, lines))
    return figures


def _togetherness(
    codec: Codec, windows: Windows, lines: dict[str, npt.NDArray[np.int64]]
) -> dict[str, float]:
    """consonance: share of the time melody and bass sound together in which they form a consonance.
    bass_with_kick, bass_with_drums: share of bass onsets struck together with them. Each once as played and
    once ``_mismatched``, against the next window's other part.
    """
    figures: dict[str, float] = {}
    if len(lines) == len(LINES):
        melody, bass = lines["melody"], lines["bass"]
        figures["consonance"] = _mean(_consonance(melody, bass))
        figures["consonance_mismatched"] = _mean(_consonance(melody, np.roll(bass, 1, axis=0)))
    if "bass" in lines and DRUMS in codec.parts:
        struck = onsets(part_symbols(codec, windows)["bass"])
        hits = part_tokens(codec, windows)[DRUMS] > 0
        for name, drums in (("kick", hits[..., _KICK]), ("drums", hits.any(-1))):
            figures[f"bass_with_{name}"] = _mean(_share(struck & drums, struck))
            others = np.roll(drums, 1, axis=0)
            figures[f"bass_with_{name}_mismatched"] = _mean(_share(struck & others, struck))
    return figures


def _mean(per_window: Floats) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # silence everywhere: no figure, said as NaN by numpy
        mean = float(np.nanmean(per_window)) if per_window.size else float("nan")
    return mean if np.isfinite(mean) else 0.0


def _share(some: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> Floats:
    """Per window, NaN where there is nothing to have a share of."""
    count = of.sum(axis=1)
    return np.where(count > 0, some.sum(axis=1) / np.maximum(count, 1), np.nan)


def _bars(steps: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(windows, steps, columns) as (windows, bars, 16, columns)."""
    return steps.reshape(steps.shape[0], -1, STEPS_PER_BAR, steps.shape[-1])


def _on_beat(struck: npt.NDArray[np.bool_]) -> Floats:
    beats = np.arange(struck.shape[1]) % STEPS_PER_BEAT == 0
    return _share(struck & beats, struck)


def _profiles(lines: list[npt.NDArray[np.int64]]) -> Floats:
    """Steps by pitch class in each half of a window, all lines together: (windows, 2, 12)."""
    profile = np.zeros((lines[0].shape[0], 2, 12))
    for pitches in lines:
        halves = pitches.reshape(pitches.shape[0], 2, -1)
        for pitch_class in range(12):
            profile[..., pitch_class] += ((halves >= 0) & (halves % 12 == pitch_class)).sum(-1)
    return profile


def _in_key(profile: Floats) -> Floats:
    shares = [profile[:, [(root + degree) % 12 for degree in MAJOR_SCALE]].sum(1) for root in range(12)]
    total = profile.sum(1)
    return np.where(total > 0, np.max(shares, axis=0) / np.maximum(total, 1), np.nan)


def _cosine(one: Floats, other: Floats) -> Floats:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.where(lengths > 0, (one * other).sum(1) / np.maximum(lengths, 1e-9), np.nan)


def _bar_likeness(events: npt.NDArray[np.int64]) -> Floats:
    """Jaccard likeness of all pairs of bars, (windows, bars, bars); two silent bars are alike."""
    bars = events.reshape(events.shape[0], -1, STEPS_PER_BAR * events.shape[-1])  # (windows, bars, cells)
    one, other = bars[:, :, None], bars[:, None]
    same = ((one == other) & (one > 0)).sum(-1)
    either = (one > 0).sum(-1) + (other > 0).sum(-1) - same
    return np.where(either > 0, same / np.maximum(either, 1), 1.0)


def _returns(likeness: Floats) -> Floats:
    earlier = np.tril(np.ones(likeness.shape[1:], dtype=bool), -1)
    best = np.where(earlier, likeness, -1.0).max(axis=2)[:, 1:]
    share: Floats = (best >= THEME_LIKENESS).mean(axis=1)
    return share


def _consonance(melody: npt.NDArray[np.int64], bass: npt.NDArray[np.int64]) -> Floats:
    together = (melody >= 0) & (bass >= 0)
    return _share(together & np.isin((melody - bass) % 12, CONSONANT), together)
