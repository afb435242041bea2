"""The engine's news reaches the page."""

from __future__ import annotations

import json
from collections.abc import Iterable

from livevae.adapters.midi.port import PortHealth, PortNames
from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.server import PageServer
from livevae.adapters.page.wire import Message
from livevae.core.effects import Effect, ParameterChanged
from livevae.core.snapshot import NoteSeen, PartSnapshot
from livevae.inference_messages import ModelsLoaded
from livevae.page_feed import PageFeed, now_message
from livevae.snapshot import Lateness, Snapshot
from livevae.testing import tiny_performance
from livevae.timekeeper.messages import NotesSeen
from livevae.units import TICKS_PER_BEAT

SNAPSHOT = Snapshot(
    at_ns=1_234_567_890,
    state="playing",
    leader="midi",
    tempo_bpm=120.004,
    position_ticks=6 * TICKS_PER_BEAT,
    bars_played=3,
    parts=(PartSnapshot("drums", "vary", muted=True, listening=False, heard=True, bars_missed=2),),
    lateness=Lateness(12.34, 80.0, 90.0, 40),
    inference_ms=3.456,
    pulse_jitter_us=700.0,
    ports=PortNames("JACK", ("livevae:in",), ("livevae:out",)),
    health=PortHealth(dropouts=1),
    garbled=5,
    chord="C/E",
)


class FakeServer(PageServer):
    """Never opened; keeps what it was told."""

    def __init__(self) -> None:
        hub = PageHub(tiny_performance(), "", hears_elsewhere=False)
        super().__init__(hub, lambda event: None, lambda text: None, lambda on: None)
        self.was_told: list[object] = []

    def told(self, effect: Effect) -> None:
        self.was_told.append(effect)

    def now(self, message: Message) -> None:
        self.was_told.append(message)

    def notes(self, notes: Iterable[NoteSeen]) -> None:
        self.was_told.append(tuple(notes))


def test_everything_a_page_shows_is_passed_on() -> None:
    server = FakeServer()
    feed = PageFeed(server)
    change = ParameterChanged(0, "drums", "vary", 0.5)
    note = NoteSeen(0, True, 1, 60, 99)
    for news in (change, NotesSeen((note,)), ModelsLoaded((), ()), SNAPSHOT):
        feed.report(news)
    assert server.was_told == [change, (note,), now_message(SNAPSHOT)]


def test_how_things_are_in_the_pages_own_units() -> None:
    message = json.loads(json.dumps(now_message(SNAPSHOT)))
    assert message["at"] == 1234.568
    assert message["beat"] == 6.0
    assert message["bpm"] == 120.0
    assert message["chord"] == "C/E"
    assert message["parts"][0] == {
        "name": "drums",
        "mode": "vary",
        "muted": True,
        "listening": False,
        "heard": True,
        "missed": 2,
    }
    assert (message["late_p50_us"], message["late_p99_us"], message["missed"]) == (12.3, 80.0, 2)
    assert (message["midi"], message["outputs"], message["dropouts"]) == ("JACK", ["livevae:out"], 1)
