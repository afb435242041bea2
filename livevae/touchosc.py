"""A TouchOSC layout for a performance, made from the parameter table.

Pages: transport, each part, corners, character, groove.

Everything on it follows livevae: faders and switches stand where the parameters are, labels say so in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from livevae.adapters.osc.addresses import ROOT, address_of, slot_address
from livevae.core.parameters import GLOBAL_PARAMETERS, SLOTS, Group, Parameter
from livevae.core.performance import Performance
from livevae.core.relevance import modes_of, rows_of
from livevae.tosc_format import Argument, Frame, Message, Node, Property
from livevae.tosc_pieces import (
    DARK,
    DIM,
    GAP,
    GLOBAL,
    TEXT,
    WARNING,
    Colour,
    button,
    cells,
    choices,
    label,
    lower,
    parameter_control,
    upper,
)

DEFAULT_REPLY_PORT = 9001  # where the tablet listens, if nothing else is said

_WIDTH, _HEIGHT = 1024, 768
_TAB_HEIGHT = 48
_PAGE = Frame(0, 0, _WIDTH, _HEIGHT - _TAB_HEIGHT)
_MODE_HEIGHT = 64
_PARTS_A_PAGE = 3
_SLOT_COLUMNS = 4
_CORNERS = tuple(f"corner_{number}" for number in (3, 4, 1, 2))  # as they lie around the pad: far ones above
_ON_CORNERS = frozenset(("pad_x", "pad_y", *_CORNERS))
_OF_THEIR_OWN = (Group.CHARACTER, Group.GROOVE)  # groups with pages of their own
_OF_PARTS: tuple[Colour, ...] = (
    (0.93, 0.62, 0.25, 1.0),
    (0.45, 0.75, 0.45, 1.0),
    (0.65, 0.5, 0.85, 1.0),
    (0.3, 0.7, 0.75, 1.0),
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as it is laid out. rows: its parameters that can be heard."""

    name: str
    modes: tuple[str, ...]
    rows: tuple[Parameter, ...]
    colour: Colour

    def of_group(self, group: Group) -> list[Parameter]:
        return [row for row in self.rows if row.group is group]


def touchosc_layout(performance: Performance, reply_port: int = DEFAULT_REPLY_PORT) -> Node:
    """The whole layout for the parts of a performance.

    reply_port: where TouchOSC is set up to listen; its button *connect* tells livevae.
    """
    models = {model.name: model for model in performance.models}
    parts = [
        _Part(
            spec.name,
            modes_of(spec, models[spec.model]),
            rows_of(spec, models[spec.model]),
            _OF_PARTS[number % len(_OF_PARTS)],
        )
        for number, spec in enumerate(performance.parts)
    ]
    pages = [_page("transport", GLOBAL, list(_transport(reply_port)))]
    pages += [_page(part.name, part.colour, list(_part(part))) for part in parts]
    pages += _shared("corners", [part for part in parts if "pad" in part.modes], _corner)
    pages += _shared("character", [part for part in parts if part.of_group(Group.CHARACTER)], _character)
    drummers = [part for part in parts if part.of_group(Group.GROOVE)]
    for part in drummers:
        name = "groove" if len(drummers) == 1 else f"groove {part.name}"
        pages.append(_page(name, part.colour, list(_controls(part, part.of_group(Group.GROOVE), _PAGE))))
    canvas = Frame(0, 0, _WIDTH, _HEIGHT)
    pager = Node("PAGER", "pages", canvas, {"color": DARK}, children=pages)
    return Node("GROUP", "livevae", canvas, {"color": DARK, "background": True}, children=[pager])


def page_names(layout: Node) -> list[str]:
    """The pages of a layout, in order."""
    return [page.name for page in layout.children[0].children]


def _page(name: str, colour: Colour, children: list[Node]) -> Node:
    tab: dict[str, Property] = {
        "color": DARK,
        "background": True,
        "tabLabel": name,
        "tabColorOff": DARK,
        "tabColorOn": colour,
        "textColorOff": DIM,
        "textColorOn": DARK,
    }
    return Node("GROUP", name, _PAGE, tab, children=children)


def _shared(name: str, parts: Sequence[_Part], column: Callable[[_Part, Frame], Node]) -> list[Node]:
    """Pages on which several parts have a column each."""
    pages = []
    width = (_WIDTH - (_PARTS_A_PAGE + 1) * GAP) // _PARTS_A_PAGE
    for first in range(0, len(parts), _PARTS_A_PAGE):
        shown = parts[first : first + _PARTS_A_PAGE]
        title = name if first == 0 else f"{name} {first // _PARTS_A_PAGE + 1}"
        frames = [
            Frame(GAP + place * (width + GAP), GAP, width, _PAGE.height - 2 * GAP) for place in range(3)
        ]
        columns = [column(part, frame) for part, frame in zip(shown, frames, strict=False)]
        pages.append(_page(title, GLOBAL, columns))
    return pages


# --- pages of parameters ----------------------------------------------------------------------------


