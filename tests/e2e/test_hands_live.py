"""Hands on a running livevae: a controller on real JACK ports, oscsend, and a set that outlives a kill.

The controllers are RtMidi's, jack_midiseq's and csound's, the display is jack_midi_dump's; none is ours.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from livevae.adapters.osc.packets import Argument, read_packet
from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import PATIENCE_S

pytestmark = pytest.mark.jack

LOOPBACK = "127.0.0.1"
GRACE_S = 3.0
# a knob box: each line on its input is one message in hexadecimal
KNOBS = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, "knobs")
out.open_virtual_port("out")
print("ready", flush=True)
for line in sys.stdin:
    out.send_message(bytes.fromhex(line))
"""


@dataclass
class Desk:
    """Somebody who listens to livevae over OSC and says things with oscsend."""

    port: int
    listening: socket.socket

    def say(self, address: str, *words: str) -> None:
        subprocess.run(["oscsend", LOOPBACK, str(self.port), address, *words], check=True, timeout=PATIENCE_S)

    def hear(self, address: str, when: Callable[[tuple[Argument, ...]], bool]) -> tuple[Argument, ...]:
        """The arguments of the next message from ``address`` for which ``when`` holds."""
        give_up_s = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < give_up_s, f"{address} never said that"
            for message in read_packet(self.listening.recv(65536)):
                if message.address == address and when(message.arguments):
                    return message.arguments


