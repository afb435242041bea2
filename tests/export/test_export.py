"""The file that is written answers as the model it came from, or is not written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
onnx = pytest.importorskip("onnx", reason="exporting needs onnx")
onnxruntime = pytest.importorskip("onnxruntime", reason="the exported file is played by ONNX Runtime")

from torch import nn

from export.__main__ import flat_figures, main
from export.describe import Release
from export.graph import ExportError, build_graph
from export.narrow import narrowed
from export.parity import check_parity
from export.write import export_model
from livevae.adapters.onnx_functions import function_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.manifest import AttributeVector
from livevae.errors import ModelError
from train.config import parse_config
from train.models import GraphFunction, Model, as_module, build

pytestmark = [
    pytest.mark.train,
    # torch's exporter warns about itself, and which warnings differs from release to release
    pytest.mark.filterwarnings("ignore"),
]

CONFIG = """
name = "tiny"
task = "{task}"
[codec]
name = "{codec}"
bars = 2
[data]
sources = ["groove"]
[model]
kind = "{kind}"
"""
CHANNEL = """
latent_size = 8
channels = 16
encoder_dilations = [1]
decoder_dilations = [1]
"""
SIZES = {"flow": "width = 24\ninner = 16\ntoken_width = 8\ngist_width = 8\nbeat_width = 4\npitch_width = 8\n"}
OVER_CHORDS = "chord_width = 12\nrhythm_width = 10\n"


def untrained(kind: str, codec: str, more: str = "") -> tuple[Model, Any]:
    task = "drums" if codec == "percussion" else codec
    text = CONFIG.format(kind=kind, codec=codec, task=task) + SIZES.get(kind, CHANNEL) + more
    config = parse_config(text, "test")
    torch.manual_seed(0)
    model = build(config.kind, config.build_codec(), config.model, config.objective)
    for parameter in as_module(model).parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    as_module(model).eval()
    return model, config


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("lookback", "melody"),
        ("lookback", "drums"),
        ("one_pass", "drums"),
        ("flow", "melody"),
        ("flow", "drums"),
        ("flow", "percussion"),
    ],
)
def test_the_written_file_is_the_model(kind: str, codec: str, tmp_path: Path) -> None:
    model, config = untrained(kind, codec)
    path = tmp_path / "model.onnx"
    figures = {"posterior_sigma": 0.4, "kl_nats": 50.0}
    attributes = (AttributeVector("density", (0.5,) * model.latent_size),)
    manifest = export_model(model, config, path, Release(figures, 0.8, attributes=attributes))
    played = OnnxModel(path)
    assert played.manifest == manifest
    assert manifest.temperature == 0.8
    assert manifest.posterior_sigma == 0.4
    assert manifest.figures["kl_nats"] == 50.0
    assert manifest.attributes == attributes
    assert "Groove" in manifest.data[0].name
    noise = np.random.default_rng(0).random((7, 32, len(model.codec.columns)), dtype=np.float32)
    z = np.random.default_rng(1).standard_normal((7, model.latent_size), dtype=np.float32)
    y = played.run("decode", {"z": z, "noise": noise, "temperature": np.array(1.0, np.float32)})["y"]
    expected = model.decode(torch.from_numpy(z), torch.from_numpy(noise), torch.tensor(1.0))
    assert np.array_equal(y, expected.numpy())
    assert not list(tmp_path.glob("*.partial*"))


def test_a_model_over_chords_is_told_them_in_the_file_too(tmp_path: Path) -> None:
    model, config = untrained("flow", "melody", OVER_CHORDS)
    over_chords: Any = model
    path = tmp_path / "model.onnx"
    export_model(model, config, path, Release())
    played = OnnxModel(path)
    assert played.manifest.wants_chords
    random = np.random.default_rng(0)
    z = random.standard_normal((3, model.latent_size), dtype=np.float32)
    noise = random.random((3, 32, 1), dtype=np.float32)
    chords = (random.random((3, 8, 24)) < 0.3).astype(np.float32)
    feeds = {"z": z, "noise": noise, "temperature": np.array(1.0, np.float32)}
    y = played.run("decode", {**feeds, "chords": chords})["y"]
    told = [torch.from_numpy(a) for a in (z, noise)]
    expected = over_chords.decode(*told, torch.tensor(1.0), torch.from_numpy(chords))
    assert np.array_equal(y, expected.numpy())
    assert not np.array_equal(y, played.run("decode", {**feeds, "chords": 0 * chords})["y"])


def test_the_file_says_nothing_of_the_machine_it_was_made_on() -> None:
    model, _ = untrained("flow", "drums")
    graph, _ = build_graph(model.functions())
    assert __file__.rpartition("tests")[0].encode() not in graph.SerializeToString()


def test_a_function_cut_out_of_the_graph_is_only_itself() -> None:
    model, _ = untrained("lookback", "melody")
    graph, functions = build_graph(model.functions())
    data = graph.SerializeToString()
    operators = {}
    for function in functions:
        part = onnx.load_from_string(function_model(data, [spec.name for spec in function.outputs]))
        assert {value.name for value in part.graph.input} == {spec.name for spec in function.inputs}
        operators[function.name] = {node.op_type for node in part.graph.node}
    assert "Scan" in operators["decode"] - operators["encode"]
    assert "Softplus" in operators["encode"] - operators["decode"]


def test_the_whole_graph_runs_on_one_functions_inputs() -> None:
    model, _ = untrained("lookback", "melody")
    graph, _ = build_graph(model.functions())
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
    x = np.ones((3, 32, 1), np.int64)
    (mu,) = session.run(["mu"], {"x": x})
    expected, _ = model.encode(torch.from_numpy(x))
    assert np.allclose(mu, expected.detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("latent_scale", [1.0, 0.5])
def test_what_judges_ask_is_opened_for_them_only(latent_scale: float, tmp_path: Path) -> None:
    model, config = untrained("lookback", "drums")
    path = tmp_path / "model.onnx"
    export_model(model, config, path, Release(latent_scale=latent_scale))
    x = np.random.default_rng(0).integers(0, 2, (3, 32, 9))
    z = np.random.default_rng(1).standard_normal((3, 8), dtype=np.float32)
    asked: dict[str, Any] = {"predict_z": z, "predict_x": x}
    with torch.no_grad():
        expected = model.predict(latent_scale * torch.from_numpy(z), torch.from_numpy(x)).numpy()  # type: ignore[attr-defined]
    likeliest = OnnxModel(path, for_study=True).run("predict", asked)["likeliest"]
    assert np.mean(likeliest == expected) > 0.999
    changed = x.copy()
    changed[:, 10:] = 1 - changed[:, 10:]
    later = OnnxModel(path, for_study=True).run("predict", {**asked, "predict_x": changed})["likeliest"]
    assert np.array_equal(later[:, :11], likeliest[:, :11])  # a step hears nothing of itself or what follows
    assert not np.array_equal(later[:, 11:], likeliest[:, 11:])
    with pytest.raises(ModelError, match="for judges"):
        OnnxModel(path).run("predict", asked)


def test_a_narrowed_prior_is_the_same_model_in_another_unit(tmp_path: Path) -> None:
    model, config = untrained("lookback", "drums")
    path = tmp_path / "model.onnx"
    attributes = (AttributeVector("density", (0.5,) * model.latent_size),)
    manifest = export_model(model, config, path, Release(latent_scale=0.5, attributes=attributes))
    assert manifest.attributes[0].vector == (1.0,) * 8
    played = OnnxModel(path)
    x = np.random.default_rng(0).integers(0, 2, (3, 32, 9))
    noise = np.random.default_rng(1).random(x.shape, dtype=np.float32)
    posterior = played.run("encode", {"x": x})
    mu, sigma = (value.detach().numpy() for value in model.encode(torch.from_numpy(x)))
    assert np.allclose(posterior["mu"], 2 * mu, atol=1e-4)
    assert np.allclose(posterior["sigma"], 2 * sigma, atol=1e-4)
    feeds = {"z": posterior["mu"], "noise": noise, "temperature": np.array(1.0, np.float32)}
    expected = model.decode(torch.from_numpy(mu), torch.from_numpy(noise), torch.tensor(1.0))
    assert np.mean(played.run("decode", feeds)["y"] == expected.numpy()) > 0.99
    with pytest.raises(ValueError, match="outside 0-1"):
        narrowed(model.functions(), 1.5)


class _Halved(nn.Module):
    """Stands in for a trained model the graph does not agree with."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Any) -> Any:
        return tuple(output / 2 for output in self.module(*inputs))


