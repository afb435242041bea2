"""A program that will not stop talking: python -m scripts.figures.flood osc|web PORT [SECONDS]

It moves one fader ``A_SECOND`` times a second, over OSC or down the page's line, until livevae has gone or
the time is over; then it prints how many messages it sent. A flood down the page's line is made to wait.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import websocket

from livevae.adapters.osc.packets import write_message
from scripts.figures.session import LOOPBACK

A_SECOND = 20_000
_BURST = 100


class Flood:
    """Such a program, from outside. kind: ``osc`` or ``web``."""

    def __init__(self, kind: str, port: int, seconds: float) -> None:
        words = [sys.executable, "-m", "scripts.figures.flood", kind, str(port), str(seconds)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)

    def sent(self) -> int:
        """How many messages went off, once it is over."""
        printed, _ = self._process.communicate()
        return int(printed)


def _over_osc(port: int) -> Callable[[int], None]:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.connect((LOOPBACK, port))
    positions = [write_message("/livevae/bass/vary", step / 1000) for step in range(1000)]
    return lambda count: (line.send(positions[count % 1000]), None)[1]


def _down_the_line(port: int) -> Callable[[int], None]:
    line = websocket.create_connection(f"ws://{LOOPBACK}:{port}/live", skip_utf8_validation=True)

    def hear() -> None:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            while line.recv():
                pass

    threading.Thread(target=hear, daemon=True).start()

    def say(count: int) -> None:
        line.send(f'{{"do":"set","part":"bass","name":"vary","value":{count % 1000 / 1000}}}')

    return say


def main() -> None:
    """Talk."""
    kind, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    say = (_over_osc if kind == "osc" else _down_the_line)(port)
    sent, began_s = 0, time.monotonic()
    with contextlib.suppress(OSError, websocket.WebSocketException):
        while time.monotonic() - began_s < seconds:
            for _ in range(_BURST):
                say(sent)
                sent += 1
            time.sleep(max(0.0, sent / A_SECOND - (time.monotonic() - began_s)))
    print(sent)


if __name__ == "__main__":
    main()
