"""``livevae run``: play live until Ctrl-C."""

from __future__ import annotations

import signal
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from livevae.adapters.osc.commands import KeepFile
from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.server import DEFAULT_ENDPOINT, OscServer, parse_endpoint
from livevae.commands.run_page import open_page
from livevae.commands.screen import Screen
from livevae.control import Control
from livevae.core.events import Event, Keep
from livevae.core.parameters import PART_PARAMETERS, defaults
from livevae.core.performance import Performance
from livevae.engine import Engine
from livevae.errors import PortError, PresetError
from livevae.idea_file import idea_from_file
from livevae.page_feed import PageFeed
from livevae.preset_files import load_preset
from livevae.repertoire import prepare

_PORTS_TRIED = 10  # where nobody asked for a certain OSC port and the usual one is busy
_OFF = "off"
_OUTSIDE_CLOCK_ONLY = "midi"


def main(arguments: Namespace) -> int:
    """Play a preset. Returns 0 however it was ended; raises LivevaeError for what cannot be played."""
    preset = load_preset(arguments.preset).adjusted(
        tempo_bpm=arguments.bpm, seed=arguments.seed, clock=arguments.clock
    )
    prepared = prepare(preset)
    record_to = _writable(arguments.record)
    engine = Engine(
        prepared.performance,
        prepared.model_paths,
        backend=arguments.backend,
        in_port=arguments.in_port,
        out_port=arguments.out_port,
        controls_port=arguments.controls_port,
        record_to=record_to,
    )
    screen = Screen()
    with engine:
        osc = _open_osc(arguments, prepared.performance, engine.send, screen.warn)
        page = open_page(arguments, prepared.performance, engine, screen)
        watchers = [] if page is None else [PageFeed(page)]
        control = Control(engine, screen, osc, arguments.bars, watchers)
        restore = _on_signals(control.stop)
        try:
            _introduce(screen, engine, prepared.performance, osc)
            control.run(begin=preset.clock != _OUTSIDE_CLOCK_ONLY)
        except KeyboardInterrupt:
            pass  # pressed before the handlers stood
        finally:
            if page is not None:
                page.close()
            if osc is not None:
                osc.close()
            restore()
    screen.end()
    if record_to is not None:
        screen.say(f"What was played is in {record_to}.")
    return 0


def _introduce(screen: Screen, engine: Engine, performance: Performance, osc: OscServer | None) -> None:
    """Say what plays, where to connect, and how to begin."""
    channels = ", ".join(
        f"{part.name} on channel {(defaults(PART_PARAMETERS) | dict(part.settings))['channel']}"
        for part in performance.parts
    )
    screen.say(f"Preset {performance.name}: {channels}.")
    ports = engine.ports
    if ports.inputs or ports.outputs:
        listens, plays = (" and ".join(names) or "no port" for names in (ports.inputs, ports.outputs))
        screen.say(f"{ports.system}: listens at {listens}, plays at {plays}.")
    if osc is not None:
        screen.say("OSC at {}:{}.".format(*osc.endpoint))
    if performance.clock == _OUTSIDE_CLOCK_ONLY:
        screen.say("Waiting for your MIDI clock: press play there. Ctrl-C ends.")
    elif performance.clock == "internal":
        screen.say("Playing on its own clock. Ctrl-C ends.")
    else:
        screen.say("Playing on its own clock, until your DAW sends its own and starts. Ctrl-C ends.")


def _open_osc(
    arguments: Namespace,
    performance: Performance,
    on_event: Callable[[Event], None],
    on_complaint: Callable[[str], None],
) -> OscServer | None:
    """The OSC server, or None where it was turned off.

    An address that was asked for must work; the usual one may give way to the next free port.
    """
    listeners = tuple(parse_endpoint(text) for text in arguments.osc_to)
    if arguments.osc == _OFF:
        return None

    def read_file(file: KeepFile) -> Keep:
        path = Path(file.path).expanduser()
        idea = idea_from_file(path, performance, file.part)
        return Keep(file.part, file.slot, idea, file.name or path.stem)

    server = OscServer(OscDesk(performance, listeners), on_event, on_complaint, read_file)
    if arguments.osc is not None:
        server.open(parse_endpoint(arguments.osc))
        return server
    host, first_port = DEFAULT_ENDPOINT
    for port in range(first_port, first_port + _PORTS_TRIED):
        try:
            server.open((host, port))
        except PortError as busy:
            if port == first_port:
                complaint = str(busy)
            continue
        if port != first_port:
            on_complaint(f"Port {first_port} is taken by another program; OSC is at {host}:{port} this time.")
        return server
    on_complaint(f"No OSC this time: {complaint}.")
    return None


def _writable(name: str | None) -> Path | None:
    """The file to record to, once it is known that it can be written."""
    if name is None:
        return None
    path = Path(name)
    try:
        path.open("ab").close()
    except OSError as error:
        raise PresetError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _on_signals(stop: Callable[[], None]) -> Callable[[], None]:
    """Have Ctrl-C, and whoever else asks the program to end, end it in order; returns what undoes that."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: stop()) for number in signals}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if number != signal.SIGINT else handler)

    return restore
