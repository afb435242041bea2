"""Virtual and named ports of RtMidi, against a stand-in for the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from livevae.adapters.midi import rtmidi_library, rtmidi_port
from livevae.adapters.midi.port import ChordsIn
from livevae.adapters.midi.rtmidi_library import Heard, System
from livevae.adapters.midi.rtmidi_port import RtMidiPort
from livevae.errors import PortError, SetupError

NOTE_ON = b"\x90\x3c\x40"


class FakeEnd:
    """An input or an output, in the world of its system."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.opened = ""
        self.is_virtual = False
        self.closed = False
        self.heard: Heard | None = None
        self.sent: list[bytes] = []
        self.is_broken = False

    def port_names(self) -> list[str]:
        return list(self.world.names)

    def open_virtual(self, name: str) -> None:
        if self.world.is_busy:
            raise OSError("no more clients")
        self.opened, self.is_virtual = name, True

    def open_named(self, name: str) -> None:
        if self.world.is_busy:
            raise OSError("the device is busy")
        self.opened = name

    def listen(self, heard: Heard | None) -> None:
        self.heard = heard

    def send(self, message: bytes) -> None:
        if self.is_broken:
            raise OSError("the cable was pulled")
        self.sent.append(message)

    def close(self) -> None:
        self.closed = True
        self.world.closed.append("out" if self in self.world.outputs else "in")


