"""What happens to a note as it leaves: scale lock, register, transposition, loudness, accent."""

from __future__ import annotations

from collections.abc import Mapping

from livevae.core.chord_scale import lock_to_chord
from livevae.core.chords import Chord
from livevae.core.feel import Dynamics, FeltNote
from livevae.core.parameters import ParameterValue
from livevae.core.scales import FOLLOW_CHORD, fold_into_register, lock_to_scale
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT

# How strong each sixteenth of a 4/4 bar is, 0-1: the metrical hierarchy of Lerdahl and Jackendoff
# ("A Generative Theory of Tonal Music", ch. 4), half the remaining strength lost at each level down.
_STRENGTHS = tuple(
    1.0 if step == 0 else 0.75 if step == 8 else 0.5 if step % 4 == 0 else 0.25 if step % 2 == 0 else 0.0
    for step in range(STEPS_PER_BAR)
)
_ACCENT_SPAN = 36  # velocity between the strongest and the weakest sixteenth at full accent


def shaped_pitch(
    pitch: int,
    values: Mapping[str, ParameterValue],
    *,
    is_drum: bool,
    chord: Chord | None = None,
    step: int = 0,
) -> int:
    """The pitch that sounds: transposed, locked to the scale, folded into the register. Drums stay.

    chord: of the moment, for parts that follow it. step: the sixteenth it sounds on.
    """
    if is_drum:
        return pitch
    moved = min(127, max(0, pitch + int(values["transpose"])))
    locked = _locked(moved, values, chord, step)
    low, high = int(values["register_low"]), int(values["register_high"])
    folded = fold_into_register(locked, min(low, high), max(low, high))
    # folding moves by octaves, which keeps the scale, except where 0-127 cut it short
    return _locked(folded, values, chord, step)


def _locked(pitch: int, values: Mapping[str, ParameterValue], chord: Chord | None, step: int) -> int:
    key, scale = str(values["key"]), str(values["scale"])
    if scale != FOLLOW_CHORD:
        return lock_to_scale(pitch, key, scale)
    return pitch if chord is None else lock_to_chord(pitch, chord, key, is_strong=step % STEPS_PER_BEAT == 0)


def shaped_velocity(felt: FeltNote, values: Mapping[str, ParameterValue]) -> int:
    """The velocity that sounds, 1-127: accented by its place in the bar, felt, then scaled by the level.

    felt: in song position. The accent is for notes that have no dynamics of their own.
    """
    amount = float(values["feel_velocity"])
    accent = float(values["accent"]) * _ACCENT_SPAN * (_STRENGTHS[felt.step % STEPS_PER_BAR] - 0.5)
    if felt.dynamics is not Dynamics.FLAT:
        accent *= max(0.0, 1.0 - amount) if felt.dynamics is Dynamics.FELT else 0.0
    velocity = felt.note.velocity + amount * (felt.velocity - felt.note.velocity) + accent
    return min(127, max(1, round(velocity * float(values["level"]))))
