"""A groove model is written like any other, and its file refuses to be another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
pytest.importorskip("onnx", reason="exporting needs onnx")
pytest.importorskip("onnxruntime", reason="the exported file is played by ONNX Runtime")

from export.describe import Release
from export.write import export_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.golden import check_golden
from livevae.codec.golden_record import GoldenCalls
from livevae.core.notes import Note
from livevae.errors import ModelError
from livevae.groove_model import GrooveModel
from livevae.units import TICKS_PER_STEP
from tests.train.models.test_drummer import TINY as TINY_DRUMMER
from tests.train.models.test_groove import TINY
from train.config import TrainConfig, parse_config
from train.models import Model, as_module, build

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


def untrained_groove() -> tuple[Model, TrainConfig]:
    config = parse_config(TINY, "test")
    torch.manual_seed(0)
    model = build(config.kind, config.build_codec(), config.model, config.objective)
    for parameter in as_module(model).parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    as_module(model).eval()
    return model, config


def test_the_file_plays_as_the_model_does(tmp_path: Path) -> None:
    model, config = untrained_groove()
    manifest = export_model(model, config, tmp_path / "tiny_groove.onnx", Release(temperature=0.9))
    assert manifest.task == "groove"
    assert isinstance(manifest.golden, GoldenCalls)
    assert {call.function for call in manifest.golden.calls} == {"encode", "decode"}
    written = OnnxModel(tmp_path / "tiny_groove.onnx")

    def other(function: str, feeds: object) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        return {name: array + np.float32(0.1) for name, array in written.run(function, feeds).items()}  # type: ignore[arg-type]

    with pytest.raises(ModelError, match="golden call of 'encode'"):
        check_golden(manifest, other)
    beat = [Note(step * TICKS_PER_STEP, 1_000, 36 if step % 8 else 38, 90) for step in range(0, 32, 4)]
    felt = GrooveModel(written).play(beat, style="jazz", seed=3)
    assert sum(hit.from_density == 0.0 for hit in felt) == len(beat)


def test_a_drummers_file_composes_and_keeps_no_trace_of_its_source(tmp_path: Path) -> None:
    config = parse_config(TINY_DRUMMER, "test")
    torch.manual_seed(0)
    model = build(config.kind, config.build_codec(), config.model, config.objective)
    for name, parameter in as_module(model).named_parameters():
        if not name.startswith("placement"):
            torch.nn.init.normal_(parameter, std=0.15)
    as_module(model).eval()
    path = tmp_path / "tiny_drummer.onnx"
    manifest = export_model(model, config, path, Release(temperature=0.9))
    assert manifest.info().composes
    assert b"drummer_feel.py" not in path.read_bytes()
    drummer = GrooveModel(OnnxModel(path))
    z = np.random.default_rng(2).standard_normal(manifest.latent_size).astype(np.float32)
    beat = [hit for hit in drummer.play([], z=z, temperature=0.0) if hit.from_density <= 1.0]
    assert len(beat) > 4
    played = [Note(hit.onset_ticks, TICKS_PER_STEP, hit.note.pitch, hit.velocity) for hit in beat]
    mu, sigma = drummer.posterior(played)
    assert mu.shape == sigma.shape == (manifest.latent_size,)
    again = [hit for hit in drummer.play([], z=mu, temperature=0.0) if hit.from_density <= 1.0]
    # An untrained drummer plays up to half a step off, from where rounding may move a hit to the next cell.
    cells, back = ({hit.note for hit in hits} for hits in (beat, again))
    assert len(cells & back) > 0.9 * len(cells | back)
