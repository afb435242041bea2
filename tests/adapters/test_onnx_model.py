"""Opening model files: what is right runs, what is wrong is a sentence."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livevae.adapters import onnx_model, onnx_runtime
from livevae.adapters.onnx_file import metadata_of, seal
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.manifest import METADATA_KEY
from livevae.errors import ModelError, SetupError

FAKES = Path(__file__).parent.parent / "fixtures"
MELODY, TRIO = FAKES / "fake_melody.onnx", FAKES / "fake_trio.onnx"
LATENT_SIZE = 8


@pytest.fixture(scope="module")
def melody() -> OnnxModel:
    return OnnxModel(MELODY)


def decode_feeds(batch: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "z": np.zeros((batch, LATENT_SIZE), dtype=np.float32),
        "noise": np.full((batch, 32, 1), 0.25, dtype=np.float32),
        "temperature": np.array(1.0, dtype=np.float32),
    } | changes


# --- running ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 5])
def test_functions_run_alone_and_at_any_batch(melody: OnnxModel, batch: int) -> None:
    encoded = melody.run("encode", {"x": np.zeros((batch, 32, 1), dtype=np.int64)})
    assert encoded["mu"].shape == encoded["sigma"].shape == (batch, LATENT_SIZE)
    assert encoded["mu"].dtype == np.float32
    decoded = melody.run("decode", decode_feeds(batch))
    assert decoded["y"].shape == (batch, 32, 1)
    assert decoded["y"].dtype == np.int64


def test_the_same_inputs_give_the_same_outputs(melody: OnnxModel) -> None:
    first, second = (melody.run("decode", decode_feeds())["y"] for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("function", "feeds", "says"),
    [
        ("conduct", {}, "has no function 'conduct'; it has encode, decode"),
        ("encode", {}, "'encode' of model 'fake_melody' takes x, not nothing"),
        ("encode", decode_feeds(), "takes x, not noise, temperature, z"),
        (
            "encode",
            {"x": np.zeros((1, 31, 1), dtype=np.int64)},
            r"int64\[1, 31, 1\], expected int64\[batch, 32, 1\]",
        ),
        ("encode", {"x": np.zeros((32, 1), dtype=np.int64)}, r"int64\[32, 1\]"),
        ("encode", {"x": np.zeros((0, 32, 1), dtype=np.int64)}, r"int64\[0, 32, 1\]"),
        ("encode", {"x": np.zeros((1, 32, 1), dtype=np.int32)}, r"'x' .* is int32"),
        (
            "decode",
            decode_feeds(temperature=np.ones(1, dtype=np.float32)),
            r"float32\[1\], expected float32\[\]",
        ),
        ("decode", decode_feeds(z=np.zeros((2, LATENT_SIZE), dtype=np.float32)[:, :7]), r"float32\[2, 7\]"),
    ],
)
def test_feeds_that_do_not_fit_are_named(
    melody: OnnxModel, function: str, feeds: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        melody.run(function, feeds)


def test_what_the_runtime_refuses_is_a_sentence(melody: OnnxModel) -> None:
    uneven = decode_feeds(batch=2, noise=np.zeros((3, 32, 1), dtype=np.float32))  # 2 points, noise for 3
    with pytest.raises(ModelError, match="model 'fake_melody' failed in 'decode'"):
        melody.run("decode", uneven)


# --- files that are wrong ---------------------------------------------------------------------

DAMAGED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@DAMAGED
@given(st.integers(0, MELODY.stat().st_size - 1))
def test_every_truncated_file_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.onnx"
    path.write_bytes(MELODY.read_bytes()[:length])
    with pytest.raises(ModelError, match=r"cut\.onnx"):
        OnnxModel(path)


@DAMAGED
@given(st.integers(0, MELODY.stat().st_size - 1), st.integers(0, 7))
def test_every_flipped_bit_is_refused(tmp_path: Path, index: int, bit: int) -> None:
    data = bytearray(MELODY.read_bytes())
    data[index] ^= 1 << bit
    path = tmp_path / "damaged.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"damaged\.onnx"):
        OnnxModel(path)


@DAMAGED
@given(st.integers(0, TRIO.stat().st_size - 1), st.integers(0, 7))
def test_damage_from_before_the_seal_is_refused_or_harmless(tmp_path: Path, index: int, bit: int) -> None:
    """Somebody's broken exporter: the runtime meets the damage, and the golden vector judges the rest."""
    data = bytearray(TRIO.read_bytes())
    data[index] ^= 1 << bit
    path = tmp_path / "broken.onnx"
    try:
        path.write_bytes(seal(bytes(data)))
        OnnxModel(path)
    except ModelError:
        pass


def rewritten(tmp_path: Path, change: Callable[[dict[str, Any]], Any], source: Path = MELODY) -> Path:
    """A sealed model whose manifest says something else; the graph is left as it is."""
    data = source.read_bytes()
    manifest = metadata_of(data)[METADATA_KEY]
    record = json.loads(manifest)
    change(record)
    entry = onnx_entry(METADATA_KEY, json.dumps(record))
    old = onnx_entry(METADATA_KEY, manifest)
    assert old in data
    path = tmp_path / "changed.onnx"
    path.write_bytes(seal(data.replace(old, entry)))
    return path


