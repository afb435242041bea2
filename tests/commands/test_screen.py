"""What a musician sees: one line that is overwritten on a terminal, and a line for each change elsewhere."""

from __future__ import annotations

import io

import pytest

from livevae.adapters.midi.port import PortHealth
from livevae.commands.screen import Screen
from livevae.commands.status import status_line, summary
from livevae.core.effects import Notice, Severity
from livevae.core.snapshot import PartSnapshot
from livevae.snapshot import Lateness, Snapshot
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT
from tests.commands.snapshots import snapshot


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_says_where_the_music_is() -> None:
    line = status_line(snapshot(bar=16, position_ticks=16 * TICKS_PER_BAR + 2 * TICKS_PER_BEAT))
    for piece in (
        "playing",
        "bar 17.3",
        "120.0 BPM",
        "own clock",
        "drums vary (muted)",
        "late 12/80 µs",
        "missed 2",
    ):
        assert piece in line
    assert "dropouts" not in line


def test_the_line_says_which_chord_sounds() -> None:
    assert "chord Am7" in status_line(snapshot(chord="Am7"))
    assert "chord" not in status_line(snapshot())


def test_the_line_says_what_is_amiss() -> None:
    parts = (PartSnapshot("melody", "sample", muted=True, listening=True, heard=True, bars_missed=0),)
    line = status_line(
        snapshot(leader="midi", parts=parts, health=PortHealth(dropouts=3, lost=True), lateness=Lateness())
    )
    for piece in (
        "your clock",
        "melody sample (muted, listening)",
        "late -",
        "dropouts 3",
        "MIDI system gone",
    ):
        assert piece in line


def test_before_the_song_starts_bars_count_down() -> None:
    assert "bar 0.4" in status_line(snapshot(position_ticks=-1))


def test_a_terminal_has_one_line_that_is_renewed() -> None:
    stream = Terminal()
    screen = Screen(stream)
    screen.snapshot(snapshot())
    screen.notice(Notice(0, Severity.WARNING, "The clock fell silent."))
    screen.snapshot(snapshot())
    screen.end()
    text = stream.getvalue()
    assert "\r\x1b[KWarning: The clock fell silent.\nplaying" in text
    assert text.count("\n") == 2
    assert text.endswith(summary(snapshot()) + "\n")


def test_elsewhere_a_line_comes_when_something_changes() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    jolted = snapshot(bar=1, tempo_bpm=90.0, health=PortHealth(dropouts=3))
    views: list[Snapshot] = [snapshot(), snapshot(bar=1), jolted, snapshot(bar=8)]
    for view in views:
        screen.snapshot(view)
    assert stream.getvalue().count("\n") == 2  # the first, and eight bars later
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("severity", list(Severity))
def test_a_closed_terminal_does_not_stop_the_music(severity: Severity) -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    stream.close()
    screen.notice(Notice(0, severity, "nobody reads this"))
    screen.end()
