"""Every message of the table, every way of getting it wrong, and noise."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livevae.adapters.midi_bytes import (
    CHANNEL_MESSAGES,
    SYSTEM_MESSAGES,
    MessageKind,
    event_of,
    feedback_messages,
    message_of,
    messages_in,
)
from livevae.core.effects import SendFeedback, SendNoteOff, SendNoteOn, SendProgram
from livevae.core.events import (
    ClockContinue,
    ClockPulse,
    ClockStart,
    ClockStop,
    ControlChange,
    NoteOff,
    NoteOn,
    SongPosition,
)
from livevae.core.midi_control import Control, ControlKind
from livevae.errors import MessageError

KINDS = [*CHANNEL_MESSAGES.items(), *SYSTEM_MESSAGES.items()]
channels = st.integers(1, 16)
pitches = st.integers(0, 127)
velocities = st.integers(1, 127)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ("f8", ClockPulse()),
        ("fa", ClockStart()),
        ("fb", ClockContinue()),
        ("fc", ClockStop()),
        ("f2 00 00", SongPosition(0)),
        ("f2 10 01", SongPosition(144)),
        ("f2 7f 7f", SongPosition(16383)),
        ("90 3c 40", NoteOn(1, 60, 64)),
        ("9f 7f 7f", NoteOn(16, 127, 127)),
        ("93 3c 00", NoteOff(4, 60)),
        ("89 24 40", NoteOff(10, 36)),
        ("b0 15 7f", ControlChange(1, 21, 127)),
        ("bf 77 00", ControlChange(16, 119, 0)),
    ],
)
def test_what_messages_mean(message: str, event: object) -> None:
    assert event_of(bytes.fromhex(message)) == event


@pytest.mark.parametrize(
    "message",
    [
        "b0 7b 00",
        "c0 05",
        "d0 40",
        "e0 00 40",
        "a0 3c 10",
        "fe",
        "ff",
        "f6",
        "f1 12",
        "f3 02",
        "f0 7e 09 01 f7",
        "f0",
    ],
)
def test_what_livevae_has_no_use_for(message: str) -> None:
    assert event_of(bytes.fromhex(message)) is None


@pytest.mark.parametrize(("status", "kind"), KINDS, ids=[kind.name for _, kind in KINDS])
def test_lengths_are_checked(status: int, kind: MessageKind) -> None:
    for length in range(1, 200):
        message = bytes((status,)) + bytes(length - 1)
        if kind.length in (0, length):
            event_of(message)
            continue
        with pytest.raises(MessageError, match=f"{kind.name} is too (short|long)"):
            event_of(message)


@pytest.mark.parametrize(("status", "kind"), KINDS, ids=[kind.name for _, kind in KINDS])
def test_data_bytes_are_checked(status: int, kind: MessageKind) -> None:
    for place in range(1, kind.length):
        message = bytearray((status, *[0] * (kind.length - 1)))
        message[place] = 0x80
        with pytest.raises(MessageError, match=f"{kind.name} holds a data byte above 127"):
            event_of(bytes(message))


@pytest.mark.parametrize(
    ("message", "fault"),
    [("", "empty"), ("3c 40", "data byte"), ("f4", "0xf4"), ("f9", "0xf9"), ("fd 00", "0xfd")],
)
def test_what_is_no_message(message: str, fault: str) -> None:
    with pytest.raises(MessageError, match=fault):
        event_of(bytes.fromhex(message))


@given(st.binary(max_size=300))
@example(bytes((0x90,)) + bytes(113))  # Hydrogen once sent a note-on of this length
def test_noise_is_an_event_nothing_or_a_message_error(message: bytes) -> None:
    try:
        event = event_of(message)
    except MessageError:
        return
    if isinstance(event, NoteOn):
        assert 1 <= event.channel <= 16
        assert 0 <= event.pitch <= 127
        assert 1 <= event.velocity <= 127
    elif isinstance(event, NoteOff):
        assert 1 <= event.channel <= 16
        assert 0 <= event.pitch <= 127
    elif isinstance(event, SongPosition):
        assert 0 <= event.sixteenths <= 16383


def test_messages_that_come_as_one_are_taken_apart() -> None:
    packed = bytes.fromhex("b0 07 2b b0 27 58 f8 92 24 7f c1 05")
    assert [message.hex(" ") for message in messages_in(packed)] == [
        "b0 07 2b",
        "b0 27 58",
        "f8",
        "92 24 7f",
        "c1 05",
    ]


@given(st.binary(max_size=40))
def test_nothing_is_lost_or_made_up_in_taking_apart(data: bytes) -> None:
    messages = messages_in(data)
    assert b"".join(messages) == data
    if len(messages) > 1:
        for message in messages:
            event_of(message)  # each is one that can be read


def test_a_message_that_only_claims_to_be_long_stays_one() -> None:
    note = bytes.fromhex("90 40 7f") + bytes(111)
    assert messages_in(note) == (note,)


def test_the_faults_have_few_different_words() -> None:
    """So that whoever shows each sentence once is not flooded by a port gone mad."""
    sentences = set()
    for status in range(256):
        for length in range(1, 12):
            for filler in (0x00, 0xFF):
                try:
                    event_of(bytes((status,)) + bytes((filler,)) * (length - 1))
                except MessageError as refusal:
                    sentences.add(str(refusal))
    assert len(sentences) < 64
    assert max(map(len, sentences)) < 100


@given(channels, pitches)
def test_a_program_change_is_two_bytes(channel: int, program: int) -> None:
    assert message_of(SendProgram(0, channel, program)) == bytes((0xC0 + channel - 1, program))


@given(channels, pitches, velocities)
def test_notes_come_back_as_they_were_sent(channel: int, pitch: int, velocity: int) -> None:
    assert event_of(message_of(SendNoteOn(0, channel, pitch, velocity))) == NoteOn(channel, pitch, velocity)
    assert event_of(message_of(SendNoteOff(0, channel, pitch))) == NoteOff(channel, pitch)


@pytest.mark.parametrize(
    ("kind", "number", "value", "messages"),
    [
        (ControlKind.KNOB, 21, 64, ["b2 15 40"]),
        (ControlKind.BUTTON, 64, 127, ["b2 40 7f"]),
        (ControlKind.FINE, 7, 300, ["b2 07 02", "b2 27 2c"]),
        (ControlKind.NRPN, 1234, 300, ["b2 63 09", "b2 62 52", "b2 06 02", "b2 26 2c"]),
        (ControlKind.KEY, 36, 127, ["92 24 7f"]),
        (ControlKind.KEY, 36, 0, ["92 24 00"]),
    ],
)
def test_what_controllers_are_told(kind: ControlKind, number: int, value: int, messages: list[str]) -> None:
    told = feedback_messages(SendFeedback(0, Control(kind, 3, number), value))
    assert [message.hex(" ") for message in told] == messages
