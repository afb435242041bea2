"""Lead-sheet symbols, read and written."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.chord_symbols import chord_name, parse_chord, parse_progression
from livevae.core.chords import Chord
from livevae.errors import ParameterError

SPELLINGS = {
    (0, 4, 7): ["", "maj", "M"],
    (0, 3, 7): ["m", "min", "mi", "-"],
    (0, 4, 7, 10): ["7"],
    (0, 4, 7, 11): ["maj7", "M7", "ma7", "Δ", "Δ7"],
    (0, 3, 7, 10): ["m7", "min7", "-7"],
    (0, 3, 7, 11): ["mM7", "m(maj7)", "-Δ7"],
    (0, 3, 6): ["dim", "°"],
    (0, 3, 6, 9): ["dim7", "°7"],
    (0, 3, 6, 10): ["m7b5", "m7-5", "m7(b5)", "ø", "ø7"],
    (0, 4, 8): ["aug", "+"],
    (0, 4, 8, 10): ["aug7", "+7", "7#5", "7+5"],
    (0, 5, 7): ["sus4", "sus", "4"],
    (0, 2, 7): ["sus2", "2"],
    (0, 5, 7, 10): ["7sus4", "7sus"],
    (0, 4, 7, 9): ["6", "maj6"],
    (0, 3, 7, 9): ["m6"],
    (0, 2, 4, 7, 9): ["69", "6/9"],
    (0, 2, 4, 7): ["add9", "(add9)", "add2"],
    (0, 2, 4, 7, 10): ["9"],
    (0, 2, 3, 7, 10): ["m9"],
    (0, 1, 4, 7, 10): ["7b9", "7(b9)", "7-9"],
    (0, 3, 4, 7, 10): ["7#9", "7(#9)"],
    (0, 2, 4, 7, 9, 10): ["13"],
    (0, 7): ["5"],
}


@pytest.mark.parametrize(
    ("tones", "suffix"), [(tones, suffix) for tones, suffixes in SPELLINGS.items() for suffix in suffixes]
)
@pytest.mark.parametrize(("root", "pitch_class"), [("C", 0), ("F#", 6), ("Bb", 10), ("E", 4)])
def test_every_spelling_of_every_chord_on_any_root(
    tones: tuple[int, ...], suffix: str, root: str, pitch_class: int
) -> None:
    chord = parse_chord(root + suffix)
    assert chord is not None
    assert chord.bass == pitch_class
    assert {(tone - pitch_class) % 12 for tone in chord.pitch_classes} == set(tones)


def test_a_bass_beside_the_chord_is_one_of_its_tones_too() -> None:
    assert parse_chord("C/E") == Chord.of_pitches((52, 60, 67))
    assert parse_chord("C/D") == Chord.of_pitches((50, 60, 64, 67))
    assert parse_chord("A♭m7/G♭") == parse_chord("Abm7/Gb")
    assert parse_chord("N.C.") is None


@pytest.mark.parametrize("text", ["", "H7", "am", "Cmajor", "C//E", "C/H", "Amb", "60", "C" * 1000, "C7b7"])
def test_what_is_no_chord_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ParameterError, match="Am7"):
        parse_chord(text)


@given(st.text(max_size=30))
def test_any_text_is_a_chord_or_refused(text: str) -> None:
    with contextlib.suppress(ParameterError):
        chord = parse_chord(text)
        assert chord is None or chord_name(chord)


@given(
    st.sets(st.integers(0, 11), min_size=1).flatmap(
        lambda t: st.tuples(st.just(t), st.sampled_from(sorted(t)))
    )
)
def test_the_name_of_a_chord_with_a_symbol_means_that_chord(tones_and_bass: tuple[set[int], int]) -> None:
    tones, bass = tones_and_bass
    chord = Chord(sum(1 << tone for tone in tones), bass)
    name = chord_name(chord)
    if " " not in name and len(tones) > 1:
        assert parse_chord(name) == chord


@pytest.mark.parametrize("symbol", ["Am7", "C6", "C/E", "F#m7b5", "G7sus4", "Am7/G", "Bb", "Ebmaj7", "Dm/F"])
def test_players_recognise_the_names(symbol: str) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    assert chord_name(chord) == symbol


def test_bars_of_chords() -> None:
    a_minor, f, c, g = (parse_chord(symbol) for symbol in ("Am", "F", "C", "G"))
    bars = parse_progression("| Am | F C | C . . G | % | Am F G | N.C. |")
    assert bars == (
        (a_minor,) * 4,
        (f, f, c, c),
        (c, c, c, g),
        (c, c, c, g),
        (a_minor, a_minor, f, g),
        (None,) * 4,
    )
    assert parse_progression("Am|F") == ((a_minor,) * 4, (f,) * 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no chords"),
        ("| | |", "no chords"),
        ("| Am | | F |", "bar 2.*empty"),
        ("| Am F C G D |", "5 chords"),
        ("| Am . |", "points"),
        ("| . Am F G |", "begins with ."),
        ("| % | Am |", "begins with %"),
        ("| Am | Hm |", "bar 2.*'Hm'"),
        ("|".join(["Am"] * 65), "65 bars"),
    ],
)
def test_mistakes_name_their_bar(text: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parse_progression(text)
