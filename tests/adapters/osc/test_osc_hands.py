"""Learning, slots and short addresses: what hands on a controller say and are told."""

from __future__ import annotations

import pytest

from livevae.adapters.osc.addresses import AddressTable
from livevae.adapters.osc.commands import Command, KeepFile
from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.packets import Argument, OscMessage, read_packet, write_message
from livevae.adapters.osc.told import Peer
from livevae.core.chord_symbols import parse_chord, parse_progression
from livevae.core.effects import BindingChanged, LearningChanged, ParameterChanged
from livevae.core.events import (
    Drop,
    Forget,
    Keep,
    Learn,
    PlayChord,
    Rename,
    SetParameter,
    Source,
    StopLearning,
    WriteChords,
)
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.errors import MessageError

TRIO = AddressTable(["melody", "drums"])
SOLO = AddressTable(["melody"])
HERE: Peer = ("127.0.0.1", 5001)
TABLET: Peer = ("192.168.1.9", 9001)
PERFORMANCE = Performance(
    "test",
    (PartSpec("melody", "m", "melody"), PartSpec("drums", "m", "drums")),
    (ModelInfo("m", 2, ("melody", "drums")),),
)


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("/livevae/learn", ("/livevae/melody/vary",), Learn("melody", "vary")),
        ("/livevae/learn", ("melody/vary",), Learn("melody", "vary")),
        ("/livevae/learn", ("tempo",), Learn(None, "tempo")),
        ("/livevae/learn", (), StopLearning()),
        ("/livevae/unlearn", ("/tempo",), Forget(None, "tempo")),
        ("/livevae/melody/slot/3/keep", (), Keep("melody", 3, Source.SOUNDING)),
        ("/livevae/melody/slot/3/keep", (1.0,), Keep("melody", 3, Source.SOUNDING)),
        ("/livevae/drums/slot/16/keep", ("played", "fill"), Keep("drums", 16, Source.PLAYED, "fill")),
        ("/livevae/drums/slot/1/drop", (1,), Drop("drums", 1)),
        ("/livevae/drums/slot/1/name", ("fill",), Rename("drums", 1, "fill")),
        ("/livevae/drums/slot/1/file", ("a.mid",), KeepFile("drums", 1, "a.mid", "")),
        ("/livevae/drums/slot/1/file", ("a.mid", "hook"), KeepFile("drums", 1, "a.mid", "hook")),
        ("/livevae/chord", ("Am7",), PlayChord(parse_chord("Am7"))),
        ("/livevae/chord", ("N.C.",), PlayChord(None)),
        ("/livevae/chord", (45, 60, 64.0), PlayChord(parse_chord("Am"))),
        ("/livevae/chords", ("| Am | F |",), WriteChords(parse_progression("| Am | F |"))),
        ("/livevae/chords", ("",), WriteChords(())),
        ("/melody/vary", (0.5,), SetParameter("melody", "vary", 0.5)),
        ("/tempo/value", (90.0,), SetParameter(None, "tempo", 90.0)),
    ],
)
def test_what_is_understood(address: str, arguments: tuple[Argument, ...], expected: Command) -> None:
    assert TRIO.read(OscMessage(address, arguments)) == (expected,)


@pytest.mark.parametrize(
    ("address", "arguments", "says"),
    [
        ("/livevae/chord", (), "Am7"),
        ("/livevae/chord", ("Hm",), "'Hm' is no chord"),
        ("/livevae/chord", (60, 128), "0 to 127"),
        ("/livevae/chord", (60, "C"), "0 to 127"),
        ("/livevae/chords", (), "bars of chords"),
        ("/livevae/chords", ("| Am | what |",), "bar 2"),
    ],
)
def test_chords_that_make_no_sense_are_refused(
    address: str, arguments: tuple[Argument, ...], says: str
) -> None:
    with pytest.raises(MessageError, match=says):
        TRIO.read(OscMessage(address, arguments))


def test_subscribers_are_told_which_chord_sounds() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(HERE,))
    told = [read_packet(data)[0] for _, data in desk.chord_changed("Am7")]
    assert told == [OscMessage("/livevae/harmony", ("Am7",))]
    assert desk.chord_changed("Am7") == []
    assert TRIO.read(told[0]) == ()  # coming back, it is no chord anybody plays


def test_a_part_that_plays_alone_need_not_be_named() -> None:
    assert SOLO.read(OscMessage("/vary", (0.5,))) == (SetParameter("melody", "vary", 0.5),)
    assert SOLO.read(OscMessage("/seed", (0.0,))) == (SetParameter(None, "seed", 0),)
    with pytest.raises(MessageError, match="no OSC address"):
        TRIO.read(OscMessage("/vary", (0.5,)))


