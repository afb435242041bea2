"""What a groove model makes of a plain beat, kept in its file so that it can be checked by it anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.golden import recorded_call
from livevae.codec.golden_record import GoldenCalls
from livevae.codec.groove import STRUCK, GrooveCodec
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Run
from livevae.units import STEPS_PER_BEAT

TOLERANCE = 0.02
"""Float32 on another processor is off by about 1e-5; a wrong file, or broken arithmetic, by tenths."""
_TEMPO_BPM = 100.0
_VELOCITY, _OFFSET = 0.7, 0.1
_NOISE = 0.4
_LATENT = 0.5


def recorded_groove(manifest: Manifest, codec: GrooveCodec, run: Run) -> GoldenCalls:
    """Both functions on a beat that is nobody's: kick and snare in turn, hats in eighths.

    Every input matters to the answer, but for taps, of which there are none.
    """
    tokens = np.zeros((1, codec.steps, len(codec.columns)), dtype=np.int64)
    kick, snare, hat = (DRUM_CLASSES.index(name) for name in ("kick", "snare", "closed_hat"))
    tokens[:, :: 2 * STEPS_PER_BEAT, kick] = STRUCK
    tokens[:, STEPS_PER_BEAT :: 2 * STEPS_PER_BEAT, snare] = STRUCK
    tokens[:, :: STEPS_PER_BEAT // 2, hat] = STRUCK
    struck = (tokens > 0).astype(np.float32)
    heard = {
        "x": tokens,
        "x_velocity": struck * np.float32(_VELOCITY),
        "x_offset": struck * np.float32(_OFFSET),
        "x_tempo": _filled((1,), _TEMPO_BPM),
    }
    encode = recorded_call(manifest, "encode", heard, run)
    hats = np.arange(len(codec.columns)) == hat
    asked = {
        "score": tokens,
        "played_velocity": np.where(hats, heard["x_velocity"], np.float32(0.0)),
        "played_offset": np.where(hats, heard["x_offset"], np.float32(0.0)),
        "open": _filled((1, len(DRUM_CLASSES)), 1.0),
        "taps": _filled((1, codec.steps, 3), 0.0),
        "z": _filled((1, manifest.latent_size), _LATENT),
        "style": np.full(1, min(1, len(codec.style_names)), dtype=np.int64),
        "tempo": _filled((1,), _TEMPO_BPM),
        "noise": _filled((1, codec.steps, 2 * len(codec.columns)), _NOISE),
        "temperature": np.ones((), dtype=np.float32),
    }
    told = {spec.name: asked[spec.name] for spec in manifest.function("decode").inputs}
    return GoldenCalls((encode, recorded_call(manifest, "decode", told, run)), TOLERANCE)


def _filled(shape: tuple[int, ...], value: float) -> npt.NDArray[Any]:
    return np.full(shape, value, dtype=np.float32)
