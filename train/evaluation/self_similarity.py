"""How alike the bars of a piece are: what makes a theme, its return, and the form of sixteen bars.

Two bars are as alike as the share of events they have in common among all they have (Jaccard): an event is a
token on a step, so another note, or the same one a step later, is another event. Two silent bars are alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import DRUMS, Windows, onsets, part_tokens

Floats = npt.NDArray[np.float64]

THEME_LIKENESS = 0.75  # a bar that shares this much with an earlier one brings it back
LAGS = (1, 2, 4, 8)  # bars apart: the periods that music is made of


def part_likeness(codec: Codec, windows: Windows) -> dict[str, Floats]:
    """Of each part, how alike every two bars of every window are: shape (windows, bars, bars), 0 to 1."""
    likeness = {}
    for part, tokens in part_tokens(codec, windows).items():
        struck = tokens > 0 if part == DRUMS else onsets(tokens)
        likeness[part] = bar_likeness(struck * tokens)
    return likeness


def bar_likeness(events: npt.NDArray[np.int64]) -> Floats:
    """Of all pairs of bars, (windows, bars, bars). events: shape (windows, steps, columns), 0 for none."""
    bars = events.reshape(events.shape[0], -1, STEPS_PER_BAR * events.shape[-1])  # (windows, bars, cells)
    one, other = bars[:, :, None], bars[:, None]
    same = ((one == other) & (one > 0)).sum(-1)
    either = (one > 0).sum(-1) + (other > 0).sum(-1) - same
    return np.where(either > 0, same / np.maximum(either, 1), 1.0)


def mean_likeness(likeness: Floats) -> Floats:
    """Of all pairs of different bars, one number a window."""
    pairs = np.triu_indices(likeness.shape[1], 1)
    mean: Floats = likeness[:, *pairs].mean(axis=1)
    return mean


def likeness_at(likeness: Floats, lag: int) -> Floats:
    """Of bars that lie ``lag`` apart, one number a window."""
    mean: Floats = np.diagonal(likeness, lag, axis1=1, axis2=2).mean(axis=-1)
    return mean


def returns(likeness: Floats) -> Floats:
    """Share of bars, from the second on, that bring an earlier one back; one number a window."""
    earlier = np.tril(np.ones(likeness.shape[1:], dtype=bool), -1)
    best = np.where(earlier, likeness, -1.0).max(axis=2)[:, 1:]
    share: Floats = (best >= THEME_LIKENESS).mean(axis=1)
    return share
