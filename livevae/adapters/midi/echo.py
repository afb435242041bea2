"""Not hearing ourselves: loopback cables bring back what was sent through them."""

from __future__ import annotations

from collections import deque

from livevae.units import NS_PER_MS

ECHO_NS = 30 * NS_PER_MS  # a loopMIDI cable returns a message within a few milliseconds

_NOTE_OFF, _NOTE_ON, _SYSTEM = 0x80, 0x90, 0xF0


class EchoFilter:
    """Recognises, for a short while, messages that equal one just sent.

    Each sent message excuses one incoming message. A note-on of velocity 0 counts as the
    note-off that it means. System messages (clock, start, song position) always pass: livevae
    sends none on these ports.

    Thread-safe: yes (a deque is all it shares). Real-time-safe: yes.
    """

    def __init__(self, within_ns: int = ECHO_NS) -> None:
        self._within_ns = within_ns
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=512)

    def sent(self, message: bytes, at_ns: int) -> None:
        """Remember a message that goes out."""
        self._sent.append((at_ns, _canonical(message)))

    def is_echo(self, message: bytes, at_ns: int) -> bool:
        """Whether this incoming message is one of ours coming back."""
        if not message or message[0] >= _SYSTEM:
            return False
        while self._sent and self._sent[0][0] < at_ns - self._within_ns:
            self._sent.popleft()
        wanted = _canonical(message)
        for entry in tuple(self._sent):
            if entry[1] == wanted:
                self._sent.remove(entry)
                return True
        return False


def _canonical(message: bytes) -> bytes:
    """The message with every kind of note-off written the same way."""
    if len(message) != 3:
        return message
    kind = message[0] & 0xF0
    if kind == _NOTE_OFF or (kind == _NOTE_ON and message[2] == 0):
        return bytes((_NOTE_OFF | message[0] & 0x0F, message[1], 0))
    return message
