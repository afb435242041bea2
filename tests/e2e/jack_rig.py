"""A studio for end-to-end tests: a JACK server without sound hardware, a clock master and a recorder.

The master is software nobody here wrote: jack_midi_clock, led by jack_transport. Times are frames of the
JACK server, never wall time: its dummy driver lets the two slip apart.
"""

from __future__ import annotations

import itertools
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PERIOD_FRAMES = 256
RATE_HZ = 48_000
PULSES_PER_BAR = 96
_TICKS_PER_BEAT = 1920
_SOUNDLESS = ["-r", "-S", "-d", "dummy", "-r", str(RATE_HZ), "-p", str(PERIOD_FRAMES)]
PATIENCE_S = 30.0  # a limit for what normally takes a moment; reaching it is a failure

FIXTURES = Path(__file__).parent.parent / "fixtures"
_server_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message at the recorder: the frame it lay on, and its bytes."""

    frame: int
    message: bytes

    @property
    def is_note_on(self) -> bool:
        return self.message[0] & 0xF0 == 0x90 and self.message[2] > 0

    @property
    def is_note_off(self) -> bool:
        return self.message[0] & 0xF0 == 0x80 or (self.message[0] & 0xF0 == 0x90 and self.message[2] == 0)

    @property
    def key(self) -> tuple[int, int]:
        """Channel (1-16) and pitch of a note."""
        return (self.message[0] & 0x0F) + 1, self.message[1]


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


class Recorder:
    """Two inputs, ``clock`` and ``notes``; keeps everything that arrives with its frame."""

    def __init__(self) -> None:
        import jack

        jack.set_error_function(lambda text: None)
        jack.set_info_function(lambda text: None)
        self.clock: list[Heard] = []
        self.notes: list[Heard] = []
        self.frame = 0
        self._period = threading.Condition()
        self._client: Any = jack.Client("recorder", no_start_server=True)
        self._inputs = [
            (self._client.midi_inports.register("clock"), self.clock),
            (self._client.midi_inports.register("notes"), self.notes),
        ]
        self._client.set_process_callback(self._process)
        self._client.activate()

    def close(self) -> None:
        """Leave the server (which may be gone)."""
        self._client.deactivate()
        self._client.close()

    def _process(self, frames: int) -> None:
        start = self._client.last_frame_time
        for port, heard in self._inputs:
            for offset, message in port.incoming_midi_events():
                heard.append(Heard(start + offset, bytes(message)))
        self.frame = start + frames
        with self._period:
            self._period.notify_all()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Return as soon as ``condition`` holds; it is looked at once a period."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not condition():
            with self._period:
                self._period.wait(1.0)
            if time.monotonic() > give_up_s:
                raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain until {what}")

    def wait_frames(self, frames: int) -> None:
        """Let this much music pass."""
        end = self.frame + frames
        self.wait_until(lambda: self.frame >= end, "the frames had passed")

    def has_port(self, name: str) -> bool:
        """Whether some program has this port now."""
        return any(port.name == name for port in self._client.get_ports(is_midi=True))

    def wait_for_port(self, name: str) -> None:
        """Return when a program has opened this port."""
        self.wait_until(lambda: self.has_port(name), f"{name} was there")

    def connect(self, source: str, to: str = "recorder:notes") -> None:
        """Lay a cable, once the source is there and awake."""
        self.wait_until(lambda: self._try_to_connect(source, to), f"{source} could be connected")

    def _try_to_connect(self, source: str, to: str) -> bool:
        import jack

        try:
            self._client.connect(source, to)
        except jack.JackError:
            return False
        return True

    # --- leading the transport ------------------------------------------------------------------

    def lead(self, tempo_bpm: int) -> None:
        """Be JACK's timebase master: jack_transport 1.9.21 hangs in that role at a jump while rolling."""
        import jack

        def tell_position(_state: Any, _frames: int, position: Any, _is_new: bool) -> None:
            tick = position.frame * tempo_bpm * _TICKS_PER_BEAT // (60 * RATE_HZ)
            position.beats_per_bar, position.beat_type = 4, 4
            position.ticks_per_beat, position.beats_per_minute = _TICKS_PER_BEAT, tempo_bpm
            position.bar = tick // (4 * _TICKS_PER_BEAT) + 1
            position.beat = tick // _TICKS_PER_BEAT % 4 + 1
            position.tick = tick % _TICKS_PER_BEAT
            position.bar_start_tick = (position.bar - 1) * 4 * _TICKS_PER_BEAT
            position.valid = jack._lib.JackPositionBBT

        self._client.set_timebase_callback(tell_position)

    def play(self) -> None:
        """Let JACK's transport roll."""
        self._client.transport_start()

    def stop(self) -> None:
        """Stop JACK's transport."""
        self._client.transport_stop()

    def locate(self, frame: int) -> None:
        """Send JACK's transport to this frame of the song."""
        self._client.transport_frame = frame

    # --- what was recorded ----------------------------------------------------------------------

    def pulses(self) -> list[tuple[int, int]]:
        """Every pulse that counts: (frame, position in pulses from the song's start), as MIDI defines it."""
        counted = []
        position, is_rolling = 0, False
        for heard in tuple(self.clock):
            status = heard.message[0]
            if status == 0xFA:
                position, is_rolling = 0, True
            elif status == 0xFB:
                is_rolling = True
            elif status == 0xFC:
                is_rolling = False
            elif status == 0xF2:
                position = 6 * (heard.message[1] | heard.message[2] << 7)
            elif status == 0xF8 and is_rolling:
                counted.append((heard.frame, position))
                position += 1
        return counted

    def bar_lines(self) -> list[int]:
        """The frame of each bar line the master has drawn so far."""
        return [frame for frame, position in self.pulses() if position % PULSES_PER_BAR == 0]

    def note_ons(self) -> list[Heard]:
        """Every note that began."""
        return [heard for heard in tuple(self.notes) if heard.is_note_on]

    def sounding(self) -> set[tuple[int, int]]:
        """Channel and pitch of every note that has begun and not ended."""
        sounding: set[tuple[int, int]] = set()
        for heard in tuple(self.notes):
            if heard.is_note_on:
                sounding.add(heard.key)
            elif heard.is_note_off:
                sounding.discard(heard.key)
        return sounding


class Player:
    """Plays a script of messages to the frame, through ``player:out``."""

    def __init__(self) -> None:
        import jack

        self._script: deque[tuple[int, bytes]] = deque()
        self._start: int | None = None
        self._client: Any = jack.Client("player", no_start_server=True)
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


def _quiet(*command: str) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere)


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


class Livevae:
    """``livevae run`` as a musician starts it, with a fake model."""

    def __init__(
        self, folder: Path, *options: str, clock: str = "midi", tempo_bpm: float = 120.0, more: str = ""
    ) -> None:
        preset = folder / "e2e.toml"
        preset.write_text(preset_text(clock, tempo_bpm, more), encoding="utf-8")
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
