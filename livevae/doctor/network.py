"""Whether controllers can reach livevae."""

from __future__ import annotations

from collections.abc import Iterator

from livevae.adapters.osc.server import check_endpoint
from livevae.adapters.osc.told import Peer
from livevae.doctor.findings import Finding, fine, warning
from livevae.errors import PortError

_LOOPBACKS = ("127.", "::1", "localhost")


def examine_osc(endpoint: Peer) -> Iterator[Finding]:
    """Whether the OSC port is free."""
    host, port = endpoint
    try:
        check_endpoint(endpoint)
    except PortError as error:
        text, _, mend = str(error).partition(": another program does; ")
        if mend:
            text = f"{text}: another program does (perhaps livevae itself, if it is playing)"
        yield warning("OSC", f"{text}.", mend or "Choose another address with --osc HOST:PORT.")
        return
    reach = "this computer only" if host.startswith(_LOOPBACKS) else "other devices on its network too"
    yield fine("OSC", f"{host}:{port} is free; it is for {reach}")
