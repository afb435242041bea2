"""The matrix tells a good attribute vector from a bad one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="train imports PyTorch")

from livevae.adapters.onnx_file import read_manifest
from livevae.codec.manifest import AttributeVector
from train.evaluation.attribute_matrix import report
from train.evaluation.exported import ExportedModel

pytestmark = pytest.mark.train

FAKES = Path(__file__).parents[2] / "fixtures"
UP = np.eye(8)[0]  # the fake latent space has eight dimensions; here the first is the density
ASIDE = np.eye(8)[1]


def plays_as_dense_as_z_says(function: str, feeds: Mapping[str, Any]) -> dict[str, Any]:
    assert function == "decode"
    share = np.clip(0.5 + 0.2 * feeds["z"][:, 0], 0, 1)
    onsets = feeds["noise"][:, :, 0] < share[:, None]
    return {"y": np.where(onsets, 41, 0)[:, :, None].astype(np.int64)}


def model(**vectors: Any) -> ExportedModel:
    from dataclasses import replace

    manifest = read_manifest(FAKES / "fake_melody.onnx")
    attributes = tuple(AttributeVector(name, tuple(vector)) for name, vector in vectors.items())
    return ExportedModel(replace(manifest, attributes=attributes), plays_as_dense_as_z_says)


def test_a_vector_s_own_change_and_the_others_are_told() -> None:
    found = report(model(density=UP, interval=ASIDE), 1.0, np.random.default_rng(0))
    assert found is not None
    assert found["added"]["density"]["density"] == pytest.approx(60, abs=10)  # 0.5 of the steps to 0.8
    assert found["subtracted"]["density"]["density"] == pytest.approx(-60, abs=10)
    assert found["own"]["density"]["change"] == found["added"]["density"]["density"]
    assert found["own"]["interval"]["change"] == 0.0  # one pitch has no intervals
    assert found["added"]["interval"]["density"] == 0.0  # the same noise: nothing but the vector differs
    assert found["own"]["interval"]["largest_other"] == 0.0
    assert {"c_major", "syncopation_16", "syncopation_8"} < set(found["before"])
    assert "d_major" not in found["before"]


def test_a_model_without_vectors_of_known_attributes_has_no_matrix() -> None:
    assert report(model(), 1.0, np.random.default_rng(0)) is None
    assert report(model(brightness=UP), 1.0, np.random.default_rng(0)) is None
