"""The clocks a performance can run on: the system's own, and the frame counter of an audio server.

Whatever counts, the rest of livevae sees nanoseconds that never step back. Wall time is used
nowhere, because it steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from livevae.units import NS_PER_S

Now = Callable[[], int]

_FRAME_COUNTER_SPAN = 1 << 32  # JACK counts frames in 32 bits: at 48 kHz it starts again every 24.8 hours


class SystemClock:
    """Nanoseconds of the system's monotonic clock, moved so that they continue another clock's.

    Thread-safe: yes. Real-time-safe: yes.
    """

    def __init__(self) -> None:
        self._offset_ns = 0

    def now_ns(self) -> int:
        """The time now."""
        return time.perf_counter_ns() + self._offset_ns

    def continue_from(self, at_ns: int) -> None:
        """Go on from ``at_ns``, so that time neither jumps nor steps back when an audio server dies."""
        self._offset_ns = at_ns - time.perf_counter_ns()


@dataclass(frozen=True, slots=True)
class FrameTimes:
    """The two-way map between an audio server's frames and nanoseconds; a line through one known pair.

    ``frame_of(ns_of(frame)) == frame`` for every frame, at any rate up to 500 MHz.
    """

    rate_hz: int
    anchor_frame: int
    anchor_ns: int

    def ns_of(self, frame: int) -> int:
        """When ``frame`` sounds."""
        return self.anchor_ns + (frame - self.anchor_frame) * NS_PER_S // self.rate_hz

    def frame_of(self, at_ns: int) -> int:
        """The frame nearest to ``at_ns``."""
        return self.anchor_frame + (2 * (at_ns - self.anchor_ns) * self.rate_hz + NS_PER_S) // (2 * NS_PER_S)

    def last_ns_of(self, frame: int) -> int:
        """The latest time whose nearest frame is ``frame``."""
        # the first time that belongs to the next frame is half a frame before it, rounded up
        twice_frames = 2 * (frame - self.anchor_frame) + 1
        return self.anchor_ns + -(-twice_frames * NS_PER_S // (2 * self.rate_hz)) - 1


class FrameUnwrapper:
    """Turns a frame counter of 32 bits into one that never starts again."""

    def __init__(self) -> None:
        self._last_frame = 0

    def __call__(self, counter: int) -> int:
        """The full frame number nearest to the last one that ends in ``counter``."""
        step = (counter - self._last_frame) % _FRAME_COUNTER_SPAN
        if step >= _FRAME_COUNTER_SPAN // 2:
            step -= _FRAME_COUNTER_SPAN
        self._last_frame += step
        return self._last_frame
