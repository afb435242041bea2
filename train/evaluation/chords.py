"""Does a melody that is told its chords follow them?

A note *fits* if its pitch class is among the tones of the chord on its beat; only beats whose chord has at
least three tones count. A melody of any key fits some of another song's chords by chance, so every share
stands beside the same melody's under chords of another song (``mismatched``): the difference is what the
chords did.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.chords import Features
from livevae.codec.lines import FIRST_ONSET, LOWEST_PITCH
from livevae.core.chords import OCTAVE
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT
from train.evaluation.exported import ExportedModel, Latents
from train.evaluation.parts import Windows

_FULL_CHORD = 3  # tones
_STRONG = STEPS_PER_BAR // 2  # the first and third beat of a bar


def chord_figures(
    model: ExportedModel,
    windows: Windows,
    chords: Features,
    samples: Windows,
    z: Latents,
    temperature: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """All figures about chords; ``samples`` were played from ``z`` over ``chords``, as ``windows`` were.

    held_out, prior: see ``fitting``. moved: the same points of the latent space over another song's chords,
    at temperature 0. notes_changed: share of its notes that have another pitch then, or none. rhythm_kept:
    share of its onsets that are onsets still. fitting_before, fitting: how notes fit the new chords, before
    and after the change.
    """
    others = np.roll(chords, len(chords) // 2, axis=0)
    here = model.over(chords).decode("playing over its chords", z, 0.0, rng)
    there = model.over(others).decode("playing over other chords", z, 0.0, rng)
    return {
        "held_out": fitting(windows, chords, others),
        "prior": fitting(samples, chords, others),
        "moved": {
            "notes_changed": _changed(here, there),
            "rhythm_kept": _kept(here, there),
            "fitting_before": _share_fitting(here, others, 1),
            "fitting": _share_fitting(there, others, 1),
        },
    }


def fitting(windows: Windows, chords: Features, others: Features) -> dict[str, float]:
    """Shares of a melody's notes that fit its chords and others': all notes, and those on strong beats."""
    return {
        "notes": _share_fitting(windows, chords, 1),
        "notes_mismatched": _share_fitting(windows, others, 1),
        "strong_beats": _share_fitting(windows, chords, _STRONG),
        "strong_beats_mismatched": _share_fitting(windows, others, _STRONG),
    }


def _share_fitting(windows: Windows, chords: Features, every_steps: int) -> float:
    """Share of the onsets on every so many steps whose pitch class is a tone of their beat's chord."""
    line = windows[:, :, 0]
    tones = chords[:, :, :OCTAVE].repeat(STEPS_PER_BEAT, axis=1) > 0  # (windows, steps, 12)
    counted = (line >= FIRST_ONSET) & (tones.sum(axis=2) >= _FULL_CHORD)
    counted[:, np.arange(line.shape[1]) % every_steps != 0] = False
    pitch_class = (line - FIRST_ONSET + LOWEST_PITCH) % OCTAVE
    fits = np.take_along_axis(tones, pitch_class[..., None], axis=2)[..., 0]
    return _share(fits, counted)


def _changed(before: Windows, after: Windows) -> float:
    onsets = before >= FIRST_ONSET
    return _share(before != after, onsets)


def _kept(before: Windows, after: Windows) -> float:
    return _share(after >= FIRST_ONSET, before >= FIRST_ONSET)


def _share(some: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> float:
    return float((some & of).sum() / max(1, of.sum()))
