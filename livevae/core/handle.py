"""One control that turns a parameter: where it stands, whether it leads, and what it shows.

*Takeover*: a fader that stands elsewhere than its parameter does nothing until it has been moved past the
parameter's value (or begins within a hair of it). So no touch makes the music jump further than the touch.

*Feedback*: a motor fader or a ring of lights is told where its parameter stands, but not while a hand is on
it; then it is told when the hand has let go.
"""

from __future__ import annotations

from livevae.core.midi_control import SEVEN_BITS, Control, ControlKind, Wire
from livevae.core.parameters import Kind, Parameter, ParameterValue
from livevae.units import NS_PER_MS

NEAR = 3 / SEVEN_BITS  # an endless knob goes on from what its lights show, but may skip a step or two
HOLD_NS = 300 * NS_PER_MS  # a hand on a fader pauses this long at most
_PRESSED = 64  # MIDI 1.0: switches are on from 64


class Handle:
    """State of one bound control. Changed only by ``livevae.core.surface``.

    touched_ns: when a hand was last on it; None if none ever was.
    shows: what the control itself is believed to show, in its own steps; None where nothing is known.
    """

    def __init__(self, control: Control, touched_ns: int | None = None) -> None:
        self.control = control
        self.shows: int | None = None
        self._touched_ns = touched_ns
        self._stands: int | None = None  # where a hand last put it
        self._leads = False
        self._high: int | None = None
        self._low = 0

    def touched(
        self, wire: Wire, value: int, parameter: Parameter, current: ParameterValue, at_ns: int
    ) -> ParameterValue | None:
        """What the parameter is to become by this message (value 0-127); None if it stays as it is."""
        self._touched_ns = at_ns
        if self.control.is_pressed:
            is_first = self._press(value)
            return _stepped(parameter, current) if is_first else None
        step = self._step(wire, value)
        if step is None:
            return None
        before, self._stands, self.shows = self._stands, step, step
        if parameter.kind is Kind.TRIGGER:
            was_down = before is not None and self._is_down(before)
            return True if self._is_down(step) and not was_down else None
        if parameter.kind is Kind.TOGGLE:
            wanted = self._is_down(step)
            return wanted if wanted != current else None
        return self._moved(before, step, parameter, current)

    def _moved(
        self, before: int | None, step: int, parameter: Parameter, current: ParameterValue
    ) -> ParameterValue | None:
        wanted = parameter.from_unit(step / self.control.full)
        if not self._leads:
            there = parameter.to_unit(current)
            here = step / self.control.full
            if wanted == current or step == self.step_of(parameter, current):
                self._leads = True
                return None
            passed = before is not None and (before / self.control.full - there) * (here - there) <= 0
            if not passed and abs(here - there) > NEAR:
                return None
            self._leads = True
        return wanted if wanted != current else None

    def follows(self, parameter: Parameter, value: ParameterValue) -> None:
        """The parameter has this value now: if this control did not put it there, it leads no longer."""
        if self._stands is None or not self._agrees(self._stands, parameter, value):
            self._leads = False

    def tells(self, parameter: Parameter, value: ParameterValue) -> int | None:
        """What the control should be told to show for ``value``; None if it shows it already."""
        if parameter.kind is Kind.TRIGGER:
            return None
        if self.shows is not None and self._agrees(self.shows, parameter, value):
            return None
        return self.step_of(parameter, value)

    def is_free_at_ns(self) -> int | None:
        """From when on no hand can be on it; None if none ever was."""
        if self._touched_ns is None:
            return None
        return self._touched_ns + (0 if self.control.is_pressed else HOLD_NS)

    def step_of(self, parameter: Parameter, value: ParameterValue) -> int:
        """Where ``value`` is on this control."""
        return round(min(1.0, max(0.0, parameter.to_unit(value))) * self.control.full)

    def _agrees(self, step: int, parameter: Parameter, value: ParameterValue) -> bool:
        if parameter.kind is Kind.TOGGLE:
            return self._is_down(step) == bool(value)
        is_there = parameter.from_unit(step / self.control.full) == value
        return is_there or step == self.step_of(parameter, value)

    def _is_down(self, step: int) -> bool:
        return step * (SEVEN_BITS + 1) >= _PRESSED * (self.control.full + 1)

    def _press(self, value: int) -> bool:
        """Whether this message is a press. A lamp goes out by itself when its button comes up."""
        self.shows = None
        was_down = self._high is not None and self._high > 0
        if self.control.kind is ControlKind.KEY:
            return value > 0
        self._high = value if value >= _PRESSED else 0
        return self._high > 0 and not was_down

    def _step(self, wire: Wire, value: int) -> int | None:
        """Where the control stands, put together from its halves; None until the higher one is known."""
        if len(self.control.wires) == 1:
            return value
        if wire == self.control.wires[1]:
            self._low = value
        else:
            self._high = value
        return None if self._high is None else self._high << 7 | self._low


def _stepped(parameter: Parameter, current: ParameterValue) -> ParameterValue | None:
    """What a press does: act, flip, or take the next choice."""
    if parameter.kind is Kind.TRIGGER:
        return True
    if parameter.kind is Kind.TOGGLE:
        return not current
    if parameter.kind is Kind.CHOICE:
        return parameter.choices[(parameter.choices.index(str(current)) + 1) % len(parameter.choices)]
    return None
