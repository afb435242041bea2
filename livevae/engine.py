"""A performance running live: the timekeeper, the inference process, and the line to both.

    with Engine(performance, model_paths) as engine:
        engine.send(Play())
        for news in engine.poll(0.1):
            ...

The process that makes an ``Engine`` is free to be slow: it can hold up neither the clock nor the models.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from livevae.adapters.midi.port import PortNames
from livevae.adapters.midi_file import write_midi_file
from livevae.core.events import (
    Effect,
    Event,
    LoadPerformance,
    Notice,
    Quit,
    Severity,
)
from livevae.core.performance import Performance
from livevae.errors import ModelError, PortError
from livevae.inference import inference_process_main
from livevae.inference_messages import LoadedModel, LoadModels, ModelsLoaded
from livevae.outgoing import Outgoing
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
    TellState,
    Watch,
)
from livevae.timekeeper.process import timekeeper_process_main

News = Snapshot | NotesSeen | ModelsLoaded | Effect

_START_LIMIT_S = 60.0  # a cold disk and a big model; ready is usually well under a second
_QUIT_LIMIT_S = 5.0
_LEAVE_LIMIT_S = 2.0
_MAX_RESTARTS = 3  # of the inference process in a row
_RESTARTS_FORGOTTEN_S = 60.0


class Engine:
    """Plays ``performance`` live from ``start`` to ``stop``.

    model_paths: ONNX files of the models the performance names.
    backend: any of ``livevae.adapters.midi.choose.BACKENDS``.
    in_port, out_port, controls_port: ports of other programs to connect with (part of a name is enough).
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
    ) -> None:
        self._job = Job(
            performance,
            backend,
            in_port,
            out_port,
            client_name,
            recording=record_to is not None,
            controls_name=controls_port,
        )
        self._model_paths = [str(path) for path in model_paths]
        self._record_to = record_to
        self._device = device
        self._tape = Tape()
        self._viewer = Viewer()
        self._early: list[News] = []  # what arrived while starting
        self._ready: Ready | None = None
        self._models: tuple[LoadedModel, ...] | None = None
        self._timekeeper: BaseProcess | None = None
        self._inference: BaseProcess | None = None
        self._restarts_s: list[float] = []
        self._hung_up = False  # the timekeeper has gone

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the ports and the models; return when the first note could be played.

        Raises PortError, SetupError or ModelError with what to do about it; nothing is left running then.
        """
        context = get_context("spawn")
        self._control, control_end = context.Pipe()
        clock_end, model_end = context.Pipe()
        self._timekeeper = context.Process(
            target=timekeeper_process_main,
            args=(control_end, clock_end, self._job),
            name="livevae timekeeper",
            daemon=True,
        )
        with _no_interrupts():  # a child is deaf to Ctrl-C from its first moment if it begins so
            self._timekeeper.start()
        self._inference = self._start_inference(model_end)
        for end in (control_end, clock_end):
            end.close()  # ours; else the other side would never see it close
        self._outgoing = Outgoing(self._control)
        try:
            self._wait_until_ready(self._timekeeper)
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
        with _no_interrupts():
            self._outgoing.post(Quit())
            give_up_s = time.monotonic() + _QUIT_LIMIT_S
            while timekeeper.is_alive() and time.monotonic() < give_up_s:
                if self._hung_up:
                    timekeeper.join(max(0.0, give_up_s - time.monotonic()))
                else:
                    connection.wait([self._control, timekeeper.sentinel], give_up_s - time.monotonic())
                    self._receive()
            _end(timekeeper)
            inference, self._inference = self._inference, None
            if inference is not None:
                inference.join(_LEAVE_LIMIT_S)
                _end(inference)
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
        return tuple(
            p.pid for p in (self._timekeeper, self._inference) if p is not None and p.pid is not None
        )

    # --- talking --------------------------------------------------------------------------------

    def send(self, event: Event) -> None:
        """Let something happen on stage: of many changes to one parameter, only the newest may arrive."""
        self._outgoing.post(event)

    def tell_state(self) -> None:
        """Ask for everything a controller can show; it comes as the effects that changes to it would have."""
        self._outgoing.post(TellState())

    def watch(self, on: bool) -> None:
        """Have every note that comes in or goes out reported as it does, or no longer. Thread-safe."""
        self._outgoing.post(Watch(on))

    def load(self, performance: Performance, model_paths: Sequence[Path]) -> None:
        """Change to another preset, opening the models that it needs."""
        more = [str(path) for path in model_paths if str(path) not in self._model_paths]
        if more:
            self._model_paths += more
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
        if self._inference is not None:
            watched.append(self._inference.sentinel)
        connection.wait(watched, self._outgoing.limit(timeout_s))
        self._outgoing.flush()
        news = self._receive()
        if self._hung_up:
            timekeeper.join(_LEAVE_LIMIT_S)
            status = timekeeper.exitcode
            raise PortError(f"The timekeeper process ended unexpectedly (status {status}): nothing plays.")
        if self._inference is not None and not self._inference.is_alive():
            news.append(self._restart_inference(self._inference.exitcode))
        return news

    def _wait_until_ready(self, timekeeper: BaseProcess) -> None:
        give_up_s = time.monotonic() + _START_LIMIT_S
        while self._ready is None or self._models is None:
            self._early += self._wait_for_news(timekeeper, max(0.0, give_up_s - time.monotonic()))
            if time.monotonic() >= give_up_s:
                missing = "ports" if self._ready is None else "models"
                raise PortError(f"The {missing} did not open within {_START_LIMIT_S:.0f} seconds.")

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
                return [message]
        return [message]

    def _start_inference(self, pipe: Connection) -> BaseProcess:
        process = get_context("spawn").Process(
            target=inference_process_main,
            args=(pipe, tuple(self._model_paths), self._device),
            name="livevae inference",
            daemon=True,
        )
        with _no_interrupts():
            process.start()
        pipe.close()
        return process

    def _restart_inference(self, status: int | None) -> Notice:
        now_s = time.monotonic()
        self._restarts_s = [s for s in self._restarts_s if now_s - s < _RESTARTS_FORGOTTEN_S]
        if len(self._restarts_s) >= _MAX_RESTARTS:
            self._inference = None
            text = f"The model's process keeps stopping (status {status}): no more new bars."
            return Notice(time.perf_counter_ns(), Severity.ERROR, text)
        self._restarts_s.append(now_s)
        clock_end, model_end = get_context("spawn").Pipe()
        self._inference = self._start_inference(model_end)
        self._outgoing.post(NewInference(clock_end))
        text = f"The model's process stopped (status {status}); it is being started again."
        return Notice(time.perf_counter_ns(), Severity.WARNING, text)


def _end(process: BaseProcess) -> None:
    """Make sure a process has gone."""
    if process.is_alive():
        process.terminate()
        process.join(_LEAVE_LIMIT_S)
    if process.is_alive():
        process.kill()
        process.join()


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Let Ctrl-C pass unheard for a moment: until every note has ended, or a child has begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
