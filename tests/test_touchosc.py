"""The layout is taken apart again: its format, its frames, and every address against livevae's own ears."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from livevae.adapters.osc.addresses import ROOT, VALUE, AddressTable, address_of, slot_address
from livevae.adapters.osc.commands import AskValue
from livevae.adapters.osc.packets import Argument, OscMessage, read_packet, write_message
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, SLOTS, Group, Kind
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.tosc_format import layout_bytes
from livevae.touchosc import page_names, touchosc_layout

PARTS = ("melody", "bass", "drums", "pad", "bells")
KNOWN = {"bass": {"attr_density"}, "drums": {"attr_density", "attr_hats"}}
BAND = Performance(
    "band",
    tuple(
        PartSpec(
            part,
            "m",
            part if part in ("bass", "drums") else "melody",
            groove="g" if part == "drums" else "",
        )
        for part in PARTS
    ),
    (ModelInfo("m", 2, ("melody", "bass", "drums"), ("bass_density", "drums_density", "drums_hat_share")),),
)
TABLE = AddressTable(PARTS)
ROWS = [(None, p) for p in GLOBAL_PARAMETERS] + [
    (part, p)
    for part in PARTS
    for p in PART_PARAMETERS
    if p.group is not (Group.PITCH if part == "drums" else Group.GROOVE)
    and (p.group is not Group.CHARACTER or p.name in KNOWN.get(part, ()))
]
PROPERTY_TYPES = {
    "b": "background bar cursor grabFocus grid gridX gridY interactive lines locked lockX lockY outline "
    "press release tabLabels tabbar tabbarDoubleTap textClip valuePosition visible",
    "i": "barDisplay buttonType cursorDisplay font gridSteps gridStepsX gridStepsY linesDisplay orientation "
    "outlineStyle pointerPriority response responseFactor shape tabbarSize textAlignH textAlignV textLength "
    "textSize textSizeOff textSizeOn",
    "f": "cornerRadius",
    "s": "name tabLabel",
    "r": "frame",
    "c": "color gridColor tabColorOff tabColorOn textColor textColorOff textColorOn",
}
TYPE_OF = {name: kind for kind, names in PROPERTY_TYPES.items() for name in names.split()}
VALUES = {
    "GROUP": {"touch"},
    "PAGER": {"page", "touch"},
    "FADER": {"x", "touch"},
    "BUTTON": {"x", "touch"},
    "XY": {"x", "y", "touch"},
    "LABEL": {"text", "touch"},
}


@pytest.fixture(scope="module")
def root() -> ElementTree.Element:
    document = ElementTree.fromstring(zlib.decompress(layout_bytes(touchosc_layout(BAND))))
    assert document.tag == "lexml"
    assert document.attrib == {"version": "6"}
    (root,) = document
    return root


def properties(node: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {text(p, "key"): p for p in node.findall("properties/property")}


def text(element: ElementTree.Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    return found.text or ""


def frame(node: ElementTree.Element) -> tuple[int, int, int, int]:
    value = properties(node)["frame"].find("value")
    assert value is not None
    x, y, w, h = (int(number.text or "") for number in value)
    return x, y, w, h


def messages(root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, ElementTree.Element]]:
    for node in root.iter("node"):
        for message in node.findall("messages/osc"):
            yield node, message


def sent(message: ElementTree.Element, position: float) -> OscMessage:
    """What TouchOSC sends when the message's values stand at ``position``, through the wire and back."""
    arguments: list[Argument] = []
    for partial in message.findall("arguments/partial"):
        value: float | str = text(partial, "value") if text(partial, "type") == "CONSTANT" else position
        convert = {"FLOAT": float, "INTEGER": int, "STRING": str}[text(partial, "conversion")]
        arguments.append(convert(value))
    (message_read,) = read_packet(write_message(text(message, "path/partial/value"), *arguments))
    return message_read


def test_the_root_is_one_group_with_includes(root: ElementTree.Element) -> None:
    assert root.tag == "node"
    assert root.get("type") == "GROUP"
    assert root.find("includes") is not None
    assert len(root.findall("children/node")) == 1


def test_every_node_is_made_as_the_app_makes_them(root: ElementTree.Element) -> None:
    identities = [node.get("ID") for node in root.iter("node")]
    assert len(set(identities)) == len(identities)
    for node in root.iter("node"):
        kind = node.get("type") or ""
        assert {text(value, "key") for value in node.findall("values/value")} == VALUES[kind]
        order = [child.tag for child in node if child.tag != "includes"]
        assert order == sorted(order, key=["properties", "values", "messages", "children"].index)
        assert bool(node.findall("children")) == (kind in ("GROUP", "PAGER"))
        for key, written in properties(node).items():
            value = written.find("value")
            assert value is not None
            assert written.get("type") == TYPE_OF[key]
            content = value.text or ""
            match written.get("type"):
                case "b":
                    assert content in ("0", "1")
                case "i":
                    assert int(content) >= 0
                case "f":
                    assert float(content) >= 0
                case "c":
                    assert [number.tag for number in value] == list("rgba")
                    assert all(0 <= float(number.text or "") <= 1 for number in value)
                case "r":
                    assert [number.tag for number in value] == list("xywh")


