"""A model file holds every weight, so that its model can be trained further; playing needs only some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
onnx = pytest.importorskip("onnx", reason="exporting needs onnx")
pytest.importorskip("onnxruntime", reason="the exported file is played by ONNX Runtime")

from export.describe import Release
from export.write import export_model
from livevae.adapters.onnx_file import read_model_file
from livevae.adapters.onnx_functions import function_model
from livevae.adapters.onnx_model import OnnxModel
from tests.export.test_export import untrained
from tests.export.test_export_groove import untrained_groove
from train.beginning import WEIGHTS, begin_with
from train.config import TrainConfig
from train.models import Model, as_module, build

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def drums(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Model, TrainConfig]:
    """A file in which weights are folded into a table, and two are equal, of which the graph keeps one."""
    model, config = untrained("flow", "drums")
    same = as_module(model).state_dict()
    same["placement.net.2.bias"].copy_(same["placement.net.0.bias"])
    path = tmp_path_factory.mktemp("drums") / "model.onnx"
    export_model(model, config, path, Release())
    return path, model, config


def assert_comes_back(path: Path, model: Model, config: TrainConfig) -> None:
    torch.manual_seed(1)
    other = as_module(build(config.kind, config.build_codec(), config.model, config.objective))
    begin_with(path, config, other)
    mine, theirs = as_module(model).state_dict(), other.state_dict()
    assert all(torch.equal(theirs[name], weight) for name, weight in mine.items())
    assert all(theirs[name].dtype == weight.dtype for name, weight in mine.items())


def named(graph: Any) -> list[str]:
    return [weight.name for weight in graph.initializer if weight.name.startswith(WEIGHTS)]


def used(graph: Any) -> set[str]:
    """Names that a graph and the graphs within it read or hand out."""
    found: set[str] = {output.name for output in graph.output}
    for node in graph.node:
        found |= set(node.input)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found |= used(inner)
    return found


def test_all_weights_come_back_bit_by_bit(drums: tuple[Path, Model, TrainConfig]) -> None:
    assert_comes_back(*drums)


def test_so_do_those_of_a_groove_model(tmp_path: Path) -> None:
    model, config = untrained_groove()
    export_model(model, config, tmp_path / "groove.onnx", Release(temperature=0.9))
    assert_comes_back(tmp_path / "groove.onnx", model, config)


def test_each_weight_is_there_once_whether_it_is_played_with_or_not(
    drums: tuple[Path, Model, TrainConfig],
) -> None:
    path, model, _ = drums
    graph = onnx.load(path).graph
    assert sorted(named(graph)) == sorted(WEIGHTS + name for name in as_module(model).state_dict())
    assert 0 < len(used(graph) & set(named(graph))) < len(named(graph))


def test_the_stage_opens_what_it_plays_with_and_no_more(
    drums: tuple[Path, Model, TrainConfig], capfd: pytest.CaptureFixture[str]
) -> None:
    path = drums[0]
    capfd.readouterr()
    manifest = OnnxModel(path, for_study=True).manifest
    assert capfd.readouterr().err == ""  # ONNX Runtime warns of weights that nothing uses
    data = read_model_file(path)
    for function in manifest.functions:
        cut = function_model(data, {output.name for output in function.outputs})
        graph = onnx.load_model_from_string(cut).graph
        assert set(named(graph)) <= used(graph)
