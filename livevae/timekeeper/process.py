"""The life of the timekeeper process: open, keep the pace, mend what breaks, leave no note sounding."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from livevae.adapters.clock import SystemClock
from livevae.adapters.midi.choose import choose_backend, make_port, why_no_midi
from livevae.adapters.midi.null_port import NullPort
from livevae.adapters.midi.port import ChordsIn, Port
from livevae.core.effects import Notice, Severity
from livevae.core.events import PortFound, PortLost, Quit
from livevae.core.performer import Performer
from livevae.errors import LivevaeError, PortError, SetupError
from livevae.inference_messages import DrawMap, LoadModels
from livevae.timekeeper.couriers import Sender, listen
from livevae.timekeeper.keeper import Timekeeper
from livevae.timekeeper.messages import FromTimekeeper, Job, NewInference, Ready, Refused, ToTimekeeper
from livevae.timekeeper.model_line import ModelLine
from livevae.timekeeper.pacing import Bell, prepare_process, sleep_until
from livevae.units import NS_PER_MS, NS_PER_S

_SHOWN_CAPACITY = 4096  # messages to the screen; a stuck screen loses pictures, the clock loses nothing
_MEND_EVERY_NS = NS_PER_S
_MEND_NEEDS_NS = 5 * NS_PER_MS  # looking for ports takes up to a millisecond: only with time to spare
_REST_NS = 100 * NS_PER_MS  # how soon to notice that an audio server died
_FAREWELL_NS = 2 * NS_PER_S  # an audio server that calls no more must not keep the process alive
_LAST_WORDS_S = 1.0
_LAST_RESORT_S = 6.0  # longer than every polite way out together
_HUNG_STATUS = 70  # EX_SOFTWARE of sysexits


def timekeeper_process_main(control: Connection, inference: Connection, job: Job) -> None:
    """The whole life of the timekeeper; the target of ``multiprocessing.Process``, spawn-safe.

    control: to the main process, see ``livevae.timekeeper.messages``. When it closes, for whatever reason,
        every sounding note is ended and the process leaves.
    inference: to the inference process, see ``livevae.inference_messages``.
    """
    _leave_signals_to_main()
    screen: Sender[FromTimekeeper] = Sender(control, _SHOWN_CAPACITY, batched=True)
    try:
        pace = _Pace(control, inference, job, screen)
        pace.open()
    except LivevaeError as error:
        screen.start()
        screen.post(Refused(str(error)))
        screen.close(_LAST_WORDS_S)
        return
    pace.run()
    pace.close()
    screen.close(_LAST_WORDS_S)


def _leave_signals_to_main() -> None:
    """A terminal sends Ctrl-C and its own closing to every process; main hears them and then says Quit."""
    for name in ("SIGINT", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


class _Pace:
    """Keeps the pace itself where the port does not, and hands it over when an audio server comes or goes."""

    def __init__(
        self, control: Connection, inference: Connection, job: Job, screen: Sender[FromTimekeeper]
    ) -> None:
        self._job = job
        self._screen = screen
        self._control = control
        self._clock = SystemClock()
        self._bell = Bell()
        self._backend = choose_backend(job.backend)
        self._line = ModelLine(inference, self._told, screen.post)
        self._keeper = Timekeeper(
            Performer(job.performance), NullPort(), self._line.ask, screen.post, recording=job.recording
        )
        self._missing: tuple[tuple[str, str], ...] = ()
        self._next_mend_ns = 0
        self._quit_by_ns: int | None = None

    def open(self) -> None:
        """Open the ports and start the couriers. Raises PortError or SetupError."""
        prepare_process()
        signal.signal(signal.SIGTERM, lambda *_: self._told(Quit()))
        listen(self._control, self._ordered, lambda: self._told(Quit()))  # first: opening a port may hang
        no_midi = why_no_midi() if self._backend == "none" and self._job.backend == "auto" else ""
        try:
            self._open_port()
        except (PortError, SetupError) as error:
            if self._job.backend != "auto":
                raise
            no_midi = f"{error}: nobody will hear this."
            self._backend = "none"
            self._open_port()
        port = self._keeper.port
        self._screen.start()
        self._line.start()
        self._screen.post(Ready(self._backend, port.names()))
        if no_midi:
            self._notice(Severity.WARNING, no_midi)
        self._missing = port.health().missing
        for _, problem in self._missing:
            self._notice(Severity.WARNING, f"Waiting for a port: {problem}.")

    def run(self) -> None:
        """Keep time until the end of the show."""
        while not self._keeper.finished and not self._is_overdue():
            port = self._keeper.port
            if port.drives and not port.health().lost:
                self._bell.wait(_REST_NS / NS_PER_S)
                self._mend_if_due(port)
            elif port.drives:
                self._take_over(port)
            else:
                self._keep_pace(port)

    def close(self) -> None:
        """Close the port when everything sent has left."""
        self._keeper.port.close()

    # --- the pace -------------------------------------------------------------------------------

    def _keep_pace(self, port: Port) -> None:
        now_ns = self._clock.now_ns()
        due_ns = self._keeper.next_cycle_ns()
        if due_ns - now_ns > _MEND_NEEDS_NS:
            if self._backend == "jack":
                self._hand_over()
            else:
                self._mend_if_due(port)
        spin_ns = self._job.spin_ns
        if self._keeper.has_news or sleep_until(due_ns - spin_ns, self._clock.now_ns, self._bell):
            self._keeper.cycle(self._clock.now_ns())
        else:
            self._keeper.cycle(max(due_ns, self._clock.now_ns()) + spin_ns)

    def _take_over(self, port: Port) -> None:
        """The audio server died: go on in silence, at the time it had reached."""
        self._clock.continue_from(self._keeper.now_ns)
        silent = NullPort()
        silent.open(self._heard, self._keeper.cycle, self._clock.now_ns)
        self._keeper.port = silent
        port.close()
        self._told(PortLost(_in_words(port)))

    def _hand_over(self) -> None:
        """Try whether the audio server is back, and let it keep the pace from now on."""
        if not self._is_mending_time():
            return
        silent = self._keeper.port
        try:
            self._open_port()
        except (PortError, SetupError):
            self._keeper.port = silent
        else:
            self._told(PortFound(_in_words(self._keeper.port)))

    def _mend_if_due(self, port: Port) -> None:
        if not self._is_mending_time():
            return
        port.mend()
        before, self._missing = dict(self._missing), port.health().missing
        missing = dict(self._missing)
        for name in missing.keys() - before.keys():
            self._told(PortLost(name))
        for name in before.keys() - missing.keys():
            self._told(PortFound(name))

    def _is_mending_time(self) -> bool:
        now_ns = time.perf_counter_ns()
        if now_ns < self._next_mend_ns:
            return False
        self._next_mend_ns = now_ns + _MEND_EVERY_NS
        return True

    def _is_overdue(self) -> bool:
        return self._quit_by_ns is not None and time.perf_counter_ns() > self._quit_by_ns

    def _open_port(self) -> None:
        port = self._make_port()
        self._keeper.port = port  # before it opens: a port that drives begins its cycle at once
        port.open(self._heard, self._keeper.cycle, self._clock.now_ns)

    def _make_port(self) -> Port:
        job = self._job
        chords = ChordsIn(self._heard_chords, job.chords_name)
        return make_port(self._backend, job.in_name, job.out_name, job.client_name, job.controls_name, chords)

    # --- from other threads ---------------------------------------------------------------------

    def _heard(self, message: bytes, at_ns: int) -> None:
        self._keeper.heard(message, at_ns)
        if not self._keeper.port.drives:
            self._bell.ring()

    def _heard_chords(self, message: bytes, at_ns: int) -> None:
        self._keeper.heard_chords(message, at_ns)
        if not self._keeper.port.drives:
            self._bell.ring()

    def _told(self, event: Any) -> None:
        self._take_in(event)
        self._bell.ring()

    def _ordered(self, orders: Sequence[ToTimekeeper]) -> None:
        for order in orders:
            if isinstance(order, NewInference):
                self._line.reconnect(order.pipe)
            elif isinstance(order, LoadModels):
                self._line.load(order)
            elif isinstance(order, DrawMap):
                self._line.draw(order)
            else:
                self._take_in(order)
        self._bell.ring()  # once: what came together is taken in together

    def _take_in(self, event: Any) -> None:
        if isinstance(event, Quit) and self._quit_by_ns is None:
            self._quit_by_ns = time.perf_counter_ns() + _FAREWELL_NS
            _leave_anyway_after(_LAST_RESORT_S)
        self._keeper.tell(event)

    def _notice(self, severity: Severity, text: str) -> None:
        self._screen.post(Notice(self._clock.now_ns(), severity, text))


def _leave_anyway_after(limit_s: float) -> None:
    """End the process even if it hangs in a library by then; nobody is left who would end it."""
    timer = threading.Timer(limit_s, os._exit, [_HUNG_STATUS])
    timer.daemon = True
    timer.start()


def _in_words(port: Port) -> str:
    return port.names().system
