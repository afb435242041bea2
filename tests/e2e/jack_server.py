"""A JACK server without sound hardware, of a test's own.

Times in these tests are frames of the JACK server, never wall time: its dummy driver lets the two slip apart.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PERIOD_FRAMES = 256
RATE_HZ = 48_000
PATIENCE_S = 30.0  # a limit for what normally takes a moment; reaching it is a failure

_SOUNDLESS = ["-r", "-S", "-d", "dummy", "-r", str(RATE_HZ), "-p", str(PERIOD_FRAMES)]
_server_numbers = itertools.count(1)


class Server:
    """A JACK server of this test's own; make one with ``running_server``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = subprocess.Popen(
            ["jackd", "-n", self.name, *_SOUNDLESS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        subprocess.run(
            ["jack_wait", "-s", self.name, "-w", "-t", "20"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Let the server die without a word; start it again, for JACK counts it still."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the server; JACK lists eight at most, so each must leave in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that every JACK program started inside uses."""
    server = Server(f"livevae-test-{os.getpid()}-{next(_server_numbers)}")
    before = os.environ.get("JACK_DEFAULT_SERVER")
    os.environ["JACK_DEFAULT_SERVER"] = server.name
    try:
        server.start()
        yield server
    finally:
        server.stop()
        if before is None:
            del os.environ["JACK_DEFAULT_SERVER"]
        else:
            os.environ["JACK_DEFAULT_SERVER"] = before
