"""Lines go with the drums: the bass with the kick, everybody with the moment, swing with the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.feel import Dynamics, FeltNote, FeltNotes
from livevae.core.follow import follow, plain_beat
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_STEP

KICK, SNARE, HAT = 36, 38, 42


def drum(step: int, pitch: int, late_ticks: int, velocity: int = 90, density: float = 0.0) -> FeltNote:
    onset = step * TICKS_PER_STEP
    return FeltNote(Note(onset, 1000, pitch, 90), onset + late_ticks, velocity, density)


def line(*steps: int) -> list[Note]:
    return [Note(step * TICKS_PER_STEP, 5000, 60, 80) for step in steps]


def lateness(notes: FeltNotes) -> list[int]:
    return [note.onset_ticks - note.note.onset_ticks for note in notes]


def following(notes: list[Note], drums: list[FeltNote], *, bass: bool = False) -> FeltNotes:
    return follow(notes, tuple(drums), is_bass=bass, dynamics=Dynamics.FELT)


def test_the_bass_sits_with_the_kick_and_the_melody_with_everybody() -> None:
    drums = [drum(0, KICK, -1000), drum(0, HAT, 3000)]
    assert lateness(following(line(0), drums, bass=True)) == [-1000]
    assert lateness(following(line(0), drums)) == [1000]


def test_swing_carries_over_to_sixteenths_without_drums() -> None:
    drums = [drum(step, HAT, 4000 if step % 2 else 0) for step in range(8)]
    assert lateness(following(line(9, 10, 15), drums)) == [4000, 0, 4000]


def test_where_the_drums_are_accented_a_line_is_louder_by_half_as_much() -> None:
    drums = [drum(0, SNARE, 0, 120), drum(4, HAT, 0, 40)]  # half as loud again as the average, and half of it
    assert [note.velocity for note in following(line(0, 4), drums)] == [100, 60]


def test_hits_that_the_groove_only_adds_above_1_lead_nobody() -> None:
    assert lateness(following(line(0), [drum(0, KICK, 2000, density=1.2)])) == [0]
    assert lateness(following(line(0), [drum(0, KICK, 2000, density=0.8)])) == [2000]


def test_without_drums_a_line_stays_as_it_is() -> None:
    notes = following(line(0, 3, 6), [])
    assert lateness(notes) == [0, 0, 0]
    assert [note.velocity for note in notes] == [80, 80, 80]


@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(-HALF_STEP_TICKS, HALF_STEP_TICKS), st.integers(1, 127))
    ),
    st.lists(st.integers(0, 15), max_size=8),
    st.booleans(),
)
def test_a_line_keeps_its_notes_within_half_a_step(
    drums: list[tuple[int, int, int]], steps: list[int], bass: bool
) -> None:
    notes = following(line(*steps), [drum(step, KICK, late, v) for step, late, v in drums], bass=bass)
    assert [note.note for note in notes] == line(*steps)
    assert all(abs(late) <= HALF_STEP_TICKS for late in lateness(notes))
    assert all(1 <= note.velocity <= 127 for note in notes)


def test_the_plain_beat_has_a_hat_on_every_sixteenth() -> None:
    beat = plain_beat(2)
    assert [n.onset_ticks // TICKS_PER_STEP for n in beat if n.pitch == HAT] == list(range(2 * STEPS_PER_BAR))
    assert [n.onset_ticks // TICKS_PER_STEP for n in beat if n.pitch == SNARE] == [4, 12, 20, 28]
