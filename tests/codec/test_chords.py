"""What a model is told of chords, and that a file says whether it wants to be told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="opens the fake models")

from livevae.adapters.onnx_model import OnnxModel
from livevae.codec import Manifest
from livevae.codec.chords import CHORD_FEATURES, chord_features
from livevae.codec.manifest import TensorSpec
from livevae.core.chords import Chord
from livevae.errors import ModelError

FIXTURES = Path(__file__).parent.parent / "fixtures"
C_OVER_E = Chord.of_pitches((52, 60, 67))


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return OnnxModel(FIXTURES / "fake_melody_chords.onnx")


def test_tones_then_the_bass_and_nothing_for_no_chord() -> None:
    told = chord_features([C_OVER_E, None])
    assert told.shape == (2, CHORD_FEATURES)
    assert np.flatnonzero(told[0]).tolist() == [0, 4, 7, 12 + 4]
    assert not told[1].any()


def test_a_file_says_whether_it_wants_chords(model: OnnxModel) -> None:
    assert model.manifest.wants_chords
    told = chord_features([C_OVER_E] * 8)
    feeds = model.manifest.chord_feeds("decode", told, 3)
    assert feeds["chords"].shape == (3, 8, CHORD_FEATURES)
    assert (feeds["chords"] == told).all()
    assert not model.manifest.chord_feeds("encode", None, 1)["x_chords"].any()
    without = OnnxModel(FIXTURES / "fake_melody.onnx").manifest
    assert not without.wants_chords
    assert without.chord_feeds("decode", told, 3) == {}


def test_chords_of_another_shape_are_refused_by_name(model: OnnxModel) -> None:
    encode, decode = model.manifest.functions
    odd = tuple(
        TensorSpec("chords", ("batch", 9, 24), "float32") if s.name == "chords" else s for s in decode.inputs
    )
    functions = (encode, dataclasses.replace(decode, inputs=odd))
    manifest = dataclasses.replace(model.manifest, functions=functions)
    with pytest.raises(ModelError, match=r"'chords' of function 'decode'.*8 beats by 24"):
        Manifest.from_metadata(manifest.to_metadata())
