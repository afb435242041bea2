"""The least lateness this computer is capable of, measured beside livevae's in the same run.

A loop in C sleeps until a set time and notes how late it wakes: cyclictest (of rt-tests) where it is
installed, else the system's own ``clock_nanosleep`` called a hundred times a second. Both get the same
priority as the timekeeper. Unlike the timekeeper, neither watches the clock for the last stretch, so a
median below the floor's is no mistake.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Protocol

from livevae.timekeeper.pacing import REAL_TIME_PRIORITY, ask_for_real_time
from livevae.units import NS_PER_MS, NS_PER_S

_EVERY_NS = 10 * NS_PER_MS
_NS_PER_US = 1000
_HISTOGRAM_US = 100_000  # cyclictest counts later wake-ups without their time
_CLOCK_MONOTONIC = 1
_ABSOLUTE_TIME = 1
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of lateness in microseconds."""

    p50: float
    p99: float
    p999: float


class Floor(Protocol):
    """A measurement that is running."""

    method: str

    def result(self) -> Spread:
        """Wait for its end and return what it found."""

    def cancel(self) -> None:
        """End it at once, without a result."""


def start_floor(duration_s: float) -> Floor:
    """Begin to measure for ``duration_s``, with the best means there is."""
    program = shutil.which("cyclictest")
    return _ClockNanosleep(duration_s) if program is None else _Cyclictest(program, duration_s)


def spread_of_counts(counts: Iterable[tuple[float, int]]) -> Spread:
    """Percentiles of (lateness in microseconds, how often), sorted by lateness; all 0 of none."""
    values, reached = [], []
    total = 0
    for value, count in counts:
        if count:
            total += count
            values.append(value)
            reached.append(total)
    if not total:
        return Spread(0.0, 0.0, 0.0)
    p50, p99, p999 = (values[bisect_left(reached, share * total)] for share in (0.5, 0.99, 0.999))
    return Spread(p50, p99, p999)


class _Cyclictest:
    def __init__(self, program: str, duration_s: float) -> None:
        has_priority = _may_be_real_time()
        policy = [f"--priority={REAL_TIME_PRIORITY}"] if has_priority else ["--policy=other"]
        self.method = "cyclictest" if has_priority else "cyclictest without real-time priority"
        self._process = subprocess.Popen(
            [
                program,
                "--quiet",
                f"--interval={_EVERY_NS // _NS_PER_US}",
                f"--duration={max(1, round(duration_s))}",
                f"--histogram={_HISTOGRAM_US}",
                *policy,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def result(self) -> Spread:
        output, _ = self._process.communicate()
        return spread_of_counts(read_histogram(output))

    def cancel(self) -> None:
        self._process.kill()
        self._process.communicate()


def read_histogram(output: str) -> list[tuple[float, int]]:
    """The pairs (microseconds, count) that cyclictest prints; what overflowed comes last."""
    counts: list[tuple[float, int]] = []
    for line in output.splitlines():
        words = line.split()
        if line.startswith("# Histogram Overflows:"):
            counts.append((float(_HISTOGRAM_US), int(words[3])))
        elif len(words) == 2 and words[0].isdecimal() and words[1].isdecimal():
            counts.append((float(words[0]), int(words[1])))
    return counts


class _ClockNanosleep:
    method = "clock_nanosleep" if sys.platform == "linux" else "time.sleep"

    def __init__(self, duration_s: float) -> None:
        context = get_context("spawn")
        self._results, end = context.Pipe(duplex=False)
        self._process = context.Process(target=_sleep_and_wake, args=(end, duration_s), daemon=True)
        self._process.start()
        end.close()

    def result(self) -> Spread:
        lateness_ns: list[int] = self._results.recv()
        self._process.join(_GRACE_S)
        return spread_of_counts((late / _NS_PER_US, 1) for late in sorted(lateness_ns))

    def cancel(self) -> None:
        self._process.kill()
        self._process.join()


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def _sleep_and_wake(results: Connection, duration_s: float) -> None:
    ask_for_real_time()
    lateness_ns = []
    due_ns = time.monotonic_ns()
    end_ns = due_ns + round(duration_s * NS_PER_S)
    while due_ns < end_ns:
        due_ns += _EVERY_NS
        _sleep_until(due_ns)
        lateness_ns.append(time.monotonic_ns() - due_ns)
    results.send(lateness_ns)


def _sleep_until(due_ns: int) -> None:
    if sys.platform != "linux":
        time.sleep(max(0, due_ns - time.monotonic_ns()) / NS_PER_S)
        return
    due = _Timespec(due_ns // NS_PER_S, due_ns % NS_PER_S)
    ctypes.CDLL(None).clock_nanosleep(_CLOCK_MONOTONIC, _ABSOLUTE_TIME, ctypes.byref(due), None)


def _may_be_real_time() -> bool:
    """Whether a process of ours is given real-time priority: tried in one that does nothing else."""
    attempt = "import os, sys; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(int(sys.argv[1])))"
    if not hasattr(os, "sched_setscheduler"):
        return False
    command = [sys.executable, "-c", attempt, str(REAL_TIME_PRIORITY)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
