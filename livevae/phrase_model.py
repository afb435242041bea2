"""A model as the stage uses it: played bars in, one bar of notes at a time out.

Works with anything that runs a model's functions on arrays, so it is tested without a model file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from livevae.codec.band import BandCodec
from livevae.codec.base import Codec, Tokens
from livevae.codec.chords import Features, chord_features
from livevae.codec.completion import can_complete, completed
from livevae.codec.lines import LINE_CLASSES, tied_steps
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import decode_phrases
from livevae.core.chords import BeatChords
from livevae.core.events import DecodedPart
from livevae.core.feel import Dynamics, plain
from livevae.core.latents import Encoded, Latent
from livevae.core.notes import Notes, PartNotes
from livevae.core.performance import ModelInfo
from livevae.latent import LatentEvaluator
from livevae.latent.random import Vector, prior
from livevae.phrase_bars import Drawing, Newest, OwnNoise, PhraseBars
from livevae.units import TICKS_PER_STEP
from livevae.window_fit import fitted_chords, fitted_window

REMEMBERED_BARS = 64

_ACCOMPANIST = 3  # seed of what parts nobody played are drawn from: always the same band


class RunsFunctions(Protocol):
    """What is needed of a model: see ``livevae.adapters.onnx_model.OnnxModel``."""

    @property
    def manifest(self) -> Manifest: ...

    def run(self, function: str, feeds: Mapping[str, npt.NDArray[Any]]) -> Mapping[str, npt.NDArray[Any]]: ...


class PhraseModel:
    """Encodes windows of notes and decodes phrases bar by bar; remembers what it decoded lately.

    directions: the model's musical attributes, each shape (latent,), float32.

    The same latent point, noise seed and temperature always give the same bars, whatever else was asked.
    """

    def __init__(self, model: RunsFunctions) -> None:
        self.manifest = model.manifest
        self.codec: Codec = model.manifest.build_codec()
        self.directions: dict[str, Vector] = {
            attribute.name: np.array(attribute.vector, dtype=np.float32)
            for attribute in model.manifest.attributes
        }
        self.latents = LatentEvaluator(
            model.manifest.latent_size,
            self.encode_window,
            self.directions,
            model.manifest.layout,
            heard_at=self.heard_at,
        )
        self._run = model.run
        self._phrase_bars = PhraseBars(self.manifest, self.codec, self._run, self.latents.evaluate)
        self._bars = Newest(REMEMBERED_BARS)

    @property
    def info(self) -> ModelInfo:
        """What the core must know of it."""
        return self.manifest.info()

    def encode(
        self, tokens: npt.NDArray[np.int64], chords: Features | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Posterior mean and standard deviation, each of shape (batch, latent), float32.

        tokens: shape (batch, steps, columns), int64. chords: under them, shape (beats, 24) or (batch, beats,
        24), for a model that wants them; None for none known.
        """
        told = self.manifest.chord_feeds("encode", chords, len(tokens))
        outputs = self._run("encode", {"x": tokens, **told})
        return outputs["mu"], outputs["sigma"]

    def encode_window(self, played: Encoded) -> tuple[Vector, Vector]:
        """Posterior mean and standard deviation of what was played, fitted to the model's length.

        Each of shape (latent,), float32. Parts that nobody played play along, if the model can.
        """
        parts: dict[str, Notes] = {}
        for part, notes in played.parts:  # two players of one part are heard as one
            parts[part] = tuple(sorted((*parts.get(part, ()), *notes)))
        tokens = self.codec.encode(fitted_window(parts, played.bars, self.codec.bars))
        chords = chord_features(fitted_chords(played.chords, self.codec.bars))
        mu, sigma = self.encode(tokens[None], chords)
        silent = [part for part in self.codec.parts if not parts.get(part)]
        if 0 < len(silent) < len(self.codec.parts) and can_complete(self.manifest):
            others = self.manifest.layout.touching(self.manifest.latent_size, silent)
            z = np.where(others, prior(_ACCOMPANIST, self.manifest.latent_size), mu[0])
            given = [part for part in self.codec.parts if part not in silent]
            mu, sigma = self.encode(completed(self.manifest, self._run, z, tokens, given)[None], chords)
        return mu[0].copy(), sigma[0].copy()

    def heard_at(self, z: Vector) -> tuple[Vector, Vector] | None:
        """Posterior mean and standard deviation of the likeliest phrase at ``z``, each of shape (latent,).

        None of a hierarchical model, whose whole phrase would take too long.
        """
        if self._phrase_bars.is_hierarchical:
            return None
        mu, sigma = self.encode(self.decode(z[None], 0, 0.0))
        return mu[0].copy(), sigma[0].copy()

    def decode(
        self,
        z: npt.NDArray[np.float32],
        noise_seed: int,
        temperature: float,
        chords: Features | None = None,
    ) -> Tokens:
        """Whole phrases, shape (batch, steps, columns), int64.

        z: shape (batch, latent), float32. Row ``i`` is sampled with noise ``noise_seed + i``.
        chords: as for ``encode``.
        """
        drawings = [Drawing(noise_seed + row, temperature) for row in range(len(z))]
        noise = np.stack([self._phrase_bars.noise(drawing) for drawing in drawings])
        return decode_phrases(self.manifest, self._run, z, noise, temperature, chords)

    def bar(
        self,
        where: Latent | Vector,
        bar_in_plan: int,
        noise_seed: int,
        temperature: float,
        chords: BeatChords = (),
        own_noise: OwnNoise = (),
    ) -> dict[str, DecodedPart]:
        """One bar of every part.

        where: a latent, or a point of shape (latent,), float32. bar_in_plan: 0 … bars - 1; ValueError
        otherwise. chords: of every beat of the phrase, for a model that wants them; none for none known.
        own_noise: as a ``ModelRequest`` has it.
        """
        if not 0 <= bar_in_plan < self.codec.bars:
            raise ValueError(f"bar {bar_in_plan} of a phrase of {self.codec.bars} bars")
        drawing = Drawing(noise_seed, temperature, chords, own_noise)
        name = where.tobytes() if isinstance(where, np.ndarray) else where

        def make() -> dict[str, DecodedPart]:
            return self._as_parts(self._phrase_bars.tokens(where, bar_in_plan, drawing), bar_in_plan)

        return self._bars.get((name, bar_in_plan, drawing), make)

    def _as_parts(self, tokens: Tokens, bar: int) -> dict[str, DecodedPart]:
        notes = self.codec.decode(tokens)
        ties = self._ties(tokens) if bar > 0 else {}  # a phrase begins with nothing to hold on to
        if isinstance(self.codec, BandCodec):
            return _of_band(self.codec, tokens, notes)
        return {part: DecodedPart(part, notes[part], ties.get(part, 0)) for part in self.codec.parts}

    def _ties(self, tokens: Tokens) -> dict[str, int]:
        """How far into a bar each line's last note of the bar before goes on, in ticks."""
        return {
            column.part: tied_steps(tokens[:, index]) * TICKS_PER_STEP
            for index, column in enumerate(self.codec.columns)
            if column.classes == LINE_CLASSES
        }


def _of_band(codec: BandCodec, tokens: Tokens, notes: PartNotes) -> dict[str, DecodedPart]:
    """A bar of a band: everybody knows their loudness, and what they play on."""
    programs = codec.programs(tokens)
    return {
        part: DecodedPart(
            part, notes[part], felt=plain(notes[part], Dynamics.FELT), program=programs.get(part)
        )
        for part in codec.parts
    }
