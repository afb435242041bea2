"""A performance running live: the timekeeper, the inference process, and the line to both.

    with Engine(performance, model_paths) as engine:
        engine.send(Play())
        for news in engine.poll(0.1):
            ...

The process that makes an ``Engine`` is free to be slow: it can hold up neither the clock nor the models.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from livevae.adapters.midi.port import PortNames
from livevae.adapters.midi_file import write_midi_file
from livevae.core.effects import BarDecided, Effect, Notice, Severity
from livevae.core.events import Event, LoadPerformance, Quit
from livevae.core.performance import Performance
from livevae.errors import ModelError, PortError
from livevae.inference_messages import DrawMap, LoadedModel, LoadModels, MapDrawn, ModelsLoaded
from livevae.outgoing import Outgoing
from livevae.processes import InferenceProcess, end_process, no_interrupts, start_process
from livevae.snapshot import Snapshot, Viewer
from livevae.tape import Tape
from livevae.timekeeper.messages import (
    FromTimekeeper,
    Job,
    NewInference,
    NotesSeen,
    Picture,
    Ready,
    Refused,
    Watch,
)
from livevae.timekeeper.process import timekeeper_process_main

News = Snapshot | NotesSeen | ModelsLoaded | MapDrawn | Effect

_START_LIMIT_S = 60.0  # a cold disk and a big model; ready is usually well under a second
_FIRST_BAR_S = 0.5
_QUIT_LIMIT_S = 5.0
_LEAVE_LIMIT_S = 2.0


class Engine:
    """Plays ``performance`` live from ``start`` to ``stop``.

    model_paths: ONNX files of the models the performance names.
    backend: any of ``livevae.adapters.midi.choose.BACKENDS``.
    in_port, out_port, controls_port, chords_port: ports of other programs to connect with (part of a name is
        enough).
    record_to: where ``stop`` writes what was played.
    device: ``cpu`` or ``cuda``. client_name: the name other programs see.

    One thread calls its methods, except ``send``: any thread may, and it never waits.
    """

    def __init__(
        self,
        performance: Performance,
        model_paths: Sequence[Path],
        *,
        backend: str = "auto",
        in_port: str | None = None,
        out_port: str | None = None,
        record_to: Path | None = None,
        device: str = "cpu",
        client_name: str = "livevae",
        controls_port: str | None = None,
        chords_port: str | None = None,
    ) -> None:
        self._job = Job(
            performance,
            backend,
            in_port,
            out_port,
            client_name,
            recording=record_to is not None,
            controls_name=controls_port,
            chords_name=chords_port,
        )
        self._inference = InferenceProcess([str(path) for path in model_paths], device)
        self._record_to = record_to
        self._tape = Tape()
        self._viewer = Viewer()
        self._early: list[News] = []  # what arrived while starting
        self._ready: Ready | None = None
        self._models: tuple[LoadedModel, ...] | None = None
        self._timekeeper: BaseProcess | None = None
        self._hung_up = False  # the timekeeper has gone

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the ports and the models; return when the first note could be played.

        Raises PortError, SetupError or ModelError with what to do about it; nothing is left running then.
        """
        context = get_context("spawn")
        self._control, control_end = context.Pipe()
        clock_end, model_end = context.Pipe()
        self._timekeeper = start_process(
            timekeeper_process_main, (control_end, clock_end, self._job), "livevae timekeeper"
        )
        self._inference.start(model_end)
        for end in (control_end, clock_end):
            end.close()  # ours; else the other side would never see it close
        self._outgoing = Outgoing(self._control)
        try:
            self._wait_until_ready(self._timekeeper)
            self._wait_for_first_bar(self._timekeeper)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every note, close the ports and the models, and write the recording. May be called twice.

        Raises OSError where the recording cannot be written.
        """
        if self._timekeeper is None:
            return
        timekeeper, self._timekeeper = self._timekeeper, None
        with no_interrupts():
            self._outgoing.post(Quit())
            give_up_s = time.monotonic() + _QUIT_LIMIT_S
            while timekeeper.is_alive() and time.monotonic() < give_up_s:
                if self._hung_up:
                    timekeeper.join(max(0.0, give_up_s - time.monotonic()))
                else:
                    connection.wait([self._control, timekeeper.sentinel], give_up_s - time.monotonic())
                    self._receive()
            end_process(timekeeper)
            self._inference.end()
            self._outgoing.close()
            if self._record_to is not None:
                write_midi_file(self._record_to, self._tape.score(self._job.performance))

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what is known once started -------------------------------------------------------------

    @property
    def backend(self) -> str:
        """The MIDI system in use, e.g. the one that ``auto`` found; ``none`` where there is none."""
        return self._job.backend if self._ready is None else self._ready.backend

    @property
    def ports(self) -> PortNames:
        """How other programs see livevae."""
        return PortNames("") if self._ready is None else self._ready.ports

    @property
    def models(self) -> tuple[LoadedModel, ...]:
        """The open models and how long they take for a bar here."""
        return self._models or ()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The timekeeper's and the inference process's, for whoever measures them."""
        timekeeper = None if self._timekeeper is None else self._timekeeper.pid
        return tuple(pid for pid in (timekeeper, self._inference.pid) if pid is not None)

    # --- talking --------------------------------------------------------------------------------

    def send(self, event: Event) -> None:
        """Let something happen on stage: of many changes to one parameter, only the newest may arrive."""
        self._outgoing.post(event)

    def watch(self, on: bool) -> None:
        """Have every note that comes in or goes out reported as it does, or no longer. Thread-safe."""
        self._outgoing.post(Watch(on))

    def draw_map(self, order: DrawMap) -> None:
        """Ask where points of a model lie on a map; ``MapDrawn`` comes when the models have time."""
        self._outgoing.post(order)

    def load(self, performance: Performance, model_paths: Sequence[Path]) -> None:
        """Change to another preset, opening the models that it needs."""
        more = [str(path) for path in model_paths if str(path) not in self._inference.paths]
        if more:
            self._inference.paths += more
            self._outgoing.post(LoadModels(tuple(more)))
        self._outgoing.post(LoadPerformance(performance))

    def poll(self, timeout_s: float) -> list[News]:
        """What happened since the last call, waiting up to ``timeout_s`` if nothing has.

        Starts the inference process again if it died. Raises PortError if the timekeeper died: then nothing
        plays any more.
        """
        if self._timekeeper is None:
            raise RuntimeError("the engine is not running")
        if self._early:
            early, self._early = self._early, []
            return early
        return self._wait_for_news(self._timekeeper, timeout_s)

    # --- inside ---------------------------------------------------------------------------------

    def _wait_for_news(self, timekeeper: BaseProcess, timeout_s: float) -> list[News]:
        watched: list[Connection | int] = [self._control]
        if self._inference.sentinel is not None:
            watched.append(self._inference.sentinel)
        connection.wait(watched, self._outgoing.limit(timeout_s))
        self._outgoing.flush()
        news = self._receive()
        if self._hung_up:
            timekeeper.join(_LEAVE_LIMIT_S)
            status = timekeeper.exitcode
            raise PortError(f"The timekeeper process ended unexpectedly (status {status}): nothing plays.")
        if self._inference.has_died:
            pipe, notice = self._inference.restart()
            if pipe is not None:
                self._outgoing.post(NewInference(pipe))
            news.append(notice)
        return news

    def _wait_until_ready(self, timekeeper: BaseProcess) -> None:
        give_up_s = time.monotonic() + _START_LIMIT_S
        while self._ready is None or self._models is None:
            self._early += self._wait_for_news(timekeeper, max(0.0, give_up_s - time.monotonic()))
            if time.monotonic() >= give_up_s:
                missing = "ports" if self._ready is None else "models"
                raise PortError(f"The {missing} did not open within {_START_LIMIT_S:.0f} seconds.")

    def _wait_for_first_bar(self, timekeeper: BaseProcess) -> None:
        """The first bar lies ready before anybody can press play: else its notes would wait for the models.

        A part that listens first, or answers what is played to it, has none; so not for long.
        """
        missing = {part.name for part in self._job.performance.parts}
        give_up_s = time.monotonic() + _FIRST_BAR_S
        while True:
            missing -= {news.part for news in self._early if isinstance(news, BarDecided)}
            left_s = give_up_s - time.monotonic()
            if not missing or left_s <= 0:
                return
            self._early += self._wait_for_news(timekeeper, left_s)

    def _receive(self) -> list[News]:
        """Everything that lies in the pipe."""
        news: list[News] = []
        try:
            while self._control.poll():
                for message in self._control.recv():
                    news += self._understand(message)
        except (EOFError, OSError):
            self._hung_up = True
        return news

    def _understand(self, message: FromTimekeeper) -> list[News]:
        match message:
            case Picture():
                self._tape.add(message.played)
                return [self._viewer.view(message)]
            case Ready():
                self._ready = message
                return []
            case Refused(reason):
                raise PortError(reason)
            case ModelsLoaded():
                if message.refused and self._models is None:
                    raise ModelError("; ".join(refused.reason for refused in message.refused))
                self._models = (self._models or ()) + message.models
                return [message, *(_refusal(refused.reason) for refused in message.refused)]
        return [message]


def _refusal(reason: str) -> Notice:
    return Notice(time.perf_counter_ns(), Severity.ERROR, reason)
