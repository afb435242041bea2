"""One function out of a model file that holds several.

ONNX Runtime runs all of a graph, whatever is fetched: ``RunOptions.only_execute_path_to_fetches`` works in
its training builds alone (microsoft/onnxruntime issue 16013; measured with 1.31: conducting a trio took as
long as encoding, conducting and decoding together, ten times what it takes alone). So each function gets a
session of its own, of a graph cut down to the nodes, weights and inputs on the way to its outputs. The cut
copies parts of the file as they are, without a library.

Format (onnx.proto3): ``ModelProto.graph`` is field 7. ``GraphProto``: node 1, initializer 5, input 11,
output 12, value_info 13. ``NodeProto``: input 1, output 2, attribute 5. ``AttributeProto``: g 6, graphs 11.
``TensorProto.name`` is 8, ``ValueInfoProto.name`` 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from livevae.adapters.protobuf_wire import DELIMITED, Field, delimited, fields
from livevae.errors import ModelError

_MODEL_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT, _NODE_ATTRIBUTE = 1, 2, 5
_ATTRIBUTE_GRAPHS = (6, 11)
_NAME_FIELD = {_INITIALIZER: 8, _INPUT: 1, _OUTPUT: 1, _VALUE_INFO: 1}
_DEEPEST = 16  # graphs within graphs; a loop in a loop is two


def function_model(data: bytes, outputs: Collection[str]) -> bytes:
    """The model cut down to what computes ``outputs``; inputs it needs lose their default values.

    data: a whole model file. An output the graph does not have is not in the result either.
    Raises ModelError if ``data`` is no ONNX model.
    """
    pieces = []
    for field in fields(data, 0, len(data)):
        if field.number == _MODEL_GRAPH and field.wire_type == DELIMITED:
            pieces.append(delimited(_MODEL_GRAPH, _cut_graph(data, field, outputs)))
        else:
            pieces.append(data[field.start : field.end])
    return b"".join(pieces)


def _cut_graph(data: bytes, graph: Field, outputs: Collection[str]) -> bytes:
    parts = list(fields(data, graph.content, graph.end))
    names = {part: _name(data, part) for part in parts if part.number in _NAME_FIELD}
    inputs = {names[part] for part in parts if part.number == _INPUT}
    nodes = {part for part in parts if part.number == _NODE}
    needed_nodes, needed = _way_to(data, nodes, outputs)

    def keeps(part: Field) -> bool:
        match part.number:
            case n if n == _NODE:
                return part in needed_nodes
            case n if n == _INITIALIZER:
                return names[part] in needed and names[part] not in inputs
            case n if n == _OUTPUT:
                return names[part] in outputs
            case n if n in (_INPUT, _VALUE_INFO):
                return names[part] in needed
            case _:
                return True

    return b"".join(data[part.start : part.end] for part in parts if keeps(part))


def _way_to(data: bytes, nodes: Collection[Field], outputs: Collection[str]) -> tuple[set[Field], set[str]]:
    """The nodes that compute ``outputs``, and the names of all values on the way."""
    maker = {name: node for node in nodes for name in _texts(data, node, _NODE_OUTPUT)}
    needed: set[str] = set()
    waiting = list(outputs)
    found: set[Field] = set()
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        node = maker.get(name)
        if node is not None and node not in found:
            found.add(node)
            waiting += _values_used(data, node, _DEEPEST)
    return found, needed


def _values_used(data: bytes, node: Field, depth: int) -> Iterator[str]:
    """Names a node reads: its inputs, and whatever its inner graphs use (their own values too: harmless)."""
    yield from _texts(data, node, _NODE_INPUT)
    if depth == 0:
        raise ModelError("the model's graphs are nested too deeply")
    for attribute in fields(data, node.content, node.end):
        if attribute.number != _NODE_ATTRIBUTE or attribute.wire_type != DELIMITED:
            continue
        for graph in fields(data, attribute.content, attribute.end):
            if graph.number not in _ATTRIBUTE_GRAPHS or graph.wire_type != DELIMITED:
                continue
            for part in fields(data, graph.content, graph.end):
                if part.number == _NODE and part.wire_type == DELIMITED:
                    yield from _values_used(data, part, depth - 1)
                elif part.number == _OUTPUT:
                    yield _name(data, part)  # an inner graph may hand out an outer value as it is


def _name(data: bytes, part: Field) -> str:
    if part.wire_type != DELIMITED:
        raise ModelError(f"not an ONNX file: the graph's field {part.number} is no message")
    for name in _texts(data, part, _NAME_FIELD[part.number]):
        return name
    return ""


def _texts(data: bytes, message: Field, number: int) -> Iterator[str]:
    if message.wire_type != DELIMITED:
        raise ModelError(f"not an ONNX file: the field at byte {message.start} is no message")
    for field in fields(data, message.content, message.end):
        if field.number == number and field.wire_type == DELIMITED:
            try:
                yield data[field.content : field.end].decode()
            except UnicodeDecodeError as error:
                raise ModelError("not an ONNX file: a name in its graph is not text") from error
