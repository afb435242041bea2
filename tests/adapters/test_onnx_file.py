"""Reading and sealing model files without a library."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.onnx_file import (
    MAX_FILE_BYTES,
    SEAL_KEY,
    check_seal,
    metadata_of,
    read_manifest,
    read_model_file,
    seal,
)
from livevae.errors import ModelError

FAKES = Path(__file__).parent.parent / "fixtures"
MELODY = (FAKES / "fake_melody.onnx").read_bytes()
ALL = [pytest.param(path, id=path.stem) for path in sorted(FAKES.glob("*.onnx"))]


@pytest.mark.parametrize("path", ALL)
def test_the_manifest_is_read_without_a_runtime(path: Path) -> None:
    manifest = read_manifest(path)
    assert manifest.name == path.stem
    assert metadata_of(path.read_bytes())["livevae.name"] == path.stem


@pytest.mark.parametrize("path", ALL)
def test_the_reader_agrees_with_the_onnx_package(path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="only there to compare with")
    expected = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
    assert metadata_of(path.read_bytes()) == expected


def test_sealing_again_changes_nothing() -> None:
    assert seal(MELODY) == MELODY
    check_seal(MELODY)


def test_a_changed_model_can_be_sealed_anew() -> None:
    changed = MELODY.replace(b"livevae tests", b"somebody else")
    with pytest.raises(ModelError, match="damaged"):
        check_seal(changed)
    check_seal(seal(changed))


def test_an_unsealed_model_is_refused() -> None:
    unsealed = MELODY[: MELODY.rindex(SEAL_KEY.encode())]
    unsealed = unsealed[: unsealed.rindex(b"\x72")]  # the tag of metadata_props: field 14, delimited
    metadata_of(unsealed)  # whole in every other respect
    with pytest.raises(ModelError, match="has no seal"):
        check_seal(unsealed)


def test_every_truncation_is_noticed() -> None:
    for length in range(0, len(MELODY), 7):
        with pytest.raises(ModelError):
            check_seal(MELODY[:length])


@given(st.integers(0, len(MELODY) - 1), st.integers(0, 7))
def test_every_flipped_bit_is_noticed(index: int, bit: int) -> None:
    damaged = bytearray(MELODY)
    damaged[index] ^= 1 << bit
    with pytest.raises(ModelError):
        check_seal(bytes(damaged))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(ModelError):
        check_seal(data)


@given(st.binary(max_size=100))
def test_whatever_can_be_sealed_is_sealed(data: bytes) -> None:
    try:
        sealed = seal(data)
    except ModelError:
        return
    check_seal(sealed)
    assert seal(sealed) == sealed


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no model file .*none\.onnx"):
        read_model_file(tmp_path / "none.onnx")


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_model_file(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: takes no disk
    with pytest.raises(ModelError, match="too large"):
        read_model_file(path)


def test_complaints_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(MELODY[:100])
    with pytest.raises(ModelError, match=r"half\.onnx: not an ONNX file, or cut short"):
        read_manifest(path)
