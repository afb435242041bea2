"""Musical attributes of windows. Definitions after Roberts et al. 2018, appendix C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.band import BAND, DRUMS
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import FIRST_ONSET, LINE_CLASSES, LOWEST_PITCH
from livevae.codec.percussion import PERCUSSION, column_of
from livevae.core.attributes import IN_KEY
from livevae.core.attributes import of_part as of_part_name
from livevae.core.drum_kit import GM
from livevae.units import STEPS_PER_BEAT

Windows = npt.NDArray[np.int64]
"""Shape (windows, steps, columns)."""
Line = npt.NDArray[np.int64]
"""Shape (windows, steps): one melody's or bass's tokens."""
Values = npt.NDArray[np.float64]
Measure = Callable[[Windows], Values]

_C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_OCTAVE = 12
_HATS = (DRUM_CLASSES.index("closed_hat"), DRUM_CLASSES.index("open_hat"))
_KICK = DRUM_CLASSES.index("kick")


def _share(part: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> Values:
    """Of the true cells of ``of``, the share true in ``part`` too, for each window; 0 where there is none."""
    whole = of.reshape(len(of), -1).sum(axis=1)
    found = (part & of).reshape(len(of), -1).sum(axis=1)
    return np.asarray(found / np.maximum(whole, 1), dtype=np.float64)


def density(onsets: npt.NDArray[np.bool_]) -> Values:
    """Share of steps on which something starts. onsets: (windows, steps)."""
    return np.asarray(onsets.mean(axis=1), dtype=np.float64)


def syncopation(onsets: npt.NDArray[np.bool_], grid_steps: int) -> Values:
    """Share of onsets that fall between two grid points with nothing on the one before.

    onsets: (windows, steps). grid_steps: 1 looks at odd sixteenths, 2 at odd eighths.
    """
    steps = np.arange(onsets.shape[1])
    between = steps % (2 * grid_steps) == grid_steps
    before = np.roll(onsets, grid_steps, axis=1)  # rolls the end onto step 0, which is never between
    return _share(between[None, :] & ~before, onsets)


def interval(line: Line) -> Values:
    """Mean distance between successive onsets of a line, in semitones; 0 for fewer than two."""
    found = np.zeros(len(line))
    for index, tokens in enumerate(line):
        pitches = tokens[tokens >= FIRST_ONSET]
        if len(pitches) > 1:
            found[index] = np.abs(np.diff(pitches)).mean()
    return found


def in_major(line: Line, tonic: int) -> Values:
    """Share of a line's onsets in the major scale on ``tonic``, 0 (C) … 11."""
    pitch_class = (line - FIRST_ONSET + LOWEST_PITCH - tonic) % _OCTAVE
    return _share(np.isin(pitch_class, _C_MAJOR), line >= FIRST_ONSET)


def hat_share(hits: Windows) -> Values:
    """Share of the hits that are hi-hats, closed or open."""
    hats = np.zeros(hits.shape[2], dtype=bool)
    hats[list(_HATS)] = True
    return _share(np.broadcast_to(hats, hits.shape), hits == 1)


def kick_on_beats(hits: Windows) -> Values:
    """Share of the beats that have a kick."""
    return np.asarray(hits[:, ::STEPS_PER_BEAT, _KICK].mean(axis=1), dtype=np.float64)


_LINE: Mapping[str, Callable[[Line], Values]] = {
    "density": lambda line: density(line >= FIRST_ONSET),
    "interval": interval,
    "syncopation_16": lambda line: syncopation(line >= FIRST_ONSET, 1),
    "syncopation_8": lambda line: syncopation(line >= FIRST_ONSET, 2),
    **{name: partial(in_major, tonic=tonic) for tonic, name in enumerate(IN_KEY)},
}
_PLAYER: Mapping[str, Callable[[npt.NDArray[np.bool_]], Values]] = {
    "density": density,
    "syncopation_16": partial(syncopation, grid_steps=1),
    "syncopation_8": partial(syncopation, grid_steps=2),
}
_DRUMS: Mapping[str, Measure] = {
    "density": lambda hits: np.asarray(hits.mean(axis=(1, 2)), dtype=np.float64),
    "syncopation_16": lambda hits: syncopation(np.asarray(hits.any(axis=2)), 1),
    "hat_share": hat_share,
    "kick_on_beats": kick_on_beats,
}


def measures(codec: Codec) -> dict[str, Measure]:
    """What measures each attribute of a codec's windows: windows (n, steps, columns) -> (n,).

    A part's attributes bear its name where there are several parts: ``bass_density``. A whole kit is measured
    by the nine drums its instruments count among; drums of other classes are not.
    """
    found: dict[str, Measure] = {}
    for part in codec.parts:
        columns = [index for index, column in enumerate(codec.columns) if column.part == part]
        of_part: dict[str, Measure] = {}
        if len(columns) == 1 and codec.columns[columns[0]].classes == LINE_CLASSES:
            of_part = {name: partial(_of_line, measure, columns[0]) for name, measure in _LINE.items()}
        elif codec.name == BAND and part != DRUMS:
            pitch = next(index for index in columns if codec.columns[index].name.endswith("_pitch"))
            of_part = {name: partial(_of_player, measure, pitch) for name, measure in _PLAYER.items()}
        elif len(columns) == len(DRUM_CLASSES):
            of_part = {name: partial(_of_columns, measure, columns) for name, measure in _DRUMS.items()}
        elif codec.name == PERCUSSION:
            of_part = {name: partial(_of_kit, measure) for name, measure in _DRUMS.items()}
        for name, measure in of_part.items():
            found[name if len(codec.parts) == 1 else of_part_name(part, name)] = measure
    return found


def _of_line(measure: Callable[[Line], Values], column: int, windows: Windows) -> Values:
    return measure(windows[:, :, column])


def _of_columns(measure: Measure, columns: list[int], windows: Windows) -> Values:
    return measure((windows[:, :, columns] > 0).astype(np.int64))


def _of_player(
    measure: Callable[[npt.NDArray[np.bool_]], Values], pitch_column: int, windows: Windows
) -> Values:
    return measure(windows[:, :, pitch_column] > 0)


def _of_kit(measure: Measure, windows: Windows) -> Values:
    """Nine columns out of the 61: whether anything in a drum's row of the General MIDI map is struck."""
    rows = [[column for pitch in row if (column := column_of(pitch)) is not None] for row in GM.rows]
    nine = np.stack([windows[:, :, row].any(axis=2) for row in rows], axis=2)
    return measure(nine.astype(np.int64))
