"""What an OSC argument means for a parameter.

At a parameter's own address one number, int or float alike, is a controller's position 0...1. (Many
programs send a fader that stands at the very top as the int 1, so the type cannot tell positions from
values.) A choice also takes its name, or an int counting from 0. At ``<address>/value`` the same parameter
takes its natural unit: BPM, bars, semitones.
"""

from __future__ import annotations

import math

from livevae.adapters.osc.packets import Argument
from livevae.core.parameters import Kind, Parameter, ParameterValue
from livevae.errors import ParameterError
from livevae.wording import shown, suggestion

_SLACK = 1e-3  # float arithmetic in controllers overshoots 0...1 a little


def from_position(parameter: Parameter, argument: Argument) -> ParameterValue:
    """The value for an argument sent to the parameter's own address; ParameterError says what it takes."""
    if parameter.kind is Kind.CHOICE and isinstance(argument, str | int) and not isinstance(argument, bool):
        return _choice(parameter, argument)
    if isinstance(argument, int | float) and -_SLACK <= argument <= 1 + _SLACK:
        return parameter.from_unit(_as_meant(argument))
    takes = "a number from 0 to 1"
    if parameter.kind is Kind.CHOICE:
        takes += f", {parameter.accepts()}, or its number from 0 to {len(parameter.choices) - 1}"
    elif parameter.kind in (Kind.NUMBER, Kind.INTEGER):
        takes += f" here; {parameter.accepts()} goes to .../{parameter.name}/value"
    raise ParameterError(f"{parameter.name} cannot be {shown(argument)}: it takes {takes}")


def from_natural(parameter: Parameter, argument: Argument) -> ParameterValue:
    """The value for an argument in the parameter's own unit; ParameterError says what it takes."""
    if parameter.kind is Kind.CHOICE:
        if isinstance(argument, str | int) and not isinstance(argument, bool):
            return _choice(parameter, argument)
    elif isinstance(argument, float) and parameter.kind is Kind.NUMBER and math.isfinite(argument):
        return parameter.check(_as_meant(argument))
    return parameter.check(argument)


def to_argument(value: ParameterValue) -> Argument:
    """A value as OSC carries it: toggles as the int 0 or 1, which every controller understands."""
    return int(value) if isinstance(value, bool) else value


def _as_meant(argument: float) -> float:
    """A 32-bit float to the seven digits it is good for: 0.1 arrives as 0.10000000149."""
    return float(f"{argument:.7g}")


def _choice(parameter: Parameter, argument: str | int) -> str:
    if isinstance(argument, int):
        if 0 <= argument < len(parameter.choices):
            return parameter.choices[argument]
    elif argument in parameter.choices:
        return argument
    guess = suggestion(argument, parameter.choices) if isinstance(argument, str) else ""
    raise ParameterError(
        f"{parameter.name} cannot be {shown(argument)}{guess}: it takes {parameter.accepts()}, "
        f"or its number from 0 to {len(parameter.choices) - 1}"
    )