def test_a_button_let_go_keeps_nothing() -> None:
    assert TRIO.read(OscMessage("/livevae/melody/slot/3/keep", (0.0,))) == ()
    assert TRIO.read(OscMessage("/livevae/melody/slot/3", (1.0, "hook"))) == ()  # a light coming back


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/livevae/learn", (0.5,), "the address of a parameter"),
        ("/livevae/learn", ("flute/vary",), "parts are melody, drums"),
        ("/livevae/learn", ("melody/sparkle",), "no parameter 'sparkle'"),
        ("/livevae/learn", ("tempo", 1), "the address of a parameter"),
        ("/livevae/unlearn", (), "the address of a parameter"),
        ("/livevae/melody/slot/17/keep", (), "there is no OSC address"),
        ("/livevae/melody/slot/3/keep", ("plaid",), "did you mean 'played'"),
        ("/livevae/melody/slot/3/keep", ("played", "x" * 65), "at most 64 characters"),
        ("/livevae/melody/slot/3/keep", ("played", "x", "y"), "a name"),
        ("/livevae/melody/slot/3/keep", (3.0,), "nothing, 1 or 0"),
        ("/livevae/melody/slot/3/file", (), "path of a MIDI file"),
        ("/livevae/melody/slot/3/file", (3.0,), "path of a MIDI file"),
        ("/livevae/melody/slot/3/file", ("x" * 2000,), "path of a MIDI file"),
    ],
)
def test_what_is_wrong_is_named(address: str, arguments: tuple[Argument, ...], words: str) -> None:
    with pytest.raises(MessageError, match=words):
        TRIO.read(OscMessage(address, arguments))


def decoded(replies: list[tuple[Peer, bytes]]) -> list[tuple[Peer, OscMessage]]:
    return [(peer, message) for peer, data in replies for message in read_packet(data)]


def test_subscribers_are_told_of_controls_and_later_comers_too() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(TABLET,))
    waits = decoded(desk.learning_changed(LearningChanged(0, "melody", "vary", True)))
    assert waits == [(TABLET, OscMessage("/livevae/learning", ("/livevae/melody/vary", 1)))]
    bound = OscMessage("/livevae/binding", ("/livevae/melody/vary", "channel 1 cc 21"))
    told = decoded(desk.binding_changed(BindingChanged(0, "melody", "vary", "channel 1 cc 21")))
    assert told == [(TABLET, bound)]

    def state() -> list[OscMessage]:
        replies = desk.receive(write_message("/livevae/state"), HERE, 0).replies
        return [message for _, message in decoded(replies)]

    assert bound in state()
    desk.binding_changed(BindingChanged(0, "melody", "vary", None))
    assert not any(message.address == "/livevae/binding" for message in state())


def test_who_uses_a_short_address_is_told_there_too() -> None:
    desk = OscDesk(PERFORMANCE)
    desk.receive(write_message("/melody/vary", 0.5), TABLET, 0)
    echo = decoded(desk.parameter_changed(ParameterChanged(0, "melody", "vary", 0.5)))
    assert (TABLET, OscMessage("/melody/vary", (0.5,))) in echo


def test_who_moves_a_pad_is_told_there_too() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(TABLET,))
    desk.receive(write_message("/livevae/melody/pad", 0.25, 0.75), TABLET, 0)
    desk.parameter_changed(ParameterChanged(0, "melody", "pad_x", 0.25))
    echo = decoded(desk.parameter_changed(ParameterChanged(0, "melody", "pad_y", 0.75)))
    assert (TABLET, OscMessage("/livevae/melody/pad", (0.25, 0.75))) in echo


def test_files_are_kept_only_for_programs_on_this_computer() -> None:
    desk = OscDesk(PERFORMANCE)
    asked = write_message("/livevae/drums/slot/2/file", "fill.mid")
    assert desk.receive(asked, HERE, 0).files == [KeepFile("drums", 2, "fill.mid", "")]
    refused = desk.receive(asked, TABLET, 0)
    assert refused.files == []
    assert "only for programs on this computer" in refused.complaint


@pytest.mark.parametrize(
    ("address", "arguments", "event"),
    [
        ("/1/fader1", (0.5,), SetParameter("melody", "vary", 0.5)),
        ("/2/fader3", (1.0,), SetParameter("drums", "level", 2.0)),
        ("/2/rotary2", (0.5,), SetParameter("drums", "temperature", 1.0)),
        ("/fader4", (0.25,), SetParameter("melody", "accent", 0.25)),
        ("/1/toggle1", (1.0,), SetParameter("melody", "mute", True)),
        ("/2/push1", (1.0,), SetParameter("drums", "reroll", True)),
    ],
)
def test_controls_of_touchosc_that_nobody_renamed_turn_something(
    address: str, arguments: tuple[Argument, ...], event: SetParameter
) -> None:
    assert TRIO.read(OscMessage(address, arguments)) == (event,)


def test_an_unnamed_pad_is_told_where_the_pad_is() -> None:
    desk = OscDesk(PERFORMANCE)
    outcome = desk.receive(write_message("/2/xy", 0.25, 1.0), TABLET, 0)
    assert outcome.events == [SetParameter("drums", "pad_x", 0.25), SetParameter("drums", "pad_y", 1.0)]
    told = desk.parameter_changed(ParameterChanged(0, "drums", "pad_x", 0.25))
    heard = [message for peer, data in told if peer == TABLET for message in read_packet(data)]
    assert OscMessage("/2/xy", (0.25, 0.5)) in heard
