"""``livevae run``: play live until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livevae.commands.run_osc import check_osc, open_osc
from livevae.commands.run_set import open_set, preset_of
from livevae.commands.screen import Screen
from livevae.control import Control, Watcher
from livevae.core.effects import Notice, Severity
from livevae.core.ensemble import Ensemble
from livevae.core.events import Play, StopAt
from livevae.core.performance import Performance
from livevae.engine import Engine
from livevae.errors import PresetError
from livevae.preset_files import load_preset
from livevae.repertoire import prepare
from livevae.units import TICKS_PER_BAR

_OUTSIDE_CLOCK_ONLY = "midi"


def main(arguments: Namespace) -> int:
    """Play a preset. Returns 0 however it was ended; raises LivevaeError for what cannot be played."""
    return play(arguments, Screen())


def play(arguments: Namespace, screen: Screen) -> int:
    """What ``main`` does, seen on ``screen``."""
    stopping = threading.Event()
    opened = open_set(arguments, screen.warn)
    preset = load_preset(preset_of(arguments, opened)).adjusted(
        tempo_bpm=arguments.bpm, seed=arguments.seed, clock=arguments.clock
    )
    prepared = prepare(preset)
    record_to = _writable(arguments.record)
    check_osc(arguments)
    engine = Engine(
        prepared.performance,
        prepared.model_paths,
        backend=arguments.backend,
        in_port=arguments.in_port,
        out_port=arguments.out_port,
        controls_port=arguments.controls_port,
        chords_port=arguments.chords_port,
        record_to=record_to,
        device=arguments.device,
    )
    watchers: list[Watcher] = []
    signals = _Signals(stopping.set)
    with contextlib.ExitStack() as session:
        session.callback(signals.restore)
        session.enter_context(engine)
        signals.listen()  # until now Ctrl-C interrupts, and the engine takes back what it has begun
        if opened is not None:
            engine.send(opened.recall(arguments))
            keeper = opened.keeper(prepared.performance, screen.warn)
            session.callback(keeper.close)
            watchers.append(keeper)
        if arguments.bars is not None:
            engine.send(StopAt(arguments.bars * TICKS_PER_BAR))
        if preset.clock != _OUTSIDE_CLOCK_ONLY:
            engine.send(Play())  # at once: what follows may take its time
        _introduce(screen, engine, prepared.performance)

        def complain(text: str) -> None:
            """Whatever was refused is seen wherever the musician looks."""
            screen.warn(text)
            for watcher in watchers:
                watcher.report(Notice(time.perf_counter_ns(), Severity.WARNING, text))

        osc = open_osc(arguments, prepared.performance, engine.send, complain)
        if osc is not None:
            session.callback(osc.close)
            screen.say("OSC at {}:{}.".format(*osc.endpoint))
        if not arguments.no_page:
            watchers += _page(arguments, prepared.performance, engine, screen, session)
        Control(engine, screen, osc, arguments.bars, watchers, stopping).run()
    screen.end()
    if record_to is not None:
        screen.say(f"What was played is in {record_to}.")
    return 0


def _page(
    arguments: Namespace,
    performance: Performance,
    engine: Engine,
    screen: Screen,
    session: contextlib.ExitStack,
) -> list[Watcher]:
    """Serve the page, and who keeps it up to date. Its libraries are loaded while the music already plays."""
    from livevae.commands.run_page import open_page
    from livevae.latent_map import LatentMap
    from livevae.page_feed import PageFeed

    page = open_page(arguments, performance, engine, screen)
    if page is None:
        return []
    session.callback(page.close)
    return [PageFeed(page), LatentMap(performance, engine.draw_map, page.map)]


def _introduce(screen: Screen, engine: Engine, performance: Performance) -> None:
    """Say what plays, where to connect, and how to begin."""
    parts = Ensemble(performance).parts.values()
    channels = ", ".join(f"{part.name} on channel {part.number('channel')}" for part in parts)
    screen.say(f"Preset {performance.name}: {channels}.")
    for part in parts:
        if part.answers:
            heard = part.number("in_channel")
            where = f"on channel {heard}" if heard else "on any channel"
            screen.say(f"{part.name} waits for what you play {where}, and answers it a bar later.")
    ports = engine.ports
    if ports.inputs or ports.outputs:
        listens, plays = (" and ".join(names) or "no port" for names in (ports.inputs, ports.outputs))
        screen.say(f"{ports.system}: listens at {listens}, plays at {plays}.")
    if performance.clock == _OUTSIDE_CLOCK_ONLY:
        screen.say("Waiting for your MIDI clock: press play there. Ctrl-C ends.")
    elif performance.clock == "internal":
        screen.say("Playing on its own clock. Ctrl-C ends.")
    else:
        screen.say("Playing on its own clock, until your DAW sends its own and starts. Ctrl-C ends.")


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


class _Signals:
    """From ``listen`` to ``restore``, Ctrl-C and whoever else asks the program to end end it in order."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._before: dict[int, Any] = {}

    def listen(self) -> None:
        """From now on every such signal only calls ``stop``: however often, no note is left sounding."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, lambda *_: self._stop())

    def restore(self) -> None:
        """Leave signals as they were found."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
