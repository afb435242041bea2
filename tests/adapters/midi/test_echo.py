"""A loopback cable brings back what was sent; what a player plays is never taken for it for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.midi.echo import ECHO_NS, EchoFilter

NOTE_ON, NOTE_OFF = b"\x90\x3c\x40", b"\x80\x3c\x40"


def test_what_was_sent_is_an_echo_once() -> None:
    echo = EchoFilter()
    echo.sent(NOTE_ON, 0)
    assert echo.is_echo(NOTE_ON, 1)
    assert not echo.is_echo(NOTE_ON, 2)


def test_an_echo_is_forgotten_in_time() -> None:
    echo = EchoFilter()
    echo.sent(NOTE_ON, 0)
    assert not echo.is_echo(NOTE_ON, ECHO_NS + 1)


@pytest.mark.parametrize("returned", [b"\x90\x3c\x00", b"\x80\x3c\x00", b"\x80\x3c\x7f"])
def test_every_way_to_write_a_note_off_is_the_same(returned: bytes) -> None:
    echo = EchoFilter()
    echo.sent(NOTE_OFF, 0)
    assert echo.is_echo(returned, 1)


@given(status=st.integers(0xF0, 0xFF), data=st.binary(max_size=2))
def test_clock_and_transport_always_pass(status: int, data: bytes) -> None:
    message = bytes((status, *data))
    echo = EchoFilter()
    echo.sent(message, 0)
    assert not echo.is_echo(message, 1)


@given(sent=st.lists(st.binary(max_size=4)), heard=st.binary(max_size=4))
def test_only_what_was_sent_is_an_echo(sent: list[bytes], heard: bytes) -> None:
    echo = EchoFilter()
    for message in sent:
        if message != heard:
            echo.sent(message, 0)
    was_note_off = len(heard) == 3 and heard[0] & 0xE0 == 0x80
    assert was_note_off or not echo.is_echo(heard, 1)
