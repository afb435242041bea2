"""Cutting one function out of a model file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.onnx_file import read_model_file
from livevae.adapters.onnx_functions import function_model
from livevae.errors import ModelError

onnx = pytest.importorskip("onnx", reason="builds its models with the onnx package")
runtime = pytest.importorskip("onnxruntime", reason="runs the models it cuts")

FAKE_TRIO = Path(__file__).parent.parent / "fixtures" / "fake_trio.onnx"


def two_functions() -> bytes:
    """``double`` = a + a by way of a loop body that reads a weight outside itself; ``square`` = b * b."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    body = helper.make_graph(
        [
            helper.make_node("Add", ["carried", "one"], ["carried_out"]),
            helper.make_node("Identity", ["carried_out"], ["seen"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("carried", floats, [1]),
            helper.make_tensor_value_info("item", floats, [1]),
        ],
        [
            helper.make_tensor_value_info("carried_out", floats, [1]),
            helper.make_tensor_value_info("seen", floats, [1]),
        ],
    )
    graph = helper.make_graph(
        [
            helper.make_node("Scan", ["a", "items"], ["counted", "trail"], body=body, num_scan_inputs=1),
            helper.make_node("Mul", ["b", "b"], ["square"]),
        ],
        "two",
        [helper.make_tensor_value_info(name, floats, [1]) for name in ("a", "b")],
        [helper.make_tensor_value_info(name, floats, [1]) for name in ("counted", "square")],
        initializer=[
            helper.make_tensor("one", floats, [1], [1.0]),
            helper.make_tensor("items", floats, [3, 1], [0.0] * 3),
            helper.make_tensor("a", floats, [1], [5.0]),
            helper.make_tensor("b", floats, [1], [5.0]),
        ],
    )
    opset = [helper.make_opsetid("", 20)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString())


def outline(data: bytes) -> dict[str, list[str]]:
    graph = onnx.load_from_string(data).graph
    return {
        "nodes": [node.op_type for node in graph.node],
        "weights": [weight.name for weight in graph.initializer],
        "inputs": [value.name for value in graph.input],
        "outputs": [value.name for value in graph.output],
    }


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            "counted",
            {"nodes": ["Scan"], "weights": ["one", "items"], "inputs": ["a"], "outputs": ["counted"]},
        ),
        ("square", {"nodes": ["Mul"], "weights": [], "inputs": ["b"], "outputs": ["square"]}),
    ],
)
def test_what_is_not_on_the_way_is_left_out(output: str, expected: dict[str, list[str]]) -> None:
    assert outline(function_model(two_functions(), {output})) == expected


@pytest.mark.parametrize(("output", "feed", "answer"), [("counted", "a", 7.0), ("square", "b", 16.0)])
def test_the_cut_model_computes_the_same(output: str, feed: str, answer: float) -> None:
    session: Any = runtime.InferenceSession(function_model(two_functions(), {output}))
    given = {feed: np.array([4.0], dtype=np.float32)}
    assert session.run([output], given)[0].tolist() == [answer]


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damage_is_a_model_error_or_another_model(position: int, byte: int) -> None:
    data = bytearray(two_functions())
    data[position % len(data)] = byte
    for damaged in (bytes(data), bytes(data[: position % len(data)])):
        with contextlib.suppress(ModelError):
            function_model(damaged, {"square"})


def test_an_exported_model_gives_each_function_alone() -> None:
    data = read_model_file(FAKE_TRIO)
    whole = outline(data)
    cut = outline(function_model(data, {"bars"}))
    assert cut["outputs"] == ["bars"]
    assert len(cut["nodes"]) < len(whole["nodes"])
