"""Randomness with names: the same seed gives the same numbers on every machine and every numpy.

Everything is made from the raw 64-bit output of the Philox 4x64 counter generator (Salmon et al. 2011), which
numpy promises not to change; its ready-made distributions carry no such promise. The generator's key is
(seed, stream): draws for different uses never overlap, whatever seeds are chosen.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from livevae.units import STEPS_PER_BAR

Vector = npt.NDArray[np.float32]

_UINT64 = 1 << 64
_MANTISSA_BITS_32, _MANTISSA_BITS_64 = 24, 53  # of float32 and float64: the finest even grid below 1


class Stream(IntEnum):
    """What a seed is used for; the high half of a 64-bit stream number, the low half counts within it."""

    PRIOR = 1
    NEAR = 2
    WALK = 3
    NOISE = 4
    MAP = 5
    FEEL = 6
    HITS = 7


def _raw(seed: int, stream: Stream, index: int, count: int) -> npt.NDArray[np.uint64]:
    """``count`` raw words of the stream; any integer is a seed, equal ones modulo 2**64 give equal words."""
    key = np.array([int(seed) % _UINT64, (stream << 32 | index % (1 << 32)) % _UINT64], dtype=np.uint64)
    words: npt.NDArray[np.uint64] = np.random.Philox(key=key).random_raw(count)
    return words


def normal(seed: int, stream: Stream, count: int, index: int = 0) -> Vector:
    """``count`` independent draws from N(0, 1), shape (count,), float32.

    Box and Muller's transform (1958) of pairs of uniform numbers.
    """
    pairs = (count + 1) // 2
    words = _raw(seed, stream, index, 2 * pairs) >> np.uint64(64 - _MANTISSA_BITS_64)
    uniform = (words.astype(np.float64) + 0.5) * 2.0**-_MANTISSA_BITS_64  # in (0, 1): log is finite
    radius = np.sqrt(-2.0 * np.log(uniform[:pairs]))
    angle = 2.0 * np.pi * uniform[pairs:]
    draws = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    return draws[:count].astype(np.float32)


def prior(seed: int, latent_size: int) -> Vector:
    """The draw from the prior N(0, I) called ``seed``, shape (latent_size,), float32."""
    return normal(seed, Stream.PRIOR, latent_size)


def bar_noise(seed: int, bar: int, columns: int) -> npt.NDArray[np.float32]:
    """The sampling noise of one bar: uniform in [0, 1), shape (16, columns), float32.

    Depends on ``seed`` and ``bar`` alone, so a bar sounds the same whether it is decoded by itself or with
    its phrase.
    """
    words = _raw(seed, Stream.NOISE, bar, STEPS_PER_BAR * columns) >> np.uint64(64 - _MANTISSA_BITS_32)
    uniform = words.astype(np.float32) * np.float32(2.0**-_MANTISSA_BITS_32)
    return uniform.reshape(STEPS_PER_BAR, columns)
