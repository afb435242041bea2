"""Chord labels as music research writes them: ``C#:min7/b3``.

Source: Harte, Sandler, Abdallah, Gomez, "Symbolic representation of musical chords", ISMIR 2005; the
shorthands are those that POP909 uses.
"""

from __future__ import annotations

_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 14}
_SHORTHANDS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "sus4(b7)": (0, 5, 7, 10),
    "maj6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "minmaj7": (0, 3, 7, 11),
    "hdim7": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
}
_BASS_FROM = 36
_TONES_FROM = 48
_OCTAVE = 12


def chord_pitches(label: str) -> tuple[int, ...]:
    """MIDI pitches that say the chord, its bass lowest; none for ``N`` and for labels not known here."""
    root_name, _, rest = label.partition(":")
    quality, _, bass = rest.partition("/")
    root = _semitones(root_name, _NATURALS)
    intervals = _SHORTHANDS.get(quality or "maj")
    if root is None or intervals is None:
        return ()
    above = (_semitones(bass, _DEGREES) if bass else 0) or 0
    tones = {_TONES_FROM + (root + interval) % _OCTAVE for interval in intervals}
    return (_BASS_FROM + (root + above) % _OCTAVE, *sorted(tones))


def _semitones(name: str, naturals: dict[str, int]) -> int | None:
    """A note or degree with any number of sharps and flats, as semitones; None if it is none."""
    plain = name.strip("#b")
    if plain not in naturals:
        return None
    return naturals[plain] + name.count("#") - name.count("b")
