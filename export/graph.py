"""A model's functions as one ONNX graph.

All functions live in one graph, so that a model is one file with its weights once. livevae cuts each function
out when it opens the file (livevae/adapters/onnx_functions.py), since ONNX Runtime would run all of the graph
whatever is fetched. Every input has a default value, an initialiser of the same name, which ONNX lets a
caller
override: so the whole graph can be run too, feeding one function's inputs only.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from export.join import joined
from livevae.codec.functions import BEATS_SO_FAR, MEMORIES
from livevae.codec.manifest import Function, TensorSpec
from train.models import GraphFunction

OPSET = 20
_AXES = ("batch", BEATS_SO_FAR)  # what free ones are called


class ExportError(RuntimeError):
    """A model cannot be exported faithfully; nothing was written."""


class _Called(nn.Module):
    """A function by its inputs' places, however its module names them."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> Any:
        return self.module(*inputs)


def build_graph(functions: Sequence[GraphFunction]) -> tuple[onnx.ModelProto, tuple[Function, ...]]:
    """The graph, and its functions as the manifest lists them.

    Raises ExportError if an axis meant to be free came out fixed, or two functions want inputs of one name.
    """
    names = [name for function in functions for name in function.inputs]
    if len(set(names)) != len(names):
        raise ExportError(f"functions share an input name: {', '.join(names)}")
    parts = [_exported(function) for function in functions]
    specs = tuple(_function(part, function) for part, function in zip(parts, functions, strict=True))
    model = joined(parts, [function.name for function in functions])
    _add_defaults(model, {name: x for function in functions for name, x in function.inputs.items()})
    onnx.checker.check_model(model)
    return model, specs


def _exported(function: GraphFunction) -> onnx.ModelProto:
    """One function alone: the time torch takes grows faster than what it is given."""
    # A named Dim silently exports a fixed shape where a Scan runs over it: so DYNAMIC, and checked below.
    free = tuple(
        dict.fromkeys(_free_axes(name, example), torch.export.Dim.DYNAMIC) or None
        for name, example in function.inputs.items()
    )
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch's own deprecations, nothing about this model
        program = torch.onnx.export(
            _Called(function.module).eval(),
            tuple(function.inputs.values()),
            input_names=list(function.inputs),
            output_names=list(function.outputs),
            dynamic_shapes=(free,),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            external_data=False,
        )
    assert program is not None
    model = program.model_proto
    del model.graph.value_info[:]  # stale shapes here make int8 quantisation refuse the file
    _forget_the_source(model.graph)
    return model


def _free_axes(name: str, example: Tensor) -> tuple[int, ...]:
    if not example.dim():
        return ()
    return (0, 1) if name in MEMORIES else (0,)


def _forget_the_source(graph: onnx.GraphProto) -> None:
    """Drop from every node which lines of which file it was made by: in large graphs that is most of it."""
    for node in graph.node:
        del node.metadata_props[:]
        for attribute in node.attribute:
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                _forget_the_source(inner)


def _function(model: onnx.ModelProto, function: GraphFunction) -> Function:
    """Names the free axes, which torch calls s0, s1 …, and reads off the shapes."""
    inputs = {value.name: value for value in model.graph.input}
    outputs = {value.name: value for value in model.graph.output}
    return Function(
        function.name,
        tuple(
            _spec(inputs[name], function.name, _free_axes(name, example))
            for name, example in function.inputs.items()
        ),
        tuple(_spec(outputs[name], function.name, (0,)) for name in function.outputs),
    )


def _spec(value: onnx.ValueInfoProto, function: str, free_axes: tuple[int, ...]) -> TensorSpec:
    tensor = value.type.tensor_type
    dims = tensor.shape.dim
    for axis in free_axes:
        if axis >= len(dims) or dims[axis].HasField("dim_value"):
            raise ExportError(f"axis {axis} of {value.name!r} was exported with a fixed size")
        dims[axis].dim_param = f"{function}_{_AXES[axis]}"
    if any(not dim.HasField("dim_value") for axis, dim in enumerate(dims) if axis not in free_axes):
        raise ExportError(f"{value.name!r} has a free axis other than {', '.join(map(str, free_axes))}")
    shape = tuple(_AXES[axis] if axis in free_axes else dim.dim_value for axis, dim in enumerate(dims))
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name
    return TensorSpec(value.name, shape, dtype)


def _add_defaults(model: onnx.ModelProto, examples: dict[str, Tensor]) -> None:
    for name, example in examples.items():
        default: Any = (example[:1] if example.dim() else example).detach().cpu().numpy()
        model.graph.initializer.append(numpy_helper.from_array(default, name))
