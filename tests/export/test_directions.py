"""A model file is given directions without its weights being touched."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="export imports PyTorch")
pytest.importorskip("onnx", reason="writes model files")

from export.directions import give_directions, main
from livevae.adapters.onnx_model import OnnxModel
from train import directions

pytestmark = pytest.mark.train

FAKES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "SAMPLES", 200)
    monkeypatch.setattr(directions, "LENGTHS", (1.0,))


@pytest.mark.parametrize("name", ["fake_melody", "fake_trio"])
def test_only_what_the_file_says_of_its_attributes_changes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copy(FAKES / f"{name}.onnx", path)
    before = OnnxModel(path)
    manifest = give_directions(path)
    after = OnnxModel(path)
    assert after.manifest == manifest == replace(before.manifest, attributes=manifest.attributes)
    assert manifest.attributes != before.manifest.attributes
    assert {len(attribute.vector) for attribute in manifest.attributes} == {manifest.latent_size}
    if name == "fake_trio":
        assert any(attribute.name.startswith("bass_") for attribute in manifest.attributes)
    codec = manifest.build_codec()
    x = np.zeros((2, codec.steps, len(codec.columns)), dtype=np.int64)
    for output, value in before.run("encode", {"x": x}).items():
        assert np.array_equal(after.run("encode", {"x": x})[output], value)


def test_the_command_writes_beside_or_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "with.onnx"
    source = FAKES / "fake_drums.onnx"
    held = source.read_bytes()
    assert main([str(source), "--out", str(out)]) == 0
    assert "directions for" in capsys.readouterr().out
    assert source.read_bytes() == held
    assert OnnxModel(out).manifest.name == "fake_drums"
    assert main([str(tmp_path / "nothing.onnx")]) == 2
    assert "nothing was written" in capsys.readouterr().err
