"""Notes leave in key, in register and at a velocity MIDI allows."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.feel import Dynamics, FeltNote, plain
from livevae.core.notes import Note
from livevae.core.parameters import PART_PARAMETERS, defaults
from livevae.core.scales import KEYS, SCALES, fold_into_register, lock_to_scale
from livevae.core.shaping import shaped_pitch, shaped_velocity
from livevae.units import TICKS_PER_BEAT, TICKS_PER_STEP

pitches = st.integers(0, 127)


@given(pitches, st.sampled_from(KEYS), st.sampled_from(sorted(SCALES)))
def test_the_lock_gives_the_nearest_tone_of_the_scale(pitch: int, key: str, scale: str) -> None:
    locked = lock_to_scale(pitch, key, scale)
    tonic = KEYS.index(key)
    allowed = [p for p in range(128) if (p - tonic) % 12 in SCALES[scale]]
    assert abs(locked - pitch) == min(abs(p - pitch) for p in allowed)
    assert lock_to_scale(locked, key, scale) == locked


@given(pitches, pitches, pitches)
def test_folding_moves_by_octaves_into_the_register(pitch: int, one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    folded = fold_into_register(pitch, low, high)
    if any(low <= p <= high for p in range(pitch % 12, 128, 12)):
        assert low <= folded <= high
        assert (folded - pitch) % 12 == 0
    assert 0 <= folded <= 127


@given(
    pitches,
    st.integers(-24, 24),
    st.sampled_from(KEYS),
    st.sampled_from(sorted(SCALES)),
    pitches,
    pitches,
)
def test_whatever_is_set_a_pitch_is_in_the_scale(
    pitch: int, transpose: int, key: str, scale: str, low: int, high: int
) -> None:
    values = defaults(PART_PARAMETERS) | {
        "transpose": transpose,
        "key": key,
        "scale": scale,
        "register_low": low,
        "register_high": high,
    }
    shaped = shaped_pitch(pitch, values, is_drum=False)
    assert 0 <= shaped <= 127
    assert (shaped - KEYS.index(key)) % 12 in SCALES[scale]
    assert shaped_pitch(pitch, values, is_drum=True) == pitch


velocities = st.integers(1, 127)


@given(velocities, velocities, st.integers(-10_000_000, 10_000_000), st.floats(0, 2), st.floats(0, 1))
def test_a_velocity_is_never_a_note_off(
    velocity: int, felt: int, position: int, level: float, accent: float
) -> None:
    for dynamics, amount in product(Dynamics, (0.0, 0.7, 1.5)):
        values = defaults(PART_PARAMETERS) | {"level": level, "accent": accent, "feel_velocity": amount}
        note = FeltNote(Note(position, 1, 60, velocity), position, felt, dynamics=dynamics)
        assert 1 <= shaped_velocity(note, values) <= 127


def test_the_downbeat_is_the_loudest_and_an_off_sixteenth_the_softest() -> None:
    values = defaults(PART_PARAMETERS) | {"accent": 1.0}
    positions = (0, 2 * TICKS_PER_BEAT, TICKS_PER_BEAT, 2 * TICKS_PER_STEP, TICKS_PER_STEP)
    heard = [shaped_velocity(plain([Note(at, 1, 60, 80)])[0], values) for at in positions]
    assert heard == sorted(heard, reverse=True)
    assert len(set(heard)) == 5


def test_the_accent_gives_way_to_the_groove_and_leaves_what_was_played_alone() -> None:
    values = defaults(PART_PARAMETERS) | {"accent": 1.0}
    written, played = Note(0, 1, 36, 80), FeltNote(Note(0, 1, 36, 80), 0, 60, dynamics=Dynamics.PLAYED)
    felt = FeltNote(written, 0, 60)
    unfelt = values | {"feel_velocity": 0.0}
    assert shaped_velocity(felt, values) == 60
    assert shaped_velocity(felt, unfelt) == shaped_velocity(plain([written])[0], values) > 80
    assert shaped_velocity(played, unfelt) == 80
    assert shaped_velocity(played, values) == 60