def test_every_frame_lies_in_its_parent(root: ElementTree.Element) -> None:
    for node in root.iter("node"):
        _, _, width, height = frame(node)
        bar = 48 if node.get("type") == "PAGER" else 0
        for child in node.findall("children/node"):
            x, y, w, h = frame(child)
            assert w >= 20
            assert h >= 14
            assert min(x, y) >= 0
            assert x + w <= width
            assert y + h <= height - bar


def test_nothing_to_touch_lies_on_anything_else_to_touch(root: ElementTree.Element) -> None:
    for group in root.iter("node"):
        if group.get("type") != "GROUP":
            continue
        touched = [
            frame(child)
            for child in group.findall("children/node")
            if text(properties(child)["interactive"], "value") == "1"
        ]
        for place, (x, y, w, h) in enumerate(touched):
            for x2, y2, w2, h2 in touched[:place]:
                assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_the_pages_are_transport_parts_corners_character_and_groove(root: ElementTree.Element) -> None:
    pages = root.findall("children/node/children/node")
    tabs = [text(properties(page)["tabLabel"], "value") for page in pages]
    assert tabs == ["transport", *PARTS, "corners", "corners 2", "character", "groove"]
    assert page_names(touchosc_layout(BAND)) == tabs


def test_the_groove_page_has_all_there_is_of_groove(root: ElementTree.Element) -> None:
    page = root.findall("children/node/children/node")[-1]
    sent_from_here = {text(m, "path/partial/value") for _, m in messages(page) if text(m, "send") == "1"}
    rows = {p.name for p in PART_PARAMETERS if p.group is Group.GROOVE}
    assert {"feel_timing", "feel_velocity", "feel_density", "keep_hits", "swing", "take_groove"} <= rows
    assert sent_from_here == {address_of("drums", name) for name in rows}


def test_a_finger_can_hit_every_button(root: ElementTree.Element) -> None:
    for node in root.iter("node"):
        _, _, width, height = frame(node)
        is_light = text(properties(node)["interactive"], "value") == "0"
        if node.get("type") in ("BUTTON", "FADER", "XY") and not is_light:
            assert width >= 34
            assert height >= (18 if text(properties(node)["name"], "value") == "drop" else 24)


def test_messages_are_written_as_the_app_reads_them(root: ElementTree.Element) -> None:
    for node, message in messages(root):
        assert re.fullmatch("1{10}", text(message, "connections"))
        flags = [text(message, flag) for flag in ("enabled", "send", "receive", "feedback", "noDuplicates")]
        assert flags[0] == "1"
        assert "1" in flags[1:3]
        assert flags[3:] == ["0", "0"]
        sends = flags[1] == "1"
        triggers = [text(trigger, "var") for trigger in message.findall("triggers/trigger")]
        assert bool(triggers) == sends
        values = VALUES[node.get("type") or ""]
        assert set(triggers) <= values
        for partial in message.findall("arguments/partial"):
            assert text(partial, "type") == "CONSTANT" or text(partial, "value") in values


def test_livevae_understands_everything_the_layout_sends(root: ElementTree.Element) -> None:
    heard = set()
    for node, message in messages(root):
        if text(message, "send") != "1":
            continue
        positions = (0.0, 0.25, 0.5, 1.0) if node.get("type") in ("FADER", "XY") else (1.0,)
        for position in positions:
            said = sent(message, position)
            commands = TABLE.read(said)
            assert len(commands) == 1, said
            assert not isinstance(commands[0], AskValue)
        heard.add(said.address)
    parameters = {address_of(part, p.name) for part, p in ROWS}
    slots = {
        f"{slot_address(part, n)}/{do}"
        for part in PARTS
        for n in range(1, SLOTS + 1)
        for do in ("keep", "drop")
    }
    assert heard == parameters | slots | {f"{ROOT}/{name}" for name in ("subscribe", "continue", "undo")}


def test_the_layout_shows_everything_livevae_tells(root: ElementTree.Element) -> None:
    shown = {
        text(message, "path/partial/value")
        for _, message in messages(root)
        if text(message, "receive") == "1"
    }
    held = [(part, p) for part, p in ROWS if p.kind is not Kind.TRIGGER]
    expected = {address_of(part, p.name) for part, p in held}
    expected |= {
        f"{address_of(part, p.name)}/{VALUE}" for part, p in held if p.name not in ("pad_x", "pad_y")
    }
    expected |= {slot_address(part, n) for part in PARTS for n in range(1, SLOTS + 1)}
    assert shown == expected | {f"{ROOT}/transport"}


def test_connecting_names_the_port_where_the_tablet_listens() -> None:
    xml = zlib.decompress(layout_bytes(touchosc_layout(BAND, 9123))).decode()
    assert ">9123<" in xml


def test_the_same_parts_give_the_same_file() -> None:
    assert layout_bytes(touchosc_layout(BAND)) == layout_bytes(touchosc_layout(BAND))


def test_a_reader_nobody_here_wrote_finds_nothing_wrong() -> None:
    py2tosc = pytest.importorskip("py2tosc")
    document = py2tosc.loads(zlib.decompress(layout_bytes(touchosc_layout(BAND))).decode())
    assert py2tosc.validate(document) == []
    assert len(list(document.walk())) > 500
