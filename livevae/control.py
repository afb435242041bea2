"""The control loop of the main process: the engine's reports go to screen and OSC, until the session ends.

Nothing here is in a hurry. The timekeeper never waits for this process, and goes on without it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from livevae.adapters.osc.server import OscServer
from livevae.core.events import (
    BindingChanged,
    Event,
    LearningChanged,
    Notice,
    ParameterChanged,
    SlotChanged,
)
from livevae.engine import News
from livevae.snapshot import Snapshot
from livevae.units import NS_PER_MS, NS_PER_S, TICKS_PER_BAR, ns_per_beat_of_bpm, ticks_to_ns

_POLL_S = 0.05  # how soon Ctrl-C is seen, and how long a flood of OSC may hold back its newest value
_END_EARLY_NS = 15 * NS_PER_MS  # a downbeat may be sent an audio period ahead; the one after the end must not


class EngineLike(Protocol):
    """What the control loop needs of ``livevae.engine.Engine``."""

    def send(self, event: Event) -> None:
        """Tell the performer. Thread-safe."""

    def poll(self, timeout_s: float) -> Iterable[News]:
        """What was reported since the last call, after at most ``timeout_s``."""


class Display(Protocol):
    """Where the musician looks."""

    def snapshot(self, snapshot: Snapshot) -> None:
        """How things are now."""

    def notice(self, notice: Notice) -> None:
        """Something happened."""


class Watcher(Protocol):
    """Whoever wants to know everything, e.g. the page."""

    def report(self, news: News) -> None:
        """Something happened. Does not wait."""


class Control:
    """Runs a session until it is told to stop or has played its bars.

    osc: an open server, or None. bars: how many to play, or None for no end. watchers: are told everything.
    stopping: ends the session soon once it is set, from any thread or a signal handler.
    """

    def __init__(
        self,
        engine: EngineLike,
        display: Display,
        osc: OscServer | None = None,
        bars: int | None = None,
        watchers: Sequence[Watcher] = (),
        stopping: threading.Event | None = None,
    ) -> None:
        self._engine = engine
        self._display = display
        self._osc = osc
        self._watchers = watchers
        self._end = None if bars is None else _End(bars)
        self._stopping = threading.Event() if stopping is None else stopping

    def run(self) -> None:
        """Pass everything on until the end. Raises PortError if the engine fails for good."""
        while not self._stopping.is_set():
            timeout_s = _POLL_S if self._end is None else self._end.within_s(_POLL_S)
            for report in self._engine.poll(timeout_s):
                self._pass_on(report)
            if self._end is not None and self._end.reached():
                return

    def _pass_on(self, report: News) -> None:
        for watcher in self._watchers:
            watcher.report(report)
        match report:
            case Snapshot():
                self._display.snapshot(report)
                if self._end is not None:
                    self._end.seen(report)
                self._to_osc(lambda osc: osc.transport_changed(*transport_of(report)))
            case Notice():
                self._display.notice(report)
                self._to_osc(lambda osc: osc.noticed(report))
            case ParameterChanged():
                self._to_osc(lambda osc: osc.parameter_changed(report))
            case SlotChanged():
                self._to_osc(lambda osc: osc.slot_changed(report))
            case BindingChanged():
                self._to_osc(lambda osc: osc.binding_changed(report))
            case LearningChanged():
                self._to_osc(lambda osc: osc.learning_changed(report))
            case _:
                pass  # notes and bars are for watchers, which draw them

    def _to_osc(self, tell: Callable[[OscServer], None]) -> None:
        if self._osc is not None:
            tell(self._osc)


def transport_of(snapshot: Snapshot) -> tuple[str, str, float, int]:
    """State, leader, tempo in BPM, and the bar as people count: from 1."""
    return snapshot.state, snapshot.leader, snapshot.tempo_bpm, snapshot.bar + 1


class _End:
    """When the last bar will be over, reckoned from the newest snapshot."""

    def __init__(self, bars: int) -> None:
        self._end_ticks = bars * TICKS_PER_BAR
        self._at_ns: int | None = None  # of this process's monotonic clock

    def seen(self, snapshot: Snapshot) -> None:
        if snapshot.state != "playing":
            self._at_ns = None
            return
        remaining_ticks = self._end_ticks - snapshot.position_ticks
        remaining_ns = ticks_to_ns(remaining_ticks, ns_per_beat_of_bpm(snapshot.tempo_bpm))
        self._at_ns = time.monotonic_ns() + remaining_ns - _END_EARLY_NS

    def within_s(self, longest_s: float) -> float:
        """How long may be waited without missing it."""
        if self._at_ns is None:
            return longest_s
        return min(longest_s, max(0.0, (self._at_ns - time.monotonic_ns()) / NS_PER_S))

    def reached(self) -> bool:
        return self._at_ns is not None and time.monotonic_ns() >= self._at_ns