def test_a_graph_that_differs_is_refused() -> None:
    model, _ = untrained("one_pass", "drums")
    encode = model.functions()[0]
    wrong = dataclasses.replace(encode, module=_Halved(encode.module))

    def run(name: str, feeds: Any) -> Any:
        outputs = encode.module(*(torch.from_numpy(feeds[key]) for key in encode.inputs))
        return {key: value.detach().numpy() for key, value in zip(encode.outputs, outputs, strict=True)}

    assert check_parity([encode], run, model.codec) > 10
    with pytest.raises(ExportError, match=r"encode \(random, batch 1.*mu is off"):
        check_parity([wrong], run, model.codec)


class _FixedBatch(nn.Module):
    """A model whose code fixes the batch it was exported with."""

    def forward(self, x: Any) -> Any:
        return torch.zeros(2, 3) + x[:2, :3] * 1.0


def test_an_axis_that_came_out_fixed_is_refused() -> None:
    function = GraphFunction("encode", _FixedBatch(), {"x": torch.zeros(2, 3)}, ("mu",))
    with pytest.raises((ExportError, RuntimeError)):
        build_graph([function])


class _Recalling(nn.Module):
    """Adds up what it has in mind, and what is meant for the bar: an attention with equal weights."""

    def forward(self, bar: Any, noise: Any, temperature: Any, memory: Any) -> Any:
        beats = bar[:, None, :].expand(-1, 4, -1)
        heard = torch.softmax(beats @ torch.cat([memory, beats], dim=1).transpose(1, 2), dim=-1)
        mixed = heard @ torch.cat([memory, beats], dim=1)
        tokens = (mixed.sum(dim=(1, 2))[:, None, None] + temperature * noise > 0).long()
        return tokens, mixed


