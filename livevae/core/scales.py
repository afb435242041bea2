"""Keys and scales: moving a pitch to the nearest one the key allows."""

from __future__ import annotations

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

SCALES: dict[str, tuple[int, ...]] = {
    "off": tuple(range(12)),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}

FOLLOW_CHORD = "chord"
"""In place of a scale: whatever the chord of the moment asks for, see ``chord_scale``."""


def lock_to_scale(pitch: int, key: str, scale: str) -> int:
    """The pitch of ``scale`` on ``key`` nearest to ``pitch``; of two equally near, the lower.

    Never leaves 0-127.
    """
    tonic = KEYS.index(key)
    allowed = SCALES[scale]
    for distance in range(12):
        for candidate in (pitch - distance, pitch + distance):
            if 0 <= candidate <= 127 and (candidate - tonic) % 12 in allowed:
                return candidate
    raise AssertionError("every scale has a tone within an octave")


def fold_into_register(pitch: int, lowest: int, highest: int) -> int:
    """``pitch`` moved by whole octaves into lowest..highest.

    Where the register is narrower than an octave and no octave fits, the octave that comes
    nearest is taken.
    """
    if pitch < lowest:
        raised = pitch + 12 * -((pitch - lowest) // 12)
        return raised if raised <= highest else _nearer(raised, raised - 12, lowest, highest)
    if pitch > highest:
        lowered = pitch - 12 * -((highest - pitch) // 12)
        return lowered if lowered >= lowest else _nearer(lowered, lowered + 12, lowest, highest)
    return pitch


def _nearer(first: int, second: int, lowest: int, highest: int) -> int:
    def outside(pitch: int) -> int:
        return max(lowest - pitch, pitch - highest, 0)

    nearest = first if outside(first) <= outside(second) else second
    return min(127, max(0, nearest))
