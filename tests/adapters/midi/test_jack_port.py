"""What the port does within a period of JACK, against a stand-in for the library; the real one: tests/e2e."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from livevae.adapters.midi import jack_port
from livevae.adapters.midi.jack_port import JackPort
from livevae.adapters.midi.port import ChordsIn
from livevae.errors import PortError, SetupError

RATE_HZ = 48_000
PERIOD = 64
ROOM = 4  # messages a period takes


class FakeError(Exception):
    """Stands for the library's own."""


class FakePort:
    def __init__(self, name: str) -> None:
        self.name = name
        self.connections: list[Any] = []
        self.incoming: list[tuple[int, bytes]] = []
        self.written: list[tuple[int, bytes]] = []

    def incoming_midi_events(self) -> Iterator[tuple[int, bytes]]:
        incoming, self.incoming = self.incoming, []
        return iter(incoming)

    def clear_buffer(self) -> None:
        self.written = []

    def write_midi_event(self, offset: int, message: bytes) -> None:
        if len(self.written) >= ROOM or (self.written and offset < self.written[-1][0]):
            raise FakeError
        self.written.append((offset, message))


class FakeClient:
    samplerate = RATE_HZ

    def __init__(self, name: str, no_start_server: bool) -> None:
        self.name = name
        self.last_frame_time = (1 << 32) - PERIOD  # the counter is about to start again
        self.others: list[Any] = []
        self.process: Callable[[int], None] = lambda frames: None
        self.die: Callable[..., None] = lambda *_: None
        self.midi_inports = self.midi_outports = SimpleNamespace(register=self._register)
        self.ports: dict[str, FakePort] = {}

    def _register(self, name: str) -> FakePort:
        self.ports[name] = FakePort(f"{self.name}:{name}")
        return self.ports[name]

    def set_process_callback(self, callback: Callable[[int], None]) -> None:
        self.process = callback

    def set_xrun_callback(self, callback: Callable[[float], None]) -> None:
        self.dropout = callback

    def set_shutdown_callback(self, callback: Callable[..., None]) -> None:
        self.die = callback

    def activate(self) -> None: ...

    def deactivate(self) -> None: ...

    def close(self) -> None: ...

    def owns(self, port: Any) -> bool:
        return port in self.ports.values()

    def get_ports(self, **wanted: bool) -> list[Any]:
        return self.others

    def connect(self, source: str, destination: str) -> None:
        mine = self.ports[(source if source.startswith(self.name) else destination).split(":")[1]]
        mine.connections += [port for port in self.others if port.name in (source, destination)]

    def period(self) -> list[tuple[int, bytes]]:
        """Let one period pass and return what was written into it."""
        self.process(PERIOD)
        self.last_frame_time = (self.last_frame_time + PERIOD) % (1 << 32)
        return self.ports["out"].written


class Rig:
    """An open port. due: what its next cycle sends, as (nanoseconds after the first frame, message)."""

    def __init__(self, **names: str) -> None:
        self.heard: list[tuple[bytes, int]] = []
        self.untils: list[int] = []
        self.due: list[tuple[int, bytes]] = []
        self.left: list[int] = []
        self.chords: list[tuple[bytes, int]] = []
        chords_name = names.pop("chords_name", None)
        chords = ChordsIn(lambda message, at_ns: self.chords.append((message, at_ns)), chords_name)
        self.port = JackPort(**names, chords=chords)
        self.port.open(lambda message, at_ns: self.heard.append((message, at_ns)), self._cycle, lambda: 0)
        self.client: FakeClient = self.port._client

    def _cycle(self, until_ns: int) -> None:
        self.untils.append(until_ns)
        due, self.due = self.due, []
        self.left += [self.port.send(message, at_ns) for at_ns, message in due]


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    fake = SimpleNamespace(Client=FakeClient, JackOpenError=FakeError, JackError=FakeError)
    monkeypatch.setattr(jack_port, "jack_library", lambda: fake)
    return fake


def ns_of(frame: int) -> int:
    return frame * 1_000_000_000 // RATE_HZ


def test_messages_are_stamped_with_their_frame_across_the_counters_end() -> None:
    rig = Rig()
    for _ in range(2):
        rig.client.ports["in"].incoming = [(0, b"\xf8"), (10, b"\xf8")]
        rig.client.period()
    assert [at_ns for _, at_ns in rig.heard] == [ns_of(f) for f in (0, 10, PERIOD, PERIOD + 10)]


def test_chords_come_in_by_a_way_of_their_own_before_the_cycle() -> None:
    rig = Rig()
    rig.client.ports["chords"].incoming = [(3, b"\x90\x3c\x40")]
    rig.client.ports["in"].incoming = [(1, b"\xf8")]
    rig.client.period()
    assert rig.chords == [(b"\x90\x3c\x40", ns_of(3))]
    assert [message for message, _ in rig.heard] == [b"\xf8"]


