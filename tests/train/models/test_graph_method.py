"""Methods of a model as functions of its file: weights go by the names they have in the model."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
pytest.importorskip("onnx", reason="exporting needs onnx")

from export.graph import build_graph
from livevae.codec import codec_from
from tests.train.models.untrained import untrained
from train.models import as_module
from train.models.graph_method import GraphMethod
from train.models.one_pass import Config

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


def test_it_answers_as_the_method_and_holds_the_models_weights() -> None:
    layer = torch.nn.Linear(2, 3)
    method = GraphMethod(layer, lambda x: (layer(x), x))
    x = torch.randn(4, 2)
    assert torch.equal(method(x)[0], layer(x))
    assert torch.equal(method(x)[1], x)
    assert set(method.state_dict()) == {"model.weight", "model.bias"}


def test_weights_go_by_their_names_in_the_file() -> None:
    model = untrained("one_pass", codec_from("drums", {"bars": 2}), Config(8, 16, 0, 0, (1, 4), (4, 1)))
    graph, _ = build_graph(model.functions())
    weights = dict(as_module(model).named_parameters())
    looked_up = dict(as_module(model).named_buffers())
    named = {each.name.partition("model.")[2] for each in graph.graph.initializer if "model." in each.name}
    assert named <= weights.keys() | looked_up.keys()
    assert len(named & weights.keys()) > 0.8 * len(weights)
