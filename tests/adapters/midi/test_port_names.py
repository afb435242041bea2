"""A player names a port as people do; livevae finds the one that is meant or says what there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.midi.choose import BACKENDS, choose_backend, list_ports, make_port
from livevae.adapters.midi.port import find_port
from livevae.errors import PortError

NAMES = ["IAC Driver Bus 1", "Launchkey MIDI 1", "Launchkey MIDI 2"]


def test_the_whole_name_is_found() -> None:
    assert find_port("Launchkey MIDI 1", NAMES) == "Launchkey MIDI 1"


def test_a_part_of_one_name_is_enough_whatever_its_capitals() -> None:
    assert find_port("iac", NAMES) == "IAC Driver Bus 1"


def test_a_part_of_two_names_is_refused_and_both_are_listed() -> None:
    with pytest.raises(PortError, match=r"Launchkey MIDI 1.*Launchkey MIDI 2"):
        find_port("launch", NAMES)


def test_a_name_that_is_not_there_lists_what_is() -> None:
    with pytest.raises(PortError, match="IAC Driver"):
        find_port("Digitakt", NAMES)
    with pytest.raises(PortError, match="none at all"):
        find_port("Digitakt", [])


@given(wanted=st.text(), names=st.lists(st.text()))
def test_a_found_port_exists(wanted: str, names: list[str]) -> None:
    try:
        found = find_port(wanted, names)
    except PortError:
        return
    assert found in names


def test_an_unknown_backend_lists_those_there_are() -> None:
    with pytest.raises(PortError, match="coremidi"):
        choose_backend("asio")


def test_auto_is_never_the_answer() -> None:
    assert choose_backend() in set(BACKENDS) - {"auto"}


def test_without_a_midi_system_there_is_a_port_that_nobody_hears() -> None:
    port = make_port("none")
    port.open(lambda message, at_ns: None, lambda until_ns: None, lambda: 7)
    assert port.send(b"\x90\x3c\x40", 5) == 7
    assert list_ports("none").inputs == ()
    port.close()