class World:
    """The ports of other programs, and everything livevae made."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.inputs: list[FakeEnd] = []
        self.outputs: list[FakeEnd] = []
        self.closed: list[str] = []
        self.is_busy = False

    def new_input(self, system: System, client_name: str) -> FakeEnd:
        self.inputs.append(FakeEnd(self))
        return self.inputs[-1]

    def new_output(self, system: System, client_name: str) -> FakeEnd:
        self.outputs.append(FakeEnd(self))
        return self.outputs[-1]

    def open_ends(self, ends: Sequence[FakeEnd]) -> list[FakeEnd]:
        return [end for end in ends if end.opened and not end.closed]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(rtmidi_port, "new_input", world.new_input)
    monkeypatch.setattr(rtmidi_port, "new_output", world.new_output)
    return world


def opened(port: RtMidiPort) -> list[tuple[bytes, int]]:
    """Open the port on a clock that stands at 5; returns what it will hear."""
    heard: list[tuple[bytes, int]] = []
    port.open(lambda message, at_ns: heard.append((message, at_ns)), lambda until_ns: None, lambda: 5)
    return heard


def test_virtual_ports_appear_and_stamp_what_comes_in(world: World) -> None:
    port = RtMidiPort(System.ALSA)
    heard = opened(port)
    assert port.names().inputs == ("livevae:in",)
    [virtual] = world.open_ends(world.inputs)
    assert virtual.heard is not None
    virtual.heard([0xF8])
    assert heard == [(b"\xf8", 5)]
    assert port.send(NOTE_ON, 0) == 5
    assert NOTE_ON in [message for end in world.outputs for message in end.sent]


def test_chords_come_in_by_a_way_of_their_own(world: World) -> None:
    played: list[tuple[bytes, int]] = []
    chords = ChordsIn(lambda message, at_ns: played.append((message, at_ns)), "organ")
    port = RtMidiPort(System.ALSA, chords=chords)
    heard = opened(port)
    assert [name for name, _ in port.health().missing] == ["organ"]
    virtual = next(end for end in world.open_ends(world.inputs) if end.opened == "chords")
    assert virtual.heard is not None
    virtual.heard([0x90, 60, 64])
    world.names = ["organ 1"]
    port.mend()
    named = next(end for end in world.open_ends(world.inputs) if end.opened == "organ 1")
    assert named.heard is not None
    named.heard([0x80, 60, 0])
    assert played == [(b"\x90\x3c\x40", 5), (b"\x80\x3c\x00", 5)]
    assert heard == []


def test_on_a_mac_the_ports_have_the_programs_name(world: World) -> None:
    opened(RtMidiPort(System.COREMIDI))
    assert world.open_ends(world.inputs)[0].opened == "livevae"


def test_on_windows_existing_cables_are_used(world: World) -> None:
    world.names = ["livevae in", "livevae out", "Microsoft GS Wavetable Synth"]
    opened(RtMidiPort(System.WINMM))
    assert not any(end.is_virtual for end in world.inputs + world.outputs)
    assert [end.opened for end in world.open_ends(world.inputs)] == ["livevae in"]


def test_on_windows_missing_cables_are_asked_for(world: World) -> None:
    port = RtMidiPort(System.WINMM)
    opened(port)
    assert {name for name, _ in port.health().missing} >= {"livevae in", "livevae out"}


def test_a_named_port_that_goes_and_comes_is_opened_again(world: World) -> None:
    port = RtMidiPort(System.ALSA, in_name="Launchkey")
    opened(port)
    assert [name for name, _ in port.health().missing] == ["Launchkey"]
    world.names = ["Launchkey MIDI 1"]
    port.mend()
    assert port.health().missing == ()
    assert "Launchkey MIDI 1" in port.names().inputs
    world.names = []
    port.mend()
    assert [name for name, _ in port.health().missing] == ["Launchkey"]
    world.names = ["Launchkey MIDI 1"]
    port.mend()
    assert port.health().missing == ()


def test_it_never_connects_to_itself(world: World) -> None:
    world.names = ["livevae:in", "livevae:out"]
    port = RtMidiPort(System.ALSA, out_name="livevae")
    opened(port)
    assert [name for name, _ in port.health().missing] == ["livevae"]


def test_an_echo_of_what_was_sent_is_not_heard(world: World) -> None:
    world.names = ["cable"]
    port = RtMidiPort(System.WINMM, in_name="cable", out_name="cable")
    heard = opened(port)
    port.send(NOTE_ON, 0)
    [listening] = [end for end in world.open_ends(world.inputs) if end.heard is not None]
    assert listening.heard is not None
    listening.heard(list(NOTE_ON))
    assert heard == []
    listening.heard(list(NOTE_ON))
    assert heard == [(NOTE_ON, 5)]


def test_a_pulled_cable_is_counted_and_the_rest_plays_on(world: World) -> None:
    world.names = ["synth"]
    port = RtMidiPort(System.ALSA, out_name="synth")
    opened(port)
    outputs = {end.opened: end for end in world.open_ends(world.outputs)}
    outputs["synth"].is_broken = True
    port.send(NOTE_ON, 0)
    assert port.health().unsent == 1
    assert outputs["out"].sent == [NOTE_ON]


def test_a_port_that_is_busy_is_waited_for(world: World) -> None:
    world.names, world.is_busy = ["synth"], True
    port = RtMidiPort(System.WINMM, out_name="synth")
    opened(port)
    assert any("cannot be opened" in sentence for _, sentence in port.health().missing)
    world.is_busy = False
    port.mend()
    assert "synth" in port.names().outputs


def test_a_system_that_refuses_a_port_is_named(world: World) -> None:
    world.is_busy = True
    with pytest.raises(PortError, match="ALSA does not let livevae in: no more clients"):
        opened(RtMidiPort(System.ALSA))


def test_outputs_close_before_inputs(world: World) -> None:
    world.names = ["synth", "keys"]
    port = RtMidiPort(System.ALSA, in_name="keys", out_name="synth")
    opened(port)
    port.close()
    assert not world.open_ends(world.inputs)
    assert not world.open_ends(world.outputs)
    assert world.closed.index("in") >= 2


def test_either_binding_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    second = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.setitem(sys.modules, "rtmidi2", second)
    assert rtmidi_library.rtmidi_library() == (second, True)
    monkeypatch.setitem(sys.modules, "rtmidi2", None)
    with pytest.raises(SetupError, match="pip install"):
        rtmidi_library.rtmidi_library()


def test_a_system_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no sequencer")

    library = SimpleNamespace(MidiIn=refuse, MidiOut=refuse, API_LINUX_ALSA=2)
    monkeypatch.setattr(rtmidi_library, "rtmidi_library", lambda: (library, False))
    with pytest.raises(PortError, match="ALSA does not answer"):
        rtmidi_library.new_input(System.ALSA, "livevae")
    with pytest.raises(PortError, match="ALSA does not answer"):
        rtmidi_library.new_output(System.ALSA, "livevae")