@pytest.fixture
def desk() -> Iterator[Desk]:
    if shutil.which("oscsend") is None:
        pytest.skip("liblo-tools is not installed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        port = int(free.getsockname()[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind((LOOPBACK, 0))
        listening.settimeout(PATIENCE_S)
        yield Desk(port, listening)


@pytest.fixture
def options(desk: Desk) -> list[str]:
    """What makes livevae talk to the desk."""
    told = f"{LOOPBACK}:{desk.listening.getsockname()[1]}"
    return ["--osc", f"{LOOPBACK}:{desk.port}", "--osc-to", told]


class Tool:
    """A program that reads or prints lines."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._printed = b""

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def wait_for(self, words: str) -> None:
        """Return when it has printed these words."""
        assert self._process.stdout is not None
        while words.encode() not in self._printed:
            ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
            assert ready, f"it never printed {words!r} but {self._printed!r}"
            printed = os.read(self._process.stdout.fileno(), 4096)
            assert printed, f"it ended without printing {words!r} but {self._printed!r}"
            self._printed += printed

    def close(self) -> None:
        self._process.terminate()  # politely: JACK waits long for a client that was killed
        try:
            self._process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def start_tool() -> Iterator[Callable[..., Tool]]:
    running: list[Tool] = []

    def start(*command: str) -> Tool:
        if shutil.which(command[0]) is None:
            pytest.skip(f"not installed: {command[0]}")
        running.append(Tool(*command))
        return running[-1]

    yield start
    for tool in running:
        tool.close()


def test_a_knob_is_learned_takes_over_and_its_motor_follows(
    recorder: Recorder,
    start_livevae: StartLivevae,
    desk: Desk,
    options: list[str],
    start_tool: Callable[..., Tool],
) -> None:
    pytest.importorskip("rtmidi")
    livevae = start_livevae(*options, clock="internal")
    desk.hear("/livevae/transport", lambda said: said[0] == "playing")
    knobs = start_tool(sys.executable, "-c", KNOBS)
    knobs.wait_for("ready")
    recorder.connect("knobs:out", "livevae:in")
    motors = start_tool("stdbuf", "-oL", "jack_midi_dump", "-a", "motors")
    recorder.connect("livevae:controls", "motors:input")

    desk.say("/livevae/learn", "s", "melody/vary")
    assert desk.hear("/livevae/learning", lambda said: True) == ("/livevae/melody/vary", 1)
    knobs.tell("b0 15 00")  # far below the present 0.3: nothing may jump
    assert desk.hear("/livevae/binding", lambda said: True) == ("/livevae/melody/vary", "channel 1 cc 21")
    for value in (20, 60, 100):  # past 0.3, so it takes over there
        knobs.tell(f"b0 15 {value:02x}")
    moved = desk.hear("/livevae/melody/vary", lambda said: float(said[0] or 0) > 0.7)
    assert moved[0] == pytest.approx(100 / 127, abs=1e-6)

    desk.say("/livevae/melody/vary", "f", "0.25")
    motors.wait_for("b0 15 20")  # 0.25 of 127, once the hand has let go
    assert "Traceback" not in livevae.said


FADER = """\
<CsoundSynthesizer>
<CsOptions>
-odac -+rtaudio=jack -+rtmidi=jack -Q0 -b256 -B1024 -d -m0
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 256
nchnls = 1
0dbfs = 1
instr 1
  kUp phasor 0.5
  {opcode}
endin
</CsInstruments>
<CsScore>
i 1 0 120
</CsScore>
</CsoundSynthesizer>
"""


@pytest.mark.parametrize(
    ("opcode", "control"),
    [
        ("outkc 3, 74, int(127 * kUp), 0, 127", "channel 3 cc 74"),
        ("outkc14 1, 7, 39, int(16383 * kUp), 0, 16383", "channel 1 cc14 7"),
        ("nrpn 2, 1234, int(16383 * kUp) - 8192", "channel 2 nrpn 1234"),  # csound's zero is the middle
    ],
)
def test_faders_of_csound_are_learned_through_jack(
    recorder: Recorder,
    start_livevae: StartLivevae,
    desk: Desk,
    options: list[str],
    start_tool: Callable[..., Tool],
    tmp_path: Path,
    opcode: str,
    control: str,
) -> None:
    start_livevae(*options, clock="internal")
    desk.hear("/livevae/transport", lambda said: said[0] == "playing")
    learning = start_tool(
        sys.executable, "-m", "livevae", "learn", "melody/vary", "--osc", f"{LOOPBACK}:{desk.port}"
    )
    learning.wait_for("Move or press the control")
    score = tmp_path / "fader.csd"
    score.write_text(FADER.format(opcode=opcode), encoding="ascii")
    start_tool("csound", str(score))
    recorder.connect("csound6-midi_out:port", "livevae:in")
    learning.wait_for(f"From now on {control} turns melody/vary.")
    desk.hear("/livevae/melody/vary", lambda said: float(said[0] or 0) > 0.9)  # it moves up ...
    desk.hear("/livevae/melody/vary", lambda said: float(said[0] or 0) < 0.1)  # ... and begins again


def test_a_pad_is_learned_and_mutes_in_time(
    recorder: Recorder,
    start_livevae: StartLivevae,
    desk: Desk,
    options: list[str],
    start_tool: Callable[..., Tool],
) -> None:
    start_livevae(*options, clock="internal")
    desk.hear("/livevae/transport", lambda said: said[0] == "playing")
    endpoint = f"{LOOPBACK}:{desk.port}"
    learning = start_tool(sys.executable, "-m", "livevae", "learn", "bass/mute", "--osc", endpoint)
    learning.wait_for("Move or press the control")
    start_tool("jack_midiseq", "pads", "24000", "0", "40", "2000")  # note 40 twice a second
    recorder.connect("pads:out", "livevae:in")
    learning.wait_for("From now on channel 1 note 40 turns bass/mute.")
    desk.hear("/livevae/bass/mute", lambda said: said[0] == 1.0)
    desk.hear("/livevae/bass/mute", lambda said: said[0] == 0.0)
    desk.say("/livevae/unlearn", "s", "/livevae/bass/mute")
    desk.hear("/livevae/binding", lambda said: said == ("/livevae/bass/mute", ""))


def test_a_set_outlives_a_kill(
    start_livevae: StartLivevae,
    desk: Desk,
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    livevae = start_livevae(*options, "--set", "friday", clock="internal")
    desk.hear("/livevae/transport", lambda said: said[0] == "playing")
    desk.say("/livevae/melody/slot/3/keep", "ss", "sample", "hook")
    desk.hear("/livevae/melody/slot/3", lambda said: said == (1.0, "hook"))
    desk.say("/livevae/melody/temperature/value", "f", "1.5")
    desk.hear("/livevae/melody/temperature/value", lambda said: said == (1.5,))
    bar = desk.hear("/livevae/transport", lambda said: True)[3]
    desk.hear("/livevae/transport", lambda said: said[3] != bar)  # many snapshots later
    livevae.end(signal.SIGKILL)

    again = start_livevae(*options, "--set", "friday", clock="internal")
    desk.hear("/livevae/melody/temperature/value", lambda said: said == (1.5,))
    desk.hear("/livevae/melody/slot/3", lambda said: said == (1.0, "hook"))
    assert again.end() == 0, again.said
