"""MIDI through JACK (or PipeWire in its place), to the exact audio frame.

JACK calls ``process`` once a period, in its own thread, with everything that arrived in that period.
The whole answer is worked out there and then and written into the same period, each message at its
own frame. So a note that the clock predicts lies on its exact frame, and a note that answers a message
lies on the frame of that message: neither waits for another thread or another period.

Frames, not wall time, are the clock: JACK's dummy driver lets the two slip apart, and a sound card's
crystal drifts.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import Any

from livevae.adapters.clock import FrameTimes, FrameUnwrapper, Now
from livevae.adapters.midi.port import (
    CLIENT_NAME,
    ChordsIn,
    Cycle,
    PortHealth,
    PortNames,
    Receive,
    find_port,
)
from livevae.adapters.midi_bytes import messages_in
from livevae.errors import PortError, SetupError

_FLUSH_PERIODS = 2  # a listener ahead of us in JACK's graph hears a message one period later
_FLUSH_LIMIT_S = 2.0
_MAX_WAITING = 4096  # more than a panic on every note of every channel
_MAX_FEEDBACK = 512  # more than the controls of any desk; the newest are the ones that count


class JackPort:
    """``livevae:in``, ``livevae:out`` and ``livevae:controls`` on a running JACK server.

    in_name, out_name, controls_name: ports of other programs to connect with, besides being there to be
        connected to. chords: there is ``livevae:chords`` too.
    client_name: JACK itself adds -01, -02 ... where the name is taken.
    """

    drives = True

    def __init__(
        self,
        in_name: str | None = None,
        out_name: str | None = None,
        client_name: str = CLIENT_NAME,
        controls_name: str | None = None,
        chords: ChordsIn | None = None,
    ) -> None:
        self._wanted_in, self._wanted_out, self._wanted_controls = in_name, out_name, controls_name
        self._chords = chords
        self._client_name = client_name
        self._client: Any = None
        self._closed = False
        self._in: Any = None
        self._out: Any = None
        self._controls: Any = None
        self._chords_in: Any = None
        self._times: FrameTimes | None = None
        self._period_frame = 0
        self._unwrap = FrameUnwrapper()
        self._waiting: deque[tuple[bytes, int]] = deque(maxlen=_MAX_WAITING)
        self._names = PortNames("JACK")
        self._feedback: deque[bytes] = deque(maxlen=_MAX_FEEDBACK)
        self._health = PortHealth()
        self._flushing = 0  # periods still to pass before closing
        self._flushed = threading.Event()

    def open(self, receive: Receive, cycle: Cycle, now: Now) -> None:
        """Join the server and start its cycle. See ``Port.open``."""
        jack = jack_library()
        try:
            client = jack.Client(self._client_name, no_start_server=True)
        except jack.JackOpenError:
            raise PortError("no JACK server is running: start one, or choose another --backend") from None
        self._client, self._receive, self._cycle, self._now = client, receive, cycle, now
        try:
            self._join(client)
        except jack.JackError as error:  # the server died just now, or takes no more ports
            client.close()
            raise PortError(f"the JACK server does not let livevae in: {error}") from None
        self.mend()

    def _join(self, client: Any) -> None:
        self._in = client.midi_inports.register("in")
        self._out = client.midi_outports.register("out")
        self._controls = client.midi_outports.register("controls")
        if self._chords is not None:
            self._chords_in = client.midi_inports.register("chords")
        self._names = PortNames("JACK", (self._in.name,), (self._out.name,))  # a dead server has no names
        client.set_process_callback(self._process)
        client.set_xrun_callback(self._count_dropout)
        client.set_shutdown_callback(self._server_died)
        client.activate()

    def names(self) -> PortNames:
        """``livevae:in`` and ``livevae:out``, or as JACK renamed them."""
        return self._names

    def now_ns(self) -> int:
        """JACK's estimate of the frame being heard now, in nanoseconds."""
        times = self._times
        if times is None or self._closed or self._health.lost:
            return self._now()
        # the counter has 32 bits; it may also stand a moment before the period we know of
        ahead = (self._client.frame_time - self._period_frame) & 0xFFFFFFFF
        return times.ns_of(self._period_frame + (ahead if ahead < 1 << 31 else 0))

    def send(self, message: bytes, at_ns: int) -> int:
        """Put a message into this period, at the frame nearest to ``at_ns`` that is still to come."""
        self._waiting.append((message, at_ns))
        if self._times is None:
            return at_ns
        return max(at_ns, self._times.ns_of(self._period_frame))

    def feed_back(self, message: bytes) -> None:
        """Put a message at the start of the period."""
        self._feedback.append(message)

    def mend(self) -> None:
        """Connect with the named ports if they have come back."""
        if not self._health.lost and not self._closed:
            self._health = replace(self._health, missing=tuple(self._connect()))

    def health(self) -> PortHealth:
        """Dropouts are JACK's xruns."""
        return self._health

    def close(self) -> None:
        """Wait until the last message has been a period in JACK's buffers, then leave."""
        client = self._client
        if client is None or self._closed:
            return
        self._closed = True
        if not self._health.lost and self._times is not None:
            self._flushing = _FLUSH_PERIODS
            self._flushed.wait(_FLUSH_LIMIT_S)
        client.deactivate()
        client.close()

    # --- JACK's own threads ---------------------------------------------------------------------

    def _process(self, frames: int) -> None:
        frame = self._unwrap(self._client.last_frame_time)
        times = self._times
        if times is None:
            times = self._times = FrameTimes(self._client.samplerate, frame, self._now())
        self._period_frame = frame
        for offset, data in self._in.incoming_midi_events():
            for message in messages_in(bytes(data)):
                self._receive(message, times.ns_of(frame + offset))
        if self._chords is not None:
            for offset, data in self._chords_in.incoming_midi_events():
                for message in messages_in(bytes(data)):
                    self._chords.receive(message, times.ns_of(frame + offset))
        self._cycle(times.last_ns_of(frame + frames - 1))
        self._write(times, frame, frames)
        self._write_feedback()
        if self._flushing and not self._waiting:
            self._flushing -= 1
            if not self._flushing:
                self._flushed.set()

    def _write(self, times: FrameTimes, frame: int, frames: int) -> None:
        self._out.clear_buffer()
        earliest = 0  # JACK refuses messages out of order, and the order of notes on one pitch matters
        while self._waiting:
            message, at_ns = self._waiting[0]
            offset = max(times.frame_of(at_ns) - frame, earliest)
            if offset >= frames:
                return
            try:
                self._out.write_midi_event(offset, message)
            except Exception:  # the library's own error type; what it means is: no room left
                self._health = replace(self._health, unsent=self._health.unsent + 1)
                return
            self._waiting.popleft()
            earliest = offset

    def _write_feedback(self) -> None:
        self._controls.clear_buffer()
        while self._feedback:
            try:
                self._controls.write_midi_event(0, self._feedback[0])
            except Exception:  # no room left, as above: the rest follows a period later
                return
            self._feedback.popleft()

    def _count_dropout(self, *_: object) -> None:
        self._health = replace(self._health, dropouts=self._health.dropouts + 1)

    def _server_died(self, *_: object) -> None:
        self._health = replace(self._health, lost=True)
        self._flushed.set()

    # --- connections ----------------------------------------------------------------------------

    def _connect(self) -> list[tuple[str, str]]:
        """Make the wanted connections; the name and a sentence for each port that is not there."""
        problems = []
        for wanted, mine, is_source in (
            (self._wanted_in, self._in, True),
            (self._wanted_out, self._out, False),
            (self._wanted_controls, self._controls, False),
            (self._chords.name if self._chords else None, self._chords_in, True),
        ):
            if wanted is None:
                continue
            try:
                self._connect_one(wanted, mine, is_source)
            except PortError as error:
                problems.append((wanted, str(error)))
            except Exception as error:  # the library's own: the port went away while it was being connected
                problems.append((wanted, f"the MIDI port {wanted!r} cannot be connected: {error}"))
        return problems

    def _connect_one(self, wanted: str, mine: Any, is_source: bool) -> None:
        client = self._client
        others = client.get_ports(is_midi=True, is_output=is_source, is_input=not is_source)
        other = find_port(wanted, [port.name for port in others if not client.owns(port)])
        if any(port.name == other for port in mine.connections):
            return
        source, destination = (other, mine.name) if is_source else (mine.name, other)
        client.connect(source, destination)


