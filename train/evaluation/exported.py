"""An exported model as evaluation uses it: whole windows in, whole windows out, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.manifest import Manifest
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import Windows
from train.evaluation.reconstruction import Posterior

Run = Callable[[str, Mapping[str, npt.NDArray[Any]]], Mapping[str, npt.NDArray[Any]]]
Latents = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many windows are through, and of how many."""

BATCH = 64


def no_progress(doing: str, done: int, of: int) -> None:
    """Says nothing."""


class ExportedModel:
    """Functions of a model file over any number of windows.

    manifest, run: as ``livevae.adapters.onnx_model.OnnxModel`` has them.
    """

    def __init__(self, manifest: Manifest, run: Run, progress: Progress = no_progress) -> None:
        self.manifest = manifest
        self.codec: Codec = manifest.build_codec()
        self._run = run
        self._progress = progress

    def encode(self, windows: Windows) -> Posterior:
        """Posterior of windows (windows, steps, columns)."""
        found = [self._run("encode", {"x": part}) for part in self._batches("encoding", windows)]
        return Posterior(*(np.concatenate([part[name] for part in found]) for name in ("mu", "sigma")))

    def decode(self, doing: str, z: Latents, temperature: float, rng: np.random.Generator) -> Windows:
        """Windows drawn from latents (windows, latent), shape (windows, steps, columns), int64.

        doing: what the progress is called.
        """
        heat = np.array(temperature, dtype=np.float32)
        heard = [self._decode(part, heat, rng) for part in self._batches(doing, z)]
        return np.concatenate(heard)

    def _decode(self, z: Latents, heat: npt.NDArray[np.float32], rng: np.random.Generator) -> Windows:
        count, columns = len(z), len(self.codec.columns)
        if self.manifest.has_function("decode"):
            noise = rng.random((count, self.codec.steps, columns), dtype=np.float32)
            whole: Windows = self._run("decode", {"z": z, "noise": noise, "temperature": heat})["y"]
            return whole
        bars = self._run("conduct", {"z": z})["bars"]  # (windows, bars, e)
        # As livevae.phrase_model plays them: one noise for all bars of a phrase, so that themes return.
        noise = rng.random((count, STEPS_PER_BAR, columns), dtype=np.float32).repeat(self.codec.bars, axis=0)
        feeds = {"bar": bars.reshape(-1, bars.shape[-1]), "noise": noise, "temperature": heat}
        return self._run("decode_bar", feeds)["y"].reshape(count, self.codec.steps, columns)

    def _batches(self, doing: str, rows: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
        for first in range(0, len(rows), BATCH):
            yield rows[first : first + BATCH]
            self._progress(doing, min(first + BATCH, len(rows)), len(rows))
