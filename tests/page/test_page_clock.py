"""The page's sense of time, in Chromium: stamps to moments, positions through jumps."""

from __future__ import annotations

from typing import Any

from tests.page.browser_rig import Page


def reckon(page: Page, script: str) -> Any:
    """What a script that knows ReportClock and Song gives."""
    return page.browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        f"import('/clock.js').then(({{ ReportClock, Song }}) => {{ {script} }});"
    )


def test_the_quickest_report_tells_the_time(page: Page) -> None:
    script = """
        const clock = new ReportClock();
        for (let i = 0; i < 100; i += 1) clock.heard(1000 + i * 100, 5000 + i * 100 + (i % 7 === 3 ? 0 : 12));
        done([clock.dueMs(2000) - clock.delayMs, clock.stampMs(clock.dueMs(1234))]);
    """
    due, stamp = reckon(page, script)
    assert abs(due - 6000) < 1
    assert stamp == 1234


def test_a_clock_that_was_set_back_is_followed(page: Page) -> None:
    script = """
        const clock = new ReportClock();
        for (let i = 0; i < 50; i += 1) clock.heard(900000 + i * 100, i * 100);
        for (let i = 0; i < 5; i += 1) clock.heard(i * 100, 5000 + i * 100);
        done(clock.dueMs(500) - clock.delayMs);
    """
    assert reckon(page, script) == 5500


def test_positions_run_on_between_reports(page: Page) -> None:
    script = """
        const song = new Song();
        song.heard({ at: 0, beat: 4, bpm: 120, state: "playing" });
        done([song.beat(500), song.unwrapped(1000)]);
    """
    assert reckon(page, script) == [5, 6]


def test_while_stopped_the_position_stands(page: Page) -> None:
    script = """
        const song = new Song();
        song.heard({ at: 0, beat: 4, bpm: 120, state: "stopped" });
        done(song.beat(5000));
    """
    assert reckon(page, script) == 4


def test_a_loop_jumps_in_the_song_but_not_on_the_line(page: Page) -> None:
    script = """
        const song = new Song();
        song.heard({ at: 0, beat: 14, bpm: 120, state: "playing" });
        song.heard({ at: 500, beat: 15, bpm: 120, state: "playing" });
        song.heard({ at: 1500, beat: 1, bpm: 120, state: "playing" });
        const pieces = song.pieces(14, 20).map(({ start, shift }) => [Math.round(start), shift]);
        done([song.unwrapped(500), song.unwrapped(1500), song.beat(1500), song.unwrapped(1750), pieces]);
    """
    before, after, beat, later, pieces = reckon(page, script)
    assert (before, after, beat, later) == (15, 17, 1, 17.5)
    assert pieces == [[14, 0], [17, 16]]


def test_an_audio_server_that_falls_behind_is_followed(page: Page) -> None:
    """JACK's dummy driver on a busy computer has been seen to lose a tenth of its time."""
    script = """
        const clock = new ReportClock();
        let worst = 0;
        for (let i = 0; i < 200; i += 1) {
            const stamp = i * 100, arrival = stamp * 1.1;
            clock.heard(stamp, arrival);
            worst = Math.max(worst, arrival - (clock.dueMs(stamp) - clock.delayMs));
        }
        done([worst, clock.delayMs]);
    """
    worst, delay = reckon(page, script)
    assert worst < 1.5 * delay
