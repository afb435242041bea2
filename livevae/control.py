"""The control loop of the main process: the engine's reports go to screen and OSC, until the session ends.

Nothing here is in a hurry. The timekeeper never waits for this process, and goes on without it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from livevae.adapters.osc.server import OscServer
from livevae.core.events import Event, Notice, ParameterChanged, Play
from livevae.timekeeper.messages import FromTimekeeper, Picture
from livevae.units import NS_PER_MS, TICKS_PER_BAR, TICKS_PER_BEAT, bar_of_tick

_POLL_S = 0.1  # how soon Ctrl-C and a changed parameter are seen
_END_EARLY_NS = 15 * NS_PER_MS  # a downbeat may be sent an audio period ahead; the one after the end must not


class EngineLike(Protocol):
    """What the control loop needs of ``livevae.engine.Engine``."""

    def send(self, event: Event) -> None:
        """Tell the performer. Thread-safe."""

    def poll(self, timeout_s: float) -> Iterable[FromTimekeeper]:
        """What was reported since the last call, after at most ``timeout_s``."""

    @property
    def running(self) -> bool:
        """False once the timekeeper has gone and will not come back."""


class Display(Protocol):
    """Where the musician looks."""

    def picture(self, picture: Picture) -> None:
        """How things are now."""

    def notice(self, notice: Notice) -> None:
        """Something happened."""


class Control:
    """Runs a session until it is told to stop, has played its bars, or the engine is gone.

    osc: an open server, or None. bars: how many to play, or None for no end.
    """

    def __init__(
        self, engine: EngineLike, display: Display, osc: OscServer | None = None, bars: int | None = None
    ) -> None:
        self._engine = engine
        self._display = display
        self._osc = osc
        self._end = None if bars is None else _End(bars)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End the session soon. Thread-safe; may be called from a signal handler."""
        self._stopping.set()

    def run(self, *, begin: bool) -> None:
        """Play. begin: start on livevae's own clock at once; an outside clock takes over when it starts."""
        if begin:
            self._engine.send(Play())
        while not self._stopping.is_set() and self._engine.running:
            timeout_s = _POLL_S if self._end is None else self._end.within_s(_POLL_S)
            for report in self._engine.poll(timeout_s):
                self._pass_on(report)
            if self._end is not None and self._end.reached():
                return

    def _pass_on(self, report: FromTimekeeper) -> None:
        match report:
            case Picture():
                self._display.picture(report)
                if self._end is not None:
                    self._end.seen(report)
                self._to_osc(lambda osc: osc.transport_changed(*transport_of(report)))
            case Notice():
                self._display.notice(report)
                self._to_osc(lambda osc: osc.noticed(report))
            case ParameterChanged():
                self._to_osc(lambda osc: osc.parameter_changed(report))
            case _:
                pass  # bars decided and missed are for displays that draw notes

    def _to_osc(self, tell: Callable[[OscServer], None]) -> None:
        if self._osc is not None:
            tell(self._osc)


def transport_of(picture: Picture) -> tuple[str, str, float, int]:
    """State, leader, tempo in BPM, and the bar as people count: from 1."""
    song = picture.performer
    return song.state, song.leader, song.tempo_bpm, bar_of_tick(song.position_ticks) + 1


class _End:
    """When the last bar will be over, reckoned from the newest picture."""

    def __init__(self, bars: int) -> None:
        self._end_ticks = bars * TICKS_PER_BAR
        self._at_ns: int | None = None  # of this process's monotonic clock

    def seen(self, picture: Picture) -> None:
        song = picture.performer
        if song.state != "playing":
            self._at_ns = None
            return
        remaining_beats = (self._end_ticks - song.position_ticks) / TICKS_PER_BEAT
        self._at_ns = time.monotonic_ns() + round(remaining_beats * 60e9 / song.tempo_bpm) - _END_EARLY_NS

    def within_s(self, longest_s: float) -> float:
        """How long may be waited without missing it."""
        if self._at_ns is None:
            return longest_s
        return min(longest_s, max(0.0, (self._at_ns - time.monotonic_ns()) / 1e9))

    def reached(self) -> bool:
        return self._at_ns is not None and time.monotonic_ns() >= self._at_ns
