"""A set is as it was after some transaction, whatever happened to the process; other files are told apart."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livevae.adapters.set_store import Changes, SavedSet, SetStore, Target
from livevae.core.events import Bind, FillSlot, SetParameter
from livevae.core.latents import Latent, Near, Prior
from livevae.core.midi_control import Control, ControlKind
from livevae.core.parameters import ParameterValue
from livevae.errors import SetError

KNOB = Control(ControlKind.KNOB, 1, 21)


def changes(value: float = 0.5, slot: int = 1) -> Changes:
    return Changes(
        {("melody", "vary"): value, (None, "tempo"): 93.5, ("drums", "mute"): True, ("bass", "key"): "F#"},
        {("trio", slot): FillSlot("trio", slot, "hook", Near(Prior(3), value, 7))},
        {("melody", "vary"): str(KNOB)},
    )


def load(path: Path) -> SavedSet:
    with closing(SetStore(path)) as store:
        return store.load()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sets" / "friday.livevae"


def test_everything_comes_back(path: Path) -> None:
    store = SetStore(path, "trio")
    assert store.write(changes()) == ()
    store.close()
    saved = load(path)
    assert saved.preset == "trio"
    assert saved.problems == ()
    assert set(saved.content.settings) == {
        SetParameter("melody", "vary", 0.5),
        SetParameter(None, "tempo", 93.5),
        SetParameter("drums", "mute", True),
        SetParameter("bass", "key", "F#"),
    }
    assert saved.content.slots == (FillSlot("trio", 1, "hook", Near(Prior(3), 0.5, 7)),)
    assert saved.content.bindings == (Bind("melody", "vary", KNOB),)


def test_what_is_emptied_or_forgotten_is_gone(path: Path) -> None:
    store = SetStore(path, "trio")
    store.write(changes())
    store.write(Changes({}, {("trio", 1): None}, {("melody", "vary"): None}))
    content = store.load().content
    assert (content.slots, content.bindings) == ((), ())
    assert len(content.settings) == 4
    store.close()


targets: st.SearchStrategy[Target] = st.tuples(
    st.none() | st.text(min_size=1, max_size=3), st.text(max_size=3)
)
values: st.SearchStrategy[ParameterValue] = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9), st.booleans(), st.text(max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.dictionaries(targets, values, max_size=4), max_size=5), st.randoms())
def test_the_newest_of_each_counts(
    path: Path, batches: list[dict[Target, ParameterValue]], name: object
) -> None:
    file = path.with_name(f"{id(name)}.livevae")
    file.unlink(missing_ok=True)
    store = SetStore(file, "trio")
    expected: dict[Target, ParameterValue] = {}
    for batch in batches:
        store.write(Changes(settings=dict(batch)))
        expected |= batch
    loaded = {(s.part, s.name): s.value for s in store.load().content.settings}
    assert loaded == expected
    store.close()
    file.unlink()


def test_an_idea_that_cannot_be_written_is_told_and_the_rest_is_kept(path: Path) -> None:
    endless: Latent = Prior(0)
    for seed in range(5000):
        endless = Near(endless, 0.1, seed)
    store = SetStore(path, "trio")
    both = changes()
    both.slots["trio", 2] = FillSlot("trio", 2, "", endless)
    (problem,) = store.write(both)
    assert "slot 2" in problem
    assert [slot.slot for slot in store.load().content.slots] == [1]
    store.close()


KILLED_WHILE_WRITING = """
import sys
from contextlib import closing
from pathlib import Path
from livevae.adapters.set_store import Changes, SetStore
from livevae.core.events import FillSlot
from livevae.core.latents import Prior
store = SetStore(Path(sys.argv[1]), "trio")
number = 0
while True:
    number += 1
    slots = {("trio", slot): FillSlot("trio", slot, str(number), Prior(number)) for slot in range(1, 17)}
    controls = {("melody", "vary"): f"channel 1 cc {number % 120}"}
    store.write(Changes({("melody", "seed"): number}, slots, controls))
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_written(path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            written = int(writer.stdout.readline())
        writer.kill()
        written = max([written, *map(int, writer.stdout.read().split())])
    saved = load(path)
    assert saved.problems == ()
    (setting,) = saved.content.settings
    assert setting.value in (
        written,
        written + 1,
    )  # it may have died after the transaction, before it said so
    assert {slot.latent for slot in saved.content.slots} == {Prior(int(setting.value))}  # all of it or none
    assert len(saved.content.slots) == 16


def test_other_files_are_refused_in_a_sentence_and_left_alone(tmp_path: Path) -> None:
    noise = tmp_path / "noise.livevae"
    noise.write_bytes(os.urandom(5000))
    with pytest.raises(SetError, match=r"noise\.livevae cannot be used: file is not a database"):
        SetStore(noise, "trio")

    foreign = tmp_path / "foreign.livevae"
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(SetError, match="is not a set of livevae's"):
        SetStore(foreign, "trio")

    later = tmp_path / "later.livevae"
    SetStore(later, "trio").close()
    with sqlite3.connect(later) as other:
        other.execute("PRAGMA user_version = 9")
    other.close()
    with pytest.raises(SetError, match=r"a later livevae \(format 9, not 1\)"):
        SetStore(later, "trio")

    with pytest.raises(SetError, match="cannot be opened"):
        SetStore(tmp_path / "missing.livevae")
    with pytest.raises(SetError, match="cannot be opened"):
        SetStore(noise / "below a file.livevae", "trio")


def test_damaged_rows_are_left_out_and_told(path: Path) -> None:
    store = SetStore(path, "trio")
    store.write(changes())
    store.close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE setting SET value = '{' WHERE name = 'tempo'")
        file.execute("UPDATE slot SET latent = 'nonsense'")
        file.execute("UPDATE control SET control = 'channel 99 cc 1'")
    file.close()
    saved = load(path)
    assert len(saved.problems) == 3
    assert len(saved.content.settings) == 3
    assert not saved.content.slots
    assert not saved.content.bindings


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=200))
def test_a_damaged_file_is_read_or_refused(path: Path, at: int, damage: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    for leftover in path.parent.iterdir():
        leftover.unlink()
    store = SetStore(path, "trio")
    store.write(changes())
    store.close()
    data = bytearray(path.read_bytes())
    data[at % len(data) : at % len(data) + len(damage)] = damage
    path.write_bytes(data)
    try:
        store = SetStore(path, "trio")
    except SetError:
        return
    try:
        store.load()
        store.write(changes(0.25))
    except SetError:
        pass
    finally:
        store.close()
