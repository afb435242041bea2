"""OSC of ``livevae run``: where it listens, and whom it tells."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from livevae.adapters.osc.commands import KeepFile
from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.server import DEFAULT_ENDPOINT, OscServer, check_endpoint, parse_endpoint
from livevae.adapters.osc.told import Peer
from livevae.core.events import Event, Keep
from livevae.core.performance import Performance
from livevae.errors import PortError
from livevae.idea_file import idea_from_file

OFF = "off"
PORTS_TRIED = 10  # where nobody asked for a certain port and the usual one is busy


def check_osc(arguments: Namespace) -> None:
    """Refuse an address that was asked for and cannot be had, before anything sounds. Raises PortError."""
    for text in arguments.osc_to:
        parse_endpoint(text)
    if arguments.osc not in (None, OFF):
        check_endpoint(parse_endpoint(arguments.osc))


def open_osc(
    arguments: Namespace,
    performance: Performance,
    on_event: Callable[[Event], None],
    on_complaint: Callable[[str], None],
    usual: Peer = DEFAULT_ENDPOINT,
) -> OscServer | None:
    """The OSC server, or None where it was turned off or found no place.

    An address that was asked for must work; the usual one may give way to the next free port.
    """
    if arguments.osc == OFF:
        return None
    listeners = tuple(parse_endpoint(text) for text in arguments.osc_to)

    def read_file(file: KeepFile) -> Keep:
        path = Path(os.path.expanduser(file.path))
        idea = idea_from_file(path, performance, file.part)
        return Keep(file.part, file.slot, idea, file.name or path.stem)

    server = OscServer(OscDesk(performance, listeners), on_event, on_complaint, read_file)
    if arguments.osc is not None:
        server.open(parse_endpoint(arguments.osc))
        return server
    return server if _opened_somewhere(server, usual, on_complaint) else None


def _opened_somewhere(server: OscServer, usual: Peer, on_complaint: Callable[[str], None]) -> bool:
    host, first_port = usual
    complaints = []
    for port in range(first_port, first_port + PORTS_TRIED):
        try:
            server.open((host, port))
        except PortError as busy:
            complaints.append(str(busy))
            continue
        if complaints:
            on_complaint(f"Port {first_port} is taken by another program; OSC is at {host}:{port} this time.")
        return True
    on_complaint(f"No OSC this time: {complaints[0]}.")
    return False
