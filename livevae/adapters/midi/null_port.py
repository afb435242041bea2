"""The port of a machine without any MIDI system: nobody hears it, and time goes on."""

from __future__ import annotations

from livevae.adapters.clock import Now
from livevae.adapters.midi.port import Cycle, PortHealth, PortNames, Receive


class NullPort:
    """Sends into silence and never receives.

    Thread-safe: yes. Real-time-safe: yes.
    """

    drives = False

    def __init__(self) -> None:
        self._now: Now | None = None

    def open(self, receive: Receive, cycle: Cycle, now: Now) -> None:
        """Remember the clock; ``receive`` and ``cycle`` are never called."""
        self._now = now

    def names(self) -> PortNames:
        """No names: nothing exists."""
        return PortNames("no MIDI system")

    def now_ns(self) -> int:
        """The time of the clock it was given."""
        if self._now is None:
            raise RuntimeError("the port is not open")
        return self._now()

    def send(self, message: bytes, at_ns: int) -> int:
        """Let the message go."""
        return self.now_ns()

    def feed_back(self, message: bytes) -> None:
        """Let the message go."""

    def mend(self) -> None:
        """Nothing can come back."""

    def health(self) -> PortHealth:
        """Always well."""
        return PortHealth()

    def close(self) -> None:
        """Nothing to close."""
