"""python-rtmidi and rtmidi2, made to look alike.

Both bind the same C++ library, RtMidi. python-rtmidi publishes no wheels past CPython 3.12, rtmidi2 does.
Only what livevae uses is here: names, opening, one callback of bytes, sending bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol

from livevae.errors import PortError, SetupError

Heard = Callable[[Sequence[int]], None]
"""Gets the bytes of one message, in the driver's thread."""


class System(Enum):
    """The MIDI systems RtMidi knows, by the name of the constant in both bindings."""

    ALSA = "API_LINUX_ALSA"
    COREMIDI = "API_MACOSX_CORE"
    WINMM = "API_WINDOWS_MM"
    JACK = "API_UNIX_JACK"

    @property
    def label(self) -> str:
        """The name people use."""
        return {"COREMIDI": "CoreMIDI", "WINMM": "Windows MIDI"}.get(self.name, self.name)

    @property
    def has_virtual_ports(self) -> bool:
        """Whether programs can bring ports of their own into being."""
        return self is not System.WINMM


class Input(Protocol):
    """An RtMidi input."""

    def port_names(self) -> list[str]:
        """Ports it could listen to."""

    def open_virtual(self, name: str) -> None:
        """Appear as a port that others send to."""

    def open_named(self, name: str) -> None:
        """Listen to an existing port, by its whole name."""

    def listen(self, heard: Heard | None) -> None:
        """Call ``heard`` for each message; None stops."""

    def close(self) -> None:
        """Go away."""


class Output(Protocol):
    """An RtMidi output."""

    def port_names(self) -> list[str]:
        """Ports it could send to."""

    def open_virtual(self, name: str) -> None:
        """Appear as a port that others listen to."""

    def open_named(self, name: str) -> None:
        """Send to an existing port, by its whole name."""

    def send(self, message: bytes) -> None:
        """Send one message at once."""

    def close(self) -> None:
        """Go away."""


class _PythonRtMidiEnd:
    """What inputs and outputs of python-rtmidi share."""

    def __init__(self, end: Any) -> None:
        self._end = end

    def port_names(self) -> list[str]:
        return list(self._end.get_ports())

    def open_virtual(self, name: str) -> None:
        self._end.open_virtual_port(name)

    def open_named(self, name: str) -> None:
        self._end.open_port(_index_of(name, self.port_names()), name="livevae")

    def close(self) -> None:
        self._end.close_port()
        self._end.delete()


class _PythonRtMidiInput(_PythonRtMidiEnd):
    def listen(self, heard: Heard | None) -> None:
        if heard is None:
            self._end.cancel_callback()
        else:
            self._end.ignore_types(sysex=True, timing=False, active_sense=True)
            self._end.set_callback(_first_of_event, heard)

    def close(self) -> None:
        self._end.cancel_callback()  # closing while it runs has been seen to lock up
        super().close()


class _PythonRtMidiOutput(_PythonRtMidiEnd):
    def send(self, message: bytes) -> None:
        self._end.send_message(message)


class _RtMidi2End:
    """What inputs and outputs of rtmidi2 share."""

    def __init__(self, end: Any) -> None:
        self._end = end

    def port_names(self) -> list[str]:
        return list(self._end.ports)

    def open_virtual(self, name: str) -> None:
        self._end.open_virtual_port(name)

    def open_named(self, name: str) -> None:
        # by index: rtmidi2 reads a name as a pattern
        self._end.open_port(_index_of(name, self.port_names()))

    def close(self) -> None:
        self._end.close_port()


class _RtMidi2Input(_RtMidi2End):
    def listen(self, heard: Heard | None) -> None:
        if heard is None:
            self._end.callback = None
        else:
            self._end.ignore_types(midi_sysex=True, midi_time=False, midi_sense=True)
            self._end.callback = lambda message, _delta_s: heard(message)

    def close(self) -> None:
        self._end.callback = None
        super().close()


class _RtMidi2Output(_RtMidi2End):
    def send(self, message: bytes) -> None:
        self._end.send_raw(*message)


def _first_of_event(event: tuple[Sequence[int], float], heard: Heard) -> None:
    heard(event[0])


def _index_of(name: str, names: list[str]) -> int:
    try:
        return names.index(name)
    except ValueError:
        raise PortError(f"the MIDI port {name!r} has just gone away") from None


def new_input(system: System, client_name: str) -> Input:
    """An input of ``system`` that is not open yet. Raises SetupError or PortError."""
    library, is_second = rtmidi_library()
    try:
        if is_second:
            return _RtMidi2Input(library.MidiIn(client_name, api=getattr(library, system.value)))
        return _PythonRtMidiInput(library.MidiIn(getattr(library, system.value), client_name))
    except Exception as error:  # each library has its own types; all mean the system does not answer
        raise PortError(f"{system.label} does not answer: {error}") from None


def new_output(system: System, client_name: str) -> Output:
    """An output of ``system`` that is not open yet. Raises SetupError or PortError."""
    library, is_second = rtmidi_library()
    try:
        if is_second:
            return _RtMidi2Output(library.MidiOut(client_name, getattr(library, system.value)))
        return _PythonRtMidiOutput(library.MidiOut(getattr(library, system.value), client_name))
    except Exception as error:  # as above
        raise PortError(f"{system.label} does not answer: {error}") from None


def rtmidi_library() -> tuple[Any, bool]:
    """The binding for this Python, and whether it is rtmidi2.

    Raises SetupError where neither is installed or the system library it needs is missing.
    """
    try:
        import rtmidi

        return rtmidi, False
    except ModuleNotFoundError:
        pass
    except ImportError as error:
        raise SetupError(
            f"python-rtmidi cannot load: {error}. On Linux: apt-get install libasound2"
        ) from None
    try:
        import rtmidi2

        return rtmidi2, True
    except ModuleNotFoundError:
        wanted = "rtmidi2" if sys.version_info >= (3, 13) else "python-rtmidi"
        raise SetupError(f"MIDI ports need one more package: pip install {wanted}") from None
    except ImportError as error:
        raise SetupError(f"rtmidi2 cannot load: {error}. On Linux: apt-get install libasound2") from None
