"""Tap tempo: the tempo of the last few taps, undisturbed by one that went wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from livevae.units import MAX_BPM, NS_PER_MS, NS_PER_S, bpm_of_ns_per_beat, ns_per_beat_of_bpm

FORGET_AFTER_NS = 2 * NS_PER_S  # a pause this long begins a new series
_KEPT_INTERVALS = 7
_SHORTEST_NS = ns_per_beat_of_bpm(MAX_BPM) - 10 * NS_PER_MS  # anything shorter is a bouncing button
_TOLERANCE = 0.3  # an interval this far off the series' tempo is a slip


class TapTempo:
    """Counts taps. The tempo is the mean of up to seven intervals.

    An interval more than 30 % off the others is left out. Two such in a row that agree with each
    other are a new tempo; but if together they are as long as one of the others, they may just as
    well be one tap too many, and a third has to tell.
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._intervals: deque[int] = deque(maxlen=_KEPT_INTERVALS)
        self._slips: list[int] = []

    def tap(self, at_ns: int) -> float | None:
        """Take one tap in; the tempo in BPM, or None while this tap does not tell one."""
        last_ns = self._last_ns
        if last_ns is None or at_ns - last_ns > FORGET_AFTER_NS:
            self._last_ns = at_ns
            self._intervals.clear()
            self._slips.clear()
            return None
        interval = at_ns - last_ns
        if interval < _SHORTEST_NS:
            return None
        self._last_ns = at_ns
        if self._intervals and not _near(interval, _mean(self._intervals), _TOLERANCE):
            if self._slips and not _near(interval, _mean(self._slips), _TOLERANCE):
                self._slips.clear()
            self._slips.append(interval)
            one_too_many = _near(sum(self._slips), _mean(self._intervals), 0.1)
            if len(self._slips) < 2 or one_too_many:
                return None
            self._intervals.clear()
            self._intervals.extend(self._slips)
        else:
            self._intervals.append(interval)
        self._slips.clear()
        return bpm_of_ns_per_beat(round(_mean(self._intervals)))


def _mean(intervals: Collection[int]) -> float:
    return sum(intervals) / len(intervals)


def _near(interval_ns: float, expected_ns: float, tolerance: float) -> bool:
    return abs(interval_ns - expected_ns) <= tolerance * expected_ns
