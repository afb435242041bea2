"""What a performer wants done: everything that comes out of the core.

Effects come out of ``Performer.advance(until_ns)``, each with the ideal time ``at_ns`` at which it should
happen, in nanoseconds of the same clock as the events (``livevae.core.events``). Channels are 1-16.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livevae.core.latents import Latent, ModelRequest
from livevae.core.midi_control import Control
from livevae.core.notes import Notes
from livevae.core.parameters import ParameterValue


@dataclass(frozen=True, slots=True)
class SendNoteOn:
    """Sound a note. velocity 1-127."""

    at_ns: int
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class SendNoteOff:
    """End a note."""

    at_ns: int
    channel: int
    pitch: int


@dataclass(frozen=True, slots=True)
class SendProgram:
    """Have another instrument play this channel from the next note on. program 0-127."""

    at_ns: int
    channel: int
    program: int


@dataclass(frozen=True, slots=True)
class AskModel:
    """Have the worker run ``request``; the answer is useless after ``needed_by_ns``."""

    at_ns: int
    request: ModelRequest
    needed_by_ns: int


@dataclass(frozen=True, slots=True)
class ParameterChanged:
    """A parameter now has this value (echo to every controller)."""

    at_ns: int
    part: str | None
    name: str
    value: ParameterValue


@dataclass(frozen=True, slots=True)
class SlotChanged:
    """A slot of the palette that all parts of ``model`` share now holds this; latent None is empty."""

    at_ns: int
    model: str
    slot: int
    name: str
    latent: Latent | None


@dataclass(frozen=True, slots=True)
class BindingChanged:
    """This control now turns this parameter, written as ``str(Control)``; None is no control."""

    at_ns: int
    part: str | None
    name: str
    control: str | None


@dataclass(frozen=True, slots=True)
class LearningChanged:
    """This parameter waits, or no longer waits, for a control to be touched."""

    at_ns: int
    part: str | None
    name: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class SendFeedback:
    """Tell a controller where one of its controls should stand. value: 0 to ``control.full``."""

    at_ns: int
    control: Control
    value: int


class Severity(Enum):
    """How loudly a notice should be shown."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the musician."""

    at_ns: int
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class BarDecided:
    """What ``part`` will play in ``bar`` is known (for the page and the recorder).

    idea: the point it was decoded from, where it was.
    """

    at_ns: int
    part: str
    bar: int
    notes: Notes
    idea: Latent | None = None


@dataclass(frozen=True, slots=True)
class BarMissed:
    """No answer came in time for this bar; the preset's rule for late answers applied."""

    at_ns: int
    part: str
    bar: int


Effect = (
    SendNoteOn
    | SendNoteOff
    | SendProgram
    | SendFeedback
    | AskModel
    | ParameterChanged
    | SlotChanged
    | BindingChanged
    | LearningChanged
    | Notice
    | BarDecided
    | BarMissed
)
