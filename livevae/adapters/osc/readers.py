"""What the arguments of a message mean at each kind of address.

Every reader returns the commands asked for, none for a button let go, or raises ParameterError saying what
the address takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from livevae.adapters.osc.commands import (
    AskCapabilities,
    AskState,
    AskValue,
    Command,
    KeepFile,
    Subscribe,
    Unsubscribe,
)
from livevae.adapters.osc.packets import Argument
from livevae.adapters.osc.values import from_position
from livevae.core.chord_symbols import parse_chord, parse_progression
from livevae.core.chords import Chord
from livevae.core.events import (
    Drop,
    Forget,
    Halt,
    Keep,
    Learn,
    Play,
    PlayChord,
    Rename,
    SetParameter,
    Source,
    StopLearning,
    WriteChords,
)
from livevae.core.parameters import SLOTS, Kind, Parameter, ParameterValue, find_parameter
from livevae.errors import ParameterError
from livevae.wording import shown, suggestion

Arguments = tuple[Argument, ...]
Commands = tuple[Command, ...]
Reader = Callable[[Arguments], Commands]

_SOURCES = [source.value for source in Source]
_SOURCE_AND_NAME = f"one of {', '.join(_SOURCES)}, then if wanted a name"

_MAX_NAME = 64  # characters of a kept idea's name
_MAX_PATH = 1024
_MOST_KEYS = 128  # there are no more
_PAD_AXES = ("pad_x", "pad_y")


def set_parameter(
    part: str | None,
    parameter: Parameter,
    convert: Callable[[Parameter, Argument], ParameterValue],
    arguments: Arguments,
) -> Commands:
    """A parameter's address: one argument sets it, none asks for it; an action needs a press."""
    if parameter.kind is Kind.TRIGGER:
        return when_pressed(SetParameter(part, parameter.name, True), arguments)
    if not arguments:
        return (AskValue(part, parameter.name),)
    if len(arguments) > 1:
        raise ParameterError(f"{parameter.name} takes one argument, not {len(arguments)}")
    return (SetParameter(part, parameter.name, parameter.check(convert(parameter, arguments[0]))),)


def play(arguments: Arguments) -> Commands:
    """Pressed plays from the start, let go stops: a toggle."""
    return (Play(),) if _is_pressed(arguments) else (Halt(),)


def when_pressed(command: Command, arguments: Arguments) -> Commands:
    """A button that acts when pressed."""
    return (command,) if _is_pressed(arguments) else ()


def with_port(
    command: type[Subscribe | Unsubscribe | AskState | AskCapabilities], arguments: Arguments
) -> Commands:
    """A request, with the port to answer to where that is not the one it was sent from."""
    if not arguments:
        return (command(),)
    port = _whole(arguments[0])
    if len(arguments) == 1 and port is not None and 1 <= port <= 65535:
        return (command(port),)
    raise _refusal(arguments, "nothing, or the port (1 to 65535) to answer")


def chord(arguments: Arguments) -> Commands:
    """A chord that sounds from now on: its symbol, or the pitches held."""
    takes = "a chord's symbol, such as Am7, or MIDI pitches from 0 to 127"
    if len(arguments) == 1 and isinstance(arguments[0], str):
        return (PlayChord(parse_chord(arguments[0])),)
    pitches = [_whole(argument) for argument in arguments[:_MOST_KEYS]]
    if not pitches or any(pitch is None or not 0 <= pitch <= 127 for pitch in pitches):
        raise _refusal(arguments, takes)
    return (PlayChord(Chord.of_pitches(pitch for pitch in pitches if pitch is not None)),)


def chords(arguments: Arguments) -> Commands:
    """Bars of chords that go round from now on; an empty text takes them away."""
    text = arguments[0] if len(arguments) == 1 else None
    if not isinstance(text, str):
        raise _refusal(arguments, 'bars of chords in one text, such as "| Am | F | C | G |"')
    return (WriteChords(parse_progression(text) if text.strip() else ()),)


def pad(part: str, arguments: Arguments) -> Commands:
    """An XY pad: both axes in one message, as TouchOSC sends them."""
    if len(arguments) != len(_PAD_AXES):
        raise _refusal(arguments, "two numbers from 0 to 1: left to right, near to far")
    return tuple(
        SetParameter(part, axis, from_position(find_parameter(part, axis), argument))
        for axis, argument in zip(_PAD_AXES, arguments, strict=True)
    )


