"""Threads that carry messages to and from other processes, so that the clock never waits for a pipe."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from livevae.timekeeper.pacing import Bell

Message = TypeVar("Message")

_NEVER_S = 3600.0


class Sender(Generic[Message]):
    """Takes messages from the clock without waiting and sends them when the pipe takes them.

    capacity: how many may wait; beyond it new ones are dropped and counted.
    batched: send all that wait as one tuple, rather than one by one.

    Thread-safe: yes. Real-time-safe: ``post`` is.
    """

    def __init__(self, pipe: Connection, capacity: int, *, batched: bool) -> None:
        self._pipe = pipe
        self._capacity = capacity
        self._batched = batched
        self._waiting: deque[Message] = deque()
        self._bell = Bell()
        self._closing = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def post(self, message: Message) -> None:
        """Leave a message to be sent soon."""
        if len(self._waiting) >= self._capacity:
            self.dropped += 1
            return
        self._waiting.append(message)
        self._bell.ring()

    def close(self, limit_s: float) -> None:
        """Send what waits, for at most ``limit_s``, then close the pipe."""
        self._closing = True
        self._bell.ring()
        self._thread.join(limit_s)
        with contextlib.suppress(OSError):
            self._pipe.close()

    def _carry(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._bell.wait(_NEVER_S)
                elif self._batched:
                    self._pipe.send(tuple(self._waiting.popleft() for _ in range(len(self._waiting))))
                else:
                    self._pipe.send(self._waiting.popleft())


def listen(pipe: Connection, heard: Callable[[Any], None], closed: Callable[[], None]) -> None:
    """Start a thread that calls ``heard`` for each message and ``closed`` once, when there are no more.

    A message that cannot be read (its sender was cut off, or is another version) counts as the end.
    """

    def carry() -> None:
        try:
            while True:
                heard(pipe.recv())
        except Exception:  # EOFError, OSError, or whatever unpickling half a message raises
            closed()

    threading.Thread(target=carry, daemon=True).start()
