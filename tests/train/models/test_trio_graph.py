"""The exported trio is the trained one, function by function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch")
onnx = pytest.importorskip("onnx", reason="exporting needs onnx")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
runtime = pytest.importorskip("onnxruntime", reason="runs what was exported")

from export.graph import build_graph
from livevae.adapters.onnx_functions import function_model
from livevae.codec import codec_from
from train.models import build
from train.models.objective import Objective
from train.models.trio import Config, TrioModel

pytestmark = [
    pytest.mark.train,
    # torch's exporter warns about itself, and which warnings differs from release to release
    pytest.mark.filterwarnings("ignore"),
]

SMALL = Config(
    latent_size=10,
    bar_size=8,
    channels=8,
    hidden=8,
    width=8,
    heads=2,
    layers=1,
    couplings=2,
    coupling_width=8,
)


@pytest.fixture(scope="module")
def exported() -> tuple[TrioModel, Any]:
    """A small trio, and a function that runs its graph as the stage does."""
    torch.manual_seed(7)
    model = build("trio", codec_from("trio", {"bars": 4}), SMALL, Objective())
    assert isinstance(model, TrioModel)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.eval()
    graph, functions = build_graph(model.functions())
    data = graph.SerializeToString()
    sessions = {
        function.name: runtime.InferenceSession(
            function_model(data, [spec.name for spec in function.outputs])
        )
        for function in functions
    }
    return model, lambda name, feeds: sessions[name].run(None, feeds)


def tokens(batch: int) -> Any:
    rng = np.random.default_rng(1)
    return rng.integers(0, [90, 90, *[2] * 9], (batch, 64, 11))


@pytest.mark.parametrize("batch", [1, 3])
def test_encode(exported: tuple[TrioModel, Any], batch: int) -> None:
    model, run = exported
    x = tokens(batch)
    for answer, expected in zip(run("encode", {"x": x}), model.encode(torch.from_numpy(x)), strict=True):
        assert np.allclose(answer, expected.detach().numpy(), atol=1e-4)


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.5])
def test_conduct_then_decode_bar(exported: tuple[TrioModel, Any], temperature: float) -> None:
    model, run = exported
    rng = np.random.default_rng(2)
    z = rng.standard_normal((5, model.latent_size), dtype=np.float32)
    noise = rng.random((5, 64, 11), dtype=np.float32)
    heat = np.array(temperature, dtype=np.float32)
    (bars,) = run("conduct", {"z": z})
    assert bars.shape == (5, 4, SMALL.bar_size + 1)
    played = [
        run(
            "decode_bar",
            {"bar": bars[:, bar], "noise": noise[:, 16 * bar : 16 * bar + 16], "temperature": heat},
        )
        for bar in range(4)
    ]
    with torch.no_grad():
        expected = model.decode(torch.from_numpy(z), torch.from_numpy(noise), torch.tensor(temperature))
    assert (np.concatenate([y for (y,) in played], axis=1) == expected.numpy()).mean() > 0.99
