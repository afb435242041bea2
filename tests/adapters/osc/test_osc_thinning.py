"""Thinning a flood leaves out only what nobody could have heard."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.osc.addresses import AddressTable
from livevae.adapters.osc.packets import Argument, write_message
from livevae.adapters.osc.thinning import newest_values

ADDRESSES = AddressTable(["melody", "drums"]).value_addresses
HERE, THERE = ("127.0.0.1", 9001), ("127.0.0.1", 9002)


def said(address: str, *arguments: Argument) -> bytes:
    return write_message(address, *arguments)


def test_of_many_values_the_newest_is_left() -> None:
    flood = [(said("/livevae/melody/vary", step / 100), HERE) for step in range(100)]
    assert newest_values(flood, ADDRESSES) == [flood[-1]]


def test_each_program_keeps_its_own_newest_value_so_that_each_is_answered() -> None:
    flood = [(said("/melody/vary", 0.1), HERE), (said("/melody/vary", 0.2), THERE)] * 2
    assert newest_values(flood, ADDRESSES) == flood[2:]


def test_nothing_overtakes_an_order_or_a_question() -> None:
    for between in (
        said("/livevae/melody/slot/1/keep"),
        said("/livevae/melody/reroll", 1.0),
        said("/livevae/melody/vary"),
        said("/livevae/undo"),
        b"#bundle\0nonsense",
    ):
        flood = [
            (said("/livevae/melody/vary", 0.1), HERE),
            (between, HERE),
            (said("/livevae/melody/vary", 0.2), HERE),
        ]
        assert newest_values(flood, ADDRESSES) == flood


def test_values_of_other_parameters_and_in_other_units_stay() -> None:
    flood = [
        (said("/livevae/melody/vary", 0.0), HERE),
        (said("/livevae/melody/vary/value", 0.5), HERE),
        (said("/livevae/drums/vary", 0), HERE),
        (said("/livevae/tempo/value", 120), HERE),
        (said("/livevae/melody/mode", "vary"), HERE),
        (said("/livevae/melody/mute", True), HERE),
    ]
    assert newest_values(flood, ADDRESSES) == flood


@given(st.lists(st.binary(max_size=40), max_size=60))
def test_whatever_arrives_no_more_and_nothing_else_comes_out(flood: list[bytes]) -> None:
    datagrams = [(data, HERE) for data in flood]
    thinned = newest_values(datagrams, ADDRESSES)
    left = iter(datagrams)
    assert all(any(one == other for other in left) for one in thinned)  # in order
