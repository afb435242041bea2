"""Is the way from one window to another gradual, and is it music all along? (MusicVAE, figure 3.)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.latent import slerp
from train.evaluation.exported import ExportedModel, Latents
from train.evaluation.language_model import StepModel
from train.evaluation.parts import Windows, part_symbols, part_tokens

POINTS = 9  # along the way, both ends included
MOST_PAIRS = 256


@dataclass(frozen=True, slots=True)
class Interpolation:
    """Means over all pairs, point by point.

    hamming: share of steps, mean over the parts, that differ from the first end's decoding.
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


def interpolate(
    model: ExportedModel, mu: Latents, language: dict[str, StepModel], rng: np.random.Generator
) -> Interpolation:
    """Decodes the spherical path between pairs of posterior means at temperature 0.

    mu: shape (windows, latent); each window is paired with another one. language: per part.
    """
    count = len(mu)
    others = mu[(np.arange(count) + count // 2) % count]
    points = []
    for index in range(POINTS):
        fraction = index / (POINTS - 1)
        z = np.stack([slerp(a, b, fraction) for a, b in zip(mu, others, strict=True)])
        points.append(model.decode(f"interpolating {index + 1}/{POINTS}", z, 0.0, rng))
    distances = np.stack([_distance(model, points[0], point) for point in points])  # (points, windows)
    costs = np.array([_cost(model, point, language) for point in points])
    ends = (costs[0] + costs[-1]) / 2
    return Interpolation(
        hamming=tuple(float(d) for d in distances.mean(axis=1)),
        cost_ratio=tuple(float(c) for c in costs / ends),
        monotonic_share=float((np.diff(distances, axis=0) >= 0).mean()),
    )


def _distance(model: ExportedModel, one: Windows, other: Windows) -> npt.NDArray[np.float64]:
    pairs = zip(part_tokens(model.codec, one).values(), part_tokens(model.codec, other).values(), strict=True)
    by_part = [(a != b).any(axis=-1).mean(axis=1) for a, b in pairs]
    distance: npt.NDArray[np.float64] = np.mean(by_part, axis=0)
    return distance


def _cost(model: ExportedModel, windows: Windows, language: dict[str, StepModel]) -> float:
    symbols = part_symbols(model.codec, windows)
    return sum(float(language[part].cost_nats(symbols[part]).mean()) for part in symbols)


def report(
    model: ExportedModel, mu: Latents, language: dict[str, StepModel], rng: np.random.Generator
) -> dict[str, Any]:
    """``Interpolation`` between windows whose posterior means are ``mu``, as figures."""
    found = interpolate(model, mu[: 2 * MOST_PAIRS], language, rng)
    return {
        "monotonic": found.monotonic,
        "monotonic_share": found.monotonic_share,
        "cost_ratio_max": found.cost_ratio_max,
        "cost_ratio": list(found.cost_ratio),
        "hamming": list(found.hamming),
    }
