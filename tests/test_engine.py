"""The engine with real processes, a fake model and no MIDI system: it plays, reports, records and ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from livevae.adapters.midi_file import read_midi_file
from livevae.adapters.model_store import model_info
from livevae.core.effects import BarDecided, Notice, ParameterChanged
from livevae.core.events import Play, SetParameter
from livevae.core.performance import PartSpec, Performance
from livevae.engine import Engine, News
from livevae.errors import ModelError, PortError
from livevae.snapshot import Snapshot

FIXTURES = Path(__file__).parent / "fixtures"
TRIO, DRUMS = FIXTURES / "fake_trio.onnx", FIXTURES / "fake_drums.onnx"
PATIENCE_S = 60.0  # a limit for what takes a moment


def performance_of(path: Path) -> Performance:
    info = model_info(path)
    parts = tuple(
        PartSpec(part, info.name, part, {"channel": number + 1}) for number, part in enumerate(info.parts)
    )
    return Performance("test", parts, (info,), {"tempo": 400.0}, clock="internal")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(performance_of(TRIO), [TRIO], backend="none") as running:
        yield running


def hear(engine: Engine, wanted: Callable[[News], bool]) -> list[News]:
    """Everything up to and including the first news that is wanted."""
    heard: list[News] = []
    give_up_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_s:
        for item in engine.poll(1.0):
            heard.append(item)
            if wanted(item):
                return heard
    raise AssertionError(f"waited in vain; heard {heard[-20:]}")


def bars_played(count: int) -> Callable[[News], bool]:
    return lambda item: isinstance(item, Snapshot) and item.bars_played >= count


def test_it_plays_and_reports(engine: Engine) -> None:
    assert engine.backend == "none"
    assert [model.info.name for model in engine.models] == ["fake_trio"]
    engine.send(Play())
    heard = hear(engine, bars_played(4))
    decided = {item.part for item in heard if isinstance(item, BarDecided)}
    assert decided == {"melody", "bass", "drums"}
    last = heard[-1]
    assert isinstance(last, Snapshot)
    assert last.state == "playing"
    assert last.lateness.notes > 0
    assert last.inference_ms > 0


def test_a_parameter_is_echoed(engine: Engine) -> None:
    engine.send(SetParameter("bass", "temperature", 0.5))
    hear(engine, lambda item: isinstance(item, ParameterChanged) and item.value == 0.5)


def test_another_preset_with_another_model_takes_over(engine: Engine) -> None:
    engine.send(Play())
    hear(engine, bars_played(2))
    engine.load(replace(performance_of(DRUMS), name="other"), [DRUMS])
    heard = hear(engine, lambda item: isinstance(item, Snapshot) and len(item.parts) == 1)
    last = heard[-1]
    assert isinstance(last, Snapshot)
    assert [part.name for part in last.parts] == ["drums"]


def test_the_models_process_is_started_again(engine: Engine) -> None:
    os.kill(engine.process_ids[1], signal.SIGKILL)
    hear(engine, lambda item: isinstance(item, Notice) and "started again" in item.text)
    engine.send(Play())
    hear(engine, bars_played(3))


def test_without_the_timekeeper_it_fails(engine: Engine) -> None:
    os.kill(engine.process_ids[0], signal.SIGKILL)
    with pytest.raises(PortError, match="nothing plays"):
        hear(engine, lambda item: False)


def test_what_was_played_is_recorded(tmp_path: Path) -> None:
    recording = tmp_path / "set.mid"
    with Engine(performance_of(TRIO), [TRIO], backend="none", record_to=recording) as engine:
        engine.send(Play())
        hear(engine, bars_played(4))
    score = read_midi_file(recording)
    assert [track.name for track in score.tracks] == ["melody", "bass", "drums"]
    assert score.tempos[0].tempo_bpm == pytest.approx(400.0, abs=0.01)
    assert all(len(track.notes) >= 4 for track in score.tracks)


def test_a_model_that_cannot_be_opened_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(TRIO.read_bytes()[:2000])
    engine = Engine(performance_of(TRIO), [broken], backend="none")
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        engine.start()
    assert engine.process_ids == ()
    engine.stop()


def test_a_midi_system_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "livevae-no-such-server")
    engine = Engine(performance_of(TRIO), [TRIO], backend="jack")
    with pytest.raises(PortError, match="JACK"):
        engine.start()
    assert engine.process_ids == ()


def test_stopping_twice_is_stopping_once(engine: Engine) -> None:
    engine.stop()
    engine.stop()
    with pytest.raises(RuntimeError):
        engine.poll(0.0)
