"""At most one complaint a second, with a count of those left out: a flood must not bury the screen."""

from __future__ import annotations

from livevae.units import NS_PER_S


class Limiter:
    """Lets one sentence through, then none until ``interval_ns`` has passed."""

    def __init__(self, interval_ns: int = NS_PER_S) -> None:
        self._interval_ns = interval_ns
        self._open_from_ns: int | None = None
        self._left_out = 0

    def admit(self, sentence: str, now_ns: int) -> str | None:
        """``sentence``, with how many were left out before it; None if it is too soon."""
        if self._open_from_ns is not None and now_ns < self._open_from_ns:
            self._left_out += 1
            return None
        self._open_from_ns = now_ns + self._interval_ns
        left_out, self._left_out = self._left_out, 0
        return f"{sentence} (and {left_out} more like it)" if left_out else sentence
