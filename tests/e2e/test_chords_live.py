"""Chords through a second real port: what is held there is what the next bar is played over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_players import Player
from tests.e2e.jack_recorder import Recorder
from tests.e2e.livevae_process import over_chords_text

pytestmark = pytest.mark.jack

FRAMES_PER_PULSE = 1000  # at 120 BPM and 48 kHz, exactly
FRAMES_PER_BAR = 96 * FRAMES_PER_PULSE
BARS = 5
A_MINOR, F_MAJOR = (45, 60, 64), (41, 57, 60)
D = 2


def pulses() -> Iterator[tuple[int, bytes]]:
    yield 0, b"\xfa"
    for pulse in range(96 * BARS + 1):
        yield pulse * FRAMES_PER_PULSE, b"\xf8"


def chords() -> list[tuple[int, bytes]]:
    """A minor from the middle of the second bar until it is let go, F major from the middle of the third."""
    messages = [(0, b"\xfe")]  # begins when the clock does
    for start, end, keys in ((1.5, 2.0, A_MINOR), (2.5, 4.9, F_MAJOR)):
        for key in keys:
            messages.append((int(start * FRAMES_PER_BAR), bytes((0x90, key, 80))))
            messages.append((int(end * FRAMES_PER_BAR), bytes((0x80, key, 0))))
    return sorted(messages)


def test_two_inputs_one_for_the_clock_and_one_for_the_chords(
    recorder: Recorder, start_livevae: StartLivevae
) -> None:
    """The fake model over chords plays each beat's bass: D as written, then what was held before the bar."""
    livevae = start_livevae(
        "--in", "player:out", "--chords", "organ:out", heard_by=recorder, text=over_chords_text
    )
    player, organ = Player(), Player("organ")
    try:
        livevae.wait_until_said("player:out is there")
        livevae.wait_until_said("organ:out is there")
        recorder.connect("player:out", "recorder:clock")
        recorder.wait_frames(FRAMES_PER_BAR // 4)
        organ.play(chords())
        player.play(pulses())
        recorder.wait_until(lambda: len(recorder.bar_lines()) > BARS, "all bars had been played")
        assert livevae.end() == 0, livevae.said
    finally:
        player.close()
        organ.close()
    start_frame = recorder.pulses()[0][0]
    bars: dict[int, set[int]] = {}
    for heard in recorder.note_ons():
        bars.setdefault((heard.frame - start_frame) // FRAMES_PER_BAR, set()).add(heard.key[1] % 12)
    assert [bars[bar] for bar in range(BARS)] == [{D}, {D}, {9}, {5}, {5}], livevae.said
