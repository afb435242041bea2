"""A window's tokens, part by part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec

Windows = npt.NDArray[np.int64]
"""Shape (windows, steps, columns)."""
Symbols = npt.NDArray[np.int64]
"""Shape (windows, steps): one number for all that a part does on a step."""

LINES = ("melody", "bass")
DRUMS = "drums"
FIRST_PITCH_CLASS = 2  # a line's tokens: 0 hold, 1 note-off, then pitches upwards from 21
LOWEST_PITCH = 21


def part_tokens(codec: Codec, windows: Windows) -> dict[str, Windows]:
    """The columns of each part, shape (windows, steps, columns of the part)."""
    return {
        part: windows[..., [index for index, column in enumerate(codec.columns) if column.part == part]]
        for part in codec.parts
    }


def part_symbols(codec: Codec, windows: Windows) -> dict[str, Symbols]:
    """Each part's columns read as the digits of one number, first column lowest."""
    symbols = {}
    for part in codec.parts:
        value = np.zeros(windows.shape[:2], dtype=np.int64)
        radix = 1
        for index, column in enumerate(codec.columns):
            if column.part == part:
                value += radix * windows[..., index]
                radix *= column.classes
        symbols[part] = value
    return symbols


def alphabet_sizes(codec: Codec) -> dict[str, int]:
    """How many symbols a part could have."""
    sizes = dict.fromkeys(codec.parts, 1)
    for column in codec.columns:
        sizes[column.part] *= column.classes
    return sizes


def struck_steps(tokens: Windows) -> npt.NDArray[np.bool_]:
    """Steps on which any of a part's columns does something, shape (windows, steps)."""
    struck: npt.NDArray[np.bool_] = np.any(tokens > 0, axis=-1)
    return struck


def onsets(line: Symbols) -> npt.NDArray[np.bool_]:
    """Where a melody or bass line starts a note, shape as given."""
    return line >= FIRST_PITCH_CLASS


def sounding_pitches(line: Symbols) -> Symbols:
    """MIDI pitch sounding on every step of a line, shape (windows, steps); -1 where it is silent."""
    pitches = np.empty_like(line)
    current = np.full(line.shape[0], -1, dtype=np.int64)
    for step in range(line.shape[1]):
        token = line[:, step]
        current = np.where(token >= FIRST_PITCH_CLASS, token - FIRST_PITCH_CLASS + LOWEST_PITCH, current)
        current = np.where(token == 1, -1, current)
        pitches[:, step] = current
    return pitches
