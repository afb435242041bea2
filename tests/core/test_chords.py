"""Chords are what is held down, whoever names it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.chords import Chord, chords_of_notes
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BEAT

pitches = st.sets(st.integers(0, 127), min_size=1, max_size=10)
A_MINOR_7 = Chord.of_pitches((45, 60, 64, 67))
C_6 = Chord.of_pitches((48, 57, 64, 67))


def held(first_beat: float, beats: float, *keys: int) -> list[Note]:
    onset, length = round(first_beat * TICKS_PER_BEAT), round(beats * TICKS_PER_BEAT)
    return [Note(onset, length, key, 80) for key in keys]


@given(pitches, st.integers(-3, 3))
def test_octaves_do_not_matter_but_the_lowest_tone_does(keys: set[int], octaves: int) -> None:
    chord = Chord.of_pitches(keys)
    assert chord is not None
    assert chord == Chord.of_pitches(key + 12 * octaves for key in keys)
    assert chord.bass == min(keys) % 12
    assert set(chord.pitch_classes) == {key % 12 for key in keys}
    assert all(chord.holds(key) for key in keys)


@given(pitches, st.integers(-30, 30))
def test_transposing_a_chord_is_transposing_its_keys(keys: set[int], semitones: int) -> None:
    chord = Chord.of_pitches(keys)
    assert chord is not None
    moved = Chord.of_pitches(key + semitones for key in keys)
    assert chord.transposed(semitones) == moved
    assert chord.transposed(semitones).transposed(-semitones) == chord


def test_the_same_tones_over_another_bass_are_another_chord() -> None:
    assert A_MINOR_7 is not None
    assert C_6 is not None
    assert A_MINOR_7.tones == C_6.tones
    assert A_MINOR_7 != C_6
    assert Chord.of_pitches(()) is None
    for tones, bass in ((0, 0), (1 << 12, 0), (1, 12), (0b10010001, 1)):
        with pytest.raises(ValueError, match=r"bass|tones"):
            Chord(tones, bass)


def test_the_last_chord_stays_until_another_comes() -> None:
    notes = [*held(1, 0.5, 45, 60, 64), *held(4, 1, 41, 57, 60)]
    a_minor, f_major = Chord.of_pitches((45, 60, 64)), Chord.of_pitches((41, 57, 60))
    assert chords_of_notes(notes, 6) == (None, a_minor, a_minor, a_minor, f_major, f_major)


def test_a_chord_a_little_early_or_late_is_on_its_beat_and_legato_does_not_mix() -> None:
    early, late = -0.9 * HALF_STEP_TICKS / TICKS_PER_BEAT, 0.9 * HALF_STEP_TICKS / TICKS_PER_BEAT
    notes = sorted([*held(0, 2 + late, 45, 60, 64), *held(2 + early, 2, 41, 57, 60)])
    a_minor, f_major = Chord.of_pitches((45, 60, 64)), Chord.of_pitches((41, 57, 60))
    assert chords_of_notes(notes, 3) == (a_minor, a_minor, f_major)
    assert chords_of_notes(sorted(held(1 + late, 1, 45, 60, 64)), 2)[1] == a_minor
