"""Does the exported graph answer as the trained model does?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from export.graph import ExportError
from livevae.codec import Codec
from livevae.codec.chords import CHORD_INPUTS
from livevae.codec.functions import MEMORIES
from livevae.codec.phrases import Run
from livevae.units import BEATS_PER_BAR
from train.models import GraphFunction

Feeds = dict[str, npt.NDArray[Any]]

MAX_DIFFERENCE = 1e-3
"""Largest allowed difference of a float output; float32 sums in another order differ by about 1e-6."""
MIN_AGREEMENT = 0.999
"""Share of tokens that must be equal: a uniform number within rounding of a boundary may fall either side."""

_BATCHES = (1, 2, 5)
_TEMPERATURES = (0.0, 0.5, 1.0, 2.0)
_CHORD_TONES = 0.3  # share of the tones of a random chord
_BARS_IN_MIND = (0, 1, 15)


def check_parity(functions: Sequence[GraphFunction], run: Run, codec: Codec, seed: int = 0) -> int:
    """Compare every function on random and extreme inputs of several batch sizes; returns how many were
    compared.

    run: runs the exported graph. Raises ExportError naming the function, the input and the difference.
    """
    random = np.random.default_rng(seed)
    compared = 0
    for function in functions:
        function.module.eval()
        for label, feeds in _inputs(function, codec, random):
            with torch.no_grad():
                expected = function.module(*(torch.from_numpy(feeds[name]) for name in function.inputs))
            expected = expected if isinstance(expected, tuple) else (expected,)
            answers = run(function.name, feeds)
            for name, value in zip(function.outputs, expected, strict=True):
                _compare(f"{function.name} ({label})", name, value.numpy(), answers)
                compared += 1
    return compared


def _inputs(
    function: GraphFunction, codec: Codec, random: np.random.Generator
) -> Iterator[tuple[str, Feeds]]:
    for batch in _BATCHES:
        for temperature in _TEMPERATURES:
            yield (
                f"random, batch {batch}, temperature {temperature}",
                _feeds(function, codec, random, batch, temperature),
            )
    for memory in MEMORIES:
        for bars in _BARS_IN_MIND if memory in function.inputs else ():
            feeds = _feeds(function, codec, random, 2, 1.0)
            shape = (2, bars * BEATS_PER_BAR, feeds[memory].shape[-1])
            feeds[memory] = random.standard_normal(shape, dtype=np.float32)
            yield f"{bars} bars in mind", feeds
    for label, noise in (("noise 0", 0.0), ("noise 0.999", 0.999)):
        feeds = _feeds(function, codec, random, 2, 1.0)
        if "noise" in feeds:
            feeds["noise"][:] = noise
            yield label, feeds
    for label, token in (("tokens all 0", 0), ("tokens all highest", -1)):
        feeds = _feeds(function, codec, random, 2, 1.0)
        if "x" in feeds:
            feeds["x"][:] = [token % column.classes for column in codec.columns]
            yield label, feeds
    for scale in (0.0, 6.0):  # the middle of the latent space, and far outside where any music is
        feeds = _feeds(function, codec, random, 2, 1.0)
        if "z" in feeds:
            feeds["z"] = np.clip(scale * feeds["z"], -function.furthest, function.furthest)
            yield f"latents times {scale}", feeds


def _feeds(
    function: GraphFunction, codec: Codec, random: np.random.Generator, batch: int, temperature: float
) -> Feeds:
    feeds: Feeds = {}
    for name, example in function.inputs.items():
        shape = (batch, *example.shape[1:]) if example.dim() else ()
        if name == "temperature":
            feeds[name] = np.full(shape, temperature, dtype=np.float32)
        elif name == "noise":
            feeds[name] = random.random(shape, dtype=np.float32)
        elif name in function.ranges:
            feeds[name] = _ranged(function.ranges[name], shape, example.numpy().dtype, random)
        elif example.dtype == torch.int64:
            highest = np.array([column.classes for column in codec.columns])
            feeds[name] = random.integers(0, highest, shape)
        elif name in CHORD_INPUTS:
            feeds[name] = (random.random(shape) < _CHORD_TONES).astype(np.float32)
        else:
            feeds[name] = random.standard_normal(shape, dtype=np.float32)
    return feeds


def _ranged(
    ends: tuple[float, float], shape: tuple[int, ...], dtype: npt.DTypeLike, random: np.random.Generator
) -> npt.NDArray[Any]:
    """Half of the numbers at the lower end, the others anywhere up to the higher."""
    lowest, highest = ends
    anywhere = lowest + (highest - lowest) * random.random(shape)
    return np.where(random.random(shape) < 0.5, lowest, np.round(anywhere, 3)).astype(dtype)


def _compare(
    what: str, output: str, expected: npt.NDArray[Any], answers: Mapping[str, npt.NDArray[Any]]
) -> None:
    answer = answers[output]
    if answer.shape != expected.shape or answer.dtype != expected.dtype:
        raise ExportError(
            f"{what}: {output} is {answer.dtype}{list(answer.shape)}, "
            f"the trained model's is {expected.dtype}{list(expected.shape)}"
        )
    if np.issubdtype(expected.dtype, np.integer):
        agreement = float(np.mean(answer == expected))
        if agreement < MIN_AGREEMENT:
            raise ExportError(f"{what}: only {agreement:.4f} of {output} equals the trained model's")
        return
    difference = float(np.max(np.abs(answer - expected)))
    if not difference <= MAX_DIFFERENCE * max(1.0, float(np.max(np.abs(expected)))):
        raise ExportError(f"{what}: {output} is off by {difference:.3g} from the trained model's")
