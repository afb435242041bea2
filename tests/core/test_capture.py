"""Capture keeps what was played, cut half a sixteenth before the bar line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.capture import Capture
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_STEP


def test_an_early_downbeat_belongs_to_the_bar_it_announces() -> None:
    capture = Capture()
    capture.note_on(TICKS_PER_BAR - HALF_STEP_TICKS, 1, 60, 90)
    capture.note_off(TICKS_PER_BAR + TICKS_PER_STEP, 1, 60)
    capture.note_on(2 * TICKS_PER_BAR - HALF_STEP_TICKS, 1, 62, 90)
    capture.note_off(2 * TICKS_PER_BAR, 1, 62)
    heard = capture.window(1, 1, 0, 3 * TICKS_PER_BAR)
    assert heard == (Note(-HALF_STEP_TICKS, HALF_STEP_TICKS + TICKS_PER_STEP, 60, 90),)


def test_a_held_key_counts_up_to_now() -> None:
    capture = Capture()
    capture.note_on(100, 3, 60, 90)
    assert capture.window(0, 1, 3, 5000) == (Note(100, 4900, 60, 90),)
    assert capture.window(0, 1, 4, 5000) == ()


def test_a_note_struck_twice_without_note_off_is_two_notes() -> None:
    capture = Capture()
    capture.note_on(0, 1, 60, 90)
    capture.note_on(1000, 1, 60, 80)
    capture.release_all(1500)
    assert capture.window(0, 1, 1, 2000) == (Note(0, 1000, 60, 90), Note(1000, 500, 60, 80))


@given(
    st.lists(
        st.tuples(st.integers(0, 40 * TICKS_PER_BAR), st.integers(1, 16), st.integers(0, 127)), max_size=60
    )
)
def test_windows_partition_the_recent_past(onsets: list[tuple[int, int, int]]) -> None:
    capture = Capture(bars=64)
    now = 41 * TICKS_PER_BAR
    for position, channel, pitch in sorted(onsets):
        capture.note_on(position, channel, pitch, 100)
        capture.note_off(position + 10, channel, pitch)
    windows = [capture.window(bar, 1, 0, now) for bar in range(42)]
    assert sum(map(len, windows)) == len(onsets)
    for notes in windows:
        assert all(-HALF_STEP_TICKS <= n.onset_ticks < TICKS_PER_BAR - HALF_STEP_TICKS for n in notes)


def test_a_loop_keeps_what_was_heard_before_it_and_any_other_jump_forgets() -> None:
    def heard_after(from_ticks: int, to_ticks: int) -> tuple[Note, ...]:
        capture = Capture()
        capture.note_on(3 * TICKS_PER_BAR + 100, 1, 60, 90)
        capture.note_off(3 * TICKS_PER_BAR + 300, 1, 60)
        capture.note_on(4 * TICKS_PER_BAR - 50, 1, 62, 90)
        capture.jumped(from_ticks, to_ticks)
        return capture.window(-1, 1, 1, to_ticks) + capture.window(0, 1, 1, to_ticks)

    end = 4 * TICKS_PER_BAR
    assert heard_after(end, 0) == (Note(100, 200, 60, 90), Note(-50, 50, 62, 90))
    assert heard_after(end - 3, 0) == (*heard_after(end, 0)[:1], Note(-50, 47, 62, 90))
    assert heard_after(end, TICKS_PER_STEP) == ()
