"""Faders that speak in numbers of their own: four control changes that mean one of 16,384 controls (NRPN).

Source: MIDI 1.0 Detailed Specification, "Registered and Non-Registered Parameter Numbers": controllers 99 and
98 choose a number, then 6 and 38 bring its value in two halves; 101 and 100 choose a registered one instead,
which is none of ours, and 127 in both halves chooses none.
"""

from __future__ import annotations

from livevae.core.midi_control import NRPN_HIGH, NRPN_LOW, VALUE_HIGH, VALUE_LOW, Wire

_REGISTERED = (101, 100)
NAMING = frozenset((NRPN_HIGH, NRPN_LOW, *_REGISTERED))
"""Controllers that say nothing by themselves where somebody speaks so."""
SPOKEN = NAMING | {VALUE_HIGH, VALUE_LOW}
_NONE = 127 << 7 | 127


class NrpnReader:
    """Remembers which number each channel has chosen."""

    def __init__(self) -> None:
        self._halves: dict[int, dict[int, int]] = {}  # channel -> controller -> its half of the number

    def read(self, channel: int, controller: int, value: int) -> Wire | None:
        """The wire on which ``value`` (0-127) comes in; None for what is no value of a chosen number."""
        if controller in _REGISTERED:
            self._halves.pop(channel, None)
        elif controller in NAMING:
            self._halves.setdefault(channel, {})[controller] = value
        elif controller in (VALUE_HIGH, VALUE_LOW):
            number = self._number(channel)
            if number is not None:
                return Wire(False, channel, number, is_nrpn=True, is_low_half=controller == VALUE_LOW)
        return None

    def _number(self, channel: int) -> int | None:
        halves = self._halves.get(channel, {})
        if len(halves) < 2:
            return None
        number = halves[NRPN_HIGH] << 7 | halves[NRPN_LOW]
        return None if number == _NONE else number
