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
from pathlib import Path

from livevae.adapters.protobuf_wire import DELIMITED, Field, delimited, fields
from livevae.codec.manifest import Manifest
from livevae.errors import ModelError

SEAL_KEY = "livevae.sha256"
MAX_FILE_BYTES = 1 << 30  # a livevae model is megabytes; a gigabyte is some other file

_METADATA_PROPS_FIELD = 14
_KEY_FIELD, _VALUE_FIELD = 1, 2


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
    entry = delimited(_KEY_FIELD, SEAL_KEY.encode()) + delimited(
        _VALUE_FIELD, hashlib.sha256(bare).hexdigest().encode()
    )
    return bare + delimited(_METADATA_PROPS_FIELD, entry)


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


def _metadata_fields(data: bytes) -> Iterator[Field]:
    for field in fields(data, 0, len(data)):
        if field.number == _METADATA_PROPS_FIELD and field.wire_type == DELIMITED:
            yield field


def _entry(data: bytes, field: Field) -> tuple[str, str]:
    texts = {_KEY_FIELD: "", _VALUE_FIELD: ""}
    for inner in fields(data, field.content, field.end):
        if inner.number in texts and inner.wire_type == DELIMITED:
            try:
                texts[inner.number] = data[inner.content : inner.end].decode()
            except UnicodeDecodeError as error:
                raise ModelError("not an ONNX file: its metadata is not text") from error
    return texts[_KEY_FIELD], texts[_VALUE_FIELD]