def test_a_keyboard_that_plays_chords_is_connected_by_name() -> None:
    rig = Rig(chords_name="organ")
    assert [name for name, _ in rig.port.health().missing] == ["organ"]
    rig.client.others = [SimpleNamespace(name="organ:out")]
    rig.port.mend()
    assert rig.port.health().missing == ()
    assert [port.name for port in rig.client.ports["chords"].connections] == ["organ:out"]


def test_an_answer_lies_on_the_frame_of_what_it_answers() -> None:
    rig = Rig()
    rig.client.period()
    rig.due = [(ns_of(PERIOD + 17), b"\x90\x3c\x40")]
    assert rig.client.period() == [(17, b"\x90\x3c\x40")]
    assert rig.left == [ns_of(PERIOD + 17)]


def test_cycles_join_without_gap_or_overlap() -> None:
    rig = Rig()
    for _ in range(3):
        rig.client.period()
    halves = [2 * until_ns * RATE_HZ // 1_000_000_000 for until_ns in rig.untils]
    assert halves == [2 * PERIOD * n - 2 for n in (1, 2, 3)]  # the last half frame belongs to the next


def test_what_is_late_goes_first_and_says_so() -> None:
    rig = Rig()
    rig.client.period()
    rig.due = [(ns_of(3), b"\x80\x3c\x00"), (ns_of(PERIOD + 5), b"\x90\x3c\x40")]
    assert rig.client.period() == [(0, b"\x80\x3c\x00"), (5, b"\x90\x3c\x40")]
    assert rig.left == [ns_of(PERIOD), ns_of(PERIOD + 5)]


def test_the_order_of_sending_is_kept() -> None:
    rig = Rig()
    rig.due = [(ns_of(20), b"\x80\x3c\x00"), (ns_of(10), b"\x90\x3c\x40")]
    assert rig.client.period() == [(20, b"\x80\x3c\x00"), (20, b"\x90\x3c\x40")]


def test_what_lies_ahead_waits_for_its_period() -> None:
    rig = Rig()
    rig.due = [(ns_of(PERIOD + 1), b"\x90\x3c\x40")]
    assert rig.client.period() == []
    assert rig.client.period() == [(1, b"\x90\x3c\x40")]


def test_what_finds_no_room_is_sent_a_period_later() -> None:
    rig = Rig()
    messages = [bytes((0x80, pitch, 0)) for pitch in range(ROOM + 2)]
    rig.due = [(0, message) for message in messages]
    first, second = rig.client.period(), rig.client.period()
    assert [message for _, message in first + second] == messages
    assert rig.port.health().unsent > 0


def test_dropouts_are_counted_and_a_dead_server_noticed() -> None:
    rig = Rig()
    rig.client.dropout(0.0)
    assert rig.port.health().dropouts == 1
    rig.client.die()
    assert rig.port.health().lost
    assert rig.port.now_ns() == 0, "without a server, time comes from the clock it was given"
    rig.port.close()
    rig.port.close()


def test_a_named_port_is_connected_when_it_is_there() -> None:
    rig = Rig(in_name="drum machine")
    [(name, sentence)] = rig.port.health().missing
    assert name == "drum machine"
    assert "drum machine" in sentence
    rig.client.others = [SimpleNamespace(name="Drum Machine:out")]
    rig.port.mend()
    rig.port.mend()
    assert rig.port.health().missing == ()
    assert [port.name for port in rig.client.ports["in"].connections] == ["Drum Machine:out"]


def test_no_server_is_refused_in_a_sentence(library: SimpleNamespace) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise FakeError

    library.Client = refuse
    with pytest.raises(PortError, match="no JACK server"):
        Rig()


def test_a_server_that_dies_meanwhile_is_refused_in_a_sentence(library: SimpleNamespace) -> None:
    class Doomed(FakeClient):
        def activate(self) -> None:
            raise FakeError("gone")

    library.Client = Doomed
    with pytest.raises(PortError, match="does not let livevae in"):
        Rig()


def test_a_port_that_goes_while_it_is_connected_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: str) -> None:
        raise FakeError("no such port")

    rig = Rig(out_name="synth")
    rig.client.others = [SimpleNamespace(name="synth:in")]
    monkeypatch.setattr(rig.client, "connect", refuse)
    rig.port.mend()
    [(_, sentence)] = rig.port.health().missing
    assert "cannot be connected" in sentence


def test_no_library_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "jack", None)
    with pytest.raises(SetupError, match="pip install JACK-Client"):
        jack_port.jack_library()
