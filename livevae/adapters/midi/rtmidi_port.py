"""MIDI through RtMidi: ALSA on Linux, CoreMIDI on macOS, WinMM on Windows.

The callback stamps and hands over, nothing else: RtMidi's own times are dropped because on macOS they
repeat inside one packet. Messages go out at once, so whoever sends must wake up on time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from livevae.adapters.clock import Now
from livevae.adapters.midi.echo import EchoFilter
from livevae.adapters.midi.port import (
    CLIENT_NAME,
    ChordsIn,
    Cycle,
    PortHealth,
    PortNames,
    Receive,
    find_port,
)
from livevae.adapters.midi.rtmidi_library import Input, Output, System, new_input, new_output
from livevae.errors import PortError

_CLOSING_LIMIT_S = 2.0  # closing an input inside its own callback has been seen to lock up for ever


class RtMidiPort:
    """Ports named livevae where the system has virtual ones, and named ports of others.

    in_name, out_name, controls_name: existing ports to listen to, to play on and to feed back to: besides
        the virtual ones, or, on Windows, which has none, instead of them (there, by default, loopMIDI cables
        called ``livevae in`` and ``livevae out``, and no feedback). chords: a port for chords too.
    """

    drives = False

    def __init__(
        self,
        system: System,
        in_name: str | None = None,
        out_name: str | None = None,
        client_name: str = CLIENT_NAME,
        controls_name: str | None = None,
        chords: ChordsIn | None = None,
    ) -> None:
        if not system.has_virtual_ports:
            in_name = in_name or f"{client_name} in"
            out_name = out_name or f"{client_name} out"
        self._system = system
        self._client_name = client_name
        self._virtual_in: Input | None = None
        self._virtual_out: Output | None = None
        self._named_in: _Named[Input] | None = None
        self._named_out: _Named[Output] | None = None
        self._virtual_controls: Output | None = None
        self._named_controls: _Named[Output] | None = None
        self._virtual_chords: Input | None = None
        self._named_chords: _Named[Input] | None = None
        self._chords = chords
        self._wanted_in, self._wanted_out, self._wanted_controls = in_name, out_name, controls_name
        # where the same cable is heard and played, it brings back what was sent
        self._echo = EchoFilter() if in_name and out_name else None
        self._missing: tuple[tuple[str, str], ...] = ()
        self._unsent = 0

    def open(self, receive: Receive, cycle: Cycle, now: Now) -> None:
        """Appear, and connect with the named ports that are there. See ``Port.open``."""
        self._receive, self._now = receive, now
        if self._system.has_virtual_ports:
            try:
                self._appear()
            except PortError:
                raise
            except Exception as error:  # each binding raises its own types
                raise PortError(f"{self._system.label} does not let livevae in: {error}") from None
        if self._wanted_in is not None:
            self._named_in = _Named(self._wanted_in, self._new_input, self._client_name)
        if self._wanted_out is not None:
            self._named_out = _Named(self._wanted_out, self._new_output, self._client_name)
        if self._wanted_controls is not None:
            self._named_controls = _Named(self._wanted_controls, self._new_output, self._client_name)
        if self._chords is not None and self._chords.name is not None:
            self._named_chords = _Named(self._chords.name, self._new_chords_input, self._client_name)
        self.mend()

    def _appear(self) -> None:
        # CoreMIDI shows a port by its own name alone, the others by the program's name before it
        same = self._system is System.COREMIDI
        self._virtual_out = self._new_output()
        self._virtual_out.open_virtual(self._client_name if same else "out")
        self._virtual_controls = self._new_output()
        self._virtual_controls.open_virtual(f"{self._client_name} controls" if same else "controls")
        if self._chords is not None:
            self._virtual_chords = self._new_chords_input()
            self._virtual_chords.open_virtual(f"{self._client_name} chords" if same else "chords")
        self._virtual_in = self._new_input()
        self._virtual_in.open_virtual(self._client_name if same else "in")

    def names(self) -> PortNames:
        """The virtual ports, then the named ones that are connected."""
        inputs = [f"{self._client_name}:in"] if self._virtual_in else []
        outputs = [f"{self._client_name}:out"] if self._virtual_out else []
        for named in (self._named_in, self._named_chords):
            if named and named.found:
                inputs.append(named.found)
        if self._named_out and self._named_out.found:
            outputs.append(self._named_out.found)
        return PortNames(self._system.label, tuple(inputs), tuple(outputs))

    def now_ns(self) -> int:
        """The time of the clock it was given."""
        return self._now()

    def send(self, message: bytes, at_ns: int) -> int:
        """Send at once, to the virtual port and the named one."""
        self._send(message, self._virtual_out, self._named_out)
        sent_ns = self._now()
        if self._echo:
            self._echo.sent(message, sent_ns)
        return sent_ns

    def feed_back(self, message: bytes) -> None:
        """Send at once, to the virtual controls port and the named one."""
        self._send(message, self._virtual_controls, self._named_controls)

    def _send(self, message: bytes, virtual: Output | None, named: _Named[Output] | None) -> None:
        for output in (virtual, named.end if named else None):
            if output is None:
                continue
            try:
                output.send(message)
            except Exception:  # each binding raises its own types when a cable was pulled
                self._unsent += 1

    def mend(self) -> None:
        """Notice named ports that went away or came back. Takes up to a millisecond."""
        ends = (self._named_in, self._named_out, self._named_controls, self._named_chords)
        found = [(end.wanted, end.mend()) for end in ends if end]
        self._missing = tuple((wanted, problem) for wanted, problem in found if problem)

    def health(self) -> PortHealth:
        """RtMidi reports no dropouts."""
        return PortHealth(unsent=self._unsent, missing=self._missing)

    def close(self) -> None:
        """Close outputs first, then inputs without their callbacks, within a time limit."""
        outputs = [self._virtual_out, self._named_out, self._virtual_controls, self._named_controls]
        ends = [*outputs, self._virtual_in, self._named_in, self._virtual_chords, self._named_chords]
        self._virtual_out = self._virtual_controls = self._virtual_in = self._virtual_chords = None
        closing = threading.Thread(target=_close_all, args=(ends,), daemon=True)
        closing.start()
        closing.join(_CLOSING_LIMIT_S)

    def _heard(self, message: Sequence[int]) -> None:
        at_ns = self._now()
        data = bytes(message)
        if self._echo and self._echo.is_echo(data, at_ns):
            return
        self._receive(data, at_ns)

    def _new_input(self) -> Input:
        end = new_input(self._system, self._client_name)
        end.listen(self._heard)
        return end

    def _new_chords_input(self) -> Input:
        end = new_input(self._system, self._client_name)
        end.listen(self._heard_chords)
        return end

    def _heard_chords(self, message: Sequence[int]) -> None:
        if self._chords is not None:
            self._chords.receive(bytes(message), self._now())

    def _new_output(self) -> Output:
        return new_output(self._system, self._client_name)


End = TypeVar("End", Input, Output)


class _Named(Generic[End]):
    """Someone else's port that livevae holds on to while it is there.

    own: the name livevae goes by, whose ports it never connects to itself.
    end: the open end, or None. found: the whole name it was found under.
    """

    def __init__(self, wanted: str, make: Callable[[], End], own: str) -> None:
        self.wanted = wanted
        self.end: End | None = None
        self.found = ""
        self._make: Callable[[], End] = make
        self._own = own
        self._spare: End = make()  # looks for names while nothing is open

    def mend(self) -> str:
        """Open or let go, as the port is there or not. A sentence if it is not."""
        existing = [name for name in self._spare.port_names() if not name.startswith(f"{self._own}:")]
        if self.end is not None and self.found not in existing:
            self.let_go()
        if self.end is not None:
            return ""
        try:
            self.found = find_port(self.wanted, existing)
            end = self._make()
            end.open_named(self.found)
            self.end = end
        except PortError as error:
            self.found = ""
            return str(error)
        except Exception as error:  # busy in another program, or gone this moment; each binding's own types
            self.found = ""
            return f"the MIDI port {self.wanted!r} cannot be opened: {error}"
        return ""

    def let_go(self) -> None:
        """Close the port, but go on looking for it."""
        end, self.end = self.end, None
        if end is not None:
            end.close()

    def close(self) -> None:
        """Close the port for good."""
        self.let_go()
        self._spare.close()


def _close_all(ends: Sequence[Input | Output | _Named[Input] | _Named[Output] | None]) -> None:
    for end in ends:
        if end is not None:
            end.close()
