"""Does a model, here and now, still answer as it did when it was exported?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.chords import Features, beats_of, chord_features
from livevae.codec.functions import TensorSpec
from livevae.codec.golden_record import Golden, GoldenCall, GoldenCalls, GoldenTensor
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Run, decode_phrases
from livevae.core.chords import Chord
from livevae.errors import ModelError

Arrays = Mapping[str, npt.NDArray[Any]]

_RECORDED_DIGITS = 5
GOLDEN_NOISE = 0.5  # any value does: at temperature 0 noise must not matter
_GOLDEN_CHORDS = (Chord.of_pitches((45, 60, 64)), Chord.of_pitches((43, 59, 62, 65)))  # A minor, G7: any do


def golden_chords(manifest: Manifest) -> Features:
    """The chords a model that wants some is checked with: two, half a bar each."""
    beats = beats_of(manifest.bars * manifest.steps_per_bar)
    return chord_features([_GOLDEN_CHORDS[beat // 2 % len(_GOLDEN_CHORDS)] for beat in range(beats)])


def golden_outputs(
    manifest: Manifest, run: Run, x: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Posterior mean of ``x`` and the tokens decoded from it at temperature 0.

    x: shape (steps, columns), int64. Returns shapes (latent,), float32 and (steps, columns), int64.
    """
    chords = golden_chords(manifest)
    mu = run("encode", {"x": x[None], **manifest.chord_feeds("encode", chords, 1)})["mu"]
    return mu[0], golden_phrase(manifest, run, mu)


def golden_phrase(manifest: Manifest, run: Run, z: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """What is decoded from ``z``, shape (1, latent), at temperature 0; shape (steps, columns), int64."""
    codec = manifest.build_codec()
    noise = np.full((1, codec.steps, len(codec.columns)), GOLDEN_NOISE, dtype=np.float32)
    y: npt.NDArray[np.int64] = decode_phrases(manifest, run, z, noise, 0.0, golden_chords(manifest))[0]
    return y


def check_golden(manifest: Manifest, run: Run) -> None:
    """Silent if the model answers its golden input as recorded; ModelError says what differs."""
    if isinstance(manifest.golden, GoldenCalls):
        for call in manifest.golden.calls:
            _check_call(manifest, call, manifest.golden.tolerance, run)
    else:
        _check_tokens(manifest, manifest.golden, run)


def recorded_call(manifest: Manifest, function: str, feeds: Arrays, run: Run) -> GoldenCall:
    """What ``function`` answers to ``feeds``, arrays of batch 1: to be asked again anywhere."""
    answers = run(function, feeds)
    outputs = [GoldenTensor(s.name, _flat(answers[s.name])) for s in manifest.function(function).outputs]
    inputs = [GoldenTensor(name, _flat(array)) for name, array in feeds.items()]
    return GoldenCall(function, tuple(inputs), tuple(outputs))


def _flat(array: npt.NDArray[Any]) -> tuple[float, ...]:
    values = [round(float(value), _RECORDED_DIGITS) for value in array.ravel()]
    return tuple(values[:1] if len(set(values)) == 1 else values)


def _check_call(manifest: Manifest, call: GoldenCall, tolerance: float, run: Run) -> None:
    function = manifest.function(call.function)
    answers = run(call.function, _arrays(call.inputs, function.inputs))
    for name, expected in _arrays(call.outputs, function.outputs).items():
        answer = answers[name]
        if answer.shape != expected.shape:
            raise ModelError(
                f"model {manifest.name!r}: {name!r} of {call.function!r} has shape {answer.shape}, "
                f"the manifest says {expected.shape}"
            )
        difference = float(np.max(np.abs(answer.astype(np.float64) - expected), initial=0.0))
        if not difference <= tolerance:  # also refuses NaN
            raise ModelError(
                f"model {manifest.name!r} fails its golden call of {call.function!r}: {name!r} is off by "
                f"{difference:.3g}, allowed {tolerance:.3g}"
            )


def _arrays(recorded: Sequence[GoldenTensor], specs: Sequence[TensorSpec]) -> dict[str, npt.NDArray[Any]]:
    values = {tensor.name: tensor.values for tensor in recorded}
    return {
        spec.name: np.resize(np.asarray(values[spec.name], dtype=spec.dtype), spec.shape_of_one)
        for spec in specs
        if spec.name in values
    }


def _check_tokens(manifest: Manifest, golden: Golden, run: Run) -> None:
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
