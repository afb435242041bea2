"""The groove codec keeps feel: what is struck, how loud, how early, and which note that was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.codec.drum_maps import DRUM_CLASSES, DRUM_MAPS
from livevae.codec.groove import SILENT, STRUCK, GrooveCodec, early_by, midi_velocity, onset_of
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP

CODEC = GrooveCodec(bars=2, drum_map="td11", styles="funk,jazz")
SNARE = DRUM_CLASSES.index("snare")
SECOND_SNARE = len(DRUM_CLASSES) + SNARE


def hit(onset_ticks: int, pitch: int = 38, velocity: int = 90) -> Note:
    return Note(onset_ticks, 1_000, pitch, velocity)


played_notes = st.lists(
    st.builds(
        Note,
        st.integers(-HALF_STEP_TICKS, CODEC.steps * TICKS_PER_STEP - HALF_STEP_TICKS - 1),
        st.integers(1, 5_000),
        st.sampled_from(sorted(DRUM_MAPS["td11"])),
        st.integers(1, 127),
    ),
    max_size=40,
)


@given(played_notes)
def test_a_hit_comes_back_where_and_as_loud_as_it_was_played(notes: list[Note]) -> None:
    performed = CODEC.performed(notes)
    kept = [notes[index] for index in performed.note[performed.note >= 0]]
    back = CODEC.played(performed.tokens, performed.velocity, performed.offset)
    assert sorted((n.onset_ticks, n.pitch, n.velocity) for n in back) == sorted(
        (n.onset_ticks, n.pitch, n.velocity) for n in kept
    )


@given(played_notes)
def test_of_each_cell_the_two_loudest_are_kept_the_louder_first(notes: list[Note]) -> None:
    performed = CODEC.performed(notes)
    for drum in range(len(DRUM_CLASSES)):
        for step in range(CODEC.steps):
            cell = [
                n.velocity
                for n in notes
                if DRUM_MAPS["td11"][n.pitch] == drum
                and (n.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP == step
            ]
            found = [round(127 * performed.velocity[step, c]) for c in (drum, drum + len(DRUM_CLASSES))]
            assert found == [*sorted(cell, reverse=True), 0, 0][:2]


def test_a_flam_survives() -> None:
    flam = [hit(-9_000, velocity=30), hit(2_000, velocity=110)]
    performed = CODEC.performed(flam)
    assert performed.note[0, SNARE] == 1
    assert performed.note[0, SECOND_SNARE] == 0
    assert performed.offset[0, SNARE] == pytest.approx(-2_000 / HALF_STEP_TICKS)
    assert performed.offset[0, SECOND_SNARE] == pytest.approx(9_000 / HALF_STEP_TICKS)


def test_early_is_positive_and_the_downbeat_may_come_half_a_step_before_the_bar_line() -> None:
    assert early_by(-HALF_STEP_TICKS, 0) == 1.0
    assert early_by(TICKS_PER_STEP + HALF_STEP_TICKS // 2, 1) == -0.5
    assert onset_of(0, 1.0) == -HALF_STEP_TICKS
    assert onset_of(0, 7.0) == -HALF_STEP_TICKS  # a model may overshoot, a bar may not
    assert CODEC.performed([hit(-HALF_STEP_TICKS - 1)]).tokens.sum() == 0


def test_a_note_on_is_never_of_velocity_0() -> None:
    assert midi_velocity(0.0) == midi_velocity(-0.2) == 1
    assert midi_velocity(1.3) == 127
    tokens = np.zeros((CODEC.steps, 18), dtype=np.int64)
    tokens[3, SNARE] = STRUCK
    nothing = np.zeros(tokens.shape, dtype=np.float32)
    assert [note.velocity for note in CODEC.played(tokens, nothing, nothing)] == [1]


def test_a_place_on_the_drum_is_heard_and_played_where_the_map_has_it() -> None:
    cross_stick, rim = (CODEC.performed([hit(0, pitch)]).tokens[0, SNARE] for pitch in (37, 40))
    assert len({cross_stick, rim, STRUCK, SILENT}) == 4
    general = GrooveCodec(drum_map="gm")
    assert general.pitch(SNARE, int(cross_stick)) == 37
    assert general.pitch(SNARE) == 38
    # 45 is a mid tom's rim on the kit and the low tom in General MIDI: there nobody knows where it was struck
    low_tom = DRUM_CLASSES.index("low_tom")
    assert general.performed([hit(0, 45)]).tokens[0, low_tom] == STRUCK


def test_styles_are_named_in_the_models_order() -> None:
    assert CODEC.style_names == ("funk", "jazz")
    assert GrooveCodec().style_names == ()
