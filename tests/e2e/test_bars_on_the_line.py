"""Led by a clock that nobody here wrote, livevae's bars begin on the master's bar lines, to the frame.

The fake model strikes on every beat, so a bar that is in time has a note on its bar line. Everything is
judged in frames of the JACK server: within one period is asked, the same frame is what is seen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.jack_players import PulseSource, RampMaster, TransportMaster
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import PERIOD_FRAMES
from tests.e2e.livevae_process import Livevae

pytestmark = pytest.mark.jack

BAR_FRAMES = 48_000  # at 240 BPM


def distances_frames(recorder: Recorder, first_bar: int = 0) -> list[int]:
    """For each bar line of the master from ``first_bar`` on, how far off the nearest note-on is."""
    starts = {heard.frame for heard in recorder.note_ons()}
    assert starts, "livevae played nothing"
    return [min(abs(start - line) for start in starts) for line in recorder.bar_lines()[first_bar:]]


def hear_bars(recorder: Recorder, more: int) -> None:
    """Let ``more`` bar lines pass, and the notes on the last of them arrive."""
    wanted = len(recorder.bar_lines()) + more
    recorder.wait_until(lambda: len(recorder.bar_lines()) >= wanted, f"{more} more bars began")
    recorder.wait_frames(2 * PERIOD_FRAMES)


def stop_and_expect_silence(recorder: Recorder, stop: Callable[[], None]) -> None:
    """One period after the master's Stop no note sounds, and none begins from then on."""
    before = len(stops(recorder))
    stop()
    recorder.wait_until(lambda: len(stops(recorder)) > before, "the master stopped")
    stopped = stops(recorder)[-1]
    recorder.wait_until(lambda: recorder.frame > stopped + 4 * PERIOD_FRAMES, "some periods had passed")
    assert recorder.sounding() == set()
    assert all(heard.frame <= stopped + PERIOD_FRAMES for heard in tuple(recorder.notes))


def stops(recorder: Recorder) -> list[int]:
    """The frame of every Stop the master has sent."""
    return [heard.frame for heard in tuple(recorder.clock) if heard.message[0] == 0xFC]


def test_the_first_pulse_after_start_sounds_the_first_note(
    recorder: Recorder, master: TransportMaster, following: Livevae
) -> None:
    master.command("play")
    hear_bars(recorder, 1)
    first_pulse, _ = recorder.pulses()[0]
    first_note = recorder.note_ons()[0]
    assert 0 <= first_note.frame - first_pulse <= PERIOD_FRAMES, following.said


def test_every_bar_is_on_its_line_and_stop_is_silence(
    recorder: Recorder, master: TransportMaster, following: Livevae
) -> None:
    master.command("play")
    hear_bars(recorder, 5)
    stop_and_expect_silence(recorder, lambda: master.command("stop"))
    assert max(distances_frames(recorder)) <= PERIOD_FRAMES, following.said


def test_continue_takes_up_the_song_where_it_was_left(
    recorder: Recorder, master: TransportMaster, following: Livevae
) -> None:
    master.command("play")
    hear_bars(recorder, 2)
    recorder.wait_frames(BAR_FRAMES // 3)
    stop_and_expect_silence(recorder, lambda: master.command("stop"))
    master.command("play")
    hear_bars(recorder, 3)
    assert any(heard.message[0] == 0xFB for heard in recorder.clock), "the master sent no Continue"
    assert max(distances_frames(recorder)) <= PERIOD_FRAMES, following.said


def test_a_tempo_change_keeps_bars_on_their_lines(
    recorder: Recorder, master: TransportMaster, following: Livevae
) -> None:
    master.command("play")
    hear_bars(recorder, 2)
    master.command("tempo 150")
    hear_bars(recorder, 3)
    assert max(distances_frames(recorder)) <= PERIOD_FRAMES, following.said


@pytest.mark.parametrize("to_bar", [5, 1.25, 0], ids=["ahead", "back inside a bar", "back to the start"])
def test_a_jump_while_rolling_lands_on_the_new_bars(
    recorder: Recorder, clock: PulseSource, following: Livevae, to_bar: float
) -> None:
    recorder.lead(tempo_bpm=240)
    recorder.play()
    hear_bars(recorder, 3)
    recorder.locate(round(to_bar * BAR_FRAMES))
    before = len(recorder.clock)
    recorder.wait_until(
        lambda: any(heard.message[0] in (0xFA, 0xFB) for heard in tuple(recorder.clock)[before:]),
        "the master went on from its new place",
    )
    hear_bars(recorder, 3)
    stop_and_expect_silence(recorder, recorder.stop)
    assert max(distances_frames(recorder)) <= PERIOD_FRAMES, following.said


@pytest.mark.skipif(shutil.which("klick") is None, reason="klick is not installed")
def test_ramps_up_and_down_keep_bars_on_their_lines(
    recorder: Recorder, clock: PulseSource, following: Livevae, tmp_path: Path
) -> None:
    ramps = RampMaster(tmp_path, "1 100\n4 100-240\n4 240-100\n8 100\n")
    try:
        recorder.wait_for_port("klick:out")
        recorder.play()
        hear_bars(recorder, 10)
        stop_and_expect_silence(recorder, recorder.stop)
    finally:
        ramps.close()
    lengths = [later - earlier for earlier, later in pairwise(recorder.bar_lines())]
    assert min(lengths) < 0.5 * max(lengths), "the master's tempo did not move"
    assert max(distances_frames(recorder)) <= PERIOD_FRAMES, following.said
