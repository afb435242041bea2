"""One row of the table of parameters: its name, range, unit, and what a controller's position means.

Controllers send 0...1; ``from_unit`` and ``to_unit`` are the documented mapping to the parameter's own unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from livevae.errors import ParameterError

ParameterValue = float | int | bool | str


class Kind(Enum):
    """What values a parameter takes."""

    NUMBER = "number"
    INTEGER = "integer"
    TOGGLE = "toggle"
    CHOICE = "choice"
    TRIGGER = "trigger"  # an action, not a value: acts whenever it is set to true


class Acts(Enum):
    """When a change is heard."""

    AT_ONCE = "at once"
    NEXT_NOTE = "next note"
    NEXT_BAR = "next bar"  # at the next bar that is not yet decided, on the quantum


class Group(Enum):
    """What a parameter belongs with, where there is room to lay the table out."""

    IDEA = "idea"  # which point of the latent space, and how it is played out
    CHARACTER = "character"  # more or less of something in whatever the idea is
    GROOVE = "groove"  # how it is felt
    SOUND = "sound"  # how what was decided is sounded
    PITCH = "pitch"
    ROUTING = "routing"  # where notes come from and go


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table. ``low``/``high`` bound numbers; ``choices`` list a choice's values.

    group: what it is shown with. modes: the playing modes it matters in; none named: all of them.
    """

    name: str
    kind: Kind
    default: ParameterValue
    acts: Acts
    help: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()
    group: Group = Group.IDEA
    modes: tuple[str, ...] = ()

    def check(self, value: object) -> ParameterValue:
        """``value`` as this parameter holds it, or a ParameterError saying what it accepts.

        Numbers may be int or float; an integer parameter takes whole numbers only; a toggle or
        trigger also takes 0 and 1.
        """
        accepted = self.accepts()
        if self.kind is Kind.CHOICE:
            if isinstance(value, str) and value in self.choices:
                return value
        elif self.kind in (Kind.TOGGLE, Kind.TRIGGER):
            if isinstance(value, bool) or (isinstance(value, int | float) and value in (0, 1)):
                return bool(value)
        elif isinstance(value, int | float) and not isinstance(value, bool) and self._holds(value):
            return float(value) if self.kind is Kind.NUMBER else int(value)
        raise ParameterError(f"{self.name} cannot be {value!r}: it takes {accepted}")

    def _holds(self, value: float) -> bool:
        in_range = math.isfinite(value) and self.low <= value <= self.high
        return in_range and (self.kind is Kind.NUMBER or value == int(value))

    def accepts(self) -> str:
        """The values this parameter takes, in words."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind is Kind.TOGGLE:
            return "true or false"
        if self.kind is Kind.TRIGGER:
            return "true (it is an action)"
        unit = f" {self.unit}" if self.unit else ""
        kind = "a whole number" if self.kind is Kind.INTEGER else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}{unit}"

    def from_unit(self, position: float) -> ParameterValue:
        """The value at a controller ``position`` of 0...1 (clipped): linear, choices in even slots."""
        position = min(1.0, max(0.0, position))
        if self.kind is Kind.CHOICE:
            return self.choices[min(len(self.choices) - 1, int(position * len(self.choices)))]
        if self.kind in (Kind.TOGGLE, Kind.TRIGGER):
            return position >= 0.5
        value = self.low + position * (self.high - self.low)
        return round(value) if self.kind is Kind.INTEGER else value

    def to_unit(self, value: ParameterValue) -> float:
        """The controller position 0...1 that gives ``value`` (a choice's slot centre)."""
        if isinstance(value, str):
            return (self.choices.index(value) + 0.5) / len(self.choices)
        if isinstance(value, bool):
            return 1.0 if value else 0.0
        return (value - self.low) / (self.high - self.low)
