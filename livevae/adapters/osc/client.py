"""The other end of OSC: how a command talks to a livevae that is running."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from types import TracebackType

from livevae.adapters.osc.packets import Argument, OscMessage, read_packet, write_message
from livevae.adapters.osc.told import Peer
from livevae.errors import MessageError, PortError

_MAX_DATAGRAM_BYTES = 65_536
_RECEIVE_BUFFER_BYTES = 1 << 20  # all values of a trio come at once, in five hundred datagrams


class OscClient:
    """Says things to ``peer`` and hears what it answers. One thread uses it.

    Raises PortError where there is no such host.
    """

    def __init__(self, peer: Peer) -> None:
        try:
            family, _, _, _, address = socket.getaddrinfo(*peer, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            self._socket.connect(address)  # so that only its answers are heard, and a closed port is noticed
        except (OSError, UnicodeError) as error:
            raise PortError(f"there is no way to {peer[0]}:{peer[1]}: {error}") from error
        self._peer = peer

    def __enter__(self) -> OscClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def say(self, address: str, *arguments: Argument) -> None:
        """Send a message. Raises PortError where nobody listens."""
        try:
            self._socket.send(write_message(address, *arguments))
        except OSError as error:
            raise self._nobody() from error

    def hear(self, within_s: float) -> Iterator[OscMessage]:
        """What is said within the next ``within_s``. Raises PortError as ``say`` does."""
        give_up_s = time.monotonic() + within_s
        while (left_s := give_up_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                messages = read_packet(self._socket.recv(_MAX_DATAGRAM_BYTES))
            except TimeoutError:
                return
            except OSError as error:
                raise self._nobody() from error
            except MessageError:
                continue
            yield from messages

    def _nobody(self) -> PortError:
        host, port = self._peer
        return PortError(
            f"no livevae listens at {host}:{port}: start one with `livevae run`, or say --osc HOST:PORT"
        )