def _transport(reply_port: int) -> Iterator[Node]:
    places = cells(4 + len(GLOBAL_PARAMETERS), _PAGE)
    where = Argument(str(reply_port), "INTEGER", is_constant=True)
    yield from button(next(places), "connect", f"{ROOT}/subscribe", GLOBAL, (where,))
    yield from button(next(places), "continue", f"{ROOT}/continue", GLOBAL)
    yield from button(next(places), "undo", f"{ROOT}/undo", GLOBAL)
    frame = next(places)
    yield label(upper(frame), "transport", DIM, 14)
    heard = Message(f"{ROOT}/transport", (Argument("text", "STRING"),), None)
    yield label(lower(frame), "", TEXT, 20, heard)
    for parameter in GLOBAL_PARAMETERS:
        colour = WARNING if parameter.name == "panic" else GLOBAL
        yield from parameter_control(next(places), None, parameter, colour)


def _part(part: _Part) -> Iterator[Node]:
    """A button for each mode along the top, and everything that has no other page below."""
    mode = part.rows[0]
    top = Frame(GAP, GAP, _PAGE.width - 2 * GAP, _MODE_HEIGHT)
    yield from choices(top, part.name, mode, part.modes, part.colour)
    rest = [row for row in part.rows if row.name not in _ON_CORNERS and row.group not in _OF_THEIR_OWN]
    below = Frame(0, _MODE_HEIGHT + GAP, _PAGE.width, _PAGE.height - _MODE_HEIGHT - GAP)
    yield from _controls(part, rest, below)


def _controls(part: _Part, rows: Sequence[Parameter], area: Frame) -> Iterator[Node]:
    for frame, row in zip(cells(len(rows), area), rows, strict=False):
        yield from parameter_control(frame, part.name, row, part.colour)


def _character(part: _Part, column: Frame) -> Node:
    """The part's faders of musical attributes, one below the other."""
    children = [label(Frame(0, 0, column.width, 24), part.name, part.colour, 18)]
    rows = part.of_group(Group.CHARACTER)
    height = min(96, (column.height - 28) // len(rows) - GAP)
    for number, row in enumerate(rows):
        place = Frame(0, 28 + number * (height + GAP), column.width, height)
        children += parameter_control(place, part.name, row, part.colour)
    return Node("GROUP", part.name, column, {"color": DARK}, children=children)


# --- corners ----------------------------------------------------------------------------------------


def _corner(part: _Part, column: Frame) -> Node:
    """A pad, the slots at its corners, and the palette."""
    width = column.width
    pad_size = min(width, 260)
    children = [label(Frame(0, 0, width, 24), part.name, part.colour, 18)]
    axes = [
        Message(address_of(part.name, f"pad_{axis}"), (Argument(axis),), (axis, "ANY")) for axis in ("x", "y")
    ]
    pad = Frame((width - pad_size) // 2, 28, pad_size, pad_size)
    children.append(Node("XY", "pad", pad, {"color": part.colour}, messages=axes))
    top = 28 + pad_size + GAP
    corner_width, corner_height = (width - GAP) // 2, 62
    by_name = {row.name: row for row in part.rows}
    for number, name in enumerate(_CORNERS):
        row, place_in_row = divmod(number, 2)
        x, y = place_in_row * (corner_width + GAP), top + row * (corner_height + GAP)
        frame = Frame(x, y, corner_width, corner_height)
        children += parameter_control(frame, part.name, by_name[name], part.colour)
    top += 2 * (corner_height + GAP)
    cell_width = (width - (_SLOT_COLUMNS - 1) * GAP) // _SLOT_COLUMNS
    rows = SLOTS // _SLOT_COLUMNS
    cell_height = (column.height - top - (rows - 1) * GAP) // rows
    for slot in range(1, SLOTS + 1):
        row, place_in_row = divmod(slot - 1, _SLOT_COLUMNS)
        x, y = place_in_row * (cell_width + GAP), top + row * (cell_height + GAP)
        children += _slot(Frame(x, y, cell_width, cell_height), part, slot)
    return Node("GROUP", part.name, column, {"color": DARK}, children=children)


def _slot(frame: Frame, part: _Part, slot: int) -> Iterator[Node]:
    """A button that keeps what sounds, a light while the slot is filled, and a button that empties it."""
    address = slot_address(part.name, slot)
    foot = 20
    keep = Frame(frame.x, frame.y, frame.width, frame.height - foot - 4)
    yield from button(keep, f"keep {slot}", f"{address}/keep", part.colour)
    light = Frame(frame.x, frame.y + frame.height - foot, frame.width // 2 - 2, foot)
    filled = Message(address, (Argument("x"),), None)
    shown: dict[str, Property] = {"color": part.colour, "interactive": False}
    yield Node("BUTTON", f"filled {slot}", light, shown, messages=[filled])
    drop = Frame(frame.x + frame.width // 2 + 2, light.y, frame.width // 2 - 2, foot)
    yield from button(drop, "drop", f"{address}/drop", WARNING)
