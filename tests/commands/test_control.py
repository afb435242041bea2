"""The control loop: reports reach screen and OSC, and the session ends when it should. Nothing waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest

from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.server import OscServer
from livevae.control import Control
from livevae.core.effects import Notice, ParameterChanged, Severity, SlotChanged
from livevae.core.events import Event
from livevae.engine import News
from livevae.errors import PortError
from livevae.snapshot import Snapshot
from livevae.testing import tiny_performance
from tests.commands.snapshots import snapshot


class FakeEngine:
    """Reports what it is given, one batch a poll, then ends the session."""

    def __init__(self, *batches: list[News]) -> None:
        self.sent: list[Event] = []
        self.batches = list(batches)
        self.when_done: Callable[[], None] = lambda: None

    def send(self, event: Event) -> None:
        self.sent.append(event)

    def poll(self, timeout_s: float) -> Iterable[News]:
        if self.batches:
            return self.batches.pop(0)
        self.when_done()
        return []


class FakeDisplay:
    def __init__(self) -> None:
        self.seen: list[Snapshot | Notice] = []

    def snapshot(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)

    def notice(self, notice: Notice) -> None:
        self.seen.append(notice)


class FakeWatcher:
    def __init__(self) -> None:
        self.told: list[News] = []

    def report(self, news: News) -> None:
        self.told.append(news)


class FakeOsc(OscServer):
    """Never opened; keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(OscDesk(tiny_performance()), lambda event: None, lambda text: None)
        self.told: list[object] = []

    def transport_changed(self, state: str, leader: str, tempo_bpm: float, bar: int) -> None:
        self.told.append((state, leader, tempo_bpm, bar))

    def parameter_changed(self, change: ParameterChanged) -> None:
        self.told.append(change)

    def slot_changed(self, change: SlotChanged) -> None:
        self.told.append(change)

    def noticed(self, notice: Notice) -> None:
        self.told.append(notice)


def stopping_after(engine: FakeEngine) -> threading.Event:
    stopping = threading.Event()
    engine.when_done = stopping.set
    return stopping


def test_reports_reach_screen_osc_and_watchers() -> None:
    notice = Notice(0, Severity.INFO, "hello")
    change = ParameterChanged(0, "drums", "vary", 0.5)
    slot = SlotChanged(0, "m", 1, "fill", None)
    now = snapshot(bar=4.5)
    engine, display, osc = FakeEngine([now, notice], [change, slot]), FakeDisplay(), FakeOsc()
    watcher = FakeWatcher()
    Control(engine, display, osc, watchers=[watcher], stopping=stopping_after(engine)).run()
    assert display.seen == [now, notice]
    assert osc.told == [("playing", "internal", 120.0, 5), notice, change, slot]
    assert watcher.told == [now, notice, change, slot]


def test_it_plays_without_osc() -> None:
    engine, display = FakeEngine([snapshot()], [ParameterChanged(0, "drums", "vary", 0.5)]), FakeDisplay()
    Control(engine, display, stopping=stopping_after(engine)).run()
    assert len(display.seen) == 1


def test_it_ends_when_the_song_has_stopped_at_its_end() -> None:
    before, playing_on = snapshot(state="stopped", bar=0), snapshot(bar=4.1)
    engine = FakeEngine([before], [snapshot(bar=3.9)], [playing_on], [snapshot(state="stopped", bar=4)])
    engine.when_done = lambda: pytest.fail("polled on after the last bar")
    Control(engine, FakeDisplay(), bars=4).run()


def test_a_dead_engine_is_an_error() -> None:
    engine = FakeEngine()

    def die() -> None:
        raise PortError("nothing plays")

    engine.when_done = die
    with pytest.raises(PortError, match="nothing plays"):
        Control(engine, FakeDisplay()).run()
