"""Who leads livevae: a clock master nobody here wrote (jack_midi_clock, jack_transport), or a script."""

from __future__ import annotations

import signal
import subprocess
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.e2e.jack_server import PATIENCE_S


class Player:
    """Plays a script of messages to the frame, through ``NAME:out``."""

    def __init__(self, name: str = "player") -> None:
        import jack

        self._script: deque[tuple[int, bytes]] = deque()
        self._start: int | None = None
        self._client: Any = jack.Client(name, no_start_server=True)
        self._out = self._client.midi_outports.register("out")
        self._client.set_process_callback(self._process)
        self._client.activate()

    def play(self, script: Iterable[tuple[int, bytes]]) -> None:
        """Play (frame from the start, message) pairs, sorted, beginning with the next period."""
        self._script = deque(script)

    def _process(self, frames: int) -> None:
        self._out.clear_buffer()
        period = self._client.last_frame_time
        if self._script and self._start is None:
            self._start = period
        while self._script and self._start is not None:
            offset = self._start + self._script[0][0] - period
            if offset >= frames:
                return
            self._out.write_midi_event(max(0, offset), self._script.popleft()[1])

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()


class Drummer:
    """Plays (frame of the song, message) pairs where JACK's transport has them, through ``drummer:out``."""

    def __init__(self, script: Iterable[tuple[int, bytes]]) -> None:
        import jack

        self._script = sorted(script)
        self._rolling = jack.ROLLING
        self._client: Any = jack.Client("drummer", no_start_server=True)
        self._out = self._client.midi_outports.register("out")
        self._client.set_process_callback(self._process)
        self._client.activate()

    def _process(self, frames: int) -> None:
        self._out.clear_buffer()
        state, position = self._client.transport_query()
        if state != self._rolling:
            return
        start = position["frame"]
        for frame, message in self._script:
            if start <= frame < start + frames:
                self._out.write_midi_event(frame - start, message)

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()


class PulseSource:
    """jack_midi_clock: turns JACK's transport into MIDI clock.

    Between a song position and its continue it waits a fifth of a second, the least it takes.
    """

    def __init__(self) -> None:
        self._process = _quiet("jack_midi_clock", "-d", "0.2")

    def close(self) -> None:
        """End it by the signal it heeds: for a client that just dies JACK waits five seconds."""
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=PATIENCE_S)


class TransportMaster:
    """jack_transport, which takes commands: master, tempo, play, stop, locate."""

    def __init__(self, tempo_bpm: int) -> None:
        self._process = _quiet("jack_transport")
        self.command("stop", "locate 0", "master", f"tempo {tempo_bpm}")

    def command(self, *lines: str) -> None:
        """Type into it."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def close(self) -> None:
        """End it in good order."""
        self._process.communicate(b"quit\n", timeout=PATIENCE_S)


class RampMaster:
    """klick as JACK's timebase master, with a map of tempos: lines "bars tempo" or "bars tempo-tempo"."""

    def __init__(self, folder: Path, tempo_map: str) -> None:
        path = folder / "tempo.map"
        path.write_text(tempo_map, encoding="ascii")
        self._process = _quiet("klick", "-T", "-n", "klick", "-f", str(path))

    def close(self) -> None:
        """End it by a signal it heeds."""
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=PATIENCE_S)


def _quiet(*command: str) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere)
