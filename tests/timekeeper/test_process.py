"""The timekeeper finds its port, or plays on without one, and hands the pace over and back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from livevae.adapters.midi.null_port import NullPort
from livevae.adapters.midi.port import Cycle, Port, PortHealth, PortNames, Receive
from livevae.core.effects import Notice
from livevae.errors import PortError
from livevae.testing import tiny_performance
from livevae.timekeeper import process
from livevae.timekeeper.couriers import Sender
from livevae.timekeeper.messages import Job, Ready


class DrivingPort(NullPort):
    """An audio server's port, whose cycle the test calls; may refuse to open, and may die."""

    drives = True

    def __init__(self, *, opens: bool = True) -> None:
        super().__init__()
        self.opens = opens
        self.is_lost = False
        self.is_closed = False

    def open(self, receive: Receive, cycle: Cycle, now: Callable[[], int]) -> None:
        if not self.opens:
            raise PortError("no JACK server is running")
        super().open(receive, cycle, now)
        self.cycle = cycle

    def names(self) -> PortNames:
        return PortNames("JACK")

    def health(self) -> PortHealth:
        return PortHealth(lost=self.is_lost)

    def close(self) -> None:
        self.is_closed = True


class Ends:
    """The far ends of the timekeeper's pipes, and what it posted for the screen."""

    def __init__(self) -> None:
        self.control, self.main_process = Pipe()
        self.inference, self.models = Pipe()
        self.posted: list[Any] = []

    def notices(self) -> list[str]:
        return [item.text for item in self.posted if isinstance(item, Notice)]


class ListingSender(Sender[Any]):
    """Keeps what is posted instead of sending it."""

    def __init__(self, pipe: Connection, posted: list[Any]) -> None:
        super().__init__(pipe, 10_000, batched=True)
        self._posted = posted

    def start(self) -> None: ...

    def post(self, message: Any) -> None:
        self._posted.append(message)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    monkeypatch.setattr(process, "prepare_process", lambda: False)  # this process is the tests'
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(process, "listen", lambda *_: None)  # its threads would outlive the test
    ends = Ends()
    yield ends
    for pipe in (ends.control, ends.main_process, ends.inference, ends.models):
        pipe.close()


def pace(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, ports: list[Port], backend: str = "auto", found: str = "jack"
) -> process._Pace:
    """A timekeeper that is given these ports, one after the other."""
    monkeypatch.setattr(process, "choose_backend", lambda wanted: found)
    monkeypatch.setattr(process, "make_port", lambda *_, **__: ports.pop(0))
    job = Job(tiny_performance(), backend=backend)
    return process._Pace(ends.control, ends.inference, job, ListingSender(ends.control, ends.posted))


def test_a_system_that_fails_in_auto_is_played_on_without(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = pace(ends, monkeypatch, [DrivingPort(opens=False), NullPort()])
    running.open()
    [ready] = [item for item in ends.posted if isinstance(item, Ready)]
    assert ready.backend == "none"
    assert ends.notices() == ["no JACK server is running: nobody will hear this."]


def test_a_system_that_was_asked_for_must_be_there(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    running = pace(ends, monkeypatch, [DrivingPort(opens=False)], backend="jack")
    with pytest.raises(PortError, match="no JACK server"):
        running.open()


def test_time_goes_on_without_a_step_back_while_the_server_is_away(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = DrivingPort(), DrivingPort()
    running = pace(ends, monkeypatch, [first, DrivingPort(opens=False), second])
    running.open()
    reached_ns = running._clock.now_ns() + 3_600_000_000_000  # the server's clock is an hour ahead
    first.cycle(reached_ns)
    first.is_lost = True
    running._take_over(first)
    assert first.is_closed
    assert running._clock.now_ns() >= reached_ns
    silent = running._keeper.port
    running._hand_over()
    assert running._keeper.port is silent, "the server is not back yet"
    running._next_mend_ns = 0
    running._hand_over()
    assert running._keeper.port is second
    assert second.now_ns() >= reached_ns
    second.cycle(second.now_ns())
    assert [text for text in ends.notices() if "JACK" in text] == [
        "The MIDI port JACK went away.",
        "The MIDI port JACK is there.",
    ]