def onnx_entry(key: str, value: str) -> bytes:
    """A metadata entry as protobuf writes it."""

    def varint(number: int) -> bytes:
        head, tail = number & 0x7F, number >> 7
        return bytes([head | 0x80]) + varint(tail) if tail else bytes([head])

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2]) + varint(len(content)) + content

    return field(14, field(1, key.encode()) + field(2, value.encode()))


def set_in(*keys: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(record: Any) -> None:
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (set_in("format_version", to=2), "format_version = 2, this livevae reads 1"),
        (set_in("codec", to="tuba"), "unknown codec 'tuba'"),
        (set_in("latent_size", to=9), "latent_size = 9"),
        (set_in("golden", "mu", 0, to=0.5), "fails its golden vector: posterior mean is off by"),
        (set_in("golden", "mu", to=[0.0] * 50), "golden vector does not fit the model"),
        (set_in("golden", "x", 0, 0, to=10**30), "golden vector does not fit the model"),
        (set_in("golden", "y", to=[[0]] * 32), "fails its golden vector: .* of the decoded steps agree"),
        (
            set_in("functions", 0, "inputs", 0, "name", to="notes"),
            "the graph has no input 'notes' of function 'encode'",
        ),
        (
            set_in("functions", 0, "outputs", 1, "name", to="s"),
            "the graph has no output 's' of function 'encode'",
        ),
        (
            set_in("functions", 0, "inputs", 0, "dtype", to="int32"),
            "is int64 of rank 3 in the graph, int32 of rank 3",
        ),
        (set_in("functions", 1, "inputs", 2, "shape", to=[1]), "of rank 0 in the graph, float32 of rank 1"),
        (lambda record: record.pop("golden"), "field 'golden' is missing"),
    ],
)
def test_manifests_that_do_not_fit_are_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    with pytest.raises(ModelError, match=rf"changed\.onnx: .*{says}"):
        OnnxModel(rewritten(tmp_path, change))


def test_a_sealed_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.onnx"
    path.write_bytes(seal(onnx_entry(METADATA_KEY, metadata_of(MELODY.read_bytes())[METADATA_KEY])))
    with pytest.raises(ModelError, match=r"empty\.onnx: not an ONNX model: it holds 0 graphs"):
        OnnxModel(path)


def test_a_graph_the_runtime_refuses_is_a_sentence_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = MELODY.read_bytes()
    assert data.count(b"Tanh") == 2
    path = tmp_path / "odd.onnx"
    path.write_bytes(seal(data.replace(b"Tanh", b"Tuba")))
    with pytest.raises(ModelError, match=r"odd\.onnx: ONNX Runtime .* cannot open it: .*Tuba"):
        OnnxModel(path)
    assert capfd.readouterr() == ("", "")


# --- the runtime ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("installed", "says"),
    [
        ((), 'type: pip install "livevae\\[cpu\\]"'),
        (("onnxruntime", "onnxruntime-gpu"), "pip uninstall -y onnxruntime onnxruntime-gpu"),
    ],
)
def test_a_missing_or_clashing_runtime_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], says: str
) -> None:
    monkeypatch.setattr(onnx_runtime, "installed_packages", lambda: installed)
    with pytest.raises(SetupError, match=says):
        OnnxModel(MELODY)


@pytest.mark.parametrize("installed", [("onnxruntime",), ("onnxruntime-gpu",)])
def test_one_runtime_is_as_it_should_be(installed: tuple[str, ...]) -> None:
    assert onnx_runtime.runtime_problem(installed) is None


def test_a_runtime_that_does_not_load_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError("libonnxruntime.so: cannot open shared object file")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(SetupError, match=r"does not load \(libonnxruntime.*pip install --force-reinstall"):
        OnnxModel(MELODY)


class Gpuless:
    """ONNX Runtime as it behaves where CUDA is built in but its libraries are missing."""

    def __init__(self, runtime: Any, available: list[str]) -> None:
        self._runtime = runtime
        self._available = available

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def get_available_providers(self) -> list[str]:
        return self._available

    def InferenceSession(self, model: bytes, options: Any, **_: Any) -> Any:
        return self._runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("available", "says"),
    [
        (
            ["CPUExecutionProvider"],
            'built without it; type: pip uninstall -y onnxruntime .*"livevae\\[gpu\\]"',
        ),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], "libraries or driver do not load"),
    ],
)
def test_cuda_is_there_or_it_is_said_that_it_is_not(
    monkeypatch: pytest.MonkeyPatch, available: list[str], says: str
) -> None:
    runtime = Gpuless(onnx_runtime.import_runtime(), available)
    monkeypatch.setattr(onnx_model, "import_runtime", lambda: runtime)
    with pytest.raises(SetupError, match=says):
        OnnxModel(MELODY, device="cuda")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(SetupError, match="unknown device 'tpu'; models run on cpu or cuda"):
        OnnxModel(MELODY, device="tpu")
