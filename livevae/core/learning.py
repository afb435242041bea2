"""MIDI learn: the next control touched turns the parameter that waits.

One message cannot tell a plain fader from one of fourteen bits, nor a button that stays down from one that
springs back. So the first message decides for the plain kind, and the rest of the same gesture may refine it:
the other half of a fourteen-bit pair comes with the first, and a button springs back when it is let go.
"""

from __future__ import annotations

from livevae.core.control_map import Target
from livevae.core.midi_control import LOW_HALF, Control, ControlKind, Wire
from livevae.core.nrpn import NAMING
from livevae.core.parameters import Kind, Parameter
from livevae.units import NS_PER_MS, NS_PER_S

_PAIR_NS = 20 * NS_PER_MS  # two messages of three bytes take 2 ms on a cable; hands are slower than this
_GESTURE_NS = NS_PER_S
_PRESSED = 64  # MIDI 1.0: switches are on from 64


class Learning:
    """Waits for a control to be touched, and for the rest of that gesture."""

    def __init__(self) -> None:
        self.waiting: Target | None = None
        self._learned: tuple[Target, Control, int] | None = None
        self._named: Wire | None = None  # the last message while waiting
        self._last: tuple[Wire, int, int] | None = None  # the gesture's last message, and when

    def wait_for(self, target: Target) -> None:
        """The next control touched is to turn ``target``."""
        self.waiting = target
        self._learned = self._named = None

    def stop(self) -> Target | None:
        """Wait no more. Returns what waited."""
        waiting, self.waiting = self.waiting, None
        self._learned = None
        return waiting

    def touched(self, wire: Wire, value: int, parameter: Parameter, at_ns: int) -> Control | None:
        """The control that is to turn ``waiting``, if this message shows one. parameter: the one waiting."""
        assert self.waiting is not None
        target = self.waiting
        if self._is_naming(wire):
            return None
        if wire.is_note:
            if value == 0 or parameter.kind in (Kind.NUMBER, Kind.INTEGER):
                return None  # a key has no place to point at: these are turned, not pressed
            kind = ControlKind.KEY
        elif parameter.kind in (Kind.TOGGLE, Kind.TRIGGER) and value < _PRESSED:
            return None  # a button let go after whatever it was pressed for
        else:
            kind = ControlKind.NRPN if wire.is_nrpn else ControlKind.KNOB
        self._last = (wire, value, at_ns)
        control = Control(kind, wire.channel, wire.number)
        self.waiting = None
        self._learned = (target, control, at_ns)
        return control

    def _is_naming(self, wire: Wire) -> bool:
        """Whether this may be the beginning of an NRPN; a fader that is a plain one says the same again."""
        before, self._named = self._named, wire
        return wire.number in NAMING and not (wire.is_note or wire.is_nrpn) and wire != before

    def refined(self, wire: Wire, value: int, parameter: Parameter, at_ns: int) -> Control | None:
        """What the control learned just now turns out to be, if this message says more about it."""
        if self._learned is None:
            return None
        target, control, learned_ns = self._learned
        if at_ns - learned_ns > _GESTURE_NS or control.kind is not ControlKind.KNOB:
            self._learned = None  # it is what it is
            return None
        if wire.is_note:
            return None
        assert self._last is not None
        last_wire, last_value, last_ns = self._last
        self._last = (wire, value, at_ns)
        refined = None
        if wire != last_wire and at_ns - last_ns <= _PAIR_NS:
            refined = _as_pair(control, wire)
        elif wire == last_wire and parameter.kind in (Kind.TOGGLE, Kind.CHOICE):
            sprang_back = value == 0 and last_value >= _PRESSED  # a fader would have passed what is between
            refined = Control(ControlKind.BUTTON, control.channel, control.number) if sprang_back else None
        if refined is not None:
            self._learned = (target, refined, learned_ns)
        return refined

    @property
    def learned(self) -> Target | None:
        """The parameter whose control was learned last."""
        return self._learned[0] if self._learned else None


def _as_pair(control: Control, wire: Wire) -> Control | None:
    low, high = sorted((control.number, wire.number))
    if wire.channel != control.channel or high - low != LOW_HALF or low >= LOW_HALF:
        return None
    return Control(ControlKind.FINE, control.channel, low)
