"""A controller turns parameters, and what it is told leaves by its own way out, not by the music's."""

from __future__ import annotations

from livevae.adapters.midi.null_port import NullPort
from livevae.core.effects import ParameterChanged
from livevae.core.events import Bind, SetParameter
from livevae.core.midi_control import Control, ControlKind
from livevae.core.performer import Performer
from livevae.testing import tiny_performance
from livevae.timekeeper.keeper import Shown, Timekeeper
from livevae.units import NS_PER_S


class Desk(NullPort):
    """A port that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.sent: list[str] = []

    def now_ns(self) -> int:
        return 1 << 62

    def send(self, message: bytes, at_ns: int) -> int:
        self.sent.append(message.hex(" "))
        return at_ns

    def feed_back(self, message: bytes) -> None:
        self.told.append(message.hex(" "))


def test_a_knob_turns_a_parameter_and_is_told_of_others() -> None:
    desk, shown = Desk(), list[Shown]()
    keeper = Timekeeper(Performer(tiny_performance()), desk, lambda request: None, shown.append)
    keeper.tell(Bind("melody", "vary", Control(ControlKind.FINE, 2, 7)))
    keeper.cycle(0)
    assert desk.told == ["b1 07 26", "b1 27 33"]  # 0.3 of 16,383 is 38 * 128 + 51

    for half in ("b1 07 26", "b1 27 33", "b1 07 27", "b1 27 00"):
        keeper.heard(bytes.fromhex(half), 10)
    keeper.cycle(20)
    changes = [change.value for change in shown if isinstance(change, ParameterChanged)]
    assert changes[-1] == 39 * 128 / 16_383

    keeper.tell(SetParameter("melody", "vary", 1.0))
    keeper.cycle(30)
    assert len(desk.told) == 2  # a hand is on it
    keeper.cycle(NS_PER_S)
    assert desk.told[2:] == ["b1 07 7f", "b1 27 7f"]
    assert desk.sent == []
