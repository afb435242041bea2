"""A whole running livevae, moved and read over OSC: by liblo's tools, by nonsense, by a flood."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from livevae.adapters.osc.packets import Argument, OscMessage, read_packet, write_message

FAKES = Path(__file__).parent.parent / "fixtures"
LOOPBACK = "127.0.0.1"
ASK_AGAIN_S = 0.2
MOST_TRIES = 200
PATIENCE_S = 60.0  # only a failing test waits this long


@dataclass
class Live:
    """A session, the OSC port it listens at, and a controller that has subscribed."""

    session: subprocess.Popen[str]
    port: int
    controller: socket.socket

    def send(self, address: str, *arguments: Argument) -> None:
        self.controller.sendto(write_message(address, *arguments), (LOOPBACK, self.port))

    def hear(self, address: str) -> OscMessage:
        """The next message from ``address``; others on the way are passed over."""
        while True:
            for message in read_packet(self.controller.recv(65536)):
                if message.address == address:
                    return message

    def hear_value(self, address: str, value: Argument) -> None:
        """Wait until ``address`` is told to be ``value``."""
        while self.hear(address).arguments != (value,):
            pass

    def insist(self, address: str, value: Argument) -> None:
        """Send a value until it is told: a flood overruns the system's buffer, and UDP loses the rest."""
        self.controller.settimeout(ASK_AGAIN_S)
        for _ in range(MOST_TRIES):
            self.send(address, value)
            try:
                self.hear_value(address, value)
            except TimeoutError:
                continue
            self.controller.settimeout(PATIENCE_S)
            return
        pytest.fail(f"{address} was never told to be {value!r}")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    preset = tmp_path / "fake.toml"
    preset.write_text(
        "\n".join(
            f'[parts.{part}]\nmodel = "{FAKES / "fake_trio.onnx"}"\nchannel = {channel}'
            for part, channel in (("melody", 1), ("drums", 10))
        )
    )
    controller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    controller.bind((LOOPBACK, 0))
    controller.settimeout(PATIENCE_S)
    listening = f"{LOOPBACK}:{controller.getsockname()[1]}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
    words = ["run", "--preset", str(preset), "--backend", "none", "--no-page", "--osc", f"{LOOPBACK}:{port}"]
    session = subprocess.Popen(
        [sys.executable, "-m", "livevae", *words, "--osc-to", listening],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    live = Live(session, port, controller)
    try:
        live.hear("/livevae/transport")
        yield live
        session.send_signal(signal.SIGTERM)
        said, _ = session.communicate(timeout=PATIENCE_S)
        assert session.returncode == 0, said
        assert "Traceback" not in said
    finally:
        session.kill()
        session.communicate()
        controller.close()


def oscsend(live: Live, *words: str) -> None:
    subprocess.run(["oscsend", LOOPBACK, str(live.port), *words], check=True, timeout=PATIENCE_S)


@pytest.mark.skipif(shutil.which("oscsend") is None, reason="liblo-tools is not installed")
def test_oscsend_moves_what_a_subscriber_then_hears(live: Live) -> None:
    oscsend(live, "/livevae/tempo/value", "f", "93.5")
    live.hear_value("/livevae/tempo/value", 93.5)
    oscsend(live, "/livevae/drums/mode", "s", "freeze")
    live.hear_value("/livevae/drums/mode/value", "freeze")
    oscsend(live, "/livevae/*/mute", "i", "1")
    live.hear_value("/livevae/melody/mute", 1.0)
    live.hear_value("/livevae/drums/mute", 1.0)
    oscsend(live, "/livevae/stop")
    while live.hear("/livevae/transport").arguments[0] != "stopped":
        pass
    oscsend(live, "/livevae/play")
    while live.hear("/livevae/transport").arguments[0] != "playing":
        pass


@pytest.mark.skipif(
    shutil.which("oscsend") is None or shutil.which("oscdump") is None, reason="liblo-tools is not installed"
)
def test_oscdump_hears_the_state(live: Live) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE) as dump:
        assert dump.stdout is not None
        printed = dump.stdout.fileno()
        heard = ""
        try:
            while "/livevae/state i" not in heard:
                if not select.select([printed], [], [], ASK_AGAIN_S)[0]:
                    oscsend(live, "/livevae/state", "i", str(port))  # it does not say when it is ready
                    continue
                heard += os.read(printed, 1 << 16).decode()
        finally:
            dump.terminate()
    assert "/livevae/tempo/value f 120" in heard
    assert '/livevae/drums/mode/value s "sample"' in heard


def test_nonsense_changes_nothing_and_is_answered(live: Live) -> None:
    for nonsense in (
        b"",
        b"\0",
        b"MThd",
        b"#bundle\0" + b"\xff" * 30,
        b"/livevae/tempo\0\0,z\0\0",
        bytes(9000),
    ):
        live.controller.sendto(nonsense, (LOOPBACK, live.port))
    assert "not OSC" in str(live.hear("/livevae/error").arguments[0])
    live.send("/livevae/melody/vary", 7.0)
    live.send("/livevae/melody/vary/value", 0.25)
    live.hear_value("/livevae/melody/vary/value", 0.25)


def test_in_a_flood_the_last_value_wins_and_the_music_goes_on(live: Live) -> None:
    for count in range(20_000):
        live.send("/livevae/melody/temperature", count % 100 / 100)
    live.insist("/livevae/melody/temperature/value", 1.25)
    first = live.hear("/livevae/transport").arguments[3]
    while live.hear("/livevae/transport").arguments[3] == first:
        pass
