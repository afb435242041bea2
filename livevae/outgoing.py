"""What is sent to the timekeeper, kept to an amount that cannot disturb it.

A flood of controller messages must not reach the clock: of many values for one parameter only the newest
goes out, once a turn, and no more than ``PER_TURN`` messages go out in each turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from livevae.core.events import NoteOff, NoteOn, Panic, Quit, SetParameter
from livevae.timekeeper.couriers import Sender
from livevae.timekeeper.messages import ToTimekeeper

_TURN_S = 0.02  # faders send up to a hundred values a second; fifty are as smooth
PER_TURN = 32
_LAST_WORDS_S = 1.0
_CAPACITY = 1024  # waiting messages; there are far fewer parameters

_PANIC = -1  # however many wait, one is enough

_Key = tuple[str | None, str] | int


class Outgoing:
    """Passes messages on at once while they are few, and bundled when they are many.

    now_s: seconds of a monotonic clock; a test brings its own.

    Thread-safe: yes, OSC and the page have threads of their own. ``post`` never waits for the pipe.
    """

    def __init__(self, pipe: Connection, now_s: Callable[[], float] = time.monotonic) -> None:
        self._sender: Sender[ToTimekeeper] = Sender(pipe, _CAPACITY, batched=True)
        self._sender.start()
        self._now_s = now_s
        self._lock = threading.Lock()
        self._waiting: dict[_Key, ToTimekeeper] = {}
        self._serial = 0
        self._turn_began_s = now_s()
        self._left_in_turn = PER_TURN
        self._had_this_turn: set[_Key] = set()  # parameters (and panic) that went out in this turn
        self.dropped = 0

    def post(self, message: ToTimekeeper) -> None:
        """Send a message, at the latest with the coming ``flush`` calls; quit and a first panic at once."""
        with self._lock:
            self._begin_turn_if_due()
            if isinstance(message, SetParameter):
                key: _Key = (message.part, message.name)
                self._waiting.pop(key, None)  # the newest value also takes the newest place in the order
            elif isinstance(message, Panic):
                key = _PANIC
            else:
                self._serial += 1
                key = self._serial
                if not isinstance(message, NoteOn | NoteOff):
                    self._had_this_turn.clear()  # it may build on the values before it: none stays behind
            if isinstance(message, Quit) or (key == _PANIC and _PANIC not in self._had_this_turn):
                self._send_now(key, message)
            elif len(self._waiting) >= _CAPACITY:
                self.dropped += 1
            else:
                self._waiting[key] = message
                self._send()

    def flush(self) -> None:
        """Send what may be sent by now."""
        with self._lock:
            self._begin_turn_if_due()
            self._send()

    def limit(self, timeout_s: float) -> float:
        """How long a caller may wait before ``flush`` is due again."""
        return min(timeout_s, _TURN_S) if self._waiting else timeout_s

    def close(self) -> None:
        """Send what waits, then close the pipe."""
        with self._lock:
            for message in self._waiting.values():
                self._sender.post(message)
            self._waiting.clear()
        self._sender.close(_LAST_WORDS_S)

    def _begin_turn_if_due(self) -> None:
        now_s = self._now_s()
        if now_s - self._turn_began_s >= _TURN_S:
            self._turn_began_s, self._left_in_turn = now_s, PER_TURN
            self._had_this_turn.clear()

    def _send(self) -> None:
        """Send in order, as far as this turn reaches, leaving for the next what had its turn."""
        if not self._left_in_turn:
            return
        for key in [key for key in self._waiting if key not in self._had_this_turn][: self._left_in_turn]:
            self._sender.post(self._waiting.pop(key))
            self._left_in_turn -= 1
            self._had_this_turn.add(key)

    def _send_now(self, key: _Key, message: ToTimekeeper) -> None:
        """Ahead of everything that waits; to leave, all of it goes first."""
        if isinstance(message, Quit):
            for waiting in self._waiting.values():
                self._sender.post(waiting)
            self._waiting.clear()
        self._sender.post(message)
        self._had_this_turn.add(key)
