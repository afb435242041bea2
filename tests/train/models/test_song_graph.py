"""The exported song is the trained one, bar after bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch")
pytest.importorskip("onnx", reason="exporting needs onnx")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
runtime = pytest.importorskip("onnxruntime", reason="runs what was exported")

from export.graph import build_graph
from livevae.adapters.onnx_functions import function_model
from livevae.codec import codec_from
from train.models import build
from train.models.objective import Objective
from train.models.song import Config, SongModel
from train.models.song_graph import song_functions

pytestmark = [
    pytest.mark.train,
    # torch's exporter warns about itself, and which warnings differs from release to release
    pytest.mark.filterwarnings("ignore"),
]

BARS = 3
SMALL = Config(
    width=24, inner=16, token_width=8, just_heard=3, heads=2, head_size=4, gist_width=8, pitch_width=8
)


@pytest.fixture(scope="module")
def exported() -> tuple[SongModel, Any]:
    """A small trio, and a function that runs its graph as the stage does."""
    torch.manual_seed(7)
    model = build("song", codec_from("trio", {"bars": BARS}), SMALL, Objective())
    assert isinstance(model, SongModel)
    for name, parameter in model.named_parameters():
        if not name.startswith("placement"):
            torch.nn.init.normal_(parameter, std=0.3)
    model.eval()
    graph, functions = build_graph(song_functions(model))
    data = graph.SerializeToString()
    sessions = {
        function.name: runtime.InferenceSession(
            function_model(data, [spec.name for spec in function.outputs])
        )
        for function in functions
    }
    return model, lambda name, feeds: sessions[name].run(None, feeds)


@pytest.mark.parametrize("batch", [1, 3])
def test_encode(exported: tuple[SongModel, Any], batch: int) -> None:
    model, run = exported
    x = np.random.default_rng(1).integers(0, [90, 90, *[2] * 9], (batch, 16 * BARS, 11))
    for answer, expected in zip(run("encode", {"x": x}), model.encode(torch.from_numpy(x)), strict=True):
        assert np.allclose(answer, expected.detach().numpy(), atol=1e-3)


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_bars_in_turn(exported: tuple[SongModel, Any], temperature: float) -> None:
    model, run = exported
    rng = np.random.default_rng(2)
    z = rng.standard_normal((5, model.latent_size), dtype=np.float32)
    noise = rng.random((5, 16 * BARS, 11), dtype=np.float32)
    heat = np.array(temperature, dtype=np.float32)
    (bars,) = run("conduct", {"z": z})
    memory = np.zeros((5, 0, model.memory_size), dtype=np.float32)
    played = []
    for bar in range(BARS):
        chance = noise[:, 16 * bar : 16 * bar + 16]
        feeds = {"bar": bars[:, bar], "memory": memory, "noise": chance, "temperature": heat}
        tokens, more = run("decode_bar", feeds)
        played.append(tokens)
        memory = np.concatenate([memory, more], axis=1)
    with torch.no_grad():
        expected = model.decode(torch.from_numpy(z), torch.from_numpy(noise), torch.tensor(temperature))
    assert (np.concatenate(played, axis=1) == expected.numpy()).mean() > 0.99


def test_a_bar_that_is_known_in_part(exported: tuple[SongModel, Any]) -> None:
    model, run = exported
    rng = np.random.default_rng(3)
    z = rng.standard_normal((2, model.latent_size), dtype=np.float32)
    known = rng.integers(0, [90, 90, *[2] * 9], (2, 16, 11))
    feeds = {
        "meant": run("conduct", {"z": z})[0][:, 0],
        "complete_memory": np.zeros((2, 0, model.memory_size), dtype=np.float32),
        "known": known,
        "given": np.array([[1.0, 0.0, 0.0]] * 2, dtype=np.float32),
    }
    answer = run("complete_bar", feeds)[0]
    assert (answer[..., 0] == known[..., 0]).all()
    with torch.no_grad():
        expected = model.complete_bar(*(torch.from_numpy(array) for array in feeds.values()))[0]
    assert (answer == expected.numpy()).mean() > 0.99
