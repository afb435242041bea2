"""A model that does not answer as it did when exported is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from livevae.codec.golden import check_golden, recorded_call
from livevae.codec.golden_record import GoldenCall, GoldenCalls, GoldenTensor
from livevae.codec.manifest import Function, Golden, Manifest, TensorSpec
from livevae.errors import ModelError

LATENT = np.array([0.5, -1.0, 2.0], dtype=np.float32)
RISING = np.arange(32, dtype=np.int64)[:, None] % 40 + 2
TWO_BARS = Manifest(
    name="toy",
    task="melody",
    codec="melody",
    codec_args={"bars": 2, "part": "melody"},
    latent_size=3,
    functions=(
        Function("encode", (TensorSpec("x", ("batch", 32, 1), "int64"),), ()),
        Function("decode", (), ()),
    ),
    bars=2,
    steps_per_bar=16,
    temperature=1.0,
    licence="",
    data=(),
    golden=Golden(
        tuple(map(tuple, RISING.tolist())),
        tuple(LATENT[:2].tolist()),
        0.02,
        tuple(map(tuple, RISING.tolist())),
    ),
)
BY_BARS = dataclasses.replace(
    TWO_BARS, functions=(TWO_BARS.functions[0], Function("conduct", (), ()), Function("decode_bar", (), ()))
)
Runner = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


def runner(mu: Any = LATENT, y: Any = RISING) -> Runner:
    def run(function: str, feeds: Mapping[str, Any]) -> Mapping[str, Any]:
        if function == "encode":
            assert feeds["x"].shape == (1, 32, 1)
            return {"mu": mu[None]}
        if function == "conduct":
            return {"bars": np.zeros((1, 2, 5), dtype=np.float32)}
        assert feeds["temperature"].shape == ()
        if function == "decode_bar":
            assert feeds["bar"].shape == (2, 5)
            assert feeds["noise"].shape == (2, 16, 1)
            return {"y": y.reshape(2, 16, 1)}
        assert feeds["noise"].shape == (1, 32, 1)
        return {"y": y[None]}

    return run


@pytest.mark.parametrize("manifest", [TWO_BARS, BY_BARS], ids=["at once", "bar by bar"])
def test_the_recorded_answer_is_accepted(manifest: Manifest) -> None:
    check_golden(manifest, runner())
    check_golden(manifest, runner(mu=LATENT + 0.01))


@pytest.mark.parametrize("manifest", [TWO_BARS, BY_BARS], ids=["at once", "bar by bar"])
def test_other_answers_are_refused(manifest: Manifest) -> None:
    with pytest.raises(ModelError, match=r"off by 0\.5, allowed 0\.02"):
        check_golden(manifest, runner(mu=LATENT + 0.5))
    with pytest.raises(ModelError, match="off by nan"):
        check_golden(manifest, runner(mu=LATENT * np.nan))
    with pytest.raises(ModelError, match="shape"):
        check_golden(manifest, runner(mu=LATENT[:2]))
    one_wrong = RISING.copy()
    one_wrong[5] = 0
    with pytest.raises(ModelError, match=r"0\.969 of the decoded steps agree, needed 0\.980"):
        check_golden(manifest, runner(y=one_wrong))


COUNTED = Function(
    "count", (TensorSpec("x", ("batch", 2), "int64"),), (TensorSpec("sum", ("batch", 1), "float32"),)
)
NUMBERS = dataclasses.replace(TWO_BARS, functions=(*TWO_BARS.functions, COUNTED))


def count(function: str, feeds: Mapping[str, Any]) -> Mapping[str, Any]:
    assert feeds["x"].dtype == np.int64
    return {"sum": feeds["x"].sum(axis=1, keepdims=True).astype(np.float32)}


@pytest.mark.parametrize("x", [[3, 4], [5, 5]], ids=["each", "one number for all"])
def test_a_recorded_call_of_any_function_is_asked_again(x: list[int]) -> None:
    call = recorded_call(NUMBERS, "count", {"x": np.array([x])}, count)
    manifest = dataclasses.replace(NUMBERS, golden=GoldenCalls((call,), 0.01))
    check_golden(manifest, count)
    written = dataclasses.replace(
        manifest, functions=tuple(Function(f.name, f.inputs, f.outputs) for f in manifest.functions)
    )
    assert Manifest.from_metadata(written.to_metadata()).golden == manifest.golden

    def off(function: str, feeds: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"sum": count(function, feeds)["sum"] + 0.5}

    with pytest.raises(ModelError, match=r"golden call of 'count': 'sum' is off by 0\.5, allowed 0\.01"):
        check_golden(manifest, off)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (GoldenCall("dance", (), ()), "no function 'dance'"),
        (GoldenCall("count", (), ()), "a call of 'count' lacks some of its inputs"),
        (GoldenCall("count", (GoldenTensor("y", (1.0,)),), ()), "function 'count' has no 'y'"),
        (GoldenCall("count", (GoldenTensor("x", (1.0, 2.0, 3.0)),), ()), "'x' of 'count' has 3 values"),
    ],
)
def test_a_recorded_call_that_does_not_fit_is_refused(call: GoldenCall, message: str) -> None:
    manifest = dataclasses.replace(NUMBERS, golden=GoldenCalls((call,), 0.01))
    with pytest.raises(ModelError, match=message):
        Manifest.from_metadata(manifest.to_metadata())
