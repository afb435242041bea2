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

from livevae.adapters.protobuf_wire import DELIMITED, Field, delimited_key, fields
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
    return ModelParts(data).function(outputs)


class ModelParts:
    """A model file taken apart once, so that each of its functions can be put together.

    data: the whole file; ModelError if it is no ONNX model.
    """

    def __init__(self, data: bytes) -> None:
        self._view = memoryview(data)
        whole = list(fields(data, 0, len(data)))
        graphs = [f for f in whole if f.number == _MODEL_GRAPH and f.wire_type == DELIMITED]
        if len(graphs) != 1:
            raise ModelError(f"not an ONNX model: it holds {len(graphs)} graphs, expected one")
        self._beside = [f for f in whole if f is not graphs[0]]
        self._parts = list(fields(data, graphs[0].content, graphs[0].end))
        self._names = {
            index: _name(data, part) for index, part in enumerate(self._parts) if part.number in _NAME_FIELD
        }
        self._inputs = {name for index, name in self._names.items() if self._parts[index].number == _INPUT}
        self._reads: dict[int, tuple[str, ...]] = {}  # by a node's index: the values it uses
        self._maker: dict[str, int] = {}  # by a value's name: the index of the node that computes it
        for index, part in enumerate(self._parts):
            if part.number == _NODE:
                self._reads[index] = tuple(_values_used(data, part, _DEEPEST))
                self._maker |= dict.fromkeys(_texts(data, part, _NODE_OUTPUT), index)

    def function(self, outputs: Collection[str]) -> bytes:
        """The model that computes ``outputs`` and no more, see ``function_model``."""
        nodes, values = self._way_to(outputs)
        graph = [
            self._view[part.start : part.end]
            for index, part in enumerate(self._parts)
            if self._keeps(index, part.number, nodes, values, outputs)
        ]
        length = sum(len(piece) for piece in graph)
        beside = [self._view[field.start : field.end] for field in self._beside]
        return b"".join((*beside, delimited_key(_MODEL_GRAPH, length), *graph))

    def _keeps(
        self, index: int, kind: int, nodes: set[int], values: set[str], outputs: Collection[str]
    ) -> bool:
        if kind == _NODE:
            return index in nodes
        if kind == _INITIALIZER:
            return self._names[index] in values and self._names[index] not in self._inputs
        if kind == _OUTPUT:
            return self._names[index] in outputs
        return kind not in (_INPUT, _VALUE_INFO) or self._names[index] in values

    def _way_to(self, outputs: Collection[str]) -> tuple[set[int], set[str]]:
        """The nodes that compute ``outputs``, and the names of all values on the way."""
        values: set[str] = set()
        nodes: set[int] = set()
        waiting = list(outputs)
        while waiting:
            name = waiting.pop()
            if name in values:
                continue
            values.add(name)
            node = self._maker.get(name)
            if node is not None and node not in nodes:
                nodes.add(node)
                waiting += self._reads[node]
        return nodes, values


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