def test_a_memory_may_be_as_long_as_the_piece_so_far_and_empty_before_it() -> None:
    model, _ = untrained("one_pass", "drums")
    inputs = {
        "bar": torch.zeros(2, 5),
        "noise": torch.full((2, 16, 9), 0.5),
        "temperature": torch.tensor(1.0),
        "memory": torch.zeros(2, 8, 5),
    }
    function = GraphFunction("decode_bar", _Recalling(), inputs, ("y", "more"))
    graph, (spec,) = build_graph([function])
    assert spec.memory_input is not None
    assert spec.memory_input.shape == ("batch", "beats_so_far", 5)
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    heard = []

    def run(name: str, feeds: Any) -> Any:
        heard.append(feeds["memory"].shape[1])
        return dict(zip(("y", "more"), session.run(["y", "more"], feeds), strict=True))

    check_parity([function], run, model.codec)
    assert {0, 4, 60} <= set(heard)


def test_two_functions_may_not_share_an_input() -> None:
    function = GraphFunction("encode", _FixedBatch(), {"x": torch.zeros(2, 3)}, ("mu",))
    with pytest.raises(ExportError, match="share an input name"):
        build_graph([function, function])


def test_figures_are_flattened() -> None:
    record = {
        "kl_nats": 50,
        "model": "m",
        "prior": {"cost_ratio": 1.1, "overlap": {"pitch": 0.9}},
        "list": [1],
    }
    assert flat_figures(record) == {"kl_nats": 50.0, "prior.cost_ratio": 1.1, "prior.overlap.pitch": 0.9}


def test_the_command_says_what_is_wrong_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model.onnx"
    assert main([str(tmp_path), "--out", str(out)]) == 2
    assert "no checkpoint" in capsys.readouterr().err
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps({})[:1])
    assert main([str(tmp_path), "--out", str(out), "--figures", str(figures)]) == 2
    assert not out.exists()
