"""An exported model as evaluation uses it: whole windows in, whole windows out, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.chords import Features
from livevae.codec.functions import LIKELIEST, PREDICT, PREDICT_LATENT, PREDICT_TOKENS
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Run, decode_phrases
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import Windows
from train.evaluation.reconstruction import Posterior

Latents = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many windows are through, and of how many."""

BATCH = 64


def no_progress(doing: str, done: int, of: int) -> None:
    """Says nothing."""


class ExportedModel:
    """Functions of a model file over any number of windows.

    manifest, run: as ``livevae.adapters.onnx_model.OnnxModel`` has them. progress: told how far it is.
    chords: of a model that wants some, shape (windows, beats, 24): row ``i`` of whatever it hears or plays is
    over row ``i`` of the chords, and what is longer over the same again. None is no chords known.
    """

    def __init__(
        self,
        manifest: Manifest,
        run: Run,
        progress: Progress = no_progress,
        chords: Features | None = None,
    ) -> None:
        self.manifest = manifest
        self.codec: Codec = manifest.build_codec()
        self.run = run
        self.progress = progress
        self._chords = chords

    def over(self, chords: Features | None) -> ExportedModel:
        """The same model, playing over these chords."""
        return ExportedModel(self.manifest, self.run, self.progress, chords)

    def encode(self, windows: Windows) -> Posterior:
        """Posterior of windows (windows, steps, columns)."""
        found = [
            self.run("encode", {"x": windows[rows], **self._given("encode", rows)})
            for rows in self._batches("encoding", len(windows))
        ]
        return Posterior(*(np.concatenate([part[name] for part in found]) for name in ("mu", "sigma")))

    def decode(self, doing: str, z: Latents, temperature: float, rng: np.random.Generator) -> Windows:
        """Windows drawn from latents (windows, latent), shape (windows, steps, columns), int64.

        doing: what the progress is called.
        """
        heard = [self._decode(z, rows, temperature, rng) for rows in self._batches(doing, len(z))]
        return np.concatenate(heard)

    def _decode(self, z: Latents, rows: slice, temperature: float, rng: np.random.Generator) -> Windows:
        """As ``livevae.phrase_model`` plays them: bars that do not hear each other share one noise."""
        shape = (rows.stop - rows.start, self.codec.steps, len(self.codec.columns))
        if self.manifest.has_function("decode") or self.manifest.memory_size is not None:
            noise = rng.random(shape, dtype=np.float32)
        else:
            one_bar = rng.random((shape[0], STEPS_PER_BAR, shape[2]), dtype=np.float32)
            noise = np.tile(one_bar, (1, self.codec.bars, 1))
        return decode_phrases(self.manifest, self.run, z[rows], noise, temperature, self._told(rows))

    def predict(self, z: Latents, windows: Windows) -> Windows | None:
        """The likeliest of each step given the true ones before it; None of a model that cannot say."""
        if not self.manifest.has_function(PREDICT):
            return None
        found = [
            self.run(PREDICT, {PREDICT_LATENT: z[rows], PREDICT_TOKENS: windows[rows]})[LIKELIEST]
            for rows in self._batches("predicting", len(windows))
        ]
        return np.concatenate(found)

    def _given(self, function: str, rows: slice) -> dict[str, Features]:
        return self.manifest.chord_feeds(function, self._told(rows), rows.stop - rows.start)

    def _told(self, rows: slice) -> Features | None:
        if self._chords is None:
            return None
        told: Features = self._chords[np.arange(rows.start, rows.stop) % len(self._chords)]
        return told

    def _batches(self, doing: str, count: int) -> Iterator[slice]:
        for first in range(0, count, BATCH):
            last = min(first + BATCH, count)
            yield slice(first, last)
            self.progress(doing, last, count)
