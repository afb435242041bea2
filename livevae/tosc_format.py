"""TouchOSC's layout files: one zlib stream of XML, written from a tree of controls.

Every control is a node with typed properties, values and OSC messages; frames are relative to the parent.
Hosts and ports are settings of the app and not in the file.

Source: files written by TouchOSC 1.5 (format version 6), as several public readers describe them.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

FORMAT_VERSION = "6"
CONNECTIONS = "1" * 10  # every connection the app has set up
_IDENTITY = uuid.UUID("5d2f4b1e-6c1b-4c39-9a52-3f0f6f0b7a11")  # so that equal layouts are equal files

Property = bool | int | float | str | tuple[float, float, float, float]
"""In the file a truth is of type b, a whole number i, another f, text s, a frame r and a colour c."""

_TYPES = {bool: "b", int: "i", float: "f", str: "s", tuple: "c"}
_OF_ALL: dict[str, Property] = {
    "background": True,
    "cornerRadius": 4.0,
    "grabFocus": False,
    "interactive": True,
    "locked": False,
    "orientation": 0,
    "outline": False,
    "outlineStyle": 0,
    "pointerPriority": 0,
    "shape": 1,
    "visible": True,
}
_OF_TYPE: dict[str, dict[str, Property]] = {
    "GROUP": {"background": False, "interactive": True},
    "PAGER": {
        "tabLabels": True,
        "tabbar": True,
        "tabbarDoubleTap": False,
        "tabbarSize": 48,
        "textSizeOff": 18,
        "textSizeOn": 18,
    },
    "FADER": {
        "bar": True,
        "barDisplay": 0,
        "cursor": True,
        "cursorDisplay": 0,
        "grid": False,
        "gridSteps": 10,
        "response": 0,
        "responseFactor": 100,
    },
    "BUTTON": {"buttonType": 0, "press": True, "release": True, "valuePosition": False},
    "XY": {
        "cursor": True,
        "cursorDisplay": 0,
        "gridX": True,
        "gridY": True,
        "gridStepsX": 4,
        "gridStepsY": 4,
        "lines": True,
        "linesDisplay": 0,
        "lockX": False,
        "lockY": False,
        "response": 0,
        "responseFactor": 100,
    },
    "LABEL": {
        "background": False,
        "interactive": False,
        "font": 0,
        "textAlignH": 2,
        "textAlignV": 2,
        "textClip": True,
        "textLength": 0,
        "textSize": 14,
    },
}
_VALUES: dict[str, dict[str, str]] = {
    "GROUP": {"touch": "false"},
    "PAGER": {"page": "0", "touch": "false"},
    "FADER": {"x": "0", "touch": "false"},
    "BUTTON": {"x": "0", "touch": "false"},
    "XY": {"x": "0.5", "y": "0.5", "touch": "false"},
    "LABEL": {"text": "", "touch": "false"},
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a control lies in its parent, in points."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Argument:
    """One OSC argument: a value of the control (``x``, ``y``, ``text``), or a constant.

    conversion: FLOAT, INTEGER or STRING.
    """

    value: str
    conversion: str = "FLOAT"
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """An OSC message that a control sends, or takes its values from, or both.

    trigger: the value whose change sends it, and RISE, FALL or ANY; None: it is only received.
    """

    address: str
    arguments: tuple[Argument, ...] = (Argument("x"),)
    trigger: tuple[str, str] | None = ("x", "ANY")
    is_received: bool = True


@dataclass(slots=True)
class Node:
    """A control. kind: GROUP, PAGER, FADER, BUTTON, XY or LABEL."""

    kind: str
    name: str
    frame: Frame
    properties: dict[str, Property] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The control and everything in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def layout_bytes(root: Node) -> bytes:
    """The content of a .tosc file. root: a GROUP whose frame is the canvas."""
    document = ElementTree.Element("lexml", version=FORMAT_VERSION)
    _write_node(document, root, root.name, is_root=True)
    return zlib.compress(ElementTree.tostring(document, encoding="UTF-8", xml_declaration=True), 9)


def _write_node(parent: ElementTree.Element, node: Node, path: str, *, is_root: bool = False) -> None:
    element = ElementTree.SubElement(parent, "node", ID=str(uuid.uuid5(_IDENTITY, path)), type=node.kind)
    if is_root:
        ElementTree.SubElement(element, "includes")
    _write_properties(element, node)
    _write_values(element, node)
    if node.messages:
        messages = ElementTree.SubElement(element, "messages")
        for message in node.messages:
            _write_message(messages, message)
    if node.children:
        children = ElementTree.SubElement(element, "children")
        for number, child in enumerate(node.children):
            _write_node(children, child, f"{path}/{number}")


def _write_properties(element: ElementTree.Element, node: Node) -> None:
    frame = (node.frame.x, node.frame.y, node.frame.width, node.frame.height)
    properties: dict[str, Property] = _OF_ALL | _OF_TYPE[node.kind] | {"name": node.name, "frame": frame}
    properties |= node.properties
    holder = ElementTree.SubElement(element, "properties")
    for key in sorted(properties):
        value = properties[key]
        kind = "r" if key == "frame" else _TYPES[type(value)]
        written = ElementTree.SubElement(holder, "property", type=kind)
        ElementTree.SubElement(written, "key").text = key
        content = ElementTree.SubElement(written, "value")
        if isinstance(value, tuple):
            for name, number in zip("xywh" if kind == "r" else "rgba", value, strict=True):
                ElementTree.SubElement(content, name).text = f"{number:g}"
        else:
            content.text = str(int(value)) if isinstance(value, bool) else str(value)


def _write_values(element: ElementTree.Element, node: Node) -> None:
    holder = ElementTree.SubElement(element, "values")
    for key, default in (_VALUES[node.kind] | node.values).items():
        written = ElementTree.SubElement(holder, "value")
        for name, text in (
            ("key", key),
            ("locked", "0"),
            ("lockedDefaultCurrent", "0"),
            ("default", default),
            ("defaultPull", "0"),
        ):
            ElementTree.SubElement(written, name).text = text


def _write_message(holder: ElementTree.Element, message: Message) -> None:
    osc = ElementTree.SubElement(holder, "osc")
    for name, is_on in (
        ("enabled", True),
        ("send", message.trigger is not None),
        ("receive", message.is_received),
        ("feedback", False),  # what arrives is not sent back
        ("noDuplicates", False),
    ):
        ElementTree.SubElement(osc, name).text = str(int(is_on))
    ElementTree.SubElement(osc, "connections").text = CONNECTIONS
    if message.trigger is not None:
        trigger = ElementTree.SubElement(ElementTree.SubElement(osc, "triggers"), "trigger")
        for name, text in zip(("var", "condition"), message.trigger, strict=True):
            ElementTree.SubElement(trigger, name).text = text
    _write_partials(osc, "path", [Argument(message.address, "STRING", is_constant=True)])
    if message.arguments:
        _write_partials(osc, "arguments", message.arguments)


def _write_partials(
    osc: ElementTree.Element, name: str, partials: list[Argument] | tuple[Argument, ...]
) -> None:
    holder = ElementTree.SubElement(osc, name)
    for partial in partials:
        written = ElementTree.SubElement(holder, "partial")
        for key, text in (
            ("type", "CONSTANT" if partial.is_constant else "VALUE"),
            ("conversion", partial.conversion),
            ("value", partial.value),
            ("scaleMin", "0"),
            ("scaleMax", "1"),
        ):
            ElementTree.SubElement(written, key).text = text
