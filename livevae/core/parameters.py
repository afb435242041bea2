"""The one table of everything a performer can turn, and the rules for values.

OSC, presets, the status line and the documentation are all made from this table. A parameter
is *global* (one for the whole performance) or belongs to each *part*. Controllers send 0...1;
``from_unit`` and ``to_unit`` are the documented mapping to the parameter's own unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from livevae.core.scales import KEYS, SCALES
from livevae.errors import ParameterError
from livevae.units import MAX_BPM, MIN_BPM

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


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table. ``low``/``high`` bound numbers; ``choices`` list a choice's values."""

    name: str
    kind: Kind
    default: ParameterValue
    acts: Acts
    help: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()

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


MODES = ("sample", "vary", "interpolate", "pad", "walk", "freeze")
SLOTS = 16  # places in a part's palette
SOURCES = ("sample", "played")
LATE_RULES = ("repeat", "silence", "passthrough")

PART_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "mode",
        Kind.CHOICE,
        "sample",
        Acts.NEXT_BAR,
        "sample: new ideas; vary: around what you just played; interpolate: from A to B; "
        "pad: between four kept ideas; walk: wander around home; freeze: loop",
        choices=MODES,
    ),
    Parameter(
        "temperature",
        Kind.NUMBER,
        1.0,
        Acts.NEXT_BAR,
        "how daring each note is; 0 is the likeliest",
        0.0,
        2.0,
    ),
    Parameter(
        "vary", Kind.NUMBER, 0.3, Acts.NEXT_BAR, "how far from what you played, or from home: 0 same, 1 far"
    ),
    Parameter("phrase", Kind.INTEGER, 8, Acts.NEXT_BAR, "how long one idea lasts", 1, 64, "bars"),
    Parameter("listen", Kind.INTEGER, 2, Acts.NEXT_BAR, "how many of your last bars count", 1, 16, "bars"),
    Parameter(
        "respond",
        Kind.INTEGER,
        0,
        Acts.NEXT_BAR,
        "call and response: listen this long, then answer as long; 0 plays all the time",
        0,
        16,
        "bars",
    ),
    Parameter(
        "morph",
        Kind.INTEGER,
        8,
        Acts.NEXT_BAR,
        "length of the way from A to B, or of a walk's stride",
        1,
        64,
        "bars",
    ),
    Parameter("morph_from", Kind.CHOICE, "played", Acts.NEXT_BAR, "what A is", choices=SOURCES),
    Parameter("morph_to", Kind.CHOICE, "sample", Acts.NEXT_BAR, "what B is", choices=SOURCES),
    Parameter("pad_x", Kind.NUMBER, 0.5, Acts.NEXT_BAR, "left to right on the pad"),
    Parameter("pad_y", Kind.NUMBER, 0.5, Acts.NEXT_BAR, "near to far on the pad"),
    *(
        Parameter(
            f"corner_{corner}",
            Kind.INTEGER,
            corner,
            Acts.NEXT_BAR,
            f"slot of the palette at the pad's {where} corner",
            1,
            SLOTS,
        )
        for corner, where in enumerate(("near left", "near right", "far left", "far right"), start=1)
    ),
    Parameter("loop", Kind.INTEGER, 2, Acts.NEXT_BAR, "how many bars freeze repeats", 1, 16, "bars"),
    Parameter("seed", Kind.INTEGER, 0, Acts.NEXT_BAR, "another number, other ideas", 0, 999_999),
    Parameter("reroll", Kind.TRIGGER, False, Acts.NEXT_BAR, "a new idea from the next bar on"),
    Parameter("mute", Kind.TOGGLE, False, Acts.NEXT_NOTE, "stay silent, keep thinking"),
    Parameter("level", Kind.NUMBER, 1.0, Acts.NEXT_NOTE, "loudness: velocities are multiplied", 0.0, 2.0),
    Parameter(
        "accent", Kind.NUMBER, 0.5, Acts.NEXT_NOTE, "how much louder strong beats are than weak sixteenths"
    ),
    Parameter("key", Kind.CHOICE, "C", Acts.NEXT_NOTE, "tonic of the scale lock", choices=KEYS),
    Parameter(
        "scale", Kind.CHOICE, "off", Acts.NEXT_NOTE, "keep every note in this scale", choices=tuple(SCALES)
    ),
    Parameter("transpose", Kind.INTEGER, 0, Acts.NEXT_NOTE, "move up or down", -24, 24, "semitones"),
    Parameter("register_low", Kind.INTEGER, 0, Acts.NEXT_NOTE, "lowest note; others move by octaves", 0, 127),
    Parameter("register_high", Kind.INTEGER, 127, Acts.NEXT_NOTE, "highest note", 0, 127),
    Parameter("channel", Kind.INTEGER, 1, Acts.NEXT_NOTE, "MIDI channel it plays on", 1, 16),
    Parameter("in_channel", Kind.INTEGER, 0, Acts.AT_ONCE, "MIDI channel it listens to; 0 is any", 0, 16),
    Parameter(
        "late",
        Kind.CHOICE,
        "repeat",
        Acts.NEXT_BAR,
        "what to play when the model is late: the last bar again, nothing, or what you play",
        choices=LATE_RULES,
    ),
)

GLOBAL_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "tempo",
        Kind.NUMBER,
        120.0,
        Acts.AT_ONCE,
        "tempo while no outside clock leads",
        MIN_BPM,
        MAX_BPM,
        "BPM",
    ),
    Parameter("play", Kind.TOGGLE, False, Acts.AT_ONCE, "start and stop while no outside clock leads"),
    Parameter("tap", Kind.TRIGGER, False, Acts.AT_ONCE, "tap the tempo"),
    Parameter("seed", Kind.INTEGER, 0, Acts.NEXT_BAR, "same number and same playing, same set", 0, 999_999),
    Parameter(
        "quantum", Kind.INTEGER, 1, Acts.NEXT_BAR, "changes wait for a bar divisible by this", 1, 16, "bars"
    ),
    Parameter(
        "offset",
        Kind.NUMBER,
        0.0,
        Acts.NEXT_NOTE,
        "play later (or, below 0, earlier) than the clock says",
        -50.0,
        50.0,
        "ms",
    ),
    Parameter("panic", Kind.TRIGGER, False, Acts.AT_ONCE, "silence every note now"),
)


def _by_name(table: tuple[Parameter, ...]) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in table}


_PART = _by_name(PART_PARAMETERS)
_GLOBAL = _by_name(GLOBAL_PARAMETERS)


def find_parameter(part: str | None, name: str) -> Parameter:
    """The row for ``name``, of a part's table or (``part`` None) the global one.

    Raises ParameterError naming what exists.
    """
    table = _GLOBAL if part is None else _PART
    if name not in table:
        whose = "livevae has" if part is None else f"part {part} has"
        raise ParameterError(f"{whose} no parameter {name!r}: it has {', '.join(table)}")
    return table[name]


def defaults(table: tuple[Parameter, ...]) -> dict[str, ParameterValue]:
    """Name -> default of every parameter of ``table`` that holds a value."""
    return {p.name: p.default for p in table if p.kind is not Kind.TRIGGER}
