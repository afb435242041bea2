"""Which numbers of a song's z are about which bar and which part."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate

from livevae.codec.layout import LatentLayout
from livevae.units import BEATS_PER_BAR
from train.models.song_voices import Voices

_ROUND = 2  # numbers of the key, which goes round a circle


def song_layout(voices: Voices, bars: int, chords: int) -> LatentLayout:
    """The layout of SongModel's z, first to last.

    The key, where there are lines; the other measures of the whole, voice by voice; then for each bar what
    each voice brings back, the bar's ``chords``, and what each voice does in each beat. Chords are about all
    lines.
    """
    parts = len(voices.parts)
    about: dict[str, list[tuple[int, int]]] = defaultdict(list)
    at = _ROUND if voices.lines else 0
    ends = (0, *voices.measure_ends)
    for part, first, end in zip(voices.parts, ends, ends[1:], strict=False):
        about[part].append((at + first, at + end))
    at += ends[-1]
    bar_numbers = parts + chords + BEATS_PER_BAR * sum(voices.numbers)
    starts = range(at, at + bars * bar_numbers, bar_numbers)
    beat_ends = (0, *accumulate(voices.numbers))
    for start in starts:
        for index, part in enumerate(voices.parts):
            about[part].append((start + index, start + index + 1))
            if chords and index in voices.lines:
                about[part].append((start + parts, start + parts + chords))
            for beat in range(start + parts + chords, start + bar_numbers, beat_ends[-1]):
                about[part].append((beat + beat_ends[index], beat + beat_ends[index + 1]))
    by_bar = tuple(((start, start + bar_numbers),) for start in starts)
    if parts == 1:
        return LatentLayout(by_bar)
    return LatentLayout(by_bar, {part: tuple(about[part]) for part in voices.parts})
