"""Protocol Buffers as bytes: just enough to read an ONNX file's outline and to copy parts of it.

Wire format: a message is a row of fields, each a key (field number and wire type) and its content; integers
are base-128 varints (protobuf.dev, Encoding).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livevae.errors import ModelError

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
_MAX_VARINT_BYTES = 10


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number and wire type, its whole extent and its content's extent."""

    number: int
    wire_type: int
    start: int
    content: int
    end: int


def fields(data: bytes, position: int, end: int) -> Iterator[Field]:
    """The fields of the message between ``position`` and ``end``; ModelError if it is no such thing."""
    while position < end:
        start = position
        key, position = _varint(data, position, end)
        number, wire_type = key >> 3, key & 7
        content = position
        if wire_type == VARINT:
            _, position = _varint(data, position, end)
        elif wire_type == DELIMITED:
            length, content = _varint(data, position, end)
            position = content + length
        elif wire_type in _FIXED_BYTES:
            position += _FIXED_BYTES[wire_type]
        else:
            raise ModelError(f"not an ONNX file: unknown field kind {wire_type} at byte {start}")
        if number == 0 or position > end:
            raise ModelError(f"not an ONNX file, or cut short: the field at byte {start} does not fit")
        yield Field(number, wire_type, start, content, position)


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The integer at ``position`` and where it ends."""
    if position < end and data[position] < 0x80:  # almost all keys and most lengths
        return data[position], position + 1
    value = 0
    for count, byte in enumerate(data[position : min(end, position + _MAX_VARINT_BYTES)]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise ModelError(f"not an ONNX file, or cut short: the number at byte {position} has no end")


def delimited(number: int, content: bytes) -> bytes:
    """A length-delimited field: text, bytes or a message."""
    return delimited_key(number, len(content)) + content


def delimited_key(number: int, length: int) -> bytes:
    """What goes before the ``length`` bytes of a length-delimited field's content."""
    return _to_varint(number << 3 | DELIMITED) + _to_varint(length)


def _to_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
