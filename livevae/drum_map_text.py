"""Drum maps as people write them: a line for each drum, with the pitches that play it.

    kick        36 35
    snare       38 40 37       # the first is the one that is played back
    closed hat  F#1 G#1        # notes by name, C1 being 36 as in Ableton Live

Drums that are left out are not there: nothing is heard as them, and nothing plays them. Whatever is wrong is
a PresetError in a sentence.
"""

from __future__ import annotations

import re

from livevae.core.drum_kit import DRUMS, DrumMap
from livevae.errors import PresetError
from livevae.wording import shown, suggestion

_LINE = re.compile(r"(?P<drum>[A-Za-z][A-Za-z_ -]*?)\s*[:=]?\s+(?P<pitches>[^\s,]*\d.*)")
_NOTE = re.compile(r"([A-Ga-g])([#b]?)(-?\d)")
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_OCTAVES_BELOW_0 = 2  # C-2 is MIDI note 0


def read_drum_map(text: str, name: str = "own") -> DrumMap:
    """The map that ``text`` writes down. Raises PresetError naming the line and what would be accepted."""
    rows: dict[str, tuple[int, ...]] = {}
    claimed: dict[int, str] = {}
    for line in text.splitlines():
        bare = line.split(" #", 1)[0].strip()
        if not bare or bare.startswith("#"):
            continue
        drum, pitches = _read_line(bare)
        if drum in rows:
            raise PresetError(f"the drum map has two lines for {drum}: write all its pitches in one")
        for pitch in pitches:
            if pitch in claimed:
                raise PresetError(
                    f"the drum map has pitch {pitch} for {claimed[pitch]} and for {drum}: it can be only one"
                )
            claimed[pitch] = drum
        rows[drum] = pitches
    if not rows:
        raise PresetError("the drum map is empty: write a line for each drum, e.g. kick 36 35")
    return DrumMap(name, tuple(rows.get(drum, ()) for drum in DRUMS))


def _read_line(line: str) -> tuple[str, tuple[int, ...]]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise PresetError(
            f"the drum map cannot have the line {shown(line)}: write a drum and pitches, kick 36 35"
        )
    drum = re.sub(r"[ -]+", "_", match["drum"].strip().lower())
    if drum not in DRUMS:
        raise PresetError(
            f"the drum map knows no drum {shown(match['drum'])}{suggestion(drum, DRUMS)}: "
            f"drums are {', '.join(DRUMS)}"
        )
    return drum, tuple(_pitch(word) for word in re.split(r"[\s,]+", match["pitches"].strip(" ,")))


def _pitch(word: str) -> int:
    pitch = -1
    note = _NOTE.fullmatch(word)
    if note is not None:
        letter, sign, octave = note.groups()
        shift = {"#": 1, "b": -1}.get(sign, 0)
        pitch = 12 * (int(octave) + _OCTAVES_BELOW_0) + _SEMITONES[letter.upper()] + shift
    elif word.isascii() and word.isdigit():
        pitch = int(word[:9])
    if not 0 <= pitch <= 127:
        raise PresetError(
            f"the drum map has the pitch {shown(word)}: it takes 0 to 127, or a note such as C1, which is 36"
        )
    return pitch
