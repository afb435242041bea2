"""The outermost layer of an ONNX file, read with no library: its metadata and its seal.

Listing the installed models must not load a runtime, and a damaged file must not reach one: parsers written
for speed may crash on bytes no exporter wrote. So the exporter *seals* a model with a SHA-256 of everything
else in the file, kept as one more metadata entry, and nothing unsealed is opened. The seal tells damage from
health; it does not tell who made the model.

Format: Protocol Buffers wire format (varints, length-delimited fields); ``ModelProto.metadata_props`` is
field 14, each entry a ``StringStringEntryProto`` with key in field 1 and value in field 2 (onnx.proto3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livevae.codec.manifest import Manifest
from livevae.errors import ModelError

SEAL_KEY = "livevae.sha256"
MAX_FILE_BYTES = 1 << 30  # a livevae model is megabytes; a gigabyte is some other file

_METADATA_PROPS_FIELD = 14
_KEY_FIELD, _VALUE_FIELD = 1, 2
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MAX_VARINT_BYTES = 10


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message: its number and wire type, its whole extent and its content's extent."""

    number: int
    wire_type: int
    start: int
    content: int
    end: int


def read_model_file(path: Path) -> bytes:
    """The bytes of a sealed model; ModelError if it is missing, too large, cut short or changed."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelError(f"{path} is too large to be a livevae model ({path.stat().st_size} bytes)")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"there is no model file {path}") from error
    except OSError as error:
        raise ModelError(f"model file {path} cannot be read: {error.strerror}") from error
    try:
        check_seal(data)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    return data


def read_manifest(path: Path) -> Manifest:
    """What a model file says about itself, without opening it in a runtime."""
    data = read_model_file(path)
    try:
        return Manifest.from_metadata(metadata_of(data))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def metadata_of(data: bytes) -> dict[str, str]:
    """The key-value pairs of ``ModelProto.metadata_props``; ModelError if ``data`` is not such a message."""
    pairs = (_entry(data, field) for field in _metadata_fields(data))
    return dict(pairs)


def seal(data: bytes) -> bytes:
    """The same model with a fresh seal, which takes the place of any it had."""
    bare = b"".join(data[start:end] for start, end in _unsealed_extents(data))
    entry = _delimited(_KEY_FIELD, SEAL_KEY.encode()) + _delimited(
        _VALUE_FIELD, hashlib.sha256(bare).hexdigest().encode()
    )
    return bare + _delimited(_METADATA_PROPS_FIELD, entry)


def check_seal(data: bytes) -> None:
    """Silent if the seal is there and right; ModelError if the file was cut short or changed."""
    found = metadata_of(data).get(SEAL_KEY)
    if found is None:
        raise ModelError("the model has no seal: it is cut short, or was not written by `python -m export`")
    digest = hashlib.sha256()
    for start, end in _unsealed_extents(data):
        digest.update(memoryview(data)[start:end])
    if digest.hexdigest() != found:
        raise ModelError("the model is damaged: its content does not match its seal; copy it again")


def _unsealed_extents(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every stretch of the file outside its seals."""
    start = 0
    for field in _metadata_fields(data):
        if _entry(data, field)[0] == SEAL_KEY:
            yield start, field.start
            start = field.end
    yield start, len(data)


def _metadata_fields(data: bytes) -> Iterator[_Field]:
    for field in _fields(data, 0, len(data)):
        if field.number == _METADATA_PROPS_FIELD and field.wire_type == _DELIMITED:
            yield field


def _entry(data: bytes, field: _Field) -> tuple[str, str]:
    texts = {_KEY_FIELD: "", _VALUE_FIELD: ""}
    for inner in _fields(data, field.content, field.end):
        if inner.number in texts and inner.wire_type == _DELIMITED:
            try:
                texts[inner.number] = data[inner.content : inner.end].decode()
            except UnicodeDecodeError as error:
                raise ModelError("not an ONNX file: its metadata is not text") from error
    return texts[_KEY_FIELD], texts[_VALUE_FIELD]


def _fields(data: bytes, position: int, end: int) -> Iterator[_Field]:
    while position < end:
        start = position
        key, position = _varint(data, position, end)
        number, wire_type = key >> 3, key & 7
        content = position
        if wire_type == _VARINT:
            _, position = _varint(data, position, end)
        elif wire_type == _DELIMITED:
            length, content = _varint(data, position, end)
            position = content + length
        elif wire_type in _FIXED_BYTES:
            position += _FIXED_BYTES[wire_type]
        else:
            raise ModelError(f"not an ONNX file: unknown field kind {wire_type} at byte {start}")
        if number == 0 or position > end:
            raise ModelError(f"not an ONNX file, or cut short: the field at byte {start} does not fit")
        yield _Field(number, wire_type, start, content, position)


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The integer at ``position`` and where it ends."""
    value = 0
    for count, byte in enumerate(data[position : min(end, position + _MAX_VARINT_BYTES)]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise ModelError(f"not an ONNX file, or cut short: the number at byte {position} has no end")


def _delimited(number: int, content: bytes) -> bytes:
    return _to_varint(number << 3 | _DELIMITED) + _to_varint(len(content)) + content


def _to_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
