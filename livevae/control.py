"""The control loop of the main process: the engine's reports go to screen and OSC, until the session ends.

Nothing here is in a hurry. The timekeeper never waits for this process, and goes on without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from livevae.adapters.osc.server import OscServer
from livevae.core.effects import BindingChanged, LearningChanged, Notice, ParameterChanged, SlotChanged
from livevae.core.events import Event
from livevae.engine import News
from livevae.snapshot import Snapshot
from livevae.units import TICKS_PER_BAR, TICKS_PER_STEP

_POLL_S = 0.05  # how soon Ctrl-C is seen, and how long a flood of OSC may hold back its newest value


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

    osc: an open server, or None. watchers: are told everything.
    bars: the session ends when the song has stopped after so many; None for no end.
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
        self._end_ticks = None if bars is None else bars * TICKS_PER_BAR
        self._stopping = threading.Event() if stopping is None else stopping

    def run(self) -> None:
        """Pass everything on until the end. Raises PortError if the engine fails for good."""
        while not self._stopping.is_set():
            for report in self._engine.poll(_POLL_S):
                self._pass_on(report)

    def _pass_on(self, report: News) -> None:
        for watcher in self._watchers:
            watcher.report(report)
        match report:
            case Snapshot():
                self._display.snapshot(report)
                if self._end_ticks is not None and _has_ended(report, self._end_ticks):
                    self._stopping.set()
                self._to_osc(lambda osc: osc.transport_changed(*transport_of(report)))
                self._to_osc(lambda osc: osc.chord_changed(report.chord))
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


def _has_ended(snapshot: Snapshot, end_ticks: int) -> bool:
    """Whether the song has come to rest at its end; rounding may leave it a hair before."""
    return snapshot.state == "stopped" and snapshot.position_ticks > end_ticks - TICKS_PER_STEP
