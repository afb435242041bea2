"""Frames and nanoseconds are two names of one instant, and a clock that takes over goes on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.clock import FrameTimes, FrameUnwrapper, SystemClock

RATES = st.sampled_from([8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
FRAMES = st.integers(-(1 << 40), 1 << 40)


@given(rate=RATES, anchor_frame=FRAMES, anchor_ns=FRAMES, frame=FRAMES)
def test_a_frame_is_its_own_nearest_frame(rate: int, anchor_frame: int, anchor_ns: int, frame: int) -> None:
    times = FrameTimes(rate, anchor_frame, anchor_ns)
    assert times.frame_of(times.ns_of(frame)) == frame


@given(rate=RATES, anchor_frame=FRAMES, anchor_ns=FRAMES, frame=FRAMES)
def test_last_ns_is_the_end_of_a_frame(rate: int, anchor_frame: int, anchor_ns: int, frame: int) -> None:
    times = FrameTimes(rate, anchor_frame, anchor_ns)
    last_ns = times.last_ns_of(frame)
    assert times.frame_of(last_ns) == frame
    assert times.frame_of(last_ns + 1) == frame + 1


@given(
    start=st.integers(0, 1 << 34), steps=st.lists(st.integers(-(1 << 20), 1 << 30), min_size=1, max_size=40)
)
def test_a_counter_of_32_bits_never_starts_again(start: int, steps: list[int]) -> None:
    unwrap = FrameUnwrapper()
    for reached in range(0, start + 1, 1 << 30):
        unwrap(reached % (1 << 32))
    frame = start
    assert unwrap(frame % (1 << 32)) == frame
    for step in steps:
        frame += step
        assert unwrap(frame % (1 << 32)) == frame


def test_the_system_clock_goes_on_from_another() -> None:
    clock = SystemClock()
    clock.continue_from(5_000_000_000_000)
    first, second = clock.now_ns(), clock.now_ns()
    assert 5_000_000_000_000 <= first <= second
