"""Notes that follow a chord: strong beats take its tones, the others a scale that it fits."""

from __future__ import annotations

from livevae.core.chords import OCTAVE, Chord
from livevae.core.scales import KEYS, SCALES

_MAJOR = SCALES["major"]
_HIGHEST = 127


def lock_to_chord(pitch: int, chord: Chord, key: str, *, is_strong: bool) -> int:
    """The nearest allowed pitch, of two equally near the lower; never leaves 0-127.

    On strong beats the chord's own tones are allowed, else the scale it is heard in (``scale_of``). A single
    tone is no chord to follow: the scale alone counts.
    """
    tones = chord.pitch_classes
    allowed = tones if is_strong and len(tones) > 1 else scale_of(chord, key)
    for distance in range(OCTAVE):
        for candidate in (pitch - distance, pitch + distance):
            if 0 <= candidate <= _HIGHEST and candidate % OCTAVE in allowed:
                return candidate
    raise AssertionError("every chord has a tone within an octave")


def scale_of(chord: Chord, key: str) -> tuple[int, ...]:
    """The pitch classes one plays over ``chord`` in the major key (or its relative minor) on ``key``.

    The key's own seven, but where the chord has another tone that one takes the place of the degree it bends:
    over E7 in C the G gives way to the G sharp, which makes the harmonic minor of A; over Fm the A to the A
    flat.
    """
    tonic = KEYS.index(key)
    tones = {(tone - tonic) % OCTAVE for tone in chord.pitch_classes}
    bent = {_degree_bent(tone, tones) for tone in tones if tone not in _MAJOR}
    return tuple(sorted((tonic + degree) % OCTAVE for degree in (set(_MAJOR) - bent) | tones))


def _degree_bent(tone: int, tones: set[int]) -> int:
    """Which degree of the key a tone outside it is, raised or lowered, by what else sounds; both 0-11."""
    if tone == 1:
        return 2 if 5 in tones else 0  # of D flat: the second; of A7: the tonic raised
    if tone == 3:
        return 2 if tones & {6, 11} else 4  # of B7: the second raised; else the minor third
    if tone == 6:
        return 5
    if tone == 8:
        return 7 if tones & {4, 11} else 9  # of E7: the fifth raised; of Fm: the sixth lowered
    return 11
