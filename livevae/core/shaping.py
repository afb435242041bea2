"""What happens to a note as it leaves: scale lock, register, transposition, loudness, accent."""

from __future__ import annotations

from collections.abc import Mapping

from livevae.core.feel import Dynamics, FeltNote
from livevae.core.parameters import ParameterValue
from livevae.core.scales import fold_into_register, lock_to_scale
from livevae.units import STEPS_PER_BAR

# How strong each sixteenth of a 4/4 bar is, 0-1: the metrical hierarchy of Lerdahl and Jackendoff
# ("A Generative Theory of Tonal Music", ch. 4), half the remaining strength lost at each level down.
_STRENGTHS = tuple(
    1.0 if step == 0 else 0.75 if step == 8 else 0.5 if step % 4 == 0 else 0.25 if step % 2 == 0 else 0.0
    for step in range(STEPS_PER_BAR)
)
_ACCENT_SPAN = 36  # velocity between the strongest and the weakest sixteenth at full accent


def shaped_pitch(pitch: int, values: Mapping[str, ParameterValue], *, is_drum: bool) -> int:
    """The pitch that sounds: transposed, locked to the scale, folded into the register. Drums stay."""
    if is_drum:
        return pitch
    moved = min(127, max(0, pitch + int(values["transpose"])))
    locked = lock_to_scale(moved, str(values["key"]), str(values["scale"]))
    low, high = int(values["register_low"]), int(values["register_high"])
    folded = fold_into_register(locked, min(low, high), max(low, high))
    # folding moves by octaves, which keeps the scale, except where 0-127 cut it short
    return lock_to_scale(folded, str(values["key"]), str(values["scale"]))


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
