"""What is sent to the timekeeper, kept to an amount that cannot disturb it.

A flood of controller messages must not reach the clock: of many values for one parameter only the newest
goes out, and no more than ``_PER_TURN`` messages go out in each turn.
"""

from __future__ import annotations

import threading
import time
from multiprocessing.connection import Connection

from livevae.core.events import Panic, Quit, SetParameter
from livevae.timekeeper.couriers import Sender
from livevae.timekeeper.messages import ToTimekeeper

_TURN_S = 0.02  # faders send up to a hundred values a second; fifty are as smooth
_PER_TURN = 32
_CAPACITY = 1024  # waiting messages; there are far fewer parameters

_Key = tuple[str | None, str] | int


class Outgoing:
    """Passes messages on at once while they are few, and bundled when they are many.

    Thread-safe: yes, OSC has a thread of its own. ``post`` never waits longer than another ``post`` takes.
    """

    def __init__(self, pipe: Connection) -> None:
        self._sender: Sender[ToTimekeeper] = Sender(pipe, _CAPACITY, batched=False)
        self._sender.start()
        self._waiting: dict[_Key, ToTimekeeper] = {}
        self._serial = 0
        self._turn_began_s = 0.0
        self._left_in_turn = 0
        self.dropped = 0
        self._turn = threading.RLock()

    def post(self, message: ToTimekeeper) -> None:
        """Send a message, at the latest with the coming ``flush`` calls; panic and quit at once."""
        with self._turn:
            self._post(message)

    def _post(self, message: ToTimekeeper) -> None:
        if isinstance(message, SetParameter):
            key: _Key = (message.part, message.name)
            self._waiting.pop(key, None)  # the newest value also takes the newest place in the order
        else:
            self._serial += 1
            key = self._serial
        if len(self._waiting) >= _CAPACITY:
            self.dropped += 1
            return
        self._waiting[key] = message
        if isinstance(message, Panic | Quit):
            self._left_in_turn = len(self._waiting)
        self.flush()

    def flush(self) -> None:
        """Send what may be sent by now."""
        with self._turn:
            self._flush()

    def _flush(self) -> None:
        now_s = time.monotonic()
        if now_s - self._turn_began_s >= _TURN_S:
            self._turn_began_s, self._left_in_turn = now_s, _PER_TURN
        while self._waiting and self._left_in_turn:
            self._left_in_turn -= 1
            self._sender.post(self._waiting.pop(next(iter(self._waiting))))

    def limit(self, timeout_s: float) -> float:
        """How long a caller may wait before ``flush`` is due again."""
        return min(timeout_s, _TURN_S) if self._waiting else timeout_s

    def close(self) -> None:
        """Send what waits, then close the pipe."""
        with self._turn:
            while self._waiting:
                self._sender.post(self._waiting.pop(next(iter(self._waiting))))
        self._sender.close(1.0)
