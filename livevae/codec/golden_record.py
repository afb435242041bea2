"""What a model answered when it was exported, as its manifest keeps it.

Models of tokens keep one phrase: its tokens, where it lies, what is decoded from there. Models whose answers
are numbers keep calls of their functions, whatever those are. ``livevae.codec.golden`` asks them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livevae.codec.fields import Fields
from livevae.codec.functions import Function, TensorSpec
from livevae.errors import ModelError


@dataclass(frozen=True, slots=True)
class Golden:
    """What a model of tokens answered to one input.

    x: tokens, steps by columns.
    mu: posterior mean, its first few dimensions. mu_tolerance: largest allowed difference.
    y: tokens decoded from the posterior mean at temperature 0.
    agreement: share of ``y`` that must come back (two machines may round a near-tie differently).
    """

    x: tuple[tuple[int, ...], ...]
    mu: tuple[float, ...]
    mu_tolerance: float
    y: tuple[tuple[int, ...], ...]
    agreement: float = 0.98

    def check_shape(self, steps: int, columns: int) -> None:
        """Silent if input and answer are phrases of that shape; ModelError otherwise."""
        for key, tokens in (("x", self.x), ("y", self.y)):
            if len(tokens) != steps or any(len(row) != columns for row in tokens):
                raise ModelError(f"manifest: golden.{key} is not {steps} steps of {columns} columns")


@dataclass(frozen=True, slots=True)
class GoldenTensor:
    """An input or output of a recorded call, for a batch of one.

    values: flat, last axis fastest; a single value fills the whole shape.
    """

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GoldenCall:
    """What one function answered to some inputs; outputs that are not recorded are not checked."""

    function: str
    inputs: tuple[GoldenTensor, ...]
    outputs: tuple[GoldenTensor, ...]


@dataclass(frozen=True, slots=True)
class GoldenCalls:
    """What a model whose answers are numbers said. tolerance: largest allowed difference of any output."""

    calls: tuple[GoldenCall, ...]
    tolerance: float

    def check_shape(self, function: Callable[[str], Function]) -> None:
        """Silent if every call fits the functions there are; ModelError otherwise."""
        for call in self.calls:
            spec = function(call.function)
            _check_fit(call.function, call.inputs, spec.inputs)
            _check_fit(call.function, call.outputs, spec.outputs)
            if {tensor.name for tensor in call.inputs} != {tensor.name for tensor in spec.inputs}:
                raise ModelError(f"manifest: golden: a call of {call.function!r} lacks some of its inputs")


def read_golden(fields: Fields) -> Golden | GoldenCalls:
    """The record of either kind."""
    if fields.has("calls"):
        calls = tuple(
            GoldenCall(c.text("function"), _tensors(c, "inputs"), _tensors(c, "outputs"))
            for c in fields.records("calls")
        )
        return GoldenCalls(calls, fields.number("tolerance"))
    return Golden(
        x=fields.grid("x"),
        mu=fields.numbers("mu"),
        mu_tolerance=fields.number("mu_tolerance"),
        y=fields.grid("y"),
        agreement=fields.number("agreement"),
    )


def _tensors(fields: Fields, key: str) -> tuple[GoldenTensor, ...]:
    return tuple(GoldenTensor(t.text("name"), t.numbers("values")) for t in fields.records(key))


def _check_fit(function: str, recorded: Sequence[GoldenTensor], specs: Sequence[TensorSpec]) -> None:
    sizes = {spec.name: spec.size_of_one for spec in specs}
    for tensor in recorded:
        if tensor.name not in sizes:
            raise ModelError(f"manifest: golden: function {function!r} has no {tensor.name!r}")
        if len(tensor.values) not in (1, sizes[tensor.name]):
            raise ModelError(
                f"manifest: golden: {tensor.name!r} of {function!r} has {len(tensor.values)} values, "
                f"expected {sizes[tensor.name]}"
            )
