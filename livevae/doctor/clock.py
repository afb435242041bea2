"""Whether a MIDI clock arrives, from whom, and how fast."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from livevae.adapters.midi.choose import make_port
from livevae.adapters.midi.port import Port
from livevae.doctor.findings import Finding, fine, warning
from livevae.doctor.midi import NAME
from livevae.errors import LivevaeError
from livevae.units import NS_PER_MINUTE, PULSES_PER_BEAT

MAX_PORTS = 8  # each takes a connection for the moment of listening
_PULSE = b"\xf8"
_SUBJECT = "clock"


class PulseCounter:
    """Counts the clock pulses that come in at one port. Thread-safe enough: one thread writes."""

    def __init__(self) -> None:
        self._times_ns: list[int] = []

    def receive(self, message: bytes, at_ns: int) -> None:
        """Take a message as a port delivers it."""
        if message == _PULSE:
            self._times_ns.append(at_ns)

    @property
    def pulses(self) -> int:
        """How many came."""
        return len(self._times_ns)

    def tempo_bpm(self) -> float | None:
        """The tempo they make; None if there are too few to tell."""
        times = self._times_ns
        if len(times) < 3 or times[-1] <= times[0]:
            return None
        return NS_PER_MINUTE * (len(times) - 1) / (PULSES_PER_BEAT * (times[-1] - times[0]))


def wait(seconds: float) -> None:
    """Let time pass while the ports listen."""
    threading.Event().wait(seconds)


def examine_clock(
    backend: str,
    inputs: Sequence[str],
    listen_s: float,
    make: Callable[[str, str | None, str | None, str], Port] = make_port,
    wait: Callable[[float], None] = wait,
) -> Iterator[Finding]:
    """Listen for ``listen_s`` seconds at the ports called ``inputs``, all at once."""
    import time

    counters = {name: PulseCounter() for name in inputs[:MAX_PORTS]}
    ports: list[Port] = []
    try:
        for name, counter in counters.items():
            port = make(backend, name, None, NAME)
            try:
                port.open(counter.receive, lambda until_ns: None, time.perf_counter_ns)
            except LivevaeError as error:
                yield warning(
                    _SUBJECT, f"{name} cannot be listened to: {error}.", "Quit programs that hold it."
                )
                continue
            ports.append(port)
        if ports:
            wait(listen_s)
    finally:
        for port in ports:
            port.close()
    ticking = {name: counter for name, counter in counters.items() if counter.pulses}
    for name, counter in ticking.items():
        tempo_bpm = counter.tempo_bpm()
        at_tempo = f" at {tempo_bpm:.1f} BPM" if tempo_bpm else ""
        yield fine(_SUBJECT, f"a MIDI clock comes from {name}{at_tempo}")
    if not ticking:
        yield warning(
            _SUBJECT,
            f"No MIDI clock arrived in {listen_s:g} seconds; livevae would play on its own.",
            "In the DAW turn on MIDI clock (sync) output to livevae, and press play; "
            "some send a clock only while they play.",
        )
