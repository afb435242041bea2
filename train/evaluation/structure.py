"""Does music keep a beat, a key and a theme, and do its parts listen to each other?

Every figure is the mean over windows in which it means something, between 0 and 1; none is good by itself:
compare a model's samples with real music, and, where given, with parts taken from different songs
(``mismatched``).
"""

from __future__ import annotations

import warnings
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT
from train.evaluation.parts import DRUMS, LINES, Windows, onsets, part_symbols, part_tokens, sounding_pitches
from train.evaluation.self_similarity import (
    LAGS,
    Floats,
    likeness_at,
    mean_likeness,
    part_likeness,
    returns,
)

T = TypeVar("T", bound=np.generic)

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
CONSONANT = (0, 3, 4, 7, 8, 9)  # semitones above the bass, modulo an octave: unison, thirds, fifth, sixths
_KICK = 0


def structure(codec: Codec, windows: Windows) -> dict[str, float]:
    """All figures that apply to the codec's parts.

    in_key: share of the sounding time in the window's best major scale (7 of 12 pitch classes give 0.58 by
        chance alone). key_steadiness: cosine between the pitch-class profiles of the window's halves.
        key_kept: share of windows whose halves have the same best major scale.
    PART_on_beat: share of onsets on quarters. PART_metre_steadiness: cosine between a bar and the next of
    where in the bar onsets lie, its sixteen steps, whatever is struck. PART_bar_likeness: mean over pairs
    of bars of how alike they are (``self_similarity``), and of those 1, 2, 4 and 8 bars apart.
    PART_returns: share of bars, from the second on, that bring an earlier one back. PART_silent_bars: share
    of bars in which the part does nothing.
    """
    figures: dict[str, float] = {}
    symbols, tokens = part_symbols(codec, windows), part_tokens(codec, windows)
    lines = {part: sounding_pitches(symbols[part]) for part in codec.parts if part in LINES}
    if lines:
        profile = _profiles(list(lines.values()))  # (windows, 2 halves, 12)
        figures["in_key"] = _mean(_in_key(profile.sum(axis=1)))
        if windows.shape[1] > 2 * STEPS_PER_BAR:
            figures["key_steadiness"] = _mean(_cosine(profile[:, 0], profile[:, 1]))
            figures["key_kept"] = _mean(_key_kept(profile))
    for part, likeness in part_likeness(codec, windows).items():
        bars = likeness.shape[1]
        struck = tokens[part] > 0 if part == DRUMS else onsets(tokens[part])
        figures[f"{part}_on_beat"] = _mean(_on_beat(np.any(struck, axis=-1)))
        figures[f"{part}_silent_bars"] = float((~_bars(struck).any((2, 3))).mean())
        figures[f"{part}_bar_likeness"] = _mean(mean_likeness(likeness))
        if bars > 2:
            figures[f"{part}_metre_steadiness"] = _mean(_metre_steadiness(struck))
            figures[f"{part}_returns"] = _mean(returns(likeness))
            for lag in (lag for lag in LAGS if lag < bars):
                figures[f"{part}_bar_likeness_{lag}_apart"] = _mean(likeness_at(likeness, lag))
    figures.update(_togetherness(codec, windows, lines))
    return figures


def _togetherness(
    codec: Codec, windows: Windows, lines: dict[str, npt.NDArray[np.int64]]
) -> dict[str, float]:
    """consonance: share of the time melody and bass sound together in which they form a consonance.
    bass_with_kick, bass_with_drums: share of bass onsets struck together with them. Each once as played and
    once ``_mismatched``, against the other part of a window half of them all away, of another song.
    """
    figures: dict[str, float] = {}
    if len(lines) == len(LINES):
        melody, bass = lines["melody"], lines["bass"]
        figures["consonance"] = _mean(_consonance(melody, bass))
        figures["consonance_mismatched"] = _mean(_consonance(melody, _of_others(bass)))
    if "bass" in lines and DRUMS in codec.parts:
        struck = onsets(part_symbols(codec, windows)["bass"])
        hits = part_tokens(codec, windows)[DRUMS] > 0
        kick, any_drum = hits[..., _KICK], np.any(hits, axis=-1)
        for name, drums in (("kick", kick), ("drums", any_drum)):
            figures[f"bass_with_{name}"] = _mean(_share(struck & drums, struck))
            others = _of_others(drums)
            figures[f"bass_with_{name}_mismatched"] = _mean(_share(struck & others, struck))
    return figures


def _of_others(rows: npt.NDArray[T]) -> npt.NDArray[T]:
    """Every window's from far away: the next one is often of the same song."""
    return np.roll(rows, max(1, len(rows) // 2), axis=0)


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


def _metre_steadiness(struck: npt.NDArray[np.bool_]) -> Floats:
    bars = np.any(struck, axis=-1).reshape(len(struck), -1, STEPS_PER_BAR).astype(np.float64)
    here, next_ = (some.reshape(-1, STEPS_PER_BAR) for some in (bars[:, :-1], bars[:, 1:]))
    alike = _cosine(here, next_).reshape(len(struck), -1)
    count = np.isfinite(alike).sum(axis=1)
    return np.where(count > 0, np.nansum(alike, axis=1) / np.maximum(count, 1), np.nan)


def _profiles(lines: list[npt.NDArray[np.int64]]) -> Floats:
    """Steps by pitch class in each half of a window, all lines together: (windows, 2, 12)."""
    profile = np.zeros((lines[0].shape[0], 2, 12))
    for pitches in lines:
        halves = pitches.reshape(pitches.shape[0], 2, -1)
        for pitch_class in range(12):
            profile[..., pitch_class] += ((halves >= 0) & (halves % 12 == pitch_class)).sum(-1)
    return profile


def _in_key(profile: Floats) -> Floats:
    total = profile.sum(1)
    return np.where(total > 0, _in_each_scale(profile).max(axis=-1) / np.maximum(total, 1), np.nan)


def _in_each_scale(profile: Floats) -> Floats:
    """Of profiles (…, 12), how much is in each major scale, by its root: (…, 12)."""
    scales = [[(root + degree) % 12 for degree in MAJOR_SCALE] for root in range(12)]
    return np.stack([profile[..., scale].sum(-1) for scale in scales], axis=-1)


def _key_kept(profile: Floats) -> Floats:
    """Whether a scale is the best of both halves; of scales equally good any will do."""
    scales = _in_each_scale(profile)
    best = scales == scales.max(axis=-1, keepdims=True)
    sounds = profile.sum(-1).min(axis=1) > 0
    return np.where(sounds, (best[:, 0] & best[:, 1]).any(axis=-1), np.nan)


def _cosine(one: Floats, other: Floats) -> Floats:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.where(lengths > 0, (one * other).sum(1) / np.maximum(lengths, 1e-9), np.nan)


def _consonance(melody: npt.NDArray[np.int64], bass: npt.NDArray[np.int64]) -> Floats:
    together = (melody >= 0) & (bass >= 0)
    return _share(together & np.isin((melody - bass) % 12, CONSONANT), together)
