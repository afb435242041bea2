"""livevae's OSC with a client that shares no code with it: OSCPy's own writing, reading and bundles."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import pytest

from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.server import OscServer
from livevae.core.effects import ParameterChanged
from livevae.core.events import Event, Keep, Panic, SetParameter, Source
from livevae.core.performance import ModelInfo, PartSpec, Performance

oscpy_server = pytest.importorskip("oscpy.server", reason="OSCPy is not installed")

LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0  # only a failing test waits this long
PERFORMANCE = Performance(
    "test",
    (PartSpec("melody", "m", "melody"), PartSpec("bass", "m", "bass")),
    (ModelInfo("m", 2, ("melody", "bass")),),
)


class Rig:
    """A server whose events land in a queue, and OSCPy with a socket to speak and to listen by."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.heard: queue.Queue[tuple[str, tuple[Any, ...]]] = queue.Queue()
        self.server = OscServer(OscDesk(PERFORMANCE), self.events.put, lambda text: None)
        self.server.open((LOOPBACK, 0))
        self.oscpy = oscpy_server.OSCThreadServer(
            encoding="utf8",
            default_handler=lambda address, *values: self.heard.put((address.decode(), values)),
        )
        self.oscpy.listen(LOOPBACK, 0, default=True)

    def say(self, address: str, *values: object) -> None:
        self.oscpy.send_message(address, values, *self.server.endpoint)

    def next_event(self) -> Event:
        return self.events.get(timeout=PATIENCE_S)

    def hear(self, address: str) -> tuple[Any, ...]:
        """What the next message from ``address`` says; others on the way are passed over."""
        while True:
            said_at, values = self.heard.get(timeout=PATIENCE_S)
            if said_at == address:
                return values


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.oscpy.terminate_server()  # first its thread, or it would miss its socket
    rig.oscpy.join_server(PATIENCE_S)
    rig.oscpy.stop_all()
    rig.server.close()


def test_floats_ints_and_words_move_parameters(rig: Rig) -> None:
    rig.say("/livevae/melody/vary", 0.25)
    assert rig.next_event() == SetParameter("melody", "vary", 0.25)
    rig.say("/livevae/melody/mute", 1)
    assert rig.next_event() == SetParameter("melody", "mute", True)
    rig.say("/livevae/bass/mode", "walk")
    assert rig.next_event() == SetParameter("bass", "mode", "walk")
    rig.say("/melody/pad", 0.5, 1.0)
    assert rig.next_event() == SetParameter("melody", "pad_x", 0.5)
    assert rig.next_event() == SetParameter("melody", "pad_y", 1.0)
    rig.say("/livevae/melody/slot/2/keep", "sample", "Strophe é")
    assert rig.next_event() == Keep("melody", 2, Source.SAMPLE, "Strophe é")


def test_a_bundle_acts_in_order(rig: Rig) -> None:
    rig.oscpy.send_bundle(
        [(b"/livevae/tempo/value", [93.5]), (b"/livevae/*/mute", [1]), (b"/livevae/panic", [])],
        *rig.server.endpoint,
    )
    assert [rig.next_event() for _ in range(4)] == [
        SetParameter(None, "tempo", 93.5),
        SetParameter("melody", "mute", True),
        SetParameter("bass", "mute", True),
        Panic(),
    ]


def test_an_echo_is_read_back(rig: Rig) -> None:
    rig.say("/livevae/bass/phrase/value", 4)
    assert rig.next_event() == SetParameter("bass", "phrase", 4)
    rig.server.parameter_changed(ParameterChanged(0, "bass", "phrase", 4))
    assert rig.hear("/livevae/bass/phrase") == (pytest.approx(3 / 63),)
    assert rig.hear("/livevae/bass/phrase/value") == (4,)


def test_a_subscriber_hears_everything_and_then_every_change(rig: Rig) -> None:
    rig.say("/livevae/subscribe")
    assert rig.hear("/livevae/melody/mode/value") == ("sample",)
    assert rig.hear("/livevae/state")[0] > 50
    rig.server.parameter_changed(ParameterChanged(0, "melody", "vary", 0.75))
    assert rig.hear("/livevae/melody/vary") == (0.75,)
    rig.say("/livevae/capabilities")
    address, kind, low, high, *_ = rig.hear("/livevae/capability")
    assert (address, kind, low, high) == ("/livevae/tempo", "number", 20.0, 400.0)


def test_what_is_wrong_is_answered_in_a_sentence(rig: Rig) -> None:
    rig.say("/livevae/melody/varry", 0.5)
    assert "did you mean" in str(rig.hear("/livevae/error")[0])
