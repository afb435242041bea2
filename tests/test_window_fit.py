"""What was played is looped, or cut, until it is as long as a model listens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.chords import Chord
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_BEAT
from livevae.window_fit import fitted_chords, fitted_window


def onsets(notes: tuple[Note, ...]) -> list[int]:
    return [note.onset_ticks for note in notes]


def test_a_short_window_is_looped() -> None:
    played = {"melody": (Note(0, TICKS_PER_BEAT, 60, 90),)}
    fitted = fitted_window(played, bars=1, model_bars=4)
    assert onsets(fitted["melody"]) == [bar * TICKS_PER_BAR for bar in range(4)]


def test_a_loop_that_does_not_divide_is_cut_by_the_codec() -> None:
    played = {"melody": (Note(0, TICKS_PER_BEAT, 60, 90),)}
    fitted = fitted_window(played, bars=3, model_bars=4)
    assert onsets(fitted["melody"]) == [0, 3 * TICKS_PER_BAR]


def test_of_a_long_window_the_newest_bars_count() -> None:
    played = {"melody": tuple(Note(bar * TICKS_PER_BAR, TICKS_PER_BEAT, 60 + bar, 90) for bar in range(5))}
    fitted = fitted_window(played, bars=5, model_bars=2)
    assert fitted["melody"] == (
        Note(0, TICKS_PER_BEAT, 63, 90),
        Note(TICKS_PER_BAR, TICKS_PER_BEAT, 64, 90),
    )


def test_early_downbeats_stay_with_their_bar() -> None:
    early = -HALF_STEP_TICKS + 1
    played = {
        "melody": (Note(early, TICKS_PER_BEAT, 60, 90), Note(TICKS_PER_BAR + early, TICKS_PER_BEAT, 61, 90))
    }
    assert [note.pitch for note in fitted_window(played, bars=2, model_bars=1)["melody"]] == [61]
    assert onsets(fitted_window(played, bars=2, model_bars=4)["melody"])[2] == 2 * TICKS_PER_BAR + early


@given(
    st.lists(
        st.builds(
            Note,
            onset_ticks=st.integers(-HALF_STEP_TICKS, 4 * TICKS_PER_BAR),
            duration_ticks=st.integers(1, 8 * TICKS_PER_BAR),
            pitch=st.integers(0, 127),
            velocity=st.integers(1, 127),
        ),
        max_size=8,
    ),
    st.integers(1, 6),
    st.integers(1, 6),
)
def test_a_fitted_window_repeats_itself(notes: list[Note], bars: int, model_bars: int) -> None:
    fitted = fitted_window({"melody": tuple(notes)}, bars, model_bars)["melody"]
    length = min(bars, model_bars) * TICKS_PER_BAR
    first = [note for note in fitted if note.onset_ticks < length - HALF_STEP_TICKS]
    assert all(note.onset_ticks + note.duration_ticks <= max(length, note.onset_ticks + 1) for note in first)
    copies = -(-model_bars * TICKS_PER_BAR // length)
    assert sorted(fitted) == sorted(note.shifted(copy * length) for copy in range(copies) for note in first)


def test_chords_are_fitted_as_the_notes_they_lie_under() -> None:
    a, f, c = (Chord(1 << tone, tone) for tone in (9, 5, 0))
    assert fitted_chords((), 2) == (None,) * 8
    assert fitted_chords((a,) * 4, 2) == (a,) * 8
    assert fitted_chords((a,) * 4 + (f,) * 4 + (c,) * 4, 2) == (f,) * 4 + (c,) * 4
