"""Who is connected with a livevae that plays on this JACK server: for those who wonder why it is silent."""

from __future__ import annotations

from dataclasses import dataclass

from livevae.adapters.midi.jack_port import jack_library
from livevae.adapters.midi.port import CLIENT_NAME
from livevae.errors import PortError


@dataclass(frozen=True, slots=True)
class Connections:
    """One MIDI port of livevae's. is_input: others send to it. others: the ports at the far ends."""

    port: str
    is_input: bool
    others: tuple[str, ...]


def livevae_connections() -> tuple[Connections, ...]:
    """The ports of every livevae on the server; none if none is playing. Raises PortError, SetupError."""
    jack = jack_library()
    try:
        client = jack.Client(f"{CLIENT_NAME}-probe", no_start_server=True)
    except jack.JackOpenError:
        raise PortError("no JACK server is running") from None
    try:
        # JACK itself adds -01, -02 ... to a name that is taken
        ports = client.get_ports(f"^{CLIENT_NAME}(-[0-9]+)?:", is_midi=True)
        return tuple(
            Connections(
                port.name, port.is_input, tuple(other.name for other in client.get_all_connections(port))
            )
            for port in ports
        )
    finally:
        client.close()
