"""Work on a stream of things by several processes, in order, with a bounded number of things in memory."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

AT_ONCE = 16  # things a process is given at a time: enough that handing them over costs nothing
WAITING = 3  # portions for each process that are under way, or done and waiting for their turn
FEW = 128  # as many are done sooner than another process starts
MOST_PROCESSES = 8


def available_processes() -> int:
    """How many processes are worth starting here."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, MOST_PROCESSES)


def in_order(work: Callable[[A], B], things: Iterable[A], processes: int = 1) -> Iterator[B]:
    """``work`` of each of ``things``, in their order, done by ``processes`` processes.

    work: a function of a module, and what it takes and gives can be pickled. things: read as they are needed,
        never far ahead. processes: 1 works in this process. More are spawned by multiprocessing: a
        script that asks for them keeps what it does under ``if __name__ == "__main__"``.
    Raises whatever ``work`` or ``things`` raises.
    """
    stream = iter(things)
    first = list(islice(stream, FEW))
    if processes <= 1 or len(first) < FEW:
        yield from map(work, chain(first, stream))
        return
    portions = _portions(chain(first, stream))
    context = multiprocessing.get_context("spawn")  # a forked process inherits threads' locks, and may hang
    with ProcessPoolExecutor(processes, context) as pool:
        under_way: deque[Future[list[B]]] = deque()
        try:
            for portion in portions:
                under_way.append(pool.submit(_work_through, work, portion))
                if len(under_way) >= processes * WAITING:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _portions(things: Iterable[A]) -> Iterator[list[A]]:
    stream = iter(things)
    while portion := list(islice(stream, AT_ONCE)):
        yield portion


def _work_through(work: Callable[[A], B], portion: list[A]) -> list[B]:
    return [work(thing) for thing in portion]
