"""Chords as lead sheets write them, in and out: Am7, F#m7b5, Bbmaj7, G7sus4, C/E, N.C.

Spellings differ from book to book, so several are read: m, mi, min and - for minor, maj, ma, M and a triangle
for the major seventh, dim and a circle, a crossed circle for half diminished, aug and +. Sus takes the third
away; thirteenths leave out the eleventh, as players do.
"""

from __future__ import annotations

import re

from livevae.core.chords import OCTAVE, BeatChords, Chord
from livevae.errors import ParameterError
from livevae.units import BEATS_PER_BAR

MAX_BARS = 64  # of a progression; a song of more is a set, not a vamp
_LONGEST = 24  # characters of a symbol; anything longer is a mistake

_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = str.maketrans({"♯": "#", "♭": "b", "−": "-", "(": "", ")": "", ",": ""})
_SPELLINGS = (
    ("6/9", "69"),
    ("ø7", "m7b5"),
    ("ø", "m7b5"),
    ("Ø", "m7b5"),
    ("°", "dim"),
    ("Δ7", "maj7"),
    ("Δ", "maj7"),
    ("△7", "maj7"),
    ("△", "maj7"),
    ("+", "aug"),
    ("-", "m"),
)
_RAISED_OR_LOWERED = re.compile(r"(?<=\d)[-+](?=5|9|11|13)")  # m7-5, 7+9
_SYMBOL = re.compile(
    r"(?P<root>[A-G][#b]?)"
    r"(?P<triad>maj|Maj|ma|M|min|mi|m|dim|aug|)"
    r"(?P<seventh>maj|Maj|ma|M|)"
    r"(?P<number>69|5|6|7|9|11|13|2|4|)"
    r"(?P<changes>(?:sus2|sus4|sus|add[#b]?(?:2|4|6|9|11|13)|[#b](?:5|9|11|13)|alt|no3|no5)*)"
    r"(?:/(?P<bass>[A-G][#b]?))?"
)
_CHANGE = re.compile(r"sus2|sus4|sus|add[#b]?\d+|[#b]\d+|alt|no3|no5")
_TRIADS = {"dim": {0, 3, 6}, "aug": {0, 4, 8}, "m": {0, 3, 7}, "mi": {0, 3, 7}, "min": {0, 3, 7}}
_MAJOR_NAMES = ("maj", "Maj", "ma", "M")
_DEGREES = {"2": 2, "4": 5, "5": 7, "6": 9, "9": 14, "11": 17, "13": 21}
_THIRDS, _FIFTHS = {3, 4}, {6, 7, 8}
_ABOVE_SEVENTH = {"7": set(), "9": {14}, "11": {14, 17}, "13": {14, 21}}
_NO_CHORD = ("N.C.", "N.C", "NC", "N")
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_COMMON = (
    "", "m", "7", "maj7", "m7", "sus4", "sus2", "dim", "aug", "6", "m6", "m7b5", "dim7", "7sus4", "9sus4",
    "mmaj7", "add9", "madd9", "9", "maj9", "m9", "69", "7b9", "7#9", "11", "m11", "13", "5",
)  # fmt: skip
"""What may stand after a root, the simplest first."""


def parse_chord(text: str) -> Chord | None:
    """The chord that ``text`` names; None for N.C., which is no chord.

    Raises ParameterError saying how chords are written.
    """
    plain = text.strip().translate(_SIGNS)
    if plain in _NO_CHORD:
        return None
    plain = _RAISED_OR_LOWERED.sub(lambda sign: "b" if sign[0] == "-" else "#", plain)
    for written, read in _SPELLINGS:
        plain = plain.replace(written, read)
    found = _SYMBOL.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None:
        raise ParameterError(
            f"{text[:_LONGEST]!r} is no chord: write it like Am7, F#m7b5, Bbmaj7, G7sus4 or C/E, "
            "or N.C. for none"
        )
    root = _pitch_class(found["root"])
    tones = {(root + interval) % OCTAVE for interval in _intervals(found)}
    bass = _pitch_class(found["bass"]) if found["bass"] else root
    return Chord(sum(1 << tone for tone in tones | {bass}), bass)


