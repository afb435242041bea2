"""Does each attribute vector move its own attribute, and little else? (MusicVAE, figure 4.)

Samples of the prior are decoded before and after a vector is added, with the same noise. A figure is by how
many per cent the mean of an attribute over the samples changes: a mean of single samples' changes is
undefined wherever one has none of the attribute.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from livevae.core.attributes import IN_KEY, REACH
from livevae.units import STEPS_PER_BAR
from train.attributes import measures
from train.evaluation.exported import ExportedModel, Latents

SAMPLES = 256
Matrix = dict[str, dict[str, float]]
"""Vector -> attribute -> change of its mean, per cent."""


def report(model: ExportedModel, temperature: float, rng: np.random.Generator) -> dict[str, Any] | None:
    """Changes when every vector is added and subtracted ``REACH`` times; None for a model without vectors.

    own: of each vector, the change of its own attribute when added, and the largest change of another.
    """
    judged = measures(model.codec)
    for other_key in IN_KEY[1:]:  # the directions of other keys are C's, transposed
        judged = {name: measure for name, measure in judged.items() if not name.endswith(other_key)}
    vectors = {a.name: np.array(a.vector, dtype=np.float32) for a in model.manifest.attributes}
    vectors = {name: vector for name, vector in vectors.items() if name in judged}
    if not vectors:
        return None
    z: Latents = rng.standard_normal((SAMPLES, model.manifest.latent_size), dtype=np.float32)
    seed = int(rng.integers(2**32))

    def means(points: Latents, doing: str) -> dict[str, float]:
        windows = model.decode(doing, points, temperature, np.random.default_rng(seed))
        return {name: float(measure(windows).mean()) for name, measure in judged.items()}

    before = means(z, "before attribute vectors")
    added, subtracted = (
        {
            name: _change(before, means(z + sign * REACH * vector, f"{word} {name}"))
            for name, vector in vectors.items()
        }
        for sign, word in ((1.0, "adding"), (-1.0, "subtracting"))
    )
    return {
        "amount": REACH,
        "samples": SAMPLES,
        "before": before,
        "added": added,
        "subtracted": subtracted,
        "own": {name: _own(name, changes) for name, changes in added.items()},
    }


def _change(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    least = 1.0 / (SAMPLES * STEPS_PER_BAR)  # an attribute that is nearly absent has no per cent
    return {name: 100.0 * (after[name] - before[name]) / max(before[name], least) for name in before}


def _own(name: str, changes: dict[str, float]) -> dict[str, float]:
    others = [abs(change) for other, change in changes.items() if other != name]
    return {"change": changes[name], "largest_other": max(others, default=0.0)}
