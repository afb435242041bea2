"""The knobs, faders, buttons and keys of a MIDI controller, and how each is written down.

Source: MIDI 1.0 Detailed Specification, "Control Change": controllers 0-31 may have a second message,
32 higher, with seven more bits; 120-127 are channel mode messages and no controls. For NRPN see
``livevae.core.nrpn``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from livevae.errors import ParameterError

SEVEN_BITS = 127
FOURTEEN_BITS = 16_383
LOW_HALF = 32  # how much higher the controller number of the less significant seven bits is
LAST_CONTROL = 119
NRPN_HIGH, NRPN_LOW = 99, 98  # the halves of a number that is not registered
VALUE_HIGH, VALUE_LOW = 6, 38  # data entry


class ControlKind(Enum):
    """How a control speaks."""

    KNOB = "cc"  # one control change
    FINE = "cc14"  # two control changes, seven bits each
    NRPN = "nrpn"  # a number and a value, of two control changes each
    BUTTON = "button"  # a control change that goes back to 0 when let go: each press acts
    KEY = "note"  # a key or pad: each press acts


_LAST_NUMBER = {
    ControlKind.KNOB: LAST_CONTROL,
    ControlKind.FINE: LOW_HALF - 1,
    ControlKind.NRPN: FOURTEEN_BITS - 1,  # the very last means none
    ControlKind.BUTTON: LAST_CONTROL,
    ControlKind.KEY: 127,
}
_WRITTEN = re.compile(r"channel (\d{1,2}) (cc|cc14|nrpn|button|note) (\d{1,5})")


@dataclass(frozen=True, slots=True)
class Wire:
    """Which messages: notes of one pitch, control changes of one number, or half the value of an NRPN."""

    is_note: bool
    channel: int
    number: int
    is_nrpn: bool = False
    is_low_half: bool = False  # of an NRPN's value


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to touch. channel: 1-16. number: of the controller or the note; of FINE the lower one.

    Raises ParameterError where there is no such control.
    """

    kind: ControlKind
    channel: int
    number: int

    def __post_init__(self) -> None:
        last = _LAST_NUMBER[self.kind]
        if not (1 <= self.channel <= 16 and 0 <= self.number <= last):
            raise ParameterError(f"there is no {self}: channels are 1 to 16, numbers 0 to {last}")

    def __str__(self) -> str:
        return f"channel {self.channel} {self.kind.value} {self.number}"

    @classmethod
    def parse(cls, text: str) -> Control:
        """The control that ``str`` wrote down. Raises ParameterError saying how one is written."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ParameterError(
                f"{text[:60]!r} is no control: write it like 'channel 1 cc 21', with cc14 for fine faders, "
                "nrpn, button or note in place of cc"
            )
        channel, kind, number = written.groups()
        return cls(ControlKind(kind), int(channel), int(number))

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The messages it speaks in; of two halves the more significant first."""
        if self.kind is ControlKind.NRPN:
            return tuple(
                Wire(False, self.channel, self.number, is_nrpn=True, is_low_half=is_low)
                for is_low in (False, True)
            )
        first = Wire(self.kind is ControlKind.KEY, self.channel, self.number)
        if self.kind is not ControlKind.FINE:
            return (first,)
        return (first, Wire(False, self.channel, self.number + LOW_HALF))

    @property
    def full(self) -> int:
        """What it says at the very top."""
        return FOURTEEN_BITS if len(self.wires) > 1 else SEVEN_BITS

    @property
    def is_pressed(self) -> bool:
        """Whether it is pressed rather than moved."""
        return self.kind in (ControlKind.BUTTON, ControlKind.KEY)
