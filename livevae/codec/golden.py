"""Does a model, here and now, still answer as it did when it was exported?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.manifest import Manifest
from livevae.errors import ModelError

Arrays = Mapping[str, npt.NDArray[Any]]
Run = Callable[[str, Arrays], Arrays]
"""Runs the named function of a model: ``run("decode", {"z": …}) -> {"y": …}``."""

GOLDEN_NOISE = 0.5  # any value does: at temperature 0 noise must not matter


def golden_outputs(
    manifest: Manifest, run: Run, x: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Posterior mean of ``x`` and the tokens decoded from it at temperature 0.

    x: shape (steps, columns), int64. Returns shapes (latent,), float32 and (steps, columns), int64.
    """
    mu = run("encode", {"x": x[None]})["mu"]
    temperature = np.zeros((), dtype=np.float32)
    if manifest.has_function("decode"):
        noise = np.full((1, *x.shape), GOLDEN_NOISE, dtype=np.float32)
        y = run("decode", {"z": mu, "noise": noise, "temperature": temperature})["y"][0]
    else:
        embeddings = run("conduct", {"z": mu})["bars"][0]  # (bars, e)
        noise = np.full((manifest.bars, manifest.steps_per_bar, x.shape[1]), GOLDEN_NOISE, dtype=np.float32)
        bars = run("decode_bar", {"bar": embeddings, "noise": noise, "temperature": temperature})["y"]
        y = bars.reshape(x.shape)
    return mu[0], y


def check_golden(manifest: Manifest, run: Run) -> None:
    """Silent if the model answers its golden input as recorded; ModelError says what differs."""
    golden = manifest.golden
    mu, y = golden_outputs(manifest, run, np.asarray(golden.x, dtype=np.int64))
    expected_mu = np.asarray(golden.mu, dtype=np.float64)
    if mu.shape != (manifest.latent_size,):
        raise ModelError(
            f"model {manifest.name!r}: posterior mean has shape {mu.shape}, "
            f"the manifest says latent_size = {manifest.latent_size}"
        )
    difference = float(np.max(np.abs(mu[: expected_mu.size] - expected_mu), initial=0.0))
    if not difference <= golden.mu_tolerance:  # also refuses NaN
        raise ModelError(
            f"model {manifest.name!r} fails its golden vector: posterior mean is off by {difference:.3g}, "
            f"allowed {golden.mu_tolerance:.3g}"
        )
    expected_y = np.asarray(golden.y, dtype=np.int64)
    same = float(np.mean(y == expected_y)) if y.shape == expected_y.shape else 0.0
    if same < golden.agreement:
        raise ModelError(
            f"model {manifest.name!r} fails its golden vector: {same:.3f} of the decoded steps agree, "
            f"needed {golden.agreement:.3f}"
        )
