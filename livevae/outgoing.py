"""What is sent to the timekeeper, kept to an amount that cannot disturb it.

A flood of controller messages must not reach the clock: of many values for one parameter only the newest
goes out, and no more than ``PER_TURN`` messages go out in each turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from livevae.core.events import Panic, Quit, SetParameter
from livevae.timekeeper.couriers import Sender
from livevae.timekeeper.messages import ToTimekeeper

_TURN_S = 0.02  # faders send up to a hundred values a second; fifty are as smooth
PER_TURN = 32
_LAST_WORDS_S = 1.0
_CAPACITY = 1024  # waiting messages; there are far fewer parameters

_Key = tuple[str | None, str] | int


class Outgoing:
    """Passes messages on at once while they are few, and bundled when they are many.

    now_s: seconds of a monotonic clock; a test brings its own.

    Thread-safe: yes, OSC and the page have threads of their own. ``post`` never waits for the pipe.
    """

    def __init__(self, pipe: Connection, now_s: Callable[[], float] = time.monotonic) -> None:
        self._sender: Sender[ToTimekeeper] = Sender(pipe, _CAPACITY, batched=False)
        self._sender.start()
        self._now_s = now_s
        self._lock = threading.Lock()
        self._waiting: dict[_Key, ToTimekeeper] = {}
        self._serial = 0
        self._turn_began_s = now_s()
        self._left_in_turn = PER_TURN
        self.dropped = 0

    def post(self, message: ToTimekeeper) -> None:
        """Send a message, at the latest with the coming ``flush`` calls; panic and quit at once."""
        with self._lock:
            if isinstance(message, SetParameter):
                key: _Key = (message.part, message.name)
                self._waiting.pop(key, None)  # the newest value also takes the newest place in the order
            else:
                self._serial += 1
                key = self._serial
            is_urgent = isinstance(message, Panic | Quit)
            if len(self._waiting) >= _CAPACITY and not is_urgent:
                self.dropped += 1
                return
            self._waiting[key] = message
            self._send(len(self._waiting) if is_urgent else self._allowed())

    def flush(self) -> None:
        """Send what may be sent by now."""
        with self._lock:
            self._send(self._allowed())

    def limit(self, timeout_s: float) -> float:
        """How long a caller may wait before ``flush`` is due again."""
        return min(timeout_s, _TURN_S) if self._waiting else timeout_s

    def close(self) -> None:
        """Send what waits, then close the pipe."""
        with self._lock:
            self._send(len(self._waiting))
        self._sender.close(_LAST_WORDS_S)

    def _allowed(self) -> int:
        """How many more messages this turn may carry."""
        now_s = self._now_s()
        if now_s - self._turn_began_s >= _TURN_S:
            self._turn_began_s, self._left_in_turn = now_s, PER_TURN
        return self._left_in_turn

    def _send(self, at_most: int) -> None:
        count = min(at_most, len(self._waiting))
        self._left_in_turn = max(0, self._left_in_turn - count)
        for _ in range(count):
            self._sender.post(self._waiting.pop(next(iter(self._waiting))))
