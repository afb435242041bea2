"""MIDI messages as bytes, and what they mean: one table.

A driver hands over one message at a time, or several whole ones, with their status bytes (no running
status), and cannot be trusted with more than that: messages have come cut short, and one note-on claimed 114
bytes. So the length is checked against the table before a single byte is believed. What livevae has no use
for (pitch bend, system exclusive, active sensing ...) is nothing; what is no MIDI message is a MessageError.

Source: MIDI 1.0 Detailed Specification, tables I (status bytes) and V-VII (system messages).

Thread-safe and real-time-safe: pure functions of their arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livevae.core.effects import SendFeedback, SendNoteOff, SendNoteOn, SendProgram
from livevae.core.events import (
    ClockContinue,
    ClockPulse,
    ClockStart,
    ClockStop,
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    SongPosition,
)
from livevae.core.midi_control import (
    LAST_CONTROL,
    LOW_HALF,
    NRPN_HIGH,
    NRPN_LOW,
    VALUE_HIGH,
    VALUE_LOW,
    ControlKind,
)
from livevae.errors import MessageError

_LONGEST = 3  # bytes of any message but system exclusive
_NOTE_OFF, _NOTE_ON, _CONTROL_CHANGE, _PROGRAM_CHANGE = 0x80, 0x90, 0xB0, 0xC0


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One row of the table.

    name: in words. length: bytes with the status, 0 where any length is right.
    event: from the whole message, of the right length and with data bytes below 128; None: not used.
    """

    name: str
    length: int
    event: Callable[[bytes], Event | None] | None = None


def _note_on(message: bytes) -> Event:
    channel = (message[0] & 0x0F) + 1
    if message[2] == 0:  # how most keyboards say note off
        return NoteOff(channel, message[1])
    return NoteOn(channel, message[1], message[2])


def _note_off(message: bytes) -> Event:
    return NoteOff((message[0] & 0x0F) + 1, message[1])


def _control_change(message: bytes) -> Event | None:
    if message[1] > LAST_CONTROL:
        return None  # channel mode messages: all notes off, local control ...
    return ControlChange((message[0] & 0x0F) + 1, message[1], message[2])


def _song_position(message: bytes) -> Event:
    return SongPosition(message[1] | message[2] << 7)


def _always(event: Event) -> Callable[[bytes], Event]:
    return lambda message: event


CHANNEL_MESSAGES: dict[int, MessageKind] = {  # by the high four bits of the status
    _NOTE_OFF: MessageKind("note off", 3, _note_off),
    _NOTE_ON: MessageKind("note on", 3, _note_on),
    0xA0: MessageKind("key pressure", 3),
    _CONTROL_CHANGE: MessageKind("control change", 3, _control_change),
    _PROGRAM_CHANGE: MessageKind("program change", 2),
    0xD0: MessageKind("channel pressure", 2),
    0xE0: MessageKind("pitch bend", 3),
}
SYSTEM_MESSAGES: dict[int, MessageKind] = {
    0xF0: MessageKind("system exclusive", 0),
    0xF1: MessageKind("time code", 2),
    0xF2: MessageKind("song position", 3, _song_position),
    0xF3: MessageKind("song select", 2),
    0xF6: MessageKind("tune request", 1),
    0xF7: MessageKind("end of system exclusive", 0),  # a driver may hand long ones over in pieces
    0xF8: MessageKind("clock", 1, _always(ClockPulse())),
    0xFA: MessageKind("start", 1, _always(ClockStart())),
    0xFB: MessageKind("continue", 1, _always(ClockContinue())),
    0xFC: MessageKind("stop", 1, _always(ClockStop())),
    0xFE: MessageKind("active sensing", 1),
    0xFF: MessageKind("system reset", 1),
}

# every status byte there is; None: no status, or one the specification leaves undefined
_KINDS: tuple[MessageKind | None, ...] = tuple(
    CHANNEL_MESSAGES.get(byte & 0xF0) if byte < 0xF0 else SYSTEM_MESSAGES.get(byte) for byte in range(256)
)


def messages_in(data: bytes) -> tuple[bytes, ...]:
    """The messages that a driver handed over as one: Csound packs a fader's halves together.

    Only where ``data`` is whole messages to its end; anything else is left as it is, for ``event_of`` to
    judge.
    """
    if len(data) <= _LONGEST:
        return (data,)
    messages = []
    at = 0
    while at < len(data):
        kind = _KINDS[data[at]]
        message = data[at : at + kind.length] if kind is not None else b""
        if kind is None or not 0 < kind.length == len(message) or any(byte > 0x7F for byte in message[1:]):
            return (data,)
        messages.append(message)
        at += kind.length
    return tuple(messages)


def event_of(message: bytes) -> Event | None:
    """What ``message``, one whole MIDI message, says; None where livevae has no use for it.

    Raises MessageError, in words that stay the same for the same kind of fault, where it is no MIDI
    message: empty, without a (defined) status byte, too short or too long, or with data bytes above 127.
    """
    if not message:
        raise MessageError("An empty MIDI message came in; it was ignored.")
    status = message[0]
    kind = _KINDS[status]
    if kind is None:
        what = "begins with a data byte" if status < 0x80 else f"has the undefined status {status:#04x}"
        raise MessageError(f"A MIDI message {what}; it was ignored.")
    if kind.length == 0:
        return None
    if len(message) != kind.length:
        wrong = "too short" if len(message) < kind.length else "too long"
        raise MessageError(f"A MIDI {kind.name} is {wrong} (it takes {kind.length} bytes); it was ignored.")
    if kind.length > 1 and max(message[1:]) > 0x7F:
        raise MessageError(f"A MIDI {kind.name} holds a data byte above 127; it was ignored.")
    return None if kind.event is None else kind.event(message)


def message_of(effect: SendNoteOn | SendNoteOff | SendProgram) -> bytes:
    """The MIDI message that does ``effect``; channels 1-16 become 0-15 here."""
    if isinstance(effect, SendProgram):
        return bytes((_PROGRAM_CHANGE | effect.channel - 1, effect.program))
    if isinstance(effect, SendNoteOn):
        return bytes((_NOTE_ON | effect.channel - 1, effect.pitch, effect.velocity))
    return bytes((_NOTE_OFF | effect.channel - 1, effect.pitch, 0))


def feedback_messages(effect: SendFeedback) -> tuple[bytes, ...]:
    """The MIDI messages that have a controller show ``effect``: a fine fader's higher half comes first."""
    control, value = effect.control, effect.value
    if control.kind is ControlKind.KEY:  # pads take a note-on of velocity 0 to put the light out
        return (bytes((_NOTE_ON | control.channel - 1, control.number, value)),)
    status = _CONTROL_CHANGE | control.channel - 1
    if control.kind is ControlKind.FINE:
        high, low = value >> 7, value & 0x7F
        return bytes((status, control.number, high)), bytes((status, control.number + LOW_HALF, low))
    if control.kind is ControlKind.NRPN:
        name = ((NRPN_HIGH, control.number >> 7), (NRPN_LOW, control.number & 0x7F))
        data = ((VALUE_HIGH, value >> 7), (VALUE_LOW, value & 0x7F))
        return tuple(bytes((status, controller, half)) for controller, half in (*name, *data))
    return (bytes((status, control.number, value)),)
