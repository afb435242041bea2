"""Is the way from one window to another gradual, and is it music all along? (MusicVAE, figure 3.)

Beside it stands the way without a model: each step of the two windows is taken from the second with a
probability that grows along the way (the paper's Bernoulli mix). Its distance is right, its music is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.latent import slerp
from train.evaluation.exported import ExportedModel, Latents
from train.evaluation.language_model import StepModel
from train.evaluation.music import Music
from train.evaluation.parts import Windows, part_tokens
from train.evaluation.prior import part_cost

POINTS = 9  # along the way, both ends included
PAIRS = 1024


@dataclass(frozen=True, slots=True)
class Way:
    """Means over all pairs, point by point.

    hamming: share of steps, mean over the parts, that differ from the first end's.
    cost_ratio: mean cost of the point's windows under the language models over the mean of the two ends'.
    monotonic_share: share of single pairs' steps along the way on which the distance does not fall.
    """

    hamming: tuple[float, ...]
    cost_ratio: tuple[float, ...]
    monotonic_share: float

    @property
    def monotonic(self) -> bool:
        """Whether the mean distance rises all the way."""
        return all(a < b for a, b in zip(self.hamming, self.hamming[1:], strict=False))

    @property
    def cost_ratio_max(self) -> float:
        """The least likely point of the way."""
        return max(self.cost_ratio)

    def report(self) -> dict[str, Any]:
        """As figures."""
        return {
            "monotonic": self.monotonic,
            "monotonic_share": self.monotonic_share,
            "cost_ratio_max": self.cost_ratio_max,
            "cost_ratio": list(self.cost_ratio),
            "hamming": list(self.hamming),
        }


def interpolated(
    model: ExportedModel, starts: Latents, ends: Latents, fraction: float, rng: np.random.Generator
) -> Windows:
    """Windows a fraction of the way along the spherical paths between latents, at temperature 0."""
    z = np.stack([slerp(a, b, fraction) for a, b in zip(starts, ends, strict=True)])
    return model.decode(f"interpolating, {fraction:.0%} of the way", z, 0.0, rng)


def mixed(starts: Windows, ends: Windows, fraction: float, rng: np.random.Generator) -> Windows:
    """Every step from ``ends`` with the probability ``fraction``, else from ``starts``."""
    taken = rng.random(starts.shape[:2]) < fraction
    return np.where(taken[:, :, None], ends, starts)


def walk(codec: Codec, language: dict[str, StepModel], at: Callable[[float], Windows]) -> Way:
    """Figures of the way that ``at`` gives the windows of, by fraction from 0 to 1."""
    first = at(0.0)
    distances: list[npt.NDArray[np.float64]] = []
    costs = []
    for index in range(POINTS):
        here = first if index == 0 else at(index / (POINTS - 1))
        distances.append(_distance(codec, first, here))
        costs.append(part_cost(codec, language, here))
    ends = (costs[0] + costs[-1]) / 2
    return Way(
        hamming=tuple(float(d.mean()) for d in distances),
        cost_ratio=tuple(cost / ends for cost in costs),
        monotonic_share=float((np.diff(np.stack(distances), axis=0) >= 0).mean()),
    )


def pairs_of(windows: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """``PAIRS`` pairs of different windows; each window is used equally often but for a remainder."""
    turns = -(-PAIRS // windows)
    starts = np.concatenate([rng.permutation(windows) for _ in range(turns)])[:PAIRS]
    return starts, (starts + rng.integers(1, windows, PAIRS)) % windows


def report(
    model: ExportedModel, music: Music, language: dict[str, StepModel], rng: np.random.Generator
) -> dict[str, Any]:
    """The way between windows through the latent space, as figures; ``baseline`` is the way without a model.

    The windows are those that the language models have not heard; a model that wants chords plays all of the
    way over those of its start.
    """
    windows, chords = music.unheard, music.unheard_chords
    mu = model.over(chords).encode(windows).mu
    starts, ends = pairs_of(len(windows), rng)
    model = model.over(None if chords is None else chords[starts])
    through = walk(model.codec, language, lambda at: interpolated(model, mu[starts], mu[ends], at, rng))
    mix = walk(model.codec, language, lambda at: mixed(windows[starts], windows[ends], at, rng))
    return {"pairs": PAIRS, **through.report(), "baseline": mix.report()}


def _distance(codec: Codec, one: Windows, other: Windows) -> npt.NDArray[np.float64]:
    pairs = zip(part_tokens(codec, one).values(), part_tokens(codec, other).values(), strict=True)
    by_part = [(a != b).any(axis=-1).mean(axis=1) for a, b in pairs]
    distance: npt.NDArray[np.float64] = np.mean(by_part, axis=0)
    return distance
