"""One monophonic line as 90 classes a step: hold, note-off, or the onset of one of 88 pitches.

Source: the melody classes of MusicVAE's code (Roberts et al. 2018):
0 hold, 1 note-off, 2 … 89 = MIDI 21 … 108.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from livevae.codec.base import step_of_onset
from livevae.core.notes import Note
from livevae.units import TICKS_PER_STEP

HOLD = 0
NOTE_OFF = 1
FIRST_ONSET = 2
LOWEST_PITCH = 21
HIGHEST_PITCH = 108
LINE_CLASSES = FIRST_ONSET + HIGHEST_PITCH - LOWEST_PITCH + 1


def pitch_of_class(token: int) -> int:
    """MIDI pitch of an onset class (2-89)."""
    return token - FIRST_ONSET + LOWEST_PITCH


def class_of_pitch(pitch: int) -> int:
    """Onset class of a MIDI pitch; pitches off the piano are folded in by octaves."""
    while pitch < LOWEST_PITCH:
        pitch += 12
    while pitch > HIGHEST_PITCH:
        pitch -= 12
    return pitch - LOWEST_PITCH + FIRST_ONSET


def encode_line(notes: Iterable[Note], steps: int) -> npt.NDArray[np.int64]:
    """The line a listener would sing: the highest pitch where several start on one step.

    A note sounds at least one step and ends early where the next begins.
    Returns shape (steps,), int64.
    """
    highest: dict[int, Note] = {}
    for note in notes:
        step = step_of_onset(note.onset_ticks)
        held = highest.get(step)
        if 0 <= step < steps and (held is None or _outranks(note, held)):
            highest[step] = note
    line = np.full(steps, HOLD, dtype=np.int64)
    for step, following in pairwise([*sorted(highest), steps]):
        note = highest[step]
        line[step] = class_of_pitch(note.pitch)
        end = max(step + 1, step_of_onset(note.onset_ticks + note.duration_ticks))
        if end < following:
            line[end] = NOTE_OFF
    return line


def _outranks(note: Note, other: Note) -> bool:
    return (note.pitch, note.duration_ticks) > (other.pitch, other.duration_ticks)


def decode_line(line: npt.NDArray[np.int64], velocity: int) -> tuple[Note, ...]:
    """Notes of one line; a hold with nothing sounding, like a note-off there, is silence."""
    notes: list[Note] = []
    start, pitch = 0, -1

    def close(end: int) -> None:
        if pitch >= 0:
            notes.append(Note(start * TICKS_PER_STEP, (end - start) * TICKS_PER_STEP, pitch, velocity))

    for step, token in enumerate(line.tolist()):
        if token == HOLD:
            continue
        close(step)
        start, pitch = step, -1 if token == NOTE_OFF else pitch_of_class(token)
    close(len(line))
    return tuple(notes)


def tied_steps(line: npt.NDArray[np.int64]) -> int:
    """How many leading steps carry on a note still sounding from the bar before.

    Only for arrays cut out of a longer window (a trio decoded bar by bar): in a window of its own, leading
    holds are silence.
    """
    moves = np.flatnonzero(line != HOLD)
    return int(moves[0]) if moves.size else len(line)
