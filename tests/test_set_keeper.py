"""What is played is in the file by the next snapshot; a file that cannot be written is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from livevae.adapters.set_store import Changes, SetStore
from livevae.core.effects import BindingChanged, ParameterChanged, SlotChanged
from livevae.core.events import FillSlot, Recall, SetParameter
from livevae.core.latents import Prior
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.errors import SetError
from livevae.set_keeper import SetKeeper, set_files, set_path, without
from tests.commands.snapshots import snapshot

PERFORMANCE = Performance(
    "test",
    (PartSpec("melody", "m", "melody", {"vary": 0.25}),),
    (ModelInfo("m", 2, ("melody",)),),
    settings={"tempo": 100.0},
)


class Stage:
    """A keeper with a new file, and what it complained of."""

    def __init__(self, path: Path, known: Recall | None = None) -> None:
        self.complaints: list[str] = []
        self.path = path
        self.store = SetStore(path, "test")
        self.keeper = SetKeeper(self.store, PERFORMANCE, known or Recall(), self.complaints.append)

    def saved(self) -> Recall:
        return self.store.load().content


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "friday.livevae")
    yield stage
    stage.keeper.close()


def test_every_change_is_saved_by_the_next_snapshot(stage: Stage) -> None:
    stage.keeper.report(ParameterChanged(0, "melody", "vary", 0.5))
    stage.keeper.report(ParameterChanged(0, "melody", "vary", 0.75))
    stage.keeper.report(SlotChanged(0, "m", 3, "hook", Prior(5)))
    stage.keeper.report(BindingChanged(0, None, "tempo", "channel 1 cc 21"))
    assert stage.saved() == Recall()
    stage.keeper.report(snapshot())
    assert stage.saved().settings == (SetParameter("melody", "vary", 0.75),)
    assert stage.saved().slots == (FillSlot("m", 3, "hook", Prior(5)),)
    assert len(stage.saved().bindings) == 1
    stage.keeper.report(SlotChanged(0, "m", 3, "", None))
    stage.keeper.report(BindingChanged(0, None, "tempo", None))
    stage.keeper.close()
    with closing(SetStore(stage.path)) as again:
        reopened = again.load().content
    assert (reopened.slots, reopened.bindings) == ((), ())


def test_what_is_as_the_preset_has_it_or_only_of_the_moment_is_not_saved(stage: Stage) -> None:
    for part, name, value in (
        ("melody", "vary", 0.25),
        (None, "tempo", 100.0),
        (None, "play", True),
        (None, "panic", True),
        ("melody", "reroll", True),
    ):
        stage.keeper.report(ParameterChanged(0, part, name, value))
    stage.keeper.flush()
    assert stage.saved() == Recall()


def test_a_change_back_to_the_presets_own_value_is_saved_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "friday.livevae", Recall((SetParameter("melody", "vary", 0.9),)))
    stage.keeper.report(ParameterChanged(0, "melody", "vary", 0.9))  # the echo of its recall
    stage.keeper.flush()
    assert stage.saved() == Recall()
    stage.keeper.report(ParameterChanged(0, "melody", "vary", 0.25))
    stage.keeper.flush()
    assert stage.saved().settings == (SetParameter("melody", "vary", 0.25),)
    stage.keeper.close()


def test_a_file_that_cannot_be_written_is_told_and_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(changes: Changes) -> tuple[str, ...]:
        raise SetError("the disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(stage.store, "write", full)
        stage.keeper.report(ParameterChanged(0, "melody", "vary", 0.5))
        for _ in range(50):
            stage.keeper.report(snapshot())
    assert stage.complaints == ["The set is not being saved just now: the disk is full."]
    for _ in range(100):
        stage.keeper.report(snapshot())
    assert stage.saved().settings == (SetParameter("melody", "vary", 0.5),)


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "a\\b", "-rf", "x" * 65, "new\nline", "dot."])
def test_a_set_is_called_by_a_name_and_not_a_path(name: str) -> None:
    with pytest.raises(SetError, match="a set cannot be called"):
        set_path(name)


def test_sets_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livevae.set_keeper.sets_folder", lambda: tmp_path / "sets")
    assert set_files() == {}
    path = set_path("Freitag Nacht 2.0")
    SetStore(path, "trio").close()
    assert set_files() == {"Freitag Nacht 2.0": path}


def test_what_was_asked_for_otherwise_is_left_out() -> None:
    recall = Recall((SetParameter(None, "tempo", 90.0), SetParameter("melody", "vary", 0.5)))
    assert without(recall, {(None, "tempo")}).settings == recall.settings[1:]
