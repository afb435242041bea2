"""Several graphs as one, in which what they have in common stands once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

Contents = tuple[int, tuple[int, ...], bytes]


def joined(models: Sequence[onnx.ModelProto], names: Sequence[str]) -> onnx.ModelProto:
    """One model that does what each of ``models`` does; their inputs and outputs keep their names.

    names: a prefix for everything else in each. Weights that are equal are kept once.
    """
    whole = onnx.ModelProto()
    whole.CopyFrom(models[0])
    graph = whole.graph
    for field in (graph.node, graph.initializer, graph.input, graph.output, graph.value_info):
        del field[:]
    kept: dict[Contents, str] = {}
    for model, name in zip(models, names, strict=True):
        if model.functions:
            raise ValueError(f"{name}: graphs with functions of their own cannot be joined")
        part = onnx.GraphProto()
        part.CopyFrom(model.graph)
        rename(part, _prefixed(part, f"{name}/"))
        same: dict[str, str] = {}
        for weight in part.initializer:
            key = contents(weight)
            if key in kept:
                same[weight.name] = kept[key]
            else:
                kept[key] = weight.name
                graph.initializer.append(weight)
        rename(part, same)
        for node in part.node:
            node.name = f"{name}/{node.name}"
        graph.node.extend(part.node)
        graph.input.extend(part.input)
        graph.output.extend(part.output)
    return whole


def contents(weight: onnx.TensorProto) -> Contents:
    """What two weights share if they are equal, whatever they are called: type, shape and bytes."""
    nameless = onnx.TensorProto()
    nameless.CopyFrom(weight)
    nameless.ClearField("name")
    nameless.ClearField("doc_string")
    return weight.data_type, tuple(weight.dims), nameless.SerializeToString(deterministic=True)


def _prefixed(graph: onnx.GraphProto, prefix: str) -> dict[str, str]:
    """New names for all that a graph computes or holds, but what it is given and what it gives."""
    outside = {value.name for value in (*graph.input, *graph.output)}
    inside = [name for node in graph.node for name in node.output if name]
    inside += [weight.name for weight in graph.initializer]
    return {name: prefix + name for name in inside if name not in outside}


def rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Let all that a graph and the graphs within it use or make go by new names."""
    for weight in graph.initializer:
        weight.name = names.get(weight.name, weight.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                rename(inner, names)
