"""OSC datagrams to messages and back; what is not OSC is a MessageError with a reason.

python-osc reads and writes the messages. Bundles are opened here, because its reader never comes back from
an element of negative size, and because it drops the elements it does not know without a word.

Source: Open Sound Control Specification 1.0 (opensoundcontrol.org), "OSC Packets" and "OSC Bundles".
"""

from __future__ import annotations

from dataclasses import dataclass

from pythonosc.osc_message import OscMessage as _Message
from pythonosc.osc_message import ParseError
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from livevae.errors import MessageError

Argument = int | float | bool | str | bytes | None

_BUNDLE = b"#bundle\0"
_TIME_TAG_BYTES = 8
_SIZE_BYTES = 4
_KNOWN_TYPES = frozenset("ihfdsbTFN")
_BUILDER_TYPES = {int: "i", float: "f", str: "s", bytes: "b"}


@dataclass(frozen=True, slots=True)
class OscMessage:
    """An address and what was sent to it."""

    address: str
    arguments: tuple[Argument, ...] = ()


def read_packet(data: bytes) -> tuple[OscMessage, ...]:
    """The messages of a datagram, bundles within bundles unpacked, in order.

    A bundle's time tag is not waited for: what a performer turns acts when it arrives.
    Raises MessageError if any of it is not OSC; then none of it counts.
    """
    messages: list[OscMessage] = []
    waiting = [data]
    while waiting:
        element = waiting.pop()
        if element.startswith(_BUNDLE):
            waiting.extend(reversed(_elements(element)))
        elif element.startswith(b"/"):
            messages.append(_message(element))
        else:
            raise MessageError("it is not OSC: neither a message, which begins with /, nor a #bundle")
    return tuple(messages)


def write_message(address: str, *arguments: Argument) -> bytes:
    """A datagram with one message. bool becomes T or F, int i, float f, str s, bytes b, None N.

    An int beyond 32 bits becomes h.
    """
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument, _type_of(argument))
    datagram: bytes = builder.build().dgram
    return datagram


def _type_of(argument: Argument) -> str:
    if argument is None:
        return "N"
    if isinstance(argument, bool):
        return "T" if argument else "F"
    if isinstance(argument, int) and not -(2**31) <= argument < 2**31:
        return "h"
    return _BUILDER_TYPES[type(argument)]


def _elements(bundle: bytes) -> list[bytes]:
    elements = []
    at = len(_BUNDLE) + _TIME_TAG_BYTES
    if len(bundle) < at:
        raise MessageError("it is not OSC: a bundle cut short before its time tag")
    while at < len(bundle):
        size = int.from_bytes(bundle[at : at + _SIZE_BYTES], "big", signed=True)
        at += _SIZE_BYTES
        if size <= 0 or at + size > len(bundle):
            raise MessageError(f"it is not OSC: a bundle whose element claims {size} bytes")
        elements.append(bundle[at : at + size])
        at += size
    return elements


def _message(data: bytes) -> OscMessage:
    try:
        address, after_address = osc_types.get_string(data, 0)
        if data[after_address:]:
            types, _ = osc_types.get_string(data, after_address)
            unknown = set(types[1:]) - _KNOWN_TYPES
            if unknown:
                raise MessageError(
                    f"{address}: arguments of type {''.join(sorted(unknown))} are not understood"
                )
        return OscMessage(address, tuple(_Message(data).params))
    except (ParseError, osc_types.ParseError, ValueError) as error:
        raise MessageError("it is not OSC: a message cut short or garbled") from error
