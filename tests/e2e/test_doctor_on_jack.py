"""The doctor beside a real JACK server: no clock, a clock, a livevae that nobody is connected with."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_players import TransportMaster
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import Server

pytestmark = pytest.mark.jack

PATIENCE_S = 120.0


def findings(subject: str, listen_s: float = 0.0) -> list[tuple[str, str]]:
    """(level, text) of what the doctor says about ``subject``."""
    words = ["doctor", "--json", "--listen", str(listen_s), "--osc", "127.0.0.1:9"]
    done = subprocess.run(
        [sys.executable, "-m", "livevae", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    report = json.loads(done.stdout)
    return [(f["level"], f["text"]) for f in report["findings"] if f["subject"] == subject]


def test_a_lonely_server(server: Server) -> None:
    assert findings("MIDI system") == [("fine", "jack")]
    ((level, text),) = findings("MIDI ports")
    assert (level, "no other program" in text) == ("warning", True)
    assert findings("connections") == []
    assert findings("clock")[0][0] == "warning"


def test_a_clock_is_heard(recorder: Recorder, master: TransportMaster) -> None:
    master.command("play")
    recorder.wait_until(lambda: len(recorder.pulses()) >= 4, "the clock runs")
    ((level, text),) = findings("clock", listen_s=1.0)
    assert level == "fine"
    assert text.startswith("a MIDI clock comes from jack_midi_clock:mclk_out at 2")


def test_a_livevae_nobody_is_connected_with(recorder: Recorder, start_livevae: StartLivevae) -> None:
    start_livevae(clock="internal")
    levels = {text.split(":")[1].split()[0]: level for level, text in findings("connections")}
    assert levels["out"] == "fault"
    assert levels["in"] == "warning"
    recorder.connect("livevae:out")
    assert ("fine", "livevae:out - recorder:notes") in findings("connections")
