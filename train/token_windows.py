"""Arithmetic on arrays of token windows: cut from longer ones, moved by semitones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.lines import FIRST_ONSET, HOLD, LINE_CLASSES, LOWEST_PITCH

_OCTAVE = 12


def line_columns(codec: Codec) -> list[int]:
    """Indices of the columns that are monophonic lines."""
    return [index for index, column in enumerate(codec.columns) if column.classes == LINE_CLASSES]


def canonical(tokens: npt.NDArray[np.int64], codec: Codec) -> npt.NDArray[np.int64]:
    """Windows cut from a longer encoding, as if encoded alone: what sounded before the window is not in it.

    tokens: shape (windows, steps, columns).
    """
    for column in line_columns(codec):
        line = tokens[:, :, column]
        started = np.maximum.accumulate(line >= FIRST_ONSET, axis=1)
        tokens[:, :, column] = np.where(started, line, HOLD)
    return tokens


def octaves_up(song: npt.NDArray[np.uint8], codec: Codec, lowest_median: int) -> int:
    """Semitones, in whole octaves, that bring a melody's median pitch to at least ``lowest_median``.

    song: shape (steps, columns). 0 for codecs other than melody.
    """
    if codec.name != "melody":
        return 0
    pitches = song[song >= FIRST_ONSET].astype(np.int64) - FIRST_ONSET + LOWEST_PITCH
    short_by = lowest_median - float(np.median(pitches)) if pitches.size else 0.0
    return _OCTAVE * int(-(-short_by // _OCTAVE)) if short_by > 0 else 0


def reachable(
    tokens: npt.NDArray[np.int64], codec: Codec, semitones: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """By how much each window can be moved: as asked, or 0 where a line would leave the piano.

    tokens: (windows, steps, columns). semitones: (windows,). Returns (windows,).
    """
    lines = tokens[:, :, line_columns(codec)]
    moved = lines + semitones[:, None, None]
    fits: npt.NDArray[np.bool_] = (lines < FIRST_ONSET) | ((moved >= FIRST_ONSET) & (moved < LINE_CLASSES))
    return np.where(fits.all(axis=(1, 2)), semitones, 0)


def transposed(
    tokens: npt.NDArray[np.int64], codec: Codec, semitones: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Windows with all their lines moved together; a window that would leave the piano stays as it is.

    tokens: (windows, steps, columns). semitones: (windows,).
    """
    columns = line_columns(codec)
    if not columns:
        return tokens
    lines = tokens[:, :, columns]
    by = reachable(tokens, codec, semitones)
    result = tokens.copy()
    result[:, :, columns] = np.where(lines >= FIRST_ONSET, lines + by[:, None, None], lines)
    return result
