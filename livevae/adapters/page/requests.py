"""What a page asks for: one JSON object a message, read into an event for the performer.

A page is a program like any other, so nothing it sends is trusted: every field is checked and bounded here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from livevae.core.events import (
    ControlChange,
    Drop,
    Event,
    Forget,
    Halt,
    Keep,
    Learn,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    Rename,
    SetParameter,
    Source,
    StopLearning,
    TapTempo,
    Undo,
)
from livevae.core.midi_control import LAST_CONTROL
from livevae.core.parameters import SLOTS, find_parameter
from livevae.errors import MessageError, ParameterError
from livevae.wording import shown, suggestion

MAX_REQUEST_BYTES = 2048
MAX_NAME_CHARACTERS = 32  # of a slot
_Fields = Mapping[str, Any]


def read_request(text: str | bytes, parts: Collection[str]) -> Event:
    """The event that a page's message asks for. parts: names of the parts that play.

    Raises MessageError with a sentence, whatever the message is.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MessageError("a message that is no JSON") from error
    if not isinstance(fields, dict):
        raise MessageError(f"{shown(fields)}, which is no JSON object")
    action = fields.get("do")
    if not isinstance(action, str) or action not in _READERS:
        known = ", ".join(_READERS)
        guess = suggestion(action, _READERS) if isinstance(action, str) else ""
        raise MessageError(f"do {shown(action)}{guess}: it can ask for {known}")
    return _READERS[action](fields, parts)


def _set(fields: _Fields, parts: Collection[str]) -> Event:
    part, name = _target(fields, parts)
    try:
        value = find_parameter(part, name).check(fields.get("value"))
    except (ParameterError, OverflowError) as error:
        raise MessageError(str(error)) from error
    return SetParameter(part, name, value)


def _learn(fields: _Fields, parts: Collection[str]) -> Event:
    return Learn(*_target(fields, parts))


def _unlearn(fields: _Fields, parts: Collection[str]) -> Event:
    return Forget(*_target(fields, parts))


def _keep(fields: _Fields, parts: Collection[str]) -> Event:
    source = fields.get("source")
    sources = {source.value: source for source in Source}
    if not isinstance(source, str) or source not in sources:
        raise MessageError(f"keep {shown(source)}: it can keep {', '.join(sources)}")
    return Keep(*_slot(fields, parts), sources[source], _name(fields))


def _rename(fields: _Fields, parts: Collection[str]) -> Event:
    return Rename(*_slot(fields, parts), _name(fields))


def _drop(fields: _Fields, parts: Collection[str]) -> Event:
    return Drop(*_slot(fields, parts))


def _note(fields: _Fields, parts: Collection[str]) -> Event:
    channel = _whole(fields, "channel", 1, 16)
    pitch, velocity = _whole(fields, "pitch", 0, 127), _whole(fields, "velocity", 0, 127)
    return NoteOn(channel, pitch, velocity) if velocity else NoteOff(channel, pitch)


def _control(fields: _Fields, parts: Collection[str]) -> Event:
    control = _whole(fields, "control", 0, LAST_CONTROL)
    return ControlChange(_whole(fields, "channel", 1, 16), control, _whole(fields, "value", 0, 127))


def _always(event: Event) -> Callable[[_Fields, Collection[str]], Event]:
    return lambda fields, parts: event


_READERS: dict[str, Callable[[_Fields, Collection[str]], Event]] = {
    "set": _set,
    "play": _always(Play()),
    "continue": _always(Play(from_start=False)),
    "stop": _always(Halt()),
    "tap": _always(TapTempo()),
    "panic": _always(Panic()),
    "undo": _always(Undo()),
    "keep": _keep,
    "rename": _rename,
    "drop": _drop,
    "note": _note,
    "control": _control,
    "learn": _learn,
    "unlearn": _unlearn,
    "stop_learning": _always(StopLearning()),
}
ACTIONS = tuple(_READERS)
"""Everything a page can ask for."""


def _target(fields: _Fields, parts: Collection[str]) -> tuple[str | None, str]:
    """A parameter: its part (None for a global one) and its name."""
    part = None if fields.get("part") is None else _part(fields, parts)
    name = fields.get("name")
    try:
        return part, find_parameter(part, name if isinstance(name, str) else "").name
    except ParameterError as error:
        raise MessageError(str(error)) from error


def read_slot(fields: _Fields, parts: Collection[str]) -> tuple[str, int, str]:
    """Part, slot and name that a file is to be kept under. Raises MessageError with a sentence."""
    return (*_slot(fields, parts), _name(fields))


def _slot(fields: _Fields, parts: Collection[str]) -> tuple[str, int]:
    return _part(fields, parts), _whole(fields, "slot", 1, SLOTS)


def _name(fields: _Fields) -> str:
    name = fields.get("name", "")
    if isinstance(name, str) and len(name) <= MAX_NAME_CHARACTERS and (name.isprintable() or not name):
        return name
    raise MessageError(
        f"the name {shown(name)}: a slot's has up to {MAX_NAME_CHARACTERS} printable characters"
    )


def _part(fields: _Fields, parts: Collection[str]) -> str:
    part = fields.get("part")
    if isinstance(part, str) and part in parts:
        return part
    raise MessageError(f"the part {shown(part)}: playing are {', '.join(parts)}")


def _whole(fields: _Fields, name: str, low: int, high: int) -> int:
    number = fields.get(name)
    if isinstance(number, int) and not isinstance(number, bool) and low <= number <= high:
        return number
    raise MessageError(f"{name} {shown(number)}: it takes a whole number from {low} to {high}")
