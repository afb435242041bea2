"""Who may come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.page.door import Door, host_name, is_loopback, new_token


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1"])
def test_this_computer_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_a_network_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("header", ["127.0.0.1:8765", "localhost:8765", "localhost", "[::1]:8765"])
def test_own_names_are_known(header: str) -> None:
    assert Door("127.0.0.1", None).knows_host(header)


@pytest.mark.parametrize("header", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "["])
def test_another_name_that_leads_here_is_not(header: str) -> None:
    assert not Door("127.0.0.1", None).knows_host(header)


def test_only_its_own_pages_may_ask() -> None:
    door = Door("127.0.0.1", None)
    assert door.is_same_site("http://127.0.0.1:8765", "127.0.0.1:8765")
    assert door.is_same_site(None, "127.0.0.1:8765")
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8765", ""):
        assert not door.is_same_site(origin, "127.0.0.1:8765")


def test_on_a_network_the_token_is_needed() -> None:
    token = new_token()
    door = Door("0.0.0.0", token)
    assert door.needs_token
    assert door.knows_host("stage.local:8765")
    assert door.has_token(None, token)
    assert not door.has_token(None, "")
    assert not door.has_token(None)
    assert not door.has_token(token.upper(), token[:-1], token + "a")


@given(st.text())
def test_no_guess_opens_the_door(guess: str) -> None:
    assert not Door("0.0.0.0", "correct-horse").has_token(guess if guess != "correct-horse" else "")


@given(st.text())
def test_any_host_header_has_a_name(header: str) -> None:
    assert host_name(header) in header or host_name(header) == ""


def test_tokens_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100
