"""OSC datagrams: what is written can be read, what is not OSC is refused with a reason, quickly."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.osc.packets import OscMessage, read_packet, write_message
from livevae.errors import MessageError

_TEXT = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=12)
_ARGUMENTS = st.lists(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(width=32, allow_nan=False),
        _TEXT,
        st.binary(min_size=1, max_size=9),
    ),
    max_size=5,
)


def bundle(*elements: bytes) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


@given(_TEXT.map(lambda text: "/" + text), _ARGUMENTS)
def test_a_message_comes_back_as_written(address: str, arguments: list[int]) -> None:
    assert read_packet(write_message(address, *arguments)) == (OscMessage(address, tuple(arguments)),)


def test_bundles_are_unpacked_in_order() -> None:
    a, b, c = (write_message(f"/{name}", 1) for name in "abc")
    messages = read_packet(bundle(a, bundle(b, bundle()), c))
    assert [message.address for message in messages] == ["/a", "/b", "/c"]


def test_deep_bundles_do_not_exhaust_the_stack() -> None:
    data = write_message("/a")
    for _ in range(2_000):
        data = bundle(data)
    assert read_packet(data) == (OscMessage("/a"),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "neither a message"),
        (b"hello", "neither a message"),
        (b"/unfinished", "cut short or garbled"),
        (b"/a\0\0i\0\0\0", "cut short or garbled"),
        (b"/a\0\0,i\0\0", "cut short or garbled"),
        (b"/\xff\0\0", "cut short or garbled"),
        (b"/a\0\0,c\0\0\0\0\0a", "type c"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\0", "type []"),
        (b"#bundle\0", "before its time tag"),
        (bundle() + struct.pack(">i", -4), "claims -4 bytes"),
        (bundle() + struct.pack(">i", 0), "claims 0 bytes"),
        (bundle() + struct.pack(">i", 400), "claims 400 bytes"),
        (bundle(write_message("/a"), b"junk"), "neither a message"),
    ],
)
def test_what_is_not_osc_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MessageError) as caught:
        read_packet(data)
    assert reason in str(caught.value)


def _read_or_refuse(data: bytes) -> None:
    try:
        messages = read_packet(data)
    except MessageError:
        return
    assert all(message.address.startswith("/") for message in messages)


@given(st.binary(max_size=200))
def test_any_bytes_are_osc_or_refused(data: bytes) -> None:
    _read_or_refuse(data)
    _read_or_refuse(b"/" + data)
    _read_or_refuse(b"#bundle\0" + data)


@given(_ARGUMENTS, st.data())
def test_damaged_messages_are_osc_or_refused(arguments: list[int], data: st.DataObject) -> None:
    written = bytearray(bundle(write_message("/livevae/tempo", *arguments), write_message("/livevae/play")))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    _read_or_refuse(bytes(written[: data.draw(st.integers(0, len(written)))]))
