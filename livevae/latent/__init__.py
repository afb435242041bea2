"""Movement in a model's latent space: draws, paths, and the evaluation of what the core asked for.

Numpy only. Vectors have shape (latent,), float32, unless a function says otherwise.
"""

from __future__ import annotations

from livevae.latent.evaluate import LatentEvaluator
from livevae.latent.moves import corner_blend, near, slerp, walk
from livevae.latent.random import bar_noise, prior

__all__ = ["LatentEvaluator", "bar_noise", "corner_blend", "near", "prior", "slerp", "walk"]
