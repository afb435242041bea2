"""Ports and servers that go away come back into the performance by themselves."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_players import PulseSource, TransportMaster
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import RATE_HZ, Server

pytestmark = pytest.mark.jack


def test_the_audio_server_dies_and_comes_back(server: Server, start_livevae: StartLivevae) -> None:
    livevae = start_livevae(clock="internal")
    server.kill()
    livevae.wait_until_said("went away")
    server.start()
    livevae.wait_until_said("is there")
    recorder = Recorder()  # only now: a client of the dead server cannot be closed beside one of the new
    try:
        recorder.connect("livevae:out")
        recorder.wait_until(lambda: len(recorder.note_ons()) >= 12, "it played again")
        assert livevae.end() == 0, livevae.said
        recorder.wait_frames(1024)
        assert recorder.sounding() == set()
    finally:
        recorder.close()


def test_a_named_port_is_waited_for(recorder: Recorder, start_livevae: StartLivevae) -> None:
    livevae = start_livevae("--in", "mclk_out", heard_by=recorder)
    livevae.wait_until_said("Waiting for a port")
    clock = PulseSource()
    transport = TransportMaster(tempo_bpm=240)
    try:
        recorder.connect("jack_midi_clock:mclk_out", "recorder:clock")
        livevae.wait_until_said("is there")
        transport.command("play")
        recorder.wait_until(lambda: len(recorder.note_ons()) >= 4, "it followed the clock")
    finally:
        transport.close()
        clock.close()


def test_two_of_the_same_name_live_side_by_side(recorder: Recorder, start_livevae: StartLivevae) -> None:
    first = start_livevae(clock="internal")
    second = start_livevae(clock="internal")
    recorder.wait_for_port("livevae-01:out")
    assert "livevae-01:out" in second.said
    assert first.end(signal.SIGTERM) == 0
    assert second.end(signal.SIGTERM) == 0


def test_a_master_that_dies_mid_song_leaves_no_note_sounding(
    recorder: Recorder, start_livevae: StartLivevae
) -> None:
    livevae = start_livevae("--in", "mclk_out", heard_by=recorder)
    clock = PulseSource()
    recorder.connect("jack_midi_clock:mclk_out", "recorder:clock")
    livevae.wait_until_said("is there")
    transport = TransportMaster(tempo_bpm=240)
    try:
        transport.command("play")
        recorder.wait_until(lambda: len(recorder.note_ons()) >= 12, "it followed the clock")
    finally:
        clock.close()
        transport.close()
    livevae.wait_until_said("went away")
    recorder.wait_until(lambda: recorder.quiet_frames() > 2 * RATE_HZ, "it had stopped")
    assert recorder.sounding() == set(), livevae.said
    assert not livevae.has_ended
