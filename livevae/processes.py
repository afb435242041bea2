"""Starting, ending and starting again the processes an engine is made of."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from livevae.core.effects import Notice, Severity
from livevae.inference import inference_process_main

_INFERENCE_NICENESS = -11  # as desktop sound servers run
_LEAVE_LIMIT_S = 2.0
_MAX_RESTARTS = 3  # within a minute: whatever it is, it will not go away by trying again
_RESTARTS_FORGOTTEN_S = 60.0


def start_process(target: Callable[..., None], arguments: tuple[object, ...], name: str) -> BaseProcess:
    """Start a fresh Python (nothing is inherited by forking) that ends with this one."""
    process = get_context("spawn").Process(target=target, args=arguments, name=name, daemon=True)
    with no_interrupts():  # a child is deaf to Ctrl-C from its first moment if it begins so
        process.start()
    return process


def end_process(process: BaseProcess) -> None:
    """Give a process a moment to leave by itself, then make sure that it has gone."""
    process.join(_LEAVE_LIMIT_S)
    if process.is_alive():
        process.terminate()
        process.join(_LEAVE_LIMIT_S)
    if process.is_alive():
        process.kill()
        process.join()


@contextlib.contextmanager
def no_interrupts() -> Iterator[None]:
    """Let Ctrl-C pass unheard for a moment: until every note has ended, or a child has begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class InferenceProcess:
    """The process with the models, which may die and be started again.

    paths: the models to open, in order; may be appended to. device: ``cpu`` or ``cuda``.
    """

    def __init__(self, paths: Sequence[str], device: str) -> None:
        self.paths = list(paths)
        self._device = device
        self._process: BaseProcess | None = None
        self._restarts_s: list[float] = []

    @property
    def pid(self) -> int | None:
        """The number of the process, while it is meant to run."""
        return None if self._process is None else self._process.pid

    @property
    def sentinel(self) -> int | None:
        """Something to wait on that becomes ready when the process has ended."""
        return None if self._process is None else self._process.sentinel

    @property
    def has_died(self) -> bool:
        """Whether it ended although it was meant to run."""
        return self._process is not None and not self._process.is_alive()

    def start(self, pipe: Connection) -> None:
        """Start it at this end of a pipe, which is closed here: the process has its own."""
        arguments = (pipe, tuple(self.paths), self._device)
        self._process = start_process(inference_process_main, arguments, "livevae inference")
        _favour(self._process)
        pipe.close()

    def restart(self) -> tuple[Connection | None, Notice]:
        """Start it again: the other end of its new pipe, and what to tell the musician.

        No pipe if it has died too often to be started once more.
        """
        assert self._process is not None
        status = self._process.exitcode
        now_s = time.monotonic()
        self._restarts_s = [s for s in self._restarts_s if now_s - s < _RESTARTS_FORGOTTEN_S]
        if len(self._restarts_s) >= _MAX_RESTARTS:
            self._process = None
            return None, _notice(
                Severity.ERROR, f"The model's process keeps stopping (status {status}): no more new bars."
            )
        self._restarts_s.append(now_s)
        ours, theirs = get_context("spawn").Pipe()
        self.start(theirs)
        return ours, _notice(
            Severity.WARNING, f"The model's process stopped (status {status}); it is being started again."
        )

    def end(self) -> None:
        """Make sure that it has gone."""
        process, self._process = self._process, None
        if process is not None:
            end_process(process)


def _favour(process: BaseProcess) -> None:
    """Let a process go before ordinary ones where that is permitted: it computes briefly, and by a deadline.

    Set from outside as soon as it exists, so that every thread it makes inherits it.
    """
    if hasattr(os, "setpriority") and process.pid is not None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _INFERENCE_NICENESS)


def _notice(severity: Severity, text: str) -> Notice:
    return Notice(time.perf_counter_ns(), severity, text)