def jack_library() -> Any:
    """The JACK-Client module, with its C library's complaints to the terminal turned off.

    Raises SetupError where the module or libjack is missing.
    """
    try:
        import jack
    except ModuleNotFoundError:
        raise SetupError("JACK needs one more package: pip install JACK-Client") from None
    except OSError:
        raise SetupError("JACK is not installed here (no libjack): install jackd2 or PipeWire") from None
    jack.set_error_function(_say_nothing)
    jack.set_info_function(_say_nothing)
    return jack


def jack_is_running() -> bool:
    """Whether a JACK server answers (the one JACK_DEFAULT_SERVER names, where that is set)."""
    try:
        jack = jack_library()
        jack.Client(f"{CLIENT_NAME}-probe", no_start_server=True).close()
    except SetupError:
        return False
    except jack.JackOpenError:
        return False
    return True


def jack_port_names() -> PortNames:
    """The MIDI ports of other programs: inputs are those livevae can hear, outputs those it can play.

    Raises PortError where no server runs.
    """
    jack = jack_library()
    try:
        client = jack.Client(f"{CLIENT_NAME}-probe", no_start_server=True)
    except jack.JackOpenError:
        raise PortError("no JACK server is running") from None
    try:
        heard = tuple(port.name for port in client.get_ports(is_midi=True, is_output=True))
        played = tuple(port.name for port in client.get_ports(is_midi=True, is_input=True))
    finally:
        client.close()
    return PortNames("JACK", heard, played)


def _say_nothing(message: str) -> None:
    """Swallow a line that libjack would print."""
