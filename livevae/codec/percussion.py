"""The percussion codec: every instrument of General MIDI's drum kits, a yes-or-no column each.

Source: the 61 pitches of MusicVAE's full drum classes, 27 (high Q) to 87 (open surdo), which GM2 names. The
two pitches of electronic kits beside them, a hat's edges, are read as the hats they are played on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livevae.codec.base import Column, Tokens, checked_tokens, step_of_onset, velocity_of
from livevae.codec.grid import DrumWindow
from livevae.core.notes import Note
from livevae.units import TICKS_PER_STEP

PERCUSSION = "percussion"
LOWEST, HIGHEST = 27, 87
PITCHES = range(LOWEST, HIGHEST + 1)
READ_AS: Mapping[int, int] = {22: 42, 26: 46}
"""Pitches below the lowest that are a column's all the same."""

_COLUMNS = tuple(Column(f"pitch_{pitch}", "drums", 2) for pitch in PITCHES)


def column_of(pitch: int) -> int | None:
    """The column of a pitch; None for pitches no drum has."""
    known = READ_AS.get(pitch, pitch)
    return known - LOWEST if known in PITCHES else None


@dataclass(frozen=True, slots=True)
class PercussionCodec(DrumWindow):
    """A drum part in General MIDI's own pitches, ``bars`` bars long."""

    @property
    def name(self) -> str:
        return PERCUSSION

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Shape (steps, 61), int64; see ``Codec.encode``. Pitches that are no drum's are left out."""
        hits = np.zeros((self.steps, len(_COLUMNS)), dtype=np.int64)
        for note in notes.get("drums", ()):
            step, column = step_of_onset(note.onset_ticks), column_of(note.pitch)
            if column is not None and 0 <= step < self.steps:
                hits[step, column] = 1
        return hits

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """See ``Codec.decode``."""
        hits, loud = checked_tokens(tokens, self.columns), velocity_of("drums", velocity)
        places = np.argwhere(hits == 1).tolist()
        notes = [Note(step * TICKS_PER_STEP, TICKS_PER_STEP, LOWEST + drum, loud) for step, drum in places]
        return {"drums": tuple(sorted(notes))}
