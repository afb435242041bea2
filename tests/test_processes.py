"""Processes are started with what they need, started again a few times, and ended for certain."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import Pipe
from typing import Any

import pytest

from livevae import processes
from livevae.core.effects import Severity
from livevae.processes import InferenceProcess, end_process, no_interrupts, start_process


class DeadProcess:
    """A process that ended as soon as it was started."""

    pid, sentinel, exitcode = 12345, 0, -9

    def is_alive(self) -> bool:
        return False

    def join(self, limit_s: float | None = None) -> None: ...


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The arguments of every process that was started; each is dead at once."""
    started: list[tuple[Any, ...]] = []

    def start(target: Any, arguments: tuple[Any, ...], name: str) -> Any:
        started.append(arguments)
        return DeadProcess()

    monkeypatch.setattr(processes, "start_process", start)
    monkeypatch.setattr(processes, "_favour", lambda process: None)
    return started


def test_a_process_that_keeps_dying_is_given_up(started: list[tuple[Any, ...]]) -> None:
    inference = InferenceProcess(["a.onnx"], "cpu")
    assert not inference.has_died
    inference.start(Pipe()[1])
    inference.paths.append("b.onnx")
    for _ in range(3):
        assert inference.has_died
        pipe, notice = inference.restart()
        assert pipe is not None
        assert notice.severity is Severity.WARNING
        assert started[-1][1] == ("a.onnx", "b.onnx")
    pipe, notice = inference.restart()
    assert pipe is None
    assert notice.severity is Severity.ERROR
    assert not inference.has_died
    assert (inference.pid, inference.sentinel) == (None, None)
    inference.end()


def test_priority_that_is_not_permitted_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse, raising=False)
    processes._favour(DeadProcess())  # type: ignore[arg-type]


def test_a_process_that_will_not_leave_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LEAVE_LIMIT_S", 0.0)  # no patience at all
    process = start_process(_ignore_everything, (), "stubborn")
    end_process(process)
    assert not process.is_alive()


def _ignore_everything() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Event().wait()


def test_ctrl_c_passes_unheard_for_a_moment() -> None:
    before = signal.getsignal(signal.SIGINT)
    with no_interrupts():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is before