def parse_progression(text: str) -> tuple[BeatChords, ...]:
    """Bars of chords, written ``| Am | F | C G | G7sus4 G7 |``; the chord of every beat of every bar.

    One chord in a bar lasts it, two share it, of three the first has two beats, four have one each; a point
    is the chord before it for another beat, and % the bar before again. Raises ParameterError naming the bar.
    """
    written = [bar.split() for bar in text.strip().strip("|").split("|")]
    if not any(written):
        raise ParameterError('there are no chords: write them between bar lines, like "| Am | F | C | G |"')
    if len(written) > MAX_BARS:
        raise ParameterError(f"these are {len(written)} bars of chords; at most {MAX_BARS} are taken")
    bars: list[BeatChords] = []
    for number, symbols in enumerate(written, start=1):
        try:
            bars.append(bars[-1] if symbols == ["%"] and bars else _bar(symbols))
        except ParameterError as error:
            raise ParameterError(f"bar {number} of the chords: {error}") from error
    return tuple(bars)


def chord_name(chord: Chord) -> str:
    """The symbol a player would expect: on its bass if there is one, else over it; else the tones by name."""
    on_bass = _SUFFIXES.get(chord.transposed(-chord.bass).tones)
    if on_bass is not None:
        return f"{_NAMES[chord.bass]}{on_bass}"
    others = [tone for tone in chord.pitch_classes if tone != chord.bass]
    turned = {tone: chord.transposed(-tone).tones for tone in others}
    known = [(_COMMON.index(_SUFFIXES[tones]), tone) for tone, tones in turned.items() if tones in _SUFFIXES]
    if known:
        simplest, root = min(known)
        return f"{_NAMES[root]}{_COMMON[simplest]}/{_NAMES[chord.bass]}"
    return " ".join(_NAMES[tone] for tone in (chord.bass, *others))


def _pitch_class(name: str) -> int:
    return (_NATURALS[name[0]] + name.count("#") - name.count("b")) % OCTAVE


def _intervals(found: re.Match[str]) -> set[int]:
    triad, number = found["triad"], found["number"]
    intervals = set(_TRIADS.get(triad, {0, 4, 7}))
    if number == "5":
        intervals = {0, 7}
    elif number in ("2", "4"):
        intervals = intervals - _THIRDS | {_DEGREES[number]}
    elif number == "6":
        intervals |= {9}
    elif number == "69":
        intervals |= {9, 14}
    elif number:
        is_major = triad in _MAJOR_NAMES or bool(found["seventh"])
        intervals |= {11 if is_major else 9 if triad == "dim" else 10} | _ABOVE_SEVENTH[number]
    for change in _CHANGE.findall(found["changes"]):
        intervals = _changed(intervals, change)
    return intervals


def _changed(intervals: set[int], change: str) -> set[int]:
    if change.startswith("sus"):
        return intervals - _THIRDS | {2 if change == "sus2" else 5}
    if change == "alt":
        return intervals - _FIFTHS | {8, 10, 13, 15}
    if change in ("no3", "no5"):
        return intervals - (_THIRDS if change == "no3" else _FIFTHS)
    degree = change.removeprefix("add")
    interval = _DEGREES[degree.strip("#b")] + degree.count("#") - degree.count("b")
    return (intervals - _FIFTHS if degree in ("b5", "#5") else intervals) | {interval}


def _bar(symbols: list[str]) -> BeatChords:
    if not symbols:
        raise ParameterError("it is empty: write N.C. where there is no chord")
    if len(symbols) > BEATS_PER_BAR:
        raise ParameterError(f"it has {len(symbols)} chords, and a bar has {BEATS_PER_BAR} beats")
    if "." in symbols and len(symbols) != BEATS_PER_BAR:
        raise ParameterError(f"with points it takes one symbol for each of its {BEATS_PER_BAR} beats")
    if symbols[0] in (".", "%"):
        raise ParameterError(f"it begins with {symbols[0]}, and there is no chord before it")
    beats: list[Chord | None] = []
    for symbol in symbols:
        beats.append(beats[-1] if symbol == "." else parse_chord(symbol))
    lengths = {1: (4,), 2: (2, 2), 3: (2, 1, 1), 4: (1, 1, 1, 1)}[len(beats)]
    return tuple(chord for chord, beats_long in zip(beats, lengths, strict=True) for _ in range(beats_long))


def _suffixes() -> dict[int, str]:
    """Tones over C -> what is written after the root; the simplest symbol for each."""
    names: dict[int, str] = {}
    for suffix in _COMMON:
        chord = parse_chord(f"C{suffix}")
        if chord is not None:
            names.setdefault(chord.tones, suffix)
    return names


_SUFFIXES = _suffixes()
