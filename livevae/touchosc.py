"""A TouchOSC layout for the parts of a performance, made from the parameter table: transport, parts, corners.

Everything on it follows livevae: faders and switches stand where the parameters are, labels say so in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livevae.adapters.osc.addresses import ROOT, VALUE, address_of, slot_address
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, SLOTS, Kind, Parameter
from livevae.tosc_format import Argument, Frame, Message, Node, Property

DEFAULT_REPLY_PORT = 9001  # where the tablet listens, if nothing else is said

_WIDTH, _HEIGHT = 1024, 768
_TAB_HEIGHT = 48
_PAGE = Frame(0, 0, _WIDTH, _HEIGHT - _TAB_HEIGHT)
_FEW = 12  # as many cells fit a page of four columns well; more take six
_GAP = 8
_CAPTION = 18
_PARTS_A_PAGE = 3
_SLOT_COLUMNS = 4
_BUTTON_TOGGLE = 2
_FACING_EAST = 1  # a fader that lies: left is 0
_CHOICE_BUTTONS = "mode"  # the choice that is changed most has a button for each

Colour = tuple[float, float, float, float]
_DARK: Colour = (0.07, 0.07, 0.09, 1.0)
_TEXT: Colour = (0.86, 0.86, 0.88, 1.0)
_DIM: Colour = (0.55, 0.55, 0.6, 1.0)
_GLOBAL: Colour = (0.35, 0.62, 0.9, 1.0)
_WARNING: Colour = (0.85, 0.3, 0.25, 1.0)
_OF_PARTS: tuple[Colour, ...] = (
    (0.93, 0.62, 0.25, 1.0),
    (0.45, 0.75, 0.45, 1.0),
    (0.65, 0.5, 0.85, 1.0),
    (0.3, 0.7, 0.75, 1.0),
)


def touchosc_layout(parts: Sequence[str], reply_port: int = DEFAULT_REPLY_PORT) -> Node:
    """The whole layout for parts of these names.

    reply_port: where TouchOSC is set up to listen; its button *connect* tells livevae.
    """
    colours = {part: _OF_PARTS[number % len(_OF_PARTS)] for number, part in enumerate(parts)}
    pages = [_page("transport", _GLOBAL, list(_transport(reply_port)))]
    pages += [_page(part, colours[part], list(_part(part, colours[part]))) for part in parts]
    for first in range(0, len(parts), _PARTS_A_PAGE):
        shown = parts[first : first + _PARTS_A_PAGE]
        name = "corners" if first == 0 else f"corners {first // _PARTS_A_PAGE + 1}"
        pages.append(
            _page(name, _GLOBAL, [_corner(part, place, colours[part]) for place, part in enumerate(shown)])
        )
    canvas = Frame(0, 0, _WIDTH, _HEIGHT)
    pager = Node("PAGER", "pages", canvas, {"color": _DARK}, children=pages)
    return Node("GROUP", "livevae", canvas, {"color": _DARK, "background": True}, children=[pager])


def _page(name: str, colour: Colour, children: list[Node]) -> Node:
    tab: dict[str, Property] = {
        "color": _DARK,
        "background": True,
        "tabLabel": name,
        "tabColorOff": _DARK,
        "tabColorOn": colour,
        "textColorOff": _DIM,
        "textColorOn": _DARK,
    }
    return Node("GROUP", name, _PAGE, tab, children=children)


# --- pages of parameters ----------------------------------------------------------------------------


def _transport(reply_port: int) -> Iterator[Node]:
    cells = _cells(4 + len(GLOBAL_PARAMETERS))
    where = Argument(str(reply_port), "INTEGER", is_constant=True)
    yield from _button(next(cells), "connect", f"{ROOT}/subscribe", _GLOBAL, (where,))
    yield from _button(next(cells), "continue", f"{ROOT}/continue", _GLOBAL)
    yield from _button(next(cells), "undo", f"{ROOT}/undo", _GLOBAL)
    frame = next(cells)
    yield _label(_upper(frame), "transport", _DIM, 14)
    heard = Message(f"{ROOT}/transport", (Argument("text", "STRING"),), None)
    yield _label(_lower(frame), "", _TEXT, 20, heard)
    for parameter in GLOBAL_PARAMETERS:
        colour = _WARNING if parameter.name == "panic" else _GLOBAL
        yield from _parameter(next(cells), None, parameter, colour)


def _part(part: str, colour: Colour) -> Iterator[Node]:
    cells = _cells(1 + len(PART_PARAMETERS))
    for parameter in PART_PARAMETERS:
        yield from _parameter(next(cells), part, parameter, colour)
        if parameter.name == _CHOICE_BUTTONS:
            yield from _choices(next(cells), part, parameter, colour)


def _parameter(frame: Frame, part: str | None, parameter: Parameter, colour: Colour) -> Iterator[Node]:
    """A caption, something to move, and the value in words."""
    address = address_of(part, parameter.name)
    caption = parameter.name.replace("_", " ")
    if parameter.kind is Kind.TRIGGER:
        yield from _button(frame, caption, address, colour)
        return
    yield _label(_upper(frame), caption, _DIM, 13)
    yield _label(
        _lower(frame), "", _TEXT, 13, Message(f"{address}/{VALUE}", (Argument("text", "STRING"),), None)
    )
    middle = _middle(frame)
    if parameter.kind is Kind.TOGGLE:
        yield Node(
            "BUTTON",
            caption,
            middle,
            {"color": colour, "buttonType": _BUTTON_TOGGLE},
            messages=[Message(address)],
        )
        return
    properties: dict[str, Property] = {"color": colour, "orientation": _FACING_EAST}
    if parameter.kind is Kind.CHOICE:
        properties |= {"grid": True, "gridSteps": len(parameter.choices)}
    yield Node("FADER", caption, middle, properties, messages=[Message(address)])


def _choices(frame: Frame, part: str, parameter: Parameter, colour: Colour) -> Iterator[Node]:
    """A button for each choice, in two columns."""
    rows = -(-len(parameter.choices) // 2)
    width, height = (frame.width - _GAP) // 2, (frame.height - (rows - 1) * 4) // rows
    for number, choice in enumerate(parameter.choices):
        row, column = divmod(number, 2)
        place = Frame(frame.x + column * (width + _GAP), frame.y + row * (height + 4), width, height)
        chosen = (Argument(choice, "STRING", is_constant=True),)
        yield from _button(place, choice, address_of(part, parameter.name), colour, chosen)


# --- corners ----------------------------------------------------------------------------------------


def _corner(part: str, place: int, colour: Colour) -> Node:
    """A pad, the slots at its corners, and the palette."""
    width = (_WIDTH - (_PARTS_A_PAGE + 1) * _GAP) // _PARTS_A_PAGE
    column = Frame(_GAP + place * (width + _GAP), _GAP, width, _PAGE.height - 2 * _GAP)
    pad_size = min(width, 330)
    children = [_label(Frame(0, 0, width, 24), part, colour, 18)]
    axes = [Message(address_of(part, f"pad_{axis}"), (Argument(axis),), (axis, "ANY")) for axis in ("x", "y")]
    children.append(
        Node(
            "XY",
            "pad",
            Frame((width - pad_size) // 2, 28, pad_size, pad_size),
            {"color": colour},
            messages=axes,
        )
    )
    top = 28 + pad_size + _GAP
    cell_width = (width - (_SLOT_COLUMNS - 1) * _GAP) // _SLOT_COLUMNS
    rows = SLOTS // _SLOT_COLUMNS
    cell_height = (column.height - top - (rows - 1) * _GAP) // rows
    for slot in range(1, SLOTS + 1):
        row, place_in_row = divmod(slot - 1, _SLOT_COLUMNS)
        frame = Frame(
            place_in_row * (cell_width + _GAP), top + row * (cell_height + _GAP), cell_width, cell_height
        )
        children += _slot(frame, part, slot, colour)
    return Node("GROUP", part, column, {"color": _DARK}, children=children)


def _slot(frame: Frame, part: str, slot: int, colour: Colour) -> Iterator[Node]:
    """A button that keeps what sounds, a light while the slot is filled, and a button that empties it."""
    address = slot_address(part, slot)
    foot = 20
    keep = Frame(frame.x, frame.y, frame.width, frame.height - foot - 4)
    yield from _button(keep, f"keep {slot}", f"{address}/keep", colour)
    light = Frame(frame.x, frame.y + frame.height - foot, frame.width // 2 - 2, foot)
    filled = Message(address, (Argument("x"),), None)
    yield Node("BUTTON", f"filled {slot}", light, {"color": colour, "interactive": False}, messages=[filled])
    drop = Frame(frame.x + frame.width // 2 + 2, light.y, frame.width // 2 - 2, foot)
    yield from _button(drop, "drop", f"{address}/drop", _WARNING)


# --- pieces -----------------------------------------------------------------------------------------


def _button(
    frame: Frame, caption: str, address: str, colour: Colour, arguments: Sequence[Argument] = (Argument("x"),)
) -> Iterator[Node]:
    """A button that acts when it is pressed, and what is written on it."""
    message = Message(address, tuple(arguments), ("x", "RISE"), is_received=False)
    yield Node("BUTTON", caption, frame, {"color": colour}, messages=[message])
    yield _label(frame, caption, _TEXT, 14)


def _label(frame: Frame, text: str, colour: Colour, size: int, message: Message | None = None) -> Node:
    properties: dict[str, Property] = {
        "color": _DARK,
        "textColor": colour,
        "textSize": size,
    }
    messages = [] if message is None else [message]
    return Node("LABEL", text or "value", frame, properties, {"text": text}, messages)


def _cells(count: int) -> Iterator[Frame]:
    """Places for ``count`` things on a page, row by row."""
    columns = 4 if count <= _FEW else 6
    rows = -(-count // columns)
    width = (_PAGE.width - (columns + 1) * _GAP) // columns
    height = (_PAGE.height - (rows + 1) * _GAP) // rows
    for row in range(rows):
        for column in range(columns):
            yield Frame(_GAP + column * (width + _GAP), _GAP + row * (height + _GAP), width, height)


def _upper(frame: Frame) -> Frame:
    return Frame(frame.x, frame.y, frame.width, _CAPTION)


def _middle(frame: Frame) -> Frame:
    return Frame(frame.x, frame.y + _CAPTION, frame.width, frame.height - 2 * _CAPTION)


def _lower(frame: Frame) -> Frame:
    return Frame(frame.x, frame.y + frame.height - _CAPTION, frame.width, _CAPTION)
