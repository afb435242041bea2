"""Tap tempo: the tempo of the last few taps, undisturbed by one that went wrong."""

from __future__ import annotations

from collections import deque

from livevae.units import MAX_BPM, NS_PER_MS, NS_PER_S, bpm_of_ns_per_beat, ns_per_beat_of_bpm

FORGET_AFTER_NS = 2 * NS_PER_S  # a pause this long begins a new series
_KEPT_INTERVALS = 7
_SHORTEST_NS = ns_per_beat_of_bpm(MAX_BPM) - 10 * NS_PER_MS  # anything shorter is a bouncing button
_TOLERANCE = 0.3  # an interval this far off the series' tempo is a slip


class TapTempo:
    """Counts taps. The tempo is the mean of up to seven intervals.

    One interval more than 30 % off the others is left out; two in a row that agree with each
    other are a new tempo.
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._intervals: deque[int] = deque(maxlen=_KEPT_INTERVALS)
        self._slip_ns: int | None = None

    def tap(self, at_ns: int) -> float | None:
        """Take one tap in; the tempo in BPM, or None while one cannot be told (or stays as it was)."""
        last_ns = self._last_ns
        if last_ns is None or at_ns - last_ns > FORGET_AFTER_NS:
            self._last_ns = at_ns
            self._intervals.clear()
            self._slip_ns = None
            return None
        interval = at_ns - last_ns
        if interval < _SHORTEST_NS:
            return None
        self._last_ns = at_ns
        if self._intervals and not _near(interval, sum(self._intervals) / len(self._intervals)):
            if self._slip_ns is None or not _near(interval, self._slip_ns):
                self._slip_ns = interval
                return None
            self._intervals.clear()
            self._intervals.append(self._slip_ns)
        self._slip_ns = None
        self._intervals.append(interval)
        return bpm_of_ns_per_beat(round(sum(self._intervals) / len(self._intervals)))


def _near(interval_ns: float, expected_ns: float) -> bool:
    return abs(interval_ns - expected_ns) <= _TOLERANCE * expected_ns
