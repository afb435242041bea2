"""Who says which chord is where, and for how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.chord_scale import lock_to_chord, scale_of
from livevae.core.chord_symbols import parse_chord, parse_progression
from livevae.core.chords import Chord
from livevae.core.harmony import Harmony
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP

A_MINOR, F, C, G, E_7 = (parse_chord(symbol) for symbol in ("Am", "F", "C", "G", "E7"))
WRITTEN = parse_progression("| Am | F | C G | G |")


def bar(number: float) -> int:
    return round(number * TICKS_PER_BAR)


def press(harmony: Harmony, position_ticks: int, *keys: int) -> None:
    for key in keys:
        harmony.key_down(position_ticks, key)


def lift(harmony: Harmony, position_ticks: int, *keys: int) -> None:
    for key in keys:
        harmony.key_up(position_ticks, key)


def test_what_is_written_goes_round() -> None:
    harmony = Harmony(WRITTEN)
    assert harmony.of_bars(2, 3) == (C, C, G, G, *[G] * 4, *[A_MINOR] * 4)
    assert harmony.at(bar(4)) == A_MINOR
    assert harmony.at(bar(5) - HALF_STEP_TICKS) == F  # a note played early is of the bar it is early for
    assert Harmony().of_bars(0, 1) == (None,) * 4


def test_the_last_chord_stays_until_another_comes_and_the_past_is_as_it_was() -> None:
    harmony = Harmony()
    press(harmony, bar(0), 45, 60, 64)
    lift(harmony, bar(0.4), 45, 60, 64)
    harmony.reach(bar(1) - HALF_STEP_TICKS)
    assert harmony.of_bars(0, 2) == (A_MINOR,) * 8
    press(harmony, bar(1.5), 41, 57, 60)
    harmony.reach(bar(2) - HALF_STEP_TICKS)
    assert harmony.of_bars(0, 3) == (*[A_MINOR] * 6, *[F] * 6)


@pytest.mark.parametrize("late_ticks", [-HALF_STEP_TICKS, 0, HALF_STEP_TICKS])
def test_a_chord_played_a_little_early_or_late_is_of_its_beat(late_ticks: int) -> None:
    harmony = Harmony()
    harmony.play(0, A_MINOR)
    harmony.play(bar(1) + late_ticks, F)
    harmony.reach(bar(2))
    assert harmony.of_bars(0, 2) == (*[A_MINOR] * 4, *[F] * 4)


def test_fingers_that_come_up_one_by_one_change_nothing() -> None:
    harmony = Harmony()
    press(harmony, 0, 45, 60, 64)
    for order, key in enumerate((60, 45, 64)):
        lift(harmony, TICKS_PER_BEAT + order * TICKS_PER_STEP // 4, key)
        assert harmony.at(TICKS_PER_BEAT + order * TICKS_PER_STEP // 4) == A_MINOR


def test_played_legato_the_old_chord_is_not_mixed_into_the_new() -> None:
    harmony = Harmony()
    press(harmony, 0, 45, 60, 64)
    press(harmony, bar(1), 41, 57)
    lift(harmony, bar(1) + TICKS_PER_STEP // 2, 45, 64)  # 60 stays down: it is in both
    assert harmony.at(bar(1) + TICKS_PER_STEP) == F
    lift(harmony, bar(1) + 3 * TICKS_PER_BEAT, 60, 41, 57)
    assert harmony.at(bar(2)) == F


def test_played_chords_replace_written_ones_until_the_song_stops() -> None:
    harmony = Harmony(WRITTEN)
    harmony.play(bar(1), C)
    harmony.reach(bar(2))
    assert harmony.of_bars(2, 1) == (C,) * 4
    harmony.stop()
    assert harmony.of_bars(2, 1) == (C, C, G, G)
    harmony.play(bar(1), C)
    harmony.write(WRITTEN)
    assert harmony.of_bars(0, 1) == (A_MINOR,) * 4


def test_without_written_ones_the_last_chord_outlasts_a_stop() -> None:
    harmony = Harmony()
    harmony.play(bar(1), F)
    harmony.stop()
    assert harmony.of_bars(0, 1) == (F,) * 4


def test_in_a_loop_the_chords_of_last_time_are_expected_again() -> None:
    harmony = Harmony()
    for number, chord in enumerate((A_MINOR, F, C, G)):
        harmony.reach(bar(number))
        harmony.play(bar(number), chord)
    harmony.reach(bar(4) - HALF_STEP_TICKS)
    harmony.jump()
    harmony.reach(bar(0))
    assert harmony.of_bars(0, 4) == (*[A_MINOR] * 4, *[F] * 4, *[C] * 4, *[G] * 4)
    assert harmony.at(bar(0)) == A_MINOR
    harmony.play(bar(0), A_MINOR)
    harmony.play(bar(1), C)
    harmony.reach(bar(2))
    assert harmony.of_bars(0, 4) == (*[A_MINOR] * 4, *[C] * 4, *[C] * 4, *[G] * 4)


def test_what_is_played_over_a_loop_lasts_until_its_chords_change() -> None:
    harmony = Harmony()
    for number, chord in enumerate((A_MINOR, F, F, G)):
        harmony.play(bar(number), chord)
    harmony.reach(bar(4))
    harmony.jump()
    harmony.play(bar(0), A_MINOR)
    harmony.play(bar(1), C)
    assert harmony.of_bars(1, 3) == (*[C] * 8, *[G] * 4)  # F went on in the third bar: no change there
    harmony.reach(bar(4))
    assert harmony.of_bars(0, 4) == (*[A_MINOR] * 4, *[C] * 8, *[G] * 4)


def test_chords_that_come_round_go_on_by_themselves() -> None:
    harmony = Harmony()
    harmony.loop_bars = 2
    harmony.play(bar(0), A_MINOR)
    harmony.play(bar(1), F)
    harmony.reach(bar(7))
    assert harmony.of_bars(6, 2) == (*[A_MINOR] * 4, *[F] * 4)
    assert harmony.at(bar(7)) == F


def test_chords_that_come_round_are_expected_before_they_are_played() -> None:
    harmony = Harmony()
    harmony.loop_bars = 2
    harmony.play(bar(0), A_MINOR)
    harmony.play(bar(1), F)
    harmony.reach(bar(2) - HALF_STEP_TICKS)
    assert harmony.of_bars(2, 2) == (*[A_MINOR] * 4, *[F] * 4)
    harmony.loop_bars = 0
    assert harmony.of_bars(2, 2) == (F,) * 8


def test_a_flood_of_beats_is_forgotten_from_its_beginning() -> None:
    harmony = Harmony()
    harmony.play(0, A_MINOR)
    harmony.reach(bar(2000))
    harmony.play(bar(2000), F)
    assert harmony.of_bars(1999, 1) == (A_MINOR,) * 4
    assert harmony.of_bars(0, 1) == (F,) * 4  # forgotten: the last chord is as good a guess as any


@given(st.integers(0, 127), st.integers(0, 11), st.booleans())
def test_a_locked_note_is_allowed_and_near(pitch: int, key: int, is_strong: bool) -> None:
    keys = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    assert E_7 is not None
    locked = lock_to_chord(pitch, E_7, keys[key], is_strong=is_strong)
    assert abs(locked - pitch) <= 6
    assert 0 <= locked <= 127
    assert locked % 12 in (E_7.pitch_classes if is_strong else scale_of(E_7, keys[key]))
    assert lock_to_chord(locked, E_7, keys[key], is_strong=is_strong) == locked


@pytest.mark.parametrize(
    ("symbol", "scale"),
    [
        ("Am", (0, 2, 4, 5, 7, 9, 11)),
        ("E7", (0, 2, 4, 5, 8, 9, 11)),  # the harmonic minor of A
        ("Fm", (0, 2, 4, 5, 7, 8, 11)),
        ("A7", (1, 2, 4, 5, 7, 9, 11)),
        ("D7", (0, 2, 4, 6, 7, 9, 11)),
        ("Bb", (0, 2, 4, 5, 7, 9, 10)),
        ("Ab", (0, 2, 3, 5, 7, 8, 11)),
        ("B7", (0, 3, 4, 6, 7, 9, 11)),
    ],
)
def test_the_scale_of_a_chord_is_its_keys_bent_to_its_tones(symbol: str, scale: tuple[int, ...]) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    assert scale_of(chord, "C") == scale
    assert scale_of(chord.transposed(7), "G") == tuple(sorted((tone + 7) % 12 for tone in scale))


def test_a_bass_alone_is_no_chord_to_follow() -> None:
    assert lock_to_chord(62, Chord(1 << 9, 9), "C", is_strong=True) == 62
