"""Pieces of a TouchOSC layout: a control for any row of the parameter table, buttons, labels, and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livevae.adapters.osc.addresses import VALUE, address_of
from livevae.core.parameters import Kind, Parameter
from livevae.tosc_format import Argument, Frame, Message, Node, Property

Colour = tuple[float, float, float, float]
DARK: Colour = (0.07, 0.07, 0.09, 1.0)
TEXT: Colour = (0.86, 0.86, 0.88, 1.0)
DIM: Colour = (0.55, 0.55, 0.6, 1.0)
GLOBAL: Colour = (0.35, 0.62, 0.9, 1.0)
WARNING: Colour = (0.85, 0.3, 0.25, 1.0)

GAP = 8
_FEW = 12  # as many cells fit a page of four columns well; more take six
_CAPTION = 18
_BUTTON_TOGGLE = 2
_FACING_EAST = 1  # a fader that lies: left is 0


def parameter_control(frame: Frame, part: str | None, parameter: Parameter, colour: Colour) -> Iterator[Node]:
    """A caption, something to move, and the value in words."""
    address = address_of(part, parameter.name)
    caption = parameter.name.removeprefix("attr_").removeprefix("feel_").replace("_", " ")
    if parameter.kind is Kind.TRIGGER:
        yield from button(frame, caption, address, colour)
        return
    yield label(upper(frame), caption, DIM, 13)
    told = Message(f"{address}/{VALUE}", (Argument("text", "STRING"),), None)
    yield label(lower(frame), "", TEXT, 13, told)
    middle = Frame(frame.x, frame.y + _CAPTION, frame.width, frame.height - 2 * _CAPTION)
    if parameter.kind is Kind.TOGGLE:
        switch: dict[str, Property] = {"color": colour, "buttonType": _BUTTON_TOGGLE}
        yield Node("BUTTON", caption, middle, switch, messages=[Message(address)])
        return
    properties: dict[str, Property] = {"color": colour, "orientation": _FACING_EAST}
    if parameter.kind is Kind.CHOICE:
        properties |= {"grid": True, "gridSteps": len(parameter.choices)}
    yield Node("FADER", caption, middle, properties, messages=[Message(address)])


def choices(
    frame: Frame, part: str, parameter: Parameter, offered: Sequence[str], colour: Colour
) -> Iterator[Node]:
    """A button for each choice that is offered, in a row."""
    width = (frame.width + GAP) // len(offered) - GAP
    for number, choice in enumerate(offered):
        place = Frame(frame.x + number * (width + GAP), frame.y, width, frame.height)
        chosen = (Argument(choice, "STRING", is_constant=True),)
        yield from button(place, choice, address_of(part, parameter.name), colour, chosen)


def button(
    frame: Frame, caption: str, address: str, colour: Colour, arguments: Sequence[Argument] = (Argument("x"),)
) -> Iterator[Node]:
    """A button that acts when it is pressed, and what is written on it."""
    message = Message(address, tuple(arguments), ("x", "RISE"), is_received=False)
    yield Node("BUTTON", caption, frame, {"color": colour}, messages=[message])
    yield label(frame, caption, TEXT, 14)


def label(frame: Frame, text: str, colour: Colour, size: int, message: Message | None = None) -> Node:
    """Words; with a message, those that it brings."""
    properties: dict[str, Property] = {"color": DARK, "textColor": colour, "textSize": size}
    messages = [] if message is None else [message]
    return Node("LABEL", text or "value", frame, properties, {"text": text}, messages)


def cells(count: int, area: Frame) -> Iterator[Frame]:
    """Places for ``count`` things in ``area``, row by row."""
    columns = 4 if count <= _FEW else 6
    rows = -(-count // columns)
    width = (area.width - (columns + 1) * GAP) // columns
    height = (area.height - (rows + 1) * GAP) // rows
    for row in range(rows):
        for column in range(columns):
            x, y = area.x + GAP + column * (width + GAP), area.y + GAP + row * (height + GAP)
            yield Frame(x, y, width, height)


def upper(frame: Frame) -> Frame:
    """The line at its top."""
    return Frame(frame.x, frame.y, frame.width, _CAPTION)


def lower(frame: Frame) -> Frame:
    """The line at its foot."""
    return Frame(frame.x, frame.y + frame.height - _CAPTION, frame.width, _CAPTION)
