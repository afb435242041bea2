"""``livevae run`` that remembers how late each note was: python -m scripts.figures.session FILE run ...

At the end FILE has a JSON object: ``lateness_us`` of every note-on, in order, and ``missed`` bars.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from livevae.cli import build_parser
from livevae.commands.run import play
from livevae.commands.screen import Screen
from livevae.snapshot import Snapshot

TEMPO_BPM = 240
LOOPBACK = "127.0.0.1"
_NS_PER_US = 1000


class _Remembering(Screen):
    """A screen that keeps every figure that passes over it."""

    def __init__(self) -> None:
        super().__init__()
        self.lateness_ns: list[int] = []
        self.missed = 0

    def snapshot(self, snapshot: Snapshot) -> None:
        super().snapshot(snapshot)
        self.lateness_ns += snapshot.new_lateness_ns
        self.missed = snapshot.bars_missed


@dataclass(frozen=True, slots=True)
class Result:
    """lateness_us: of every note-on, in order. missed: bars that came too late."""

    lateness_us: list[float]
    missed: int


class Session:
    """One run at ``TEMPO_BPM`` without a MIDI system, from outside.

    bars: it ends by itself after so many; None: when it is told to. address: of its page.
    """

    def __init__(self, folder: Path, preset: str, bars: int | None = None) -> None:
        self._file = folder / "lateness.json"
        self._file.unlink(missing_ok=True)
        self.osc_port, page_port = _free_port(socket.SOCK_DGRAM), _free_port(socket.SOCK_STREAM)
        self.page_port = page_port
        words = ["run", "--preset", preset, "--bpm", str(TEMPO_BPM), "--backend", "none", "--no-browser"]
        words += ["--osc", f"{LOOPBACK}:{self.osc_port}", "--page", f"{LOOPBACK}:{page_port}"]
        words += [] if bars is None else ["--bars", str(bars)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.figures.session", str(self._file), *words],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.address = ""
        for line in self.process.stdout:
            found = re.search(r"http://\S+", line)
            if found:
                self.address = found[0]
                return
        raise RuntimeError("livevae did not start")

    def wait(self) -> Result:
        """Its figures, once it has ended."""
        self.process.communicate()
        return Result(**json.loads(self._file.read_text(encoding="utf-8")))

    def end(self) -> Result:
        """End it, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Play, then write down how late it was."""
    screen = _Remembering()
    status = play(build_parser().parse_args(sys.argv[2:]), screen)
    figures = {
        "lateness_us": [round(late / _NS_PER_US, 1) for late in screen.lateness_ns],
        "missed": screen.missed,
    }
    Path(sys.argv[1]).write_text(json.dumps(figures), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
