"""Who may come in: programs of this computer, or whoever has the token that livevae printed.

Three dangers are kept out. A web site open in the same browser may try to talk to livevae: its Origin gives
it away. A site may pretend to be this computer by pointing its own name here (DNS rebinding): its name in
the Host header gives it away. And on a network anybody may knock: without the token nobody is let in.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread when typed into a tablet
_TOKEN_CHARACTERS = 12  # 59 bits
COOKIE = "livevae_token"


def is_loopback(host: str) -> bool:
    """Whether only programs of this computer can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """A token nobody guesses, short enough to type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_CHARACTERS))


def is_token(text: str) -> bool:
    """Whether ``text`` is one that ``new_token`` could have made."""
    return len(text) == _TOKEN_CHARACTERS and set(text) <= set(_ALPHABET)


class Door:
    """host: the address that is listened at. token: what to ask for, or None on loopback."""

    def __init__(self, host: str, token: str | None) -> None:
        self._token = token
        self._names = None if token else {"localhost", "127.0.0.1", "::1", host}

    @property
    def needs_token(self) -> bool:
        """Whether visitors must know the token."""
        return self._token is not None

    def knows_host(self, host_header: str) -> bool:
        """Whether the visitor meant this computer."""
        return self._names is None or host_name(host_header) in self._names

    def is_same_site(self, origin: str | None, host_header: str) -> bool:
        """Whether the page that asks came from here. Programs that are no browser send no Origin."""
        return origin is None or origin == f"http://{host_header}"

    def has_token(self, *tokens: str | None) -> bool:
        """Whether one of these is the token, where one is needed."""
        wanted = self._token
        if wanted is None:
            return True
        return any(hmac.compare_digest(token.encode(), wanted.encode()) for token in tokens if token)


def host_name(host_header: str) -> str:
    """The host of ``HOST`` or ``HOST:PORT``; an IPv6 address without its brackets."""
    if host_header.startswith("["):
        return host_header[1:].partition("]")[0]
    return host_header.partition(":")[0]
