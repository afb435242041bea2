"""Finding models by name."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters import model_store
from livevae.adapters.model_store import find_model, installed_models, model_files, model_info
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError

FAKES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The user's folder and livevae's own; both hold a ``melody``, and livevae's a damaged ``noise``."""
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped):
        folder.mkdir()
        shutil.copy(FAKES / "fake_melody.onnx", folder / "melody.onnx")
    shutil.copy(FAKES / "fake_trio.onnx", shipped / "trio.onnx")
    (shipped / "noise.onnx").write_bytes(b"noise")
    monkeypatch.setattr(model_store, "search_folders", lambda: (own, shipped))
    return own, shipped


def test_a_users_model_hides_a_shipped_one_of_its_name(folders: tuple[Path, Path]) -> None:
    own, shipped = folders
    assert model_files() == {
        "melody": own / "melody.onnx",
        "noise": shipped / "noise.onnx",
        "trio": shipped / "trio.onnx",
    }
    assert find_model("melody") == own / "melody.onnx"
    assert find_model("trio") == shipped / "trio.onnx"


def test_a_path_is_taken_as_it_is(folders: tuple[Path, Path]) -> None:
    path = FAKES / "fake_drums.onnx"
    assert find_model(path) == path
    assert find_model(str(path)) == path


def test_an_unknown_name_is_met_with_the_known_ones(folders: tuple[Path, Path]) -> None:
    with pytest.raises(
        ModelError, match=r"no model 'trip' \(did you mean 'trio'\?\); there are: melody, noise, trio"
    ):
        find_model("trip")


@pytest.mark.parametrize("name", ["trio.onnx", "elsewhere/trio", "./trio.onnx", "/trio", ""])
def test_a_path_that_leads_nowhere_is_named(folders: tuple[Path, Path], name: str) -> None:
    with pytest.raises(ModelError, match="no model"):
        find_model(name)


@given(st.text(max_size=40))
def test_any_name_finds_a_file_or_is_a_sentence(name: str) -> None:
    with contextlib.suppress(ModelError):
        assert find_model(name).is_file()


def test_listing_tells_the_sound_from_the_damaged(folders: tuple[Path, Path]) -> None:
    listed = {model.name: model for model in installed_models()}
    assert listed["trio"].manifest is not None
    assert listed["trio"].manifest.name == "fake_trio"
    assert listed["noise"].manifest is None
    assert "noise.onnx" in listed["noise"].problem


def test_the_core_is_told_what_it_must_know() -> None:
    assert model_info(FAKES / "fake_trio.onnx") == ModelInfo(
        "fake_trio", 4, ("melody", "bass", "drums"), ("brightness",)
    )
