"""Which MIDI system to use on this computer, and what is there to connect to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from livevae.adapters.midi.null_port import NullPort
from livevae.adapters.midi.port import CLIENT_NAME, ChordsIn, Port, PortNames
from livevae.errors import PortError, SetupError

BACKENDS = ("auto", "jack", "alsa", "coremidi", "winmm", "none")

_ALSA_SEQUENCER = Path("/dev/snd/seq")


def choose_backend(wanted: str = "auto") -> str:
    """The backend that ``wanted`` means here; ``auto`` takes the best that is there, at worst ``none``.

    On Linux that is JACK where a server runs, because it is exact, else ALSA.
    Raises PortError for a name that is not in ``BACKENDS``.
    """
    if wanted not in BACKENDS:
        raise PortError(f"there is no MIDI backend {wanted!r}: choose one of {', '.join(BACKENDS)}")
    if wanted != "auto":
        return wanted
    if sys.platform == "darwin":
        return "coremidi"
    if sys.platform == "win32":
        return "winmm"
    from livevae.adapters.midi.jack_port import jack_is_running

    if jack_is_running():
        return "jack"
    return "alsa" if os.access(_ALSA_SEQUENCER, os.R_OK | os.W_OK) else "none"


def make_port(
    backend: str,
    in_name: str | None = None,
    out_name: str | None = None,
    client_name: str = CLIENT_NAME,
    controls_name: str | None = None,
    chords: ChordsIn | None = None,
) -> Port:
    """A port of ``backend`` (any of ``BACKENDS`` but auto) that is not open yet.

    in_name, out_name, controls_name: ports of others to connect with. chords: listen for chords too.
    """
    if backend == "none":
        return NullPort()
    if backend == "jack":
        from livevae.adapters.midi.jack_port import JackPort

        return JackPort(in_name, out_name, client_name, controls_name, chords)
    from livevae.adapters.midi.rtmidi_library import System
    from livevae.adapters.midi.rtmidi_port import RtMidiPort

    return RtMidiPort(System[backend.upper()], in_name, out_name, client_name, controls_name, chords)


def list_ports(backend: str) -> PortNames:
    """The MIDI ports of other programs: inputs are those livevae can hear, outputs those it can play.

    backend: any of ``BACKENDS`` but auto. Raises PortError or SetupError where the system is missing.
    """
    if backend == "none":
        return PortNames("no MIDI system")
    if backend == "jack":
        from livevae.adapters.midi.jack_port import jack_port_names

        return jack_port_names()
    from livevae.adapters.midi.rtmidi_library import System, new_input, new_output

    system = System[backend.upper()]
    listener, sender = new_input(system, CLIENT_NAME), new_output(system, CLIENT_NAME)
    try:
        return PortNames(system.label, tuple(listener.port_names()), tuple(sender.port_names()))
    finally:
        sender.close()
        listener.close()


def why_no_midi() -> str:
    """One sentence on why ``auto`` found no MIDI system here, and what would bring one."""
    if sys.platform != "linux":
        return "This computer's MIDI system does not answer."
    try:
        from livevae.adapters.midi.jack_port import jack_library

        jack_library()
    except SetupError as error:
        return f"No MIDI system: there is no {_ALSA_SEQUENCER}, and {error}."
    return (
        f"No MIDI system: there is no {_ALSA_SEQUENCER} (load the kernel module snd-seq) "
        "and no JACK server is running."
    )
