"""A recording keeps the song's bars and runs from left to right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.notes import Note
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.tape import Tape
from livevae.timekeeper.messages import NotePlayed, ProgramPlayed
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

PERFORMANCE = Performance(
    "p",
    (PartSpec("melody", "m", "melody", {"channel": 1}), PartSpec("drums", "m", "drums", {"channel": 10})),
    (ModelInfo("m", 2, ("melody", "drums")),),
)


def played(ticks: int, velocity: int, pitch: int = 60, channel: int = 1, bpm: float = 120.0) -> NotePlayed:
    return NotePlayed(0, ticks, bpm, channel, pitch, velocity)


def test_notes_keep_their_place_in_the_bar() -> None:
    tape = Tape()
    start = 7 * TICKS_PER_BAR + TICKS_PER_BEAT
    tape.add([played(start, 90), played(start + 500, 0)])
    [track] = tape.score(PERFORMANCE).tracks
    assert track.name == "melody"
    assert track.notes == (Note(TICKS_PER_BEAT, 500, 60, 90),)


def test_programs_are_written_where_they_were_told() -> None:
    tape = Tape()
    start = 7 * TICKS_PER_BAR
    tape.add([ProgramPlayed(start, 1, 30), played(start, 90), played(start + 500, 0)])
    tape.add([ProgramPlayed(start + TICKS_PER_BEAT, 1, 27)])
    [track] = tape.score(PERFORMANCE).tracks
    assert track.programs == ((0, 30), (TICKS_PER_BEAT, 27))


def test_an_early_downbeat_belongs_to_the_bar_before() -> None:
    tape = Tape()
    tape.add([played(-100, 90), played(400, 0), played(TICKS_PER_BEAT, 80), played(TICKS_PER_BEAT + 1, 0)])
    [track] = tape.score(PERFORMANCE).tracks
    assert [note.onset_ticks for note in track.notes] == [TICKS_PER_BAR - 100, TICKS_PER_BAR + TICKS_PER_BEAT]


def test_a_loop_goes_on_with_the_next_bar() -> None:
    tape = Tape()
    for bar in (4, 5, 4, 5):
        tape.add([played(bar * TICKS_PER_BAR, 90), played(bar * TICKS_PER_BAR + 10, 0)])
    [track] = tape.score(PERFORMANCE).tracks
    assert [note.onset_ticks // TICKS_PER_BAR for note in track.notes] == [0, 1, 2, 3]


def test_a_note_still_sounding_ends_with_the_tape() -> None:
    tape = Tape()
    tape.add([played(0, 90), played(0, 70, pitch=36, channel=10), played(1000, 0, pitch=36, channel=10)])
    melody, drums = tape.score(PERFORMANCE).tracks
    assert melody.notes == (Note(0, 1000, 60, 90),)
    assert drums.notes == (Note(0, 1000, 36, 70),)


def test_tempo_is_written_where_it_changes() -> None:
    tape = Tape()
    tape.add([played(0, 90, bpm=120.0), played(10, 0, bpm=120.1), played(TICKS_PER_BAR, 90, bpm=140.0)])
    assert [(c.position_ticks, c.tempo_bpm) for c in tape.score(PERFORMANCE).tempos] == [
        (0, 120.0),
        (TICKS_PER_BAR, 140.0),
    ]


@given(
    st.lists(
        st.builds(
            played,
            st.integers(-TICKS_PER_BAR, 40 * TICKS_PER_BAR),
            st.integers(0, 127),
            st.integers(60, 62),
            st.sampled_from([1, 10]),
        )
    )
)
def test_any_notes_make_a_score_without_losing_a_beginning(notes: list[NotePlayed]) -> None:
    tape = Tape()
    tape.add(notes)
    score = tape.score(PERFORMANCE)
    written = [note for track in score.tracks for note in track.notes]
    assert len(written) == sum(note.velocity > 0 for note in notes)
    assert all(note.onset_ticks >= 0 for note in written)
