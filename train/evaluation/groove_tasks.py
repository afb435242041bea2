"""What an exported groove model answers to the bars of drummers, task by task.

The model hears what it would hear on stage: hits with the places where they were struck, both slots of a
cell, style and tempo. ``hits_only`` takes all of that away but the hits of the published grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT, SLOTS, STRUCK
from livevae.codec.manifest import Manifest
from livevae.groove_model import densities
from livevae.latent.drummer import feel_noise, hit_noise
from livevae.units import STEPS_PER_BAR
from train.evaluation.groove_measures import Array, Mask, Played
from train.groove_corpus import Grooves

Run = Callable[[str, Mapping[str, npt.NDArray[Any]]], Mapping[str, npt.NDArray[Any]]]

BATCH = 64
_DRUMS = len(DRUM_CLASSES)
HAT_COLUMNS = np.arange(2 * _DRUMS) % _DRUMS == DRUM_CLASSES.index("closed_hat")


@dataclass(frozen=True, slots=True)
class Asked:
    """Inputs of ``decode`` for any number of windows; all other inputs are nothing or unknown."""

    score: npt.NDArray[np.int64]
    style: npt.NDArray[np.int64]
    tempo: Array
    opened: Array | None = None
    taps: Array | None = None
    played: tuple[Array, Array] | None = None


def humanise(windows: Grooves) -> Asked:
    """All hits, nothing of their feel."""
    return Asked(windows.tokens, windows.style, windows.tempo)


def hits_only(windows: Grooves) -> Asked:
    """What the published models hear: one plain hit a cell, no style, no tempo."""
    score = np.minimum(windows.tokens, STRUCK)
    score[..., _DRUMS:] = SILENT
    return Asked(score, np.zeros_like(windows.style), np.zeros_like(windows.tempo))


def taps_of(windows: Grooves, velocity: bool) -> Array:
    """Each step's loudest hit: struck, its velocity if that is to be known, its offset."""
    loudest = windows.velocity.argmax(axis=2)[..., None]
    offset = np.take_along_axis(windows.offset, loudest, axis=2)[..., 0]
    loud = windows.velocity.max(axis=2)
    taps: Array = np.stack([loud > 0, loud if velocity else np.zeros_like(loud), offset], axis=2).astype(
        np.float32
    )
    return taps


def tap(windows: Grooves, taps: Array, score: npt.NDArray[np.int64] | None = None) -> Asked:
    """A kit for taps; with ``score`` the kit is there and only its feel is asked."""
    opened = np.full((len(windows), _DRUMS), 1.0 if score is None else 0.0, np.float32)
    hits = np.zeros_like(windows.tokens) if score is None else score
    return Asked(hits, windows.style, windows.tempo, opened, taps)


def hats(windows: Grooves, there: bool = False) -> Asked:
    """Closed hats to drums that are heard as played; ``there``: given the hats, and only their feel asked."""
    opened = np.zeros((len(windows), _DRUMS), np.float32)
    opened[:, DRUM_CLASSES.index("closed_hat")] = 0.0 if there else 1.0
    score = windows.tokens if there else np.where(HAT_COLUMNS, SILENT, windows.tokens)
    played = tuple(np.where(HAT_COLUMNS, 0, a).astype(np.float32) for a in (windows.velocity, windows.offset))
    return Asked(score, windows.style, windows.tempo, opened, None, (played[0], played[1]))


class GrooveFile:
    """The functions of an exported groove model over any number of windows."""

    def __init__(self, run: Run, manifest: Manifest) -> None:
        self._run = run
        self._told = {spec.name for spec in manifest.function("decode").inputs}
        self.latent_size = manifest.latent_size

    def encode(self, windows: Grooves) -> tuple[Array, Array]:
        """Posterior mean and standard deviation, each (windows, latent)."""
        found = [
            self._run(
                "encode",
                {
                    "x": part.tokens,
                    "x_velocity": part.velocity,
                    "x_offset": part.offset,
                    "x_tempo": part.tempo,
                },
            )
            for part in (windows.where(slice(i, i + BATCH)) for i in range(0, len(windows), BATCH))
        ]
        mu, sigma = (np.concatenate([f[name] for f in found]) for name in ("mu", "sigma"))
        return mu, sigma

    def guess(self, asked: Asked, z: Array | None = None) -> tuple[Array, Played]:
        """Probabilities of hits, and the best guess: medians, and means for squared errors."""
        answer = self.decode(asked, z, None)
        return answer["hit"], Played(answer["velocity"], answer["offset"], answer["offset_mean"])

    def sample(
        self, asked: Asked, rng: np.random.Generator, temperature: float = 1.0
    ) -> tuple[Array, Played]:
        """Probabilities of hits, and a groove drawn as on stage, each window with a feel of its own."""
        z = rng.standard_normal((len(asked.score), self.latent_size)).astype(np.float32)
        answer = self.decode(asked, z, rng, temperature)
        return answer["hit"], Played(answer["velocity"], answer["offset"])

    def kits(self, asked: Asked, rng: np.random.Generator, temperature: float) -> Mask:
        """Cells that are struck at density 1, drawn as on stage, (windows, steps, 18)."""
        probability, _ = self.sample(asked, rng, temperature)
        bars = probability.shape[1] // STEPS_PER_BAR
        seeds = rng.integers(0, 1 << 32, size=(len(probability),)).tolist()
        noise = np.stack([hit_noise(seed, bars, _DRUMS, SLOTS) for seed in seeds])
        struck: Mask = densities(probability, noise, temperature) <= 1.0
        return struck

    def decode(
        self, asked: Asked, z: Array | None, rng: np.random.Generator | None, temperature: float = 0.0
    ) -> dict[str, npt.NDArray[Any]]:
        """What the file answers. z: (windows, latent), None for latent 0. rng: None for the middle of all."""
        count, steps, columns = asked.score.shape
        nothing = np.zeros((count, steps, columns), np.float32)
        played = asked.played or (nothing, nothing)
        feeds: dict[str, npt.NDArray[Any]] = {
            "score": asked.score,
            "played_velocity": played[0],
            "played_offset": played[1],
            "open": np.zeros((count, _DRUMS), np.float32) if asked.opened is None else asked.opened,
            "taps": np.zeros((count, steps, 3), np.float32) if asked.taps is None else asked.taps,
            "z": np.zeros((count, self.latent_size), np.float32) if z is None else z,
            "style": asked.style,
            "tempo": asked.tempo,
            "noise": np.full((count, steps, 2 * columns), 0.5, np.float32)
            if rng is None
            else np.stack(
                [
                    feel_noise(seed, steps // STEPS_PER_BAR, _DRUMS, SLOTS)
                    for seed in rng.integers(0, 1 << 32, size=(count,)).tolist()
                ]
            ),
        }
        heat = np.array(temperature, dtype=np.float32)
        found = [
            self._run(
                "decode",
                {name: array[i : i + BATCH] for name, array in feeds.items() if name in self._told}
                | {"temperature": heat},
            )
            for i in range(0, count, BATCH)
        ]
        return {name: np.concatenate([part[name] for part in found]) for name in found[0]}
