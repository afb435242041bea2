"""Musical attributes of windows, and the latent directions that raise them.

Definitions after Roberts et al. 2018, appendix C: a direction is the mean latent of the quarter of the
training windows that has most of an attribute, less the mean of the quarter that has least.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import FIRST_ONSET, LOWEST_PITCH
from livevae.units import STEPS_PER_BEAT

Windows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Measure = Callable[[Windows], Values]

_C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_OCTAVE = 12
_HATS = (DRUM_CLASSES.index("closed_hat"), DRUM_CLASSES.index("open_hat"))
_KICK = DRUM_CLASSES.index("kick")
_QUARTER = 0.25


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


def interval(windows: Windows) -> Values:
    """Mean distance between successive onsets of a line, in semitones; 0 for fewer than two."""
    line = windows[:, :, 0]
    found = np.zeros(len(line))
    for index, tokens in enumerate(line):
        pitches = tokens[tokens >= FIRST_ONSET]
        if len(pitches) > 1:
            found[index] = np.abs(np.diff(pitches)).mean()
    return found


def c_major(windows: Windows) -> Values:
    """Share of a line's onsets in the scale of C major; transpose for any other key."""
    onsets = windows[:, :, 0] >= FIRST_ONSET
    pitch_class = (windows[:, :, 0] - FIRST_ONSET + LOWEST_PITCH) % _OCTAVE
    return _share(np.isin(pitch_class, _C_MAJOR), onsets)


def _line(windows: Windows) -> npt.NDArray[np.bool_]:
    return np.asarray(windows[:, :, 0] >= FIRST_ONSET)


def _any_drum(windows: Windows) -> npt.NDArray[np.bool_]:
    return np.asarray(windows.any(axis=2))


def hat_share(windows: Windows) -> Values:
    """Share of the hits that are hi-hats, closed or open."""
    hats = np.zeros(windows.shape[2], dtype=bool)
    hats[list(_HATS)] = True
    return _share(np.broadcast_to(hats, windows.shape), windows == 1)


def kick_on_beats(windows: Windows) -> Values:
    """Share of the beats that have a kick."""
    return np.asarray(windows[:, ::STEPS_PER_BEAT, _KICK].mean(axis=1), dtype=np.float64)


MEASURES: Mapping[str, Mapping[str, Measure]] = {
    "melody": {
        "density": lambda windows: density(_line(windows)),
        "interval": interval,
        "c_major": c_major,
        "syncopation_16": lambda windows: syncopation(_line(windows), 1),
        "syncopation_8": lambda windows: syncopation(_line(windows), 2),
    },
    "drums": {
        "density": lambda windows: np.asarray(windows.mean(axis=(1, 2)), dtype=np.float64),
        "syncopation_16": lambda windows: syncopation(_any_drum(windows), 1),
        "hat_share": hat_share,
        "kick_on_beats": kick_on_beats,
    },
}
"""Codec name -> attribute name -> what measures it: windows (n, steps, columns) -> (n,)."""


def attribute_vectors(codec_name: str, windows: Windows, z: npt.NDArray[np.floating]) -> dict[str, Values]:
    """The direction of every attribute of a codec; none for codecs without measures.

    windows: (n, steps, columns). z: their posterior means (n, latent). Returns name -> (latent,).
    """
    return {
        name: quarter_difference(measure(windows), z)
        for name, measure in MEASURES.get(codec_name, {}).items()
    }


def quarter_difference(values: Values, z: npt.NDArray[np.floating]) -> Values:
    """Mean z of the highest quarter of ``values`` less that of the lowest, ties broken by order."""
    order = np.argsort(values, kind="stable")
    quarter = max(1, int(len(order) * _QUARTER))
    return np.asarray(z[order[-quarter:]].mean(axis=0) - z[order[:quarter]].mean(axis=0), dtype=np.float64)
