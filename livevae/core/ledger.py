"""The note ledger: every note-on that was sent is owed exactly one note-off.

Nothing in the core sends a note except through here, so "no stuck notes" is a property of this
one file (``tests/core/test_ledger.py`` states it).
"""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.effects import Effect, SendNoteOff, SendNoteOn


@dataclass(frozen=True, slots=True)
class NoteToken:
    """Names one sounding of one note, so that a late note-off cannot end its successor."""

    serial: int
    channel: int
    pitch: int


class NoteLedger:
    """Knows what is sounding, for which part, and what must still be ended."""

    def __init__(self) -> None:
        self._sounding: dict[tuple[int, int], tuple[NoteToken, str]] = {}
        self._unheard: dict[tuple[int, int], None] = {}
        self._serial = 0

    def note_on(
        self, at_ns: int, part: str, channel: int, pitch: int, velocity: int
    ) -> tuple[NoteToken, list[Effect]]:
        """Sound a note; one already sounding on the same channel and pitch is ended first."""
        effects: list[Effect] = []
        if (channel, pitch) in self._sounding:
            effects.append(SendNoteOff(at_ns, channel, pitch))
        self._serial += 1
        token = NoteToken(self._serial, channel, pitch)
        self._sounding[channel, pitch] = (token, part)
        effects.append(SendNoteOn(at_ns, channel, pitch, velocity))
        return token, effects

    def note_off(self, at_ns: int, token: NoteToken) -> list[Effect]:
        """End the sounding that ``token`` names; nothing if it has ended already."""
        held = self._sounding.get((token.channel, token.pitch))
        if held is None or held[0] != token:
            return []
        del self._sounding[token.channel, token.pitch]
        return [SendNoteOff(at_ns, token.channel, token.pitch)]

    def is_sounding(self, token: NoteToken) -> bool:
        """Whether the sounding that ``token`` names has not been ended."""
        held = self._sounding.get((token.channel, token.pitch))
        return held is not None and held[0] == token

    def release_part(self, at_ns: int, part: str) -> list[Effect]:
        """End every note of one part."""
        tokens = [token for token, owner in self._sounding.values() if owner == part]
        return [effect for token in tokens for effect in self.note_off(at_ns, token)]

    def release_all(self, at_ns: int) -> list[Effect]:
        """End every note there is."""
        effects: list[Effect] = [SendNoteOff(at_ns, channel, pitch) for channel, pitch in self._sounding]
        self._sounding.clear()
        return effects

    def port_lost(self, at_ns: int) -> list[Effect]:
        """End everything, and remember it: the instrument may not have heard these note-offs."""
        self._unheard.update(dict.fromkeys(self._sounding))
        return self.release_all(at_ns)

    def port_found(self, at_ns: int) -> list[Effect]:
        """Say again the note-offs that may have been lost with the port."""
        effects: list[Effect] = [
            SendNoteOff(at_ns, channel, pitch)
            for channel, pitch in self._unheard
            if (channel, pitch) not in self._sounding
        ]
        self._unheard.clear()
        return effects
