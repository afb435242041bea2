"""``livevae run`` in a process of its own, as a musician starts it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.jack_server import PATIENCE_S

FIXTURES = Path(__file__).parent.parent / "fixtures"

PRESET = """\
description = "For tests: a fake model that strikes on every beat."
clock = "{clock}"

[settings]
tempo = {tempo}

[parts.melody]
model = "{model}"
channel = 1
{more}

[parts.bass]
model = "{model}"
channel = 2

[parts.drums]
model = "{model}"
channel = 10
"""


def preset_text(clock: str = "midi", tempo_bpm: float = 120.0, more: str = "") -> str:
    """A preset with the fake trio. more: lines for the melody's part."""
    model = (FIXTURES / "fake_trio.onnx").as_posix()
    return PRESET.format(clock=clock, tempo=tempo_bpm, model=model, more=more)


GROOVE = """\
clock = "{clock}"

[settings]
tempo = {tempo}

[parts.drums]
model = "{model}"
channel = 10
in_channel = 10
{more}
"""


def groove_text(clock: str = "midi", tempo_bpm: float = 120.0, more: str = "") -> str:
    """A preset whose drums answer what is played to them, by the fake groove model."""
    model = (FIXTURES / "fake_groove.onnx").as_posix()
    return GROOVE.format(clock=clock, tempo=tempo_bpm, model=model, more=more)


OVER_CHORDS = """\
clock = "{clock}"
chords = "| D |"

[settings]
tempo = {tempo}

[parts.melody]
model = "{model}"
in_channel = 1
{more}
"""


def over_chords_text(clock: str = "midi", tempo_bpm: float = 120.0, more: str = "") -> str:
    """A preset whose melody plays each beat's bass: D as written, until somebody plays other chords."""
    model = (FIXTURES / "fake_melody_chords.onnx").as_posix()
    return OVER_CHORDS.format(clock=clock, tempo=tempo_bpm, model=model, more=more)


class Livevae:
    """``livevae run`` as a musician starts it, with a fake model."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        clock: str = "midi",
        tempo_bpm: float = 120.0,
        more: str = "",
        text: Callable[[str, float, str], str] = preset_text,
    ) -> None:
        preset = folder / "e2e.toml"
        preset.write_text(text(clock, tempo_bpm, more), encoding="utf-8")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "livevae",
                "run",
                "--preset",
                str(preset),
                "--osc",
                "off",
                "--no-page",
                *options,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a signal for it alone
        )
        self.lines: list[str] = []
        self._printed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._printed:
                self.lines.append(line.rstrip())
                self._printed.notify_all()

    @property
    def said(self) -> str:
        """Everything it printed."""
        return "\n".join(self.lines)

    @property
    def has_ended(self) -> bool:
        """Whether the program has gone."""
        return self.process.poll() is not None

    def wait_until_said(self, words: str) -> None:
        """Return when it has printed these words."""
        give_up_s = time.monotonic() + PATIENCE_S
        with self._printed:
            while words not in self.said:
                assert not self.has_ended, self.said
                assert self._printed.wait(give_up_s - time.monotonic()), f"never said {words!r}:\n{self.said}"

    def timekeeper_pid(self) -> int:
        """The process that keeps time, which is started first."""
        return self._helpers()[0]

    def inference_pid(self) -> int:
        """The process with the models, which is started second."""
        return self._helpers()[1]

    def _helpers(self) -> list[int]:
        """Every process that was spawned to do work, in the order of their start."""
        import psutil

        children = psutil.Process(self.process.pid).children(recursive=True)
        spawned = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        return [child.pid for child in sorted(spawned, key=lambda child: child.create_time())]

    def kill_helper(self, pid: int) -> None:
        """Let one of its processes die without a word."""
        os.kill(pid, signal.SIGKILL)

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        """End it by a signal and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        status = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return status

    def close(self) -> None:
        """Make sure it is gone, with everything it started."""
        try:
            self.end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._reader.join(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()


def wait_for_exit(pid: int) -> None:
    """Return when a process that is not our child has gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE_S)
        assert ready, f"process {pid} is still there after {PATIENCE_S:.0f} s"
    finally:
        os.close(descriptor)


def children_of(pid: int) -> list[int]:
    """Processes started by ``pid``, and by those."""
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]
