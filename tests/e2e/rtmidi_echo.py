"""Sends back whatever the RtMidi port hears, until its standard input closes; a process for a test.

python -m tests.e2e.rtmidi_echo
"""

from __future__ import annotations

import queue
import sys
import threading

from livevae.adapters.clock import SystemClock
from livevae.adapters.midi.rtmidi_library import System
from livevae.adapters.midi.rtmidi_port import RtMidiPort


def main() -> None:
    """Open the port on JACK, say so, and send back."""
    heard: queue.Queue[bytes | None] = queue.Queue()
    port = RtMidiPort(System.JACK)
    port.open(lambda message, at_ns: heard.put(message), lambda until_ns: None, SystemClock().now_ns)
    print("open", flush=True)
    threading.Thread(target=_end_with_input, args=(heard,), daemon=True).start()
    while (message := heard.get()) is not None:
        port.send(message, 0)
    port.close()


def _end_with_input(heard: queue.Queue[bytes | None]) -> None:
    sys.stdin.read()
    heard.put(None)


if __name__ == "__main__":
    main()
