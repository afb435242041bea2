"""Sets on the command line: begun, gone on with, listed, refused in a sentence."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from livevae.adapters.set_store import Changes, SetStore
from livevae.commands import sets
from livevae.commands.run_set import open_set, preset_of
from livevae.core.events import Recall, SetParameter
from livevae.errors import PresetError, SetError
from livevae.set_keeper import set_path

MELODY = """\
[parts.melody]
model = "melody_2bar"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("livevae.set_keeper.sets_folder", lambda: tmp_path / "sets")
    monkeypatch.setattr("livevae.commands.sets.sets_folder", lambda: tmp_path / "sets")
    return tmp_path / "sets"


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(MELODY, encoding="utf-8")
    return str(path)


def typed(name: str | None = "friday", preset: str | None = None, **others: float) -> Namespace:
    return Namespace(set=name, preset=preset, bpm=others.get("bpm"), seed=others.get("seed"))


def no_warning(text: str) -> None:
    raise AssertionError(text)


def begin(preset: str) -> None:
    opened = open_set(typed(preset=preset), no_warning)
    assert opened is not None
    opened.store.write(Changes({("melody", "vary"): 0.5, (None, "tempo"): 90.0, (None, "seed"): 7}))
    opened.store.close()


def test_without_a_name_nothing_is_kept(preset: str, folder: Path) -> None:
    assert open_set(typed(None, preset), no_warning) is None
    assert not folder.exists()


def test_a_set_goes_on_with_its_own_preset(preset: str) -> None:
    begin(preset)
    opened = open_set(typed(), no_warning)
    assert preset_of(typed(), opened) == preset
    assert opened is not None
    assert len(opened.recall(typed()).settings) == 3
    opened.store.close()


def test_what_is_typed_comes_before_what_the_set_says(preset: str) -> None:
    begin(preset)
    opened = open_set(typed(), no_warning)
    assert opened is not None
    recall = opened.recall(typed(bpm=120.0, seed=1))
    assert recall == Recall((SetParameter("melody", "vary", 0.5),))
    assert preset_of(typed(preset="drums"), opened) == "drums"
    opened.store.close()


def test_nothing_to_play_is_refused(preset: str, folder: Path) -> None:
    with pytest.raises(SetError, match="there is no set 'friday'"):
        open_set(typed(), no_warning)
    with pytest.raises(PresetError, match="say what to play"):
        preset_of(typed(None), None)
    with pytest.raises(PresetError):
        open_set(typed(preset="no such preset"), no_warning)
    with pytest.raises(SetError, match="cannot be called"):
        open_set(typed("../friday", preset), no_warning)
    assert not folder.exists()


def test_a_file_that_is_no_set_is_told_and_played_without(preset: str, folder: Path) -> None:
    folder.mkdir()
    set_path("friday").write_bytes(b"MThd" * 500)
    warnings: list[str] = []
    assert open_set(typed(preset=preset), warnings.append) is None
    assert "Playing without it" in warnings[0]
    with pytest.raises(SetError, match="cannot be used"):
        open_set(typed(), warnings.append)


def test_the_list_tells_what_is_in_each_set(
    preset: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sets.main(Namespace()) == 0
    assert "No sets yet" in capsys.readouterr().out
    begin(preset)
    (folder / "broken.livevae").write_text("not a database, but long enough to be taken for one" * 20)
    store = SetStore(set_path("zwei"), "trio")
    store.close()
    assert sets.main(Namespace()) == 0
    said = capsys.readouterr().out
    assert f"preset {preset}; 0 ideas, 3 settings, 0 controls" in said
    assert "broken\n    cannot be used" in said
    assert "zwei\n    preset trio" in said
