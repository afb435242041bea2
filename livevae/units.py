"""Musical and clock quantities, and the pure conversions between them.

Inside livevae every musical position is an integer count of *ticks* and every
clock time an integer count of nanoseconds; floats appear only at the edge.

One quarter note (a *beat*) is 96,000 ticks, so that a MIDI clock pulse (1/24 beat),
a sixteenth, a triplet and a Standard MIDI File tick (1/960 beat) are all whole
numbers of ticks and one tick is about 5 microseconds at 120 BPM.
"""

from __future__ import annotations

TICKS_PER_BEAT = 96_000
PULSES_PER_BEAT = 24  # MIDI 1.0, System Real Time: 24 timing clocks a quarter note
TICKS_PER_PULSE = TICKS_PER_BEAT // PULSES_PER_BEAT
STEPS_PER_BEAT = 4  # a step is a sixteenth
TICKS_PER_STEP = TICKS_PER_BEAT // STEPS_PER_BEAT
HALF_STEP_TICKS = TICKS_PER_STEP // 2  # microtiming reaches half a step either way
BEATS_PER_BAR = 4  # models know 4/4
STEPS_PER_BAR = STEPS_PER_BEAT * BEATS_PER_BAR
TICKS_PER_BAR = TICKS_PER_BEAT * BEATS_PER_BAR
MIDI_FILE_TICKS_PER_BEAT = 960

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_MINUTE = 60 * NS_PER_S

MIN_BPM = 20.0
MAX_BPM = 400.0


def ns_per_beat_of_bpm(tempo_bpm: float) -> int:
    """Length of a quarter note in nanoseconds at ``tempo_bpm``."""
    return round(NS_PER_MINUTE / tempo_bpm)


def bpm_of_ns_per_beat(ns_per_beat: int) -> float:
    """Tempo in quarter notes a minute."""
    return NS_PER_MINUTE / ns_per_beat


def ticks_to_ns(ticks: int, ns_per_beat: int) -> int:
    """Duration of ``ticks`` at a steady tempo, rounded to the nearest nanosecond."""
    return (2 * ticks * ns_per_beat + TICKS_PER_BEAT) // (2 * TICKS_PER_BEAT)


def ns_to_ticks(duration_ns: int, ns_per_beat: int) -> int:
    """Whole ticks nearest to ``duration_ns`` at a steady tempo."""
    return (2 * duration_ns * TICKS_PER_BEAT + ns_per_beat) // (2 * ns_per_beat)


def bar_of_tick(position_ticks: int) -> int:
    """Index of the 4/4 bar that holds ``position_ticks``; negative before the song's start."""
    return position_ticks // TICKS_PER_BAR


def bar_start_ticks(bar: int) -> int:
    """Position of the bar line that opens ``bar``."""
    return bar * TICKS_PER_BAR