def keep(part: str, arguments: Arguments) -> Commands:
    """Keep an idea: slot, then where it comes from, then a name."""
    takes = f"a slot from 1 to {SLOTS}, then if wanted {_SOURCE_AND_NAME}"
    slot = _slot(arguments, takes, most=3)
    return (_keep(part, slot, arguments[1:], arguments, takes),)


def keep_in(part: str, slot: int, arguments: Arguments) -> Commands:
    """Keep an idea in this slot: pressed, or where it comes from, then a name."""
    if not arguments or not isinstance(arguments[0], str):
        return when_pressed(Keep(part, slot, Source.SOUNDING), arguments)
    return (_keep(part, slot, arguments, arguments, f"nothing, 1, or {_SOURCE_AND_NAME}"),)


def keep_file(part: str, slot: int, arguments: Arguments) -> Commands:
    """Keep what a MIDI file plays: its path, then a name."""
    path, name = (*arguments, "")[:2] if arguments else ("", "")
    is_text = isinstance(path, str) and isinstance(name, str)
    if (
        not is_text
        or not path
        or len(arguments) > 2
        or len(str(path)) > _MAX_PATH
        or len(str(name)) > _MAX_NAME
    ):
        raise _refusal(arguments, "the path of a MIDI file on livevae's computer, then if wanted a name")
    return (KeepFile(part, slot, str(path), str(name)),)


def _keep(part: str, slot: int, described: Arguments, arguments: Arguments, takes: str) -> Keep:
    source = described[0] if described else Source.SOUNDING.value
    name = described[1] if len(described) > 1 else ""
    if not isinstance(source, str) or source not in _SOURCES:
        guess = suggestion(source, _SOURCES) if isinstance(source, str) else ""
        raise _refusal(arguments, f"{takes}{guess}")
    if not isinstance(name, str) or len(name) > _MAX_NAME or len(described) > 2:
        raise _refusal(arguments, f"{takes} of at most {_MAX_NAME} characters")
    return Keep(part, slot, Source(source), name)


def rename(part: str, slot: int, arguments: Arguments) -> Commands:
    """Call what is in this slot something else."""
    name = arguments[0] if len(arguments) == 1 else None
    if not isinstance(name, str) or len(name) > _MAX_NAME:
        raise _refusal(arguments, f"a name of at most {_MAX_NAME} characters")
    return (Rename(part, slot, name),)


def drop(part: str, arguments: Arguments) -> Commands:
    """Empty a slot."""
    return (Drop(part, _slot(arguments, f"a slot from 1 to {SLOTS}", most=1)),)


def learn(root: str, parts: Collection[str], arguments: Arguments) -> Commands:
    """Learn a control for a parameter, which is named by its address; nothing gives up learning."""
    if not arguments:
        return (StopLearning(),)
    return (Learn(*_parameter(root, parts, arguments)),)


def unlearn(root: str, parts: Collection[str], arguments: Arguments) -> Commands:
    """Forget the control of a parameter."""
    return (Forget(*_parameter(root, parts, arguments)),)


def _parameter(root: str, parts: Collection[str], arguments: Arguments) -> tuple[str | None, str]:
    address = arguments[0] if len(arguments) == 1 else None
    if not isinstance(address, str):
        raise _refusal(arguments, f"the address of a parameter, such as {root}/tempo")
    part, slash, name = address.removeprefix(root).strip("/").rpartition("/")
    if slash and part not in parts:
        raise _refusal(arguments, f"the address of a parameter; parts are {', '.join(parts)}")
    return (part if slash else None), find_parameter(part if slash else None, name).name


def _slot(arguments: Arguments, takes: str, most: int) -> int:
    slot = _whole(arguments[0]) if arguments else None
    if slot is None or not 1 <= slot <= SLOTS or len(arguments) > most:
        raise _refusal(arguments, takes)
    return slot


def _whole(argument: Argument) -> int | None:
    """A whole number, whichever way it was sent; None if it is none."""
    if isinstance(argument, bool) or not isinstance(argument, int | float) or argument % 1:
        return None
    return int(argument)


def _is_pressed(arguments: Arguments) -> bool:
    """A button with no argument is pressed; one with a number is, from a half up, as TouchOSC sends it."""
    if not arguments:
        return True
    value = arguments[0]
    if len(arguments) == 1 and isinstance(value, int | float) and 0 <= value <= 1:
        return value >= 0.5
    raise _refusal(arguments, "nothing, 1 or 0")


def _refusal(arguments: Arguments, takes: str) -> ParameterError:
    sent = ", ".join(map(shown, arguments)) or "nothing"
    return ParameterError(f"it cannot take {sent}: send {takes}")
