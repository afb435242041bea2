"""While somebody watches, the timekeeper reports every note as it comes and goes."""

from __future__ import annotations

from itertools import pairwise

from livevae.adapters.midi.port import Cycle, PortHealth, PortNames, Receive
from livevae.core.events import NoteOff, NoteOn, Play
from livevae.core.latents import ModelRequest
from livevae.core.performer import Performer
from livevae.core.snapshot import NoteSeen
from livevae.testing import tick_tock, tiny_performance
from livevae.timekeeper.keeper import Shown, Timekeeper
from livevae.timekeeper.messages import NotesSeen, Watch
from livevae.units import NS_PER_MS


class FakePort:
    """Takes everything at its ideal time."""

    drives = True

    def open(self, receive: Receive, cycle: Cycle, now: object) -> None: ...

    def names(self) -> PortNames:
        return PortNames("fake")

    def now_ns(self) -> int:
        return 0

    def send(self, message: bytes, at_ns: int) -> int:
        return at_ns

    def feed_back(self, message: bytes) -> None: ...

    def mend(self) -> None: ...

    def health(self) -> PortHealth:
        return PortHealth()

    def close(self) -> None: ...


class Rig:
    """A timekeeper whose model answers at once."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.keeper = Timekeeper(Performer(tiny_performance()), FakePort(), self.ask, self.shown.append)

    def ask(self, request: ModelRequest) -> None:
        self.keeper.tell(tick_tock(request))

    def run(self, from_ms: int, to_ms: int) -> None:
        for at_ms in range(from_ms, to_ms, 5):
            self.keeper.cycle(at_ms * NS_PER_MS)

    @property
    def seen(self) -> list[NoteSeen]:
        return [note for shown in self.shown if isinstance(shown, NotesSeen) for note in shown.notes]


def test_nothing_is_reported_while_nobody_looks() -> None:
    rig = Rig()
    rig.run(0, 100)
    rig.keeper.tell(Play())
    rig.run(100, 1500)
    assert rig.seen == []


def test_notes_sent_are_reported_with_their_ideal_times() -> None:
    rig = Rig()
    rig.keeper.tell(Watch(True))
    rig.run(0, 100)
    rig.keeper.tell(Play())
    rig.run(100, 1500)
    begun = [note for note in rig.seen if note.velocity]
    assert {note.channel for note in begun} == {1, 2, 10}
    assert not any(note.heard for note in begun)
    melody_ns = [note.at_ns for note in begun if note.channel == 1]
    assert len(melody_ns) == 3
    assert {later - earlier for earlier, later in pairwise(melody_ns)} == {500 * NS_PER_MS}
    assert any(note.velocity == 0 for note in rig.seen)


def test_notes_that_come_in_are_reported_whether_by_wire_or_by_page() -> None:
    rig = Rig()
    rig.keeper.tell(Watch(True))
    rig.run(0, 10)
    rig.keeper.heard(bytes((0x90, 60, 99)), 12 * NS_PER_MS)
    rig.run(15, 20)
    rig.keeper.tell(NoteOn(10, 36, 80))
    rig.keeper.tell(NoteOff(10, 36))
    rig.run(20, 25)
    assert rig.seen == [
        NoteSeen(12 * NS_PER_MS, True, 1, 60, 99),
        NoteSeen(20 * NS_PER_MS, True, 10, 36, 80),
        NoteSeen(20 * NS_PER_MS, True, 10, 36, 0),
    ]


def test_watching_ends() -> None:
    rig = Rig()
    rig.keeper.tell(Watch(True))
    rig.run(0, 10)
    rig.keeper.tell(Watch(False))
    rig.keeper.tell(NoteOn(10, 36, 80))
    rig.run(10, 20)
    assert rig.seen == []
