"""A line is what a listener would sing."""

from __future__ import annotations

import numpy as np

from livevae.codec.lines import HOLD, NOTE_OFF, class_of_pitch, decode_line, encode_line, tied_steps
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP


def note(step: float, length_steps: float, pitch: int) -> Note:
    return Note(round(step * TICKS_PER_STEP), round(length_steps * TICKS_PER_STEP), pitch, 84)


def test_a_downbeat_half_a_step_early_belongs_to_step_0() -> None:
    assert encode_line([Note(-HALF_STEP_TICKS, TICKS_PER_STEP, 60, 84)], 16)[0] == class_of_pitch(60)


def test_an_onset_half_a_step_before_the_end_belongs_to_the_next_window() -> None:
    assert not encode_line([note(15.5, 1, 60)], 16).any()


def test_highest_of_a_chord_is_kept() -> None:
    line = encode_line([note(0, 4, 60), note(0, 2, 67), note(0, 8, 64)], 16)
    assert line[:4].tolist() == [class_of_pitch(67), HOLD, NOTE_OFF, HOLD]


def test_next_onset_ends_a_note_without_a_note_off() -> None:
    line = encode_line([note(0, 16, 60), note(4, 2, 55)], 8)
    assert line.tolist() == [class_of_pitch(60), 0, 0, 0, class_of_pitch(55), 0, NOTE_OFF, 0]


def test_a_very_short_note_sounds_one_step() -> None:
    assert encode_line([note(3, 0.1, 60)], 8).tolist() == [0, 0, 0, class_of_pitch(60), NOTE_OFF, 0, 0, 0]


def test_pitches_off_the_piano_fold_by_octaves() -> None:
    assert class_of_pitch(127) == class_of_pitch(103)
    assert class_of_pitch(0) == class_of_pitch(24)


def test_a_held_note_ends_with_the_array() -> None:
    line = np.array([0, class_of_pitch(60), 0, 0])
    assert decode_line(line, 84) == (note(1, 3, 60),)


def test_tied_steps_count_the_leading_holds() -> None:
    assert tied_steps(np.array([0, 0, 5, 0])) == 2
    assert tied_steps(np.array([0, 0])) == 2
    assert tied_steps(np.array([NOTE_OFF, 0])) == 0
