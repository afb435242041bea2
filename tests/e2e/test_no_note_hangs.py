"""However livevae ends, every note it began is ended."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import PATIENCE_S
from tests.e2e.livevae_process import children_of, wait_for_exit

pytestmark = pytest.mark.jack

SOME_NOTES = 12


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_the_end_of_the_program_ends_every_note(
    recorder: Recorder, start_livevae: StartLivevae, ending: signal.Signals
) -> None:
    livevae = start_livevae(clock="internal", heard_by=recorder)
    helpers = children_of(livevae.process.pid)
    recorder.wait_until(lambda: len(recorder.note_ons()) >= SOME_NOTES, "some notes had sounded")
    recorder.wait_until(lambda: bool(recorder.sounding()), "a note was sounding")
    status = livevae.end(ending)
    for helper in helpers:
        wait_for_exit(helper)
    recorder.wait_frames(1024)
    assert recorder.sounding() == set(), livevae.said
    assert status == (-signal.SIGKILL if ending == signal.SIGKILL else 0), livevae.said


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "closed terminal"])
def test_what_a_terminal_sends_reaches_every_process_and_ends_every_note(
    recorder: Recorder, start_livevae: StartLivevae, ending: signal.Signals
) -> None:
    livevae = start_livevae(clock="internal", heard_by=recorder)
    helpers = children_of(livevae.process.pid)
    recorder.wait_until(lambda: len(recorder.note_ons()) >= SOME_NOTES, "some notes had sounded")
    recorder.wait_until(lambda: bool(recorder.sounding()), "a note was sounding")
    os.killpg(livevae.process.pid, ending)
    for helper in helpers:
        wait_for_exit(helper)
    recorder.wait_frames(1024)
    assert recorder.sounding() == set(), livevae.said
    assert livevae.process.wait(PATIENCE_S) == 0, livevae.said


def test_a_second_interrupt_changes_nothing(recorder: Recorder, start_livevae: StartLivevae) -> None:
    livevae = start_livevae(clock="internal", heard_by=recorder)
    recorder.wait_until(lambda: len(recorder.note_ons()) >= SOME_NOTES, "some notes had sounded")
    livevae.process.send_signal(signal.SIGINT)
    status = livevae.end(signal.SIGINT)
    recorder.wait_frames(1024)
    assert recorder.sounding() == set(), livevae.said
    assert status == 0, livevae.said


def test_without_its_models_the_set_goes_on(recorder: Recorder, start_livevae: StartLivevae) -> None:
    """The inference process dies: the clock plays on by the rule for late bars, then with new bars."""
    livevae = start_livevae(clock="internal", heard_by=recorder)
    recorder.wait_until(lambda: len(recorder.note_ons()) >= SOME_NOTES, "some notes had sounded")
    inference = livevae.inference_pid()
    livevae.kill_helper(inference)
    recorder.wait_until(lambda: "started again" in livevae.said, "it was said that the models are back")
    heard = len(recorder.note_ons())
    recorder.wait_until(lambda: len(recorder.note_ons()) >= heard + SOME_NOTES, "notes went on")
    assert livevae.end() == 0, livevae.said
    recorder.wait_frames(1024)
    assert recorder.sounding() == set()


def test_without_its_timekeeper_the_program_says_so(recorder: Recorder, start_livevae: StartLivevae) -> None:
    livevae = start_livevae(clock="internal", heard_by=recorder)
    livevae.kill_helper(livevae.timekeeper_pid())
    recorder.wait_until(lambda: livevae.has_ended, "livevae gave up")
    assert livevae.end() not in (0, -signal.SIGKILL)
    assert "timekeeper" in livevae.said
    assert "Traceback" not in livevae.said
