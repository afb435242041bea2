"""Chords as a melody hears them: which pitch classes sound, and which of them is the bass.

Not which name a theorist would give: Am7 and C6 are the same four tones over another bass, and a player may
hold any of them. So a chord is made of what is held down, or of a symbol (chord_symbols.py), all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BEAT

OCTAVE = 12
ALL_TONES = (1 << OCTAVE) - 1


@dataclass(frozen=True, slots=True, order=True)
class Chord:
    """What is held down, folded into one octave.

    tones: a bit for each pitch class, 1 for C, 2 for C sharp, up to 2048 for B; never none.
    bass: pitch class of the lowest tone, 0-11, itself one of the tones.
    """

    tones: int
    bass: int

    def __post_init__(self) -> None:
        if not 0 < self.tones <= ALL_TONES:
            raise ValueError(f"a chord's tones are twelve bits and not none, not {self.tones}")
        if not (0 <= self.bass < OCTAVE and self.tones >> self.bass & 1):
            raise ValueError(f"the bass {self.bass} is not among the chord's tones {self.pitch_classes}")

    @classmethod
    def of_pitches(cls, pitches: Iterable[int]) -> Chord | None:
        """The chord of held keys; None where nothing is held."""
        held = sorted(pitches)
        if not held:
            return None
        tones = 0
        for pitch in held:
            tones |= 1 << pitch % OCTAVE
        return cls(tones, held[0] % OCTAVE)

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """The tones from C upwards, 0-11."""
        return tuple(tone for tone in range(OCTAVE) if self.tones >> tone & 1)

    def holds(self, pitch: int) -> bool:
        """Whether a pitch, in any octave, is a tone of the chord."""
        return bool(self.tones >> pitch % OCTAVE & 1)

    def transposed(self, semitones: int) -> Chord:
        """The same chord, so many semitones higher."""
        up = semitones % OCTAVE
        return Chord((self.tones << up | self.tones >> OCTAVE - up) & ALL_TONES, (self.bass + up) % OCTAVE)


BeatChords = tuple[Chord | None, ...]
"""One chord a beat; None where none is known."""


def chords_of_notes(notes: Sequence[Note], beats: int) -> BeatChords:
    """The chord of every beat, from the notes of somebody who plays chords.

    notes: positions from the first beat, in the order of their onsets. A beat has the chord of the notes held
    on it (half a sixteenth early counts: chords are played before the beat as often as after); while nothing
    is held the last chord stays, and before the first there is none.
    """
    chords: list[Chord | None] = []
    last: Chord | None = None
    for beat in range(beats):
        at = beat * TICKS_PER_BEAT
        # what ends just after the beat was the chord before, played legato
        held = (
            note.pitch
            for note in notes
            if note.onset_ticks <= at + HALF_STEP_TICKS
            and note.onset_ticks + note.duration_ticks > at + HALF_STEP_TICKS
        )
        last = Chord.of_pitches(held) or last
        chords.append(last)
    return tuple(chords)
