"""Where OSC listens: what was asked for or nothing, else the next free port."""

from __future__ import annotations

import socket
from argparse import Namespace

import pytest

from livevae.commands.run_osc import PORTS_TRIED, check_osc, open_osc
from livevae.core.events import Event
from livevae.errors import PortError
from livevae.testing import tiny_performance


def ignore(event: Event) -> None:
    """Nobody plays."""


def asked(osc: str | None = None, osc_to: tuple[str, ...] = ()) -> Namespace:
    return Namespace(osc=osc, osc_to=osc_to)


def bound() -> socket.socket:
    """Another program that listens somewhere."""
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.1", 0))
    return other


def test_the_usual_port_gives_way_to_the_next() -> None:
    said: list[str] = []
    with bound() as other:
        host, port = other.getsockname()
        server = open_osc(asked(), tiny_performance(), ignore, said.append, (host, port))
        assert server is not None
        assert server.endpoint[1] in range(port + 1, port + PORTS_TRIED)
        server.close()
    assert said[0].startswith(f"Port {port} is taken by another program; OSC is at 127.0.0.1:")


def test_no_place_at_all_is_said_and_the_music_goes_on() -> None:
    said: list[str] = []
    assert open_osc(asked(), tiny_performance(), ignore, said.append, ("192.0.2.1", 9000)) is None
    assert said[0].startswith("No OSC this time: OSC cannot listen at 192.0.2.1:9000")


def test_a_port_that_was_asked_for_must_work() -> None:
    with bound() as other:
        address = "{}:{}".format(*other.getsockname())
        for refused in (asked(address), asked(osc_to=("nowhere:x",))):
            with pytest.raises(PortError):
                check_osc(refused)
        with pytest.raises(PortError, match="another program does"):
            open_osc(asked(address), tiny_performance(), ignore, pytest.fail)
    check_osc(asked(address))
    server = open_osc(asked(address), tiny_performance(), ignore, pytest.fail)
    assert server is not None
    server.close()


def test_it_can_be_turned_off() -> None:
    check_osc(asked("off"))
    assert open_osc(asked("off"), tiny_performance(), ignore, pytest.fail) is None
