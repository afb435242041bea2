"""The MIDI system, its ports, and what is connected with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from livevae.adapters.midi.choose import choose_backend, list_ports, make_port, why_no_midi
from livevae.adapters.midi.jack_connections import Connections, livevae_connections
from livevae.adapters.midi.port import Port, PortNames
from livevae.doctor.findings import Finding, fault, fine, warning
from livevae.errors import LivevaeError

NAME = "livevae-doctor"
_SYSTEM = "MIDI system"
_PORTS = "MIDI ports"
_CONNECT = "connect them in your DAW, with a patchbay (qpwgraph, Carla), or with --in and --out"


def examine_system(
    choose: Callable[[], str] = choose_backend, why_none: Callable[[], str] = why_no_midi
) -> tuple[str, list[Finding]]:
    """The MIDI system livevae would use here, and what is to say about it."""
    backend = choose()
    if backend != "none":
        return backend, [fine(_SYSTEM, backend)]
    mend = (
        "Start a JACK server or PipeWire, or load ALSA's sequencer: sudo modprobe snd-seq. "
        "Until then livevae plays to nobody; --record FILE.mid keeps what it plays."
    )
    return backend, [fault(_SYSTEM, why_none(), mend)]


def examine_ports(
    backend: str,
    make: Callable[[str, str | None, str | None, str], Port] = make_port,
    list_names: Callable[[str], PortNames] = list_ports,
) -> tuple[tuple[str, ...], list[Finding]]:
    """The names of ports livevae could listen to, and whether its own can be opened."""
    port = make(backend, None, None, NAME)
    try:
        port.open(lambda message, at_ns: None, lambda until_ns: None, lambda: 0)
        own = port.names()
    except LivevaeError as error:
        mend = (
            "Quit programs that hold the port (on Windows one program at a time may open it), then try again."
        )
        return (), [fault(_PORTS, f"livevae cannot open its ports: {error}.", mend)]
    finally:
        port.close()
    try:
        names = list_names(backend)
    except LivevaeError as error:
        return (), [fault(_PORTS, f"The ports of other programs cannot be listed: {error}.", "Try again.")]
    inputs = tuple(name for name in names.inputs if not _is_ours(name))
    outputs = tuple(name for name in names.outputs if not _is_ours(name))
    counted = f"{own.system} lets livevae open ports; {len(inputs)} to listen to, {len(outputs)} to play"
    if not inputs and not outputs:
        text = f"{own.system} works, but no other program or instrument has a MIDI port."
        return (), [warning(_PORTS, text, "Start your DAW or plug in an instrument.")]
    return inputs, [fine(_PORTS, counted)]


def examine_connections(
    backend: str, connections: Callable[[], tuple[Connections, ...]] = livevae_connections
) -> Iterator[Finding]:
    """Whether a livevae that is playing on JACK is connected with anything."""
    if backend != "jack":
        return
    try:
        ports = connections()
    except LivevaeError:
        return  # the server has gone since; examine_ports has said so
    for port in ports:
        if port.port.endswith((":controls", ":chords")) and not port.others:
            continue  # only controllers with motors or lights, and whoever plays chords, are connected there
        if port.others:
            yield fine("connections", f"{port.port} - {', '.join(port.others)}")
        elif port.is_input:
            yield warning(
                "connections",
                f"Nothing is connected with {port.port}: livevae hears neither your clock nor what you play.",
                f"Send your DAW's clock and MIDI there: {_CONNECT}.",
            )
        else:
            yield fault(
                "connections",
                f"Nothing is connected with {port.port}: nobody hears what livevae plays.",
                f"Lead it to an instrument: {_CONNECT}.",
            )


def _is_ours(name: str) -> bool:
    return NAME in name or name.startswith(("livevae:", "livevae-probe"))
