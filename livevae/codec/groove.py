"""The groove codec: which drums are struck, and how each hit is played.

A cell is one of nine drums on one sixteenth. It has two slots, the louder hit first, because drummers play
flams and drags: of the Groove MIDI Dataset's notes in 4/4, 7.0 % share their cell with a louder one and are
lost on the published grid of one note a cell (Gillick et al. 2019); with two slots 0.9 % are (all parts but
the test part; ``python -m train evaluate`` measures both on what it judges). The first nine columns are the
published grid.

A hit's velocity is its MIDI velocity ÷ 127. Its offset is how *early* it is in half steps, -1 … 1, the sign
of Magenta's GrooveConverter. So that a model hears what the stage and the recordings both know, a token also
says *where* a drum was struck: a snare's head, rim or side, a hat's or a cymbal's bow, edge or bell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec.base import Column, Tokens, checked_tokens, step_of_onset, velocity_of
from livevae.codec.drum_maps import DRUM_CLASSES, DRUM_MAPS, DRUM_ROWS, PLAYBACK_PITCHES, drum_map
from livevae.codec.grid import DrumWindow
from livevae.core.notes import Note, Notes
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP

Feel = npt.NDArray[np.float32]

SLOTS = 2
SILENT, STRUCK, FIRST_PLACE = 0, 1, 2
"""Tokens: no hit, a hit somewhere on the drum, then one token for each place that the kit tells apart."""
MOST_VELOCITY = 127

_KIT = "td11"
_PLACES = max(len(row) for row in DRUM_ROWS[_KIT])
_CLASSES = FIRST_PLACE + _PLACES
_COLUMNS = tuple(
    Column(name if slot == 0 else f"{name}_{slot + 1}", "drums", _CLASSES)
    for slot in range(SLOTS)
    for name in DRUM_CLASSES
)


@dataclass(frozen=True, slots=True)
class Performed:
    """Bars as they were played, all arrays of shape (steps, 18).

    tokens: int64, see this module. velocity: 0 … 1, offset: -1 … 1, positive early; both float32, 0 where
    nothing is struck. note: int64, which of the encoded notes a hit is, -1 where nothing is struck.
    """

    tokens: Tokens
    velocity: Feel
    offset: Feel
    note: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GrooveCodec(DrumWindow):
    """Drums with their feel, ``bars`` bars long.

    drum_map: how pitches are read and played, see drum_maps. styles: names of the styles the model knows,
    with commas between them; their order is the model's.
    """

    drum_map: str = "gm"
    styles: str = ""

    def __post_init__(self) -> None:
        drum_map(self.drum_map)  # an unknown map is refused here, not in the middle of a performance

    @property
    def name(self) -> str:
        return "groove"

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    @property
    def style_names(self) -> tuple[str, ...]:
        """The styles the model knows; a style's number in the model's input is its place here plus one."""
        return tuple(name for name in self.styles.split(",") if name)

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Which drums are struck, shape (steps, 18), int64; see ``Codec.encode``."""
        return self.performed(notes.get("drums", ())).tokens

    def performed(self, notes: Sequence[Note]) -> Performed:
        """A window's hits with their feel; of more than two in a cell the two loudest.

        notes: as in ``Codec.encode``. Pitches in no class are left out.
        """
        shape = (self.steps, len(_COLUMNS))
        tokens, note_of = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
        velocity, offset = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        class_of = drum_map(self.drum_map)
        loudest_first = sorted(range(len(notes)), key=lambda i: (-notes[i].velocity, notes[i]))
        for index in loudest_first:
            note = notes[index]
            step, drum = step_of_onset(note.onset_ticks), class_of.get(note.pitch)
            if drum is None or not 0 <= step < self.steps:
                continue
            for column in range(drum, len(_COLUMNS), len(DRUM_CLASSES)):
                if tokens[step, column] == SILENT:
                    tokens[step, column] = _token(note.pitch, drum)
                    velocity[step, column] = note.velocity / MOST_VELOCITY
                    offset[step, column] = early_by(note.onset_ticks, step)
                    note_of[step, column] = index
                    break
        return Performed(tokens, velocity, offset, note_of)

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """The hits on the grid; see ``Codec.decode``."""
        hits = checked_tokens(tokens, _COLUMNS)
        even = np.full(hits.shape, velocity_of("drums", velocity) / MOST_VELOCITY, dtype=np.float32)
        return {"drums": self.played(hits, even, np.zeros(hits.shape, dtype=np.float32))}

    def played(self, tokens: Tokens, velocity: Feel, offset: Feel) -> Notes:
        """Hits with their feel as notes of a sixteenth each, in onset order.

        tokens, velocity, offset: shape (any number of steps, 18), as in ``Performed``. A velocity is at least
        1 whatever the array says: 0 would end a note.
        """
        return tuple(
            sorted(
                Note(
                    onset_of(step, float(offset[step, column])),
                    TICKS_PER_STEP,
                    self.pitch(column, int(tokens[step, column])),
                    midi_velocity(float(velocity[step, column])),
                )
                for step, column in np.argwhere(tokens != SILENT).tolist()
            )
        )

    def pitch(self, column: int, token: int = STRUCK) -> int:
        """The pitch that plays a column's drum, where the token says if the map has that place."""
        drum = column % len(DRUM_CLASSES)
        row = DRUM_ROWS[_KIT][drum]
        place = token - FIRST_PLACE
        if 0 <= place < len(row) and DRUM_MAPS[self.drum_map].get(row[place]) == drum:
            return row[place]
        return PLAYBACK_PITCHES[self.drum_map][drum]


def early_by(onset_ticks: int, step: int) -> float:
    """How early an onset is for its step, in half steps; negative is late."""
    return (step * TICKS_PER_STEP - onset_ticks) / HALF_STEP_TICKS


def onset_of(step: int, offset: float) -> int:
    """Where a hit of a step sounds. offset: half steps, positive early; outside -1 … 1 it counts as that."""
    return step * TICKS_PER_STEP - round(max(-1.0, min(1.0, offset)) * HALF_STEP_TICKS)


def midi_velocity(velocity: float) -> int:
    """0 … 1 as 1 … 127; never 0, which MIDI reads as the end of a note."""
    return max(1, min(MOST_VELOCITY, round(velocity * MOST_VELOCITY)))


def _token(pitch: int, drum: int) -> int:
    """Struck where? Other maps number toms otherwise than the kit: there the place is not known."""
    row = DRUM_ROWS[_KIT][drum]
    return FIRST_PLACE + row.index(pitch) if pitch in row else STRUCK
