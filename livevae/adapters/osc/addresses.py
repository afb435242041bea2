"""The OSC address space: which address means which command. Built from the parameter table alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from livevae.adapters.osc.packets import Argument, OscMessage
from livevae.adapters.osc.patterns import compile_pattern, is_pattern
from livevae.adapters.osc.values import from_natural, from_position
from livevae.core.events import Halt, Panic, Play, SetParameter, TapTempo
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Kind, Parameter
from livevae.errors import MessageError, ParameterError
from livevae.wording import shown, suggestion

ROOT = "/livevae"
VALUE = "value"
OUTGOING = frozenset(f"{ROOT}/{name}" for name in ("error", "notice", "transport", "capability"))
"""Addresses livevae itself sends; hearing them back is an echo, not a mistake."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Tell this program every change from now on.

    reply_port: where it listens, if not where it sends from; so for the other requests too.
    """

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """No more of it."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskState:
    """Tell all values."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskCapabilities:
    """Tell what there is to turn."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskValue:
    """Tell one parameter's value."""

    part: str | None
    name: str


Command = (
    SetParameter
    | Play
    | Halt
    | TapTempo
    | Panic
    | Subscribe
    | Unsubscribe
    | AskState
    | AskCapabilities
    | AskValue
)
_Arguments = tuple[Argument, ...]
_Reader = Callable[[_Arguments], Command | None]


def address_of(part: str | None, name: str) -> str:
    """Where a parameter lives: /livevae/<part>/<name>, or /livevae/<name> for a global one."""
    return f"{ROOT}/{name}" if part is None else f"{ROOT}/{part}/{name}"


class AddressTable:
    """All addresses of a performance with these ``parts``."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._readers: dict[str, _Reader] = {
            f"{ROOT}/subscribe": partial(_with_port, Subscribe),
            f"{ROOT}/unsubscribe": partial(_with_port, Unsubscribe),
            f"{ROOT}/state": partial(_with_port, AskState),
            f"{ROOT}/capabilities": partial(_with_port, AskCapabilities),
            f"{ROOT}/stop": partial(_when_pressed, Halt()),
            f"{ROOT}/continue": partial(_when_pressed, Play(from_start=False)),
        }
        for parameter in GLOBAL_PARAMETERS:
            self._add(None, parameter)
        for part in parts:
            for parameter in PART_PARAMETERS:
                self._add(part, parameter)
        self._readers[f"{ROOT}/play"] = self._readers[f"{ROOT}/play/{VALUE}"] = _play
        self._readers[f"{ROOT}/tap"] = partial(_when_pressed, TapTempo())
        self._readers[f"{ROOT}/panic"] = partial(_when_pressed, Panic())

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address, as written in docs/OSC.md."""
        return tuple(self._readers)

    def read(self, message: OscMessage) -> tuple[Command, ...]:
        """What ``message`` asks for: nothing for a button let go, several for an address pattern.

        Raises MessageError naming the address and what it takes.
        """
        if message.address in OUTGOING:
            return ()
        commands = []
        for address in self._matching(message.address):
            try:
                command = self._readers[address](message.arguments)
            except ParameterError as error:
                raise MessageError(f"{address}: {error}") from error
            if command is not None:
                commands.append(command)
        return tuple(commands)

    def parameter_at(self, address: str) -> tuple[str | None, str] | None:
        """Which parameter's address, plain or ``/value``, this is; None if none's."""
        names = address.removesuffix(f"/{VALUE}").removeprefix(f"{ROOT}/").split("/")
        if address not in self._readers or len(names) > 2:
            return None
        part, name = (None, names[0]) if len(names) == 1 else (names[0], names[1])
        table = GLOBAL_PARAMETERS if part is None else PART_PARAMETERS
        return (part, name) if any(p.name == name and p.kind is not Kind.TRIGGER for p in table) else None

    def _add(self, part: str | None, parameter: Parameter) -> None:
        address = address_of(part, parameter.name)
        self._readers[address] = partial(_set, part, parameter, from_position)
        if parameter.kind is not Kind.TRIGGER:
            self._readers[f"{address}/{VALUE}"] = partial(_set, part, parameter, from_natural)

    def _matching(self, address: str) -> list[str]:
        if address in self._readers:
            return [address]
        if is_pattern(address):
            pattern = compile_pattern(address)
            matches = [known for known in self._readers if pattern.fullmatch(known)]
            if matches:
                return matches
        guess = suggestion(address, self._readers)
        raise MessageError(f"there is no OSC address {shown(address)}{guess}; {ROOT}/capabilities lists all")


def _set(
    part: str | None,
    parameter: Parameter,
    convert: Callable[[Parameter, Argument], object],
    arguments: _Arguments,
) -> Command | None:
    if parameter.kind is Kind.TRIGGER:
        return _when_pressed(SetParameter(part, parameter.name, True), arguments)
    if not arguments:
        return AskValue(part, parameter.name)
    if len(arguments) > 1:
        raise ParameterError(f"{parameter.name} takes one argument, not {len(arguments)}")
    value = parameter.check(convert(parameter, arguments[0]))
    return SetParameter(part, parameter.name, value)


def _play(arguments: _Arguments) -> Command:
    return Play() if _is_pressed(arguments) else Halt()


def _when_pressed(command: Command, arguments: _Arguments) -> Command | None:
    return command if _is_pressed(arguments) else None


def _is_pressed(arguments: _Arguments) -> bool:
    """A button with no argument is pressed; one with a number is, from a half up, as TouchOSC sends it."""
    if not arguments:
        return True
    value = arguments[0]
    if len(arguments) == 1 and isinstance(value, int | float) and 0 <= value <= 1:
        return value >= 0.5
    raise ParameterError(f"it cannot take {', '.join(map(shown, arguments))}: send nothing, 1 or 0")


def _with_port(
    command: type[Subscribe | Unsubscribe | AskState | AskCapabilities], arguments: _Arguments
) -> Command:
    if not arguments:
        return command()
    port = arguments[0]
    if isinstance(port, float) and port.is_integer():
        port = int(port)
    if len(arguments) == 1 and isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535:
        return command(port)
    raise ParameterError(
        f"it cannot take {', '.join(map(shown, arguments))}: send nothing, or the port (1 to 65535) to answer"
    )
