"""The OSC address space: which address means which command. Built from the parameter table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from livevae.adapters.osc import readers
from livevae.adapters.osc.commands import (
    AskCapabilities,
    AskState,
    Command,
    Subscribe,
    Unsubscribe,
)
from livevae.adapters.osc.packets import OscMessage
from livevae.adapters.osc.patterns import compile_pattern, is_pattern
from livevae.adapters.osc.touchosc_names import default_addresses
from livevae.adapters.osc.values import from_natural, from_position
from livevae.core.events import Drop, Halt, Panic, Play, TapTempo, Undo
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, SLOTS, Kind, Parameter
from livevae.errors import MessageError, ParameterError
from livevae.wording import shown, suggestion

ROOT = "/livevae"
VALUE = "value"
SLOT = "slot"
OUTGOING = frozenset(
    f"{ROOT}/{name}"
    for name in ("error", "notice", "transport", "harmony", "capability", "binding", "learning")
)
"""Addresses livevae itself sends; hearing them back is an echo, not a mistake."""


def address_of(part: str | None, name: str) -> str:
    """Where a parameter lives: /livevae/<part>/<name>, or /livevae/<name> for a global one."""
    return f"{ROOT}/{name}" if part is None else f"{ROOT}/{part}/{name}"


def slot_address(part: str, slot: int) -> str:
    """Where one slot of a part's palette lives."""
    return f"{ROOT}/{part}/{SLOT}/{slot}"


class AddressTable:
    """All addresses of a performance with these ``parts``.

    An address without /livevae before it also counts, and one without the part where only one part plays:
    TouchOSC sends a fader that is called ``vary`` to /vary. So do the names it gives itself, as /1/fader1.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        self._readers: dict[str, readers.Reader] = {
            f"{ROOT}/subscribe": partial(readers.with_port, Subscribe),
            f"{ROOT}/unsubscribe": partial(readers.with_port, Unsubscribe),
            f"{ROOT}/state": partial(readers.with_port, AskState),
            f"{ROOT}/capabilities": partial(readers.with_port, AskCapabilities),
            f"{ROOT}/stop": partial(readers.when_pressed, Halt()),
            f"{ROOT}/continue": partial(readers.when_pressed, Play(from_start=False)),
            f"{ROOT}/chord": readers.chord,
            f"{ROOT}/chords": readers.chords,
            f"{ROOT}/undo": partial(readers.when_pressed, Undo()),
            f"{ROOT}/learn": partial(readers.learn, ROOT, parts),
            f"{ROOT}/unlearn": partial(readers.unlearn, ROOT, parts),
        }
        for parameter in GLOBAL_PARAMETERS:
            self._add(None, parameter)
        self._readers[f"{ROOT}/play"] = self._readers[f"{ROOT}/play/{VALUE}"] = readers.play
        self._readers[f"{ROOT}/tap"] = partial(readers.when_pressed, TapTempo())
        self._readers[f"{ROOT}/panic"] = partial(readers.when_pressed, Panic())
        self._parts = parts
        self._unnamed = {address: address_of(part, name) for address, part, name in default_addresses(parts)}
        self._outgoing = OUTGOING.union(address_of(part, SLOT) for part in parts)
        for part in parts:
            for parameter in PART_PARAMETERS:
                self._add(part, parameter)
            self._readers[address_of(part, "pad")] = partial(readers.pad, part)
            self._readers[address_of(part, "keep")] = partial(readers.keep, part)
            self._readers[address_of(part, "drop")] = partial(readers.drop, part)
            for slot in range(1, SLOTS + 1):
                self._add_slot(part, slot)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address, as written in docs/OSC.md."""
        return tuple(self._readers)

    @property
    def value_addresses(self) -> frozenset[bytes]:
        """Addresses where an argument does nothing but move one parameter, however they are written."""
        whole = [
            a for a in self._readers if self.parameter_at(a) is not None and not a.startswith(f"{ROOT}/play")
        ]
        short = [address.removeprefix(ROOT) for address in whole]
        unnamed = [a for a, stands_for in self._unnamed.items() if stands_for in whole]
        return frozenset(address.encode() for address in (*whole, *short, *unnamed))

    def read(self, message: OscMessage) -> tuple[Command, ...]:
        """What ``message`` asks for: nothing for a button let go, several for an address pattern.

        Raises MessageError naming the address and what it takes.
        """
        if message.address in self._outgoing:
            return ()
        commands: list[Command] = []
        for address in self._matching(message.address):
            try:
                commands += self._readers[address](message.arguments)
            except ParameterError as error:
                raise MessageError(f"{address}: {error}") from error
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
        self._readers[address] = partial(readers.set_parameter, part, parameter, from_position)
        if parameter.kind is not Kind.TRIGGER:
            natural = partial(readers.set_parameter, part, parameter, from_natural)
            self._readers[f"{address}/{VALUE}"] = natural

    def _add_slot(self, part: str, slot: int) -> None:
        address = slot_address(part, slot)
        self._readers[f"{address}/keep"] = partial(readers.keep_in, part, slot)
        self._readers[f"{address}/file"] = partial(readers.keep_file, part, slot)
        self._readers[f"{address}/name"] = partial(readers.rename, part, slot)
        self._readers[f"{address}/drop"] = partial(readers.when_pressed, Drop(part, slot))
        self._outgoing |= {address}

    def _matching(self, address: str) -> list[str]:
        if address in self._readers:
            return [address]
        only_part = f"{ROOT}/{self._parts[0]}{address}" if len(self._parts) == 1 else ""
        for whole in (f"{ROOT}{address}", only_part):
            if whole in self._readers:
                return [whole]
        if address in self._unnamed:
            return [self._unnamed[address]]
        if is_pattern(address):
            pattern = compile_pattern(address)
            matches = [known for known in self._readers if pattern.fullmatch(known)]
            if matches:
                return matches
        guess = suggestion(address, self._readers)
        raise MessageError(f"there is no OSC address {shown(address)}{guess}; {ROOT}/capabilities lists all")
