"""The RtMidi port with the real library, through its JACK backend: no other needs no hardware."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.jack_players import Player
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import PATIENCE_S

pytestmark = pytest.mark.jack

# what a clock master and a keyboard send; RtMidi's senders and listeners keep the order
SCRIPT = (b"\xfa", b"\xf8", b"\xf2\x10\x00", b"\x90\x3c\x40", b"\xb0\x07\x64", b"\x80\x3c\x00", b"\xfc")
FRAMES_APART = 100


@pytest.fixture
def echo(recorder: Recorder) -> Iterator[None]:
    """A process that sends back what its RtMidi port hears: the wheel brings a libjack of its own, and two in
    one process disturb each other."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.rtmidi_echo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        process.communicate()
        pytest.skip("the installed binding of RtMidi cannot reach JACK")
    yield
    process.communicate(timeout=PATIENCE_S)


@pytest.mark.usefixtures("echo")
def test_what_is_heard_can_be_sent_back_in_order(recorder: Recorder) -> None:
    player = Player()
    try:
        ours = [name for name in recorder.port_names() if name.startswith("livevae")]
        [listening] = [name for name in ours if name.endswith(":in")]
        [speaking] = [name for name in ours if name.endswith(":out")]
        recorder.connect("player:out", listening)
        recorder.connect(speaking)
        player.play((number * FRAMES_APART, message) for number, message in enumerate(SCRIPT))
        recorder.wait_until(lambda: len(recorder.notes) >= len(SCRIPT), "everything had come back")
    finally:
        player.close()
    assert [found.message for found in recorder.notes] == list(SCRIPT)
