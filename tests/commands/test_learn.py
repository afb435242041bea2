"""``livevae learn`` against a real OSC server, behind which somebody touches a knob at once."""

from __future__ import annotations

import queue
import socket
from argparse import Namespace
from collections.abc import Iterator

import pytest

from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.server import OscServer
from livevae.commands import learn
from livevae.core.effects import BindingChanged, LearningChanged
from livevae.core.events import Event, Forget, Learn, StopLearning
from livevae.errors import ParameterError, PortError
from livevae.testing import tiny_performance

LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0  # only a failing test waits this long
FIRST, REFINED = "channel 1 cc 7", "channel 1 cc14 7"


class Stage:
    """A livevae that hears of a knob as soon as it waits for one."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Event] = queue.Queue()
        self.server = OscServer(OscDesk(tiny_performance()), self.obey, lambda complaint: None)
        self.server.open((LOOPBACK, 0))

    def obey(self, event: Event) -> None:
        self.heard.put(event)
        match event:
            case Learn(part, name):
                self.server.learning_changed(LearningChanged(0, part, name, True))
                for control in (FIRST, REFINED):
                    self.server.binding_changed(BindingChanged(0, part, name, control))
            case Forget(part, name):
                self.server.binding_changed(BindingChanged(0, part, name, None))

    def typed(self, parameter: str | None, *, forget: bool = False) -> Namespace:
        return Namespace(parameter=parameter, forget=forget, osc=f"{LOOPBACK}:{self.server.endpoint[1]}")


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.server.close()


def test_learn_list_forget(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "_GESTURE_S", 0.05)
    assert learn.main(stage.typed(None)) == 0
    assert "No controls yet" in capsys.readouterr().out
    assert learn.main(stage.typed("melody/vary")) == 0
    said = capsys.readouterr().out
    assert "Move or press the control" in said
    assert f"From now on {REFINED} turns melody/vary." in said
    assert stage.heard.get(timeout=PATIENCE_S) == Learn("melody", "vary")
    assert learn.main(stage.typed(None)) == 0
    assert f"melody/vary: {REFINED}" in capsys.readouterr().out
    assert learn.main(stage.typed("/livevae/melody/vary", forget=True)) == 0
    assert "No control turns melody/vary now." in capsys.readouterr().out


def test_nothing_touched_is_given_up(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "_TOUCH_S", 0.05)
    monkeypatch.setattr(stage.server, "binding_changed", lambda change: None)
    assert learn.main(stage.typed("tempo")) == 1
    assert "Nothing was touched." in capsys.readouterr().out
    assert stage.heard.get(timeout=PATIENCE_S) == Learn(None, "tempo")
    assert stage.heard.get(timeout=PATIENCE_S) == StopLearning()


def test_a_parameter_that_does_not_exist_is_named(stage: Stage) -> None:
    with pytest.raises(ParameterError, match="sparkle"):
        learn.main(stage.typed("melody/sparkle"))


def test_nobody_there_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    with pytest.raises(PortError, match=r"livevae"):
        learn.main(Namespace(parameter=None, forget=False, osc=f"{LOOPBACK}:{port}"))
