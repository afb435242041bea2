"""Whole phrases out of a model's functions, whatever way it decodes them.

A flat model decodes a phrase at once. A hierarchical one is conducted, and its bars are decoded from what is
meant for each. A hierarchical model with a *memory* hears the bars it wrote before: with every bar it gives
four rows, one a beat, to be kept in mind when it is asked for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.base import Tokens
from livevae.codec.chords import Features
from livevae.codec.functions import MEMORY, MORE
from livevae.codec.manifest import Manifest

Floats = npt.NDArray[np.float32]
Run = Callable[[str, Mapping[str, npt.NDArray[Any]]], Mapping[str, npt.NDArray[Any]]]
"""Runs the named function of a model: ``run("decode", {"z": …}) -> {"y": …}``."""


def decode_phrases(
    manifest: Manifest, run: Run, z: Floats, noise: Floats, temperature: float, chords: Features | None = None
) -> Tokens:
    """Whole phrases, shape (batch, steps, columns), int64.

    z: shape (batch, latent). noise: shape (batch, steps, columns), uniform in [0, 1). chords: see
    ``Manifest.chord_feeds``.
    """
    heat = np.array(temperature, dtype=np.float32)
    if manifest.has_function("decode"):
        told = manifest.chord_feeds("decode", chords, len(z))
        tokens: Tokens = run("decode", {"z": z, "noise": noise, "temperature": heat, **told})["y"]
        return tokens
    bars = run("conduct", {"z": z})["bars"]  # (batch, bars, e)
    noises = noise.reshape(*bars.shape[:2], manifest.steps_per_bar, noise.shape[-1])
    if manifest.memory_size is None:
        each, its_noise = (array.reshape(-1, *array.shape[2:]) for array in (bars, noises))
        written, _ = decode_bars(run, each, its_noise, temperature)
        return written.reshape(noise.shape)
    memory = no_memory(manifest, len(z))
    pieces: list[Tokens] = []
    for bar in range(manifest.bars):
        written, more = decode_bars(run, bars[:, bar], noises[:, bar], temperature, memory)
        pieces.append(written)
        memory = np.concatenate([memory, more], axis=1)
    return np.concatenate(pieces, axis=1)


def no_memory(manifest: Manifest, batch: int) -> Floats:
    """What a model with a memory has in mind before the first bar: shape (batch, 0, m), float32."""
    assert manifest.memory_size is not None
    return np.zeros((batch, 0, manifest.memory_size), dtype=np.float32)


def decode_bars(
    run: Run, bars: Floats, noise: Floats, temperature: float, memory: Floats | None = None
) -> tuple[Tokens, Floats]:
    """Bars of tokens, shape (batch, 16, columns), int64, and what to keep in mind, shape (batch, 4, m).

    bars: what is meant for each, shape (batch, e). noise: shape (batch, 16, columns). memory: of the bars
    before, shape (batch, beats, m); None for a model that keeps none, and nothing is to be kept then.
    """
    heat = np.array(temperature, dtype=np.float32)
    feeds = {"bar": np.ascontiguousarray(bars), "noise": noise, "temperature": heat}
    if memory is None:
        return run("decode_bar", feeds)["y"], np.zeros((len(bars), 0, 0), dtype=np.float32)
    answer = run("decode_bar", {**feeds, MEMORY: memory})
    return answer["y"], answer[MORE]
