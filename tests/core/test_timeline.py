"""The laws of musical time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.timeline import MIN_NS_PER_BEAT, Timeline, nearest_boundary, next_boundary, phase_ticks
from livevae.units import MAX_BPM, MIN_BPM, TICKS_PER_BAR, TICKS_PER_BEAT, ns_per_beat_of_bpm

CENTURY_NS = 100 * 366 * 86_400 * 10**9
times_ns = st.integers(-CENTURY_NS, CENTURY_NS)
positions_ticks = st.integers(-(10**12), 10**12)
tempos_ns = st.integers(ns_per_beat_of_bpm(MAX_BPM), ns_per_beat_of_bpm(MIN_BPM))
any_tempos_ns = st.one_of(tempos_ns, st.integers(MIN_NS_PER_BEAT, 10**12))
timelines = st.builds(Timeline, times_ns, positions_ticks, any_tempos_ns)
quanta_ticks = st.integers(1, 16 * TICKS_PER_BAR)


@given(timelines, positions_ticks)
def test_every_position_has_its_own_time(timeline: Timeline, position_ticks: int) -> None:
    assert timeline.position_ticks(timeline.time_ns(position_ticks)) == position_ticks


@given(timelines, positions_ticks, st.integers(1, 10**12))
def test_later_positions_come_later(timeline: Timeline, position_ticks: int, later: int) -> None:
    assert timeline.time_ns(position_ticks) < timeline.time_ns(position_ticks + later)


@given(timelines, times_ns, st.integers(0, CENTURY_NS))
def test_the_song_never_runs_backwards(timeline: Timeline, at_ns: int, later_ns: int) -> None:
    assert timeline.position_ticks(at_ns) <= timeline.position_ticks(at_ns + later_ns)


@given(timelines, times_ns)
def test_a_time_and_its_position_are_within_half_a_tick(timeline: Timeline, at_ns: int) -> None:
    off_ns = abs(timeline.time_ns(timeline.position_ticks(at_ns)) - at_ns)
    assert off_ns <= timeline.ns_per_beat / TICKS_PER_BEAT / 2 + 1


@given(timelines, any_tempos_ns, times_ns)
def test_a_tempo_change_keeps_the_position(timeline: Timeline, ns_per_beat: int, at_ns: int) -> None:
    changed = timeline.with_tempo(ns_per_beat, at_ns)
    assert changed.position_ticks(at_ns) == timeline.position_ticks(at_ns)
    assert changed.ns_per_beat == ns_per_beat


@given(timelines, positions_ticks, times_ns)
def test_a_move_puts_the_position_at_the_instant(timeline: Timeline, position_ticks: int, at_ns: int) -> None:
    moved = timeline.moved_to(position_ticks, at_ns)
    assert moved.position_ticks(at_ns) == position_ticks
    assert moved.time_ns(position_ticks) == at_ns
    assert moved.ns_per_beat == timeline.ns_per_beat


@given(
    st.builds(Timeline, times_ns, positions_ticks, tempos_ns),
    st.integers(-(10**10), 10**10),
    st.integers(10**7, 10**10),
    st.integers(16_000, 10**6),
)
def test_a_meeting_is_kept_and_leaves_without_a_jump(
    timeline: Timeline, since_ns: int, ahead_ns: int, ahead_ticks: int
) -> None:
    at_ns = timeline.origin_ns + since_ns
    here_ticks = timeline.position_ticks(at_ns)
    met = timeline.meeting(at_ns, at_ns + ahead_ns, here_ticks + ahead_ticks)
    assert met.time_ns(here_ticks + ahead_ticks) == at_ns + ahead_ns
    assert 0 <= met.position_ticks(at_ns) - here_ticks <= 1


@given(timelines, st.integers(0, 10**9), st.integers(0, 10**6))
def test_there_is_no_meeting_behind(timeline: Timeline, back_ns: int, back_ticks: int) -> None:
    at_ns, position_ticks = timeline.origin_ns, timeline.origin_ticks
    with pytest.raises(ValueError, match="ahead"):
        timeline.meeting(at_ns, at_ns - back_ns, position_ticks + 1000)
    with pytest.raises(ValueError, match="ahead"):
        timeline.meeting(at_ns, at_ns + 1000, position_ticks - back_ticks)


def test_bending_for_every_pulse_adds_up_no_rounding() -> None:
    # 97.3 BPM is no whole number of anything; an hour of it
    ns_per_beat = ns_per_beat_of_bpm(97.3)
    straight = timeline = Timeline(123, 0, ns_per_beat)
    for pulse in range(1, 97 * 60 * 24):
        at_ns = straight.time_ns(pulse * 4000)
        meet_ticks = (pulse + 8) * 4000
        timeline = timeline.meeting(at_ns, straight.time_ns(meet_ticks), meet_ticks)
        assert abs(timeline.time_ns(pulse * 4000) - at_ns) <= 2


def test_a_beat_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Timeline(0, 0, MIN_NS_PER_BEAT - 1)


@given(positions_ticks, quanta_ticks)
def test_a_phase_lies_in_its_quantum(position_ticks: int, quantum_ticks: int) -> None:
    phase = phase_ticks(position_ticks, quantum_ticks)
    assert 0 <= phase < quantum_ticks
    assert (position_ticks - phase) % quantum_ticks == 0


@given(positions_ticks, quanta_ticks)
def test_the_next_boundary_is_ahead_by_less_than_a_quantum(position_ticks: int, quantum_ticks: int) -> None:
    boundary = next_boundary(position_ticks, quantum_ticks)
    assert boundary % quantum_ticks == 0
    assert 0 <= boundary - position_ticks < quantum_ticks


@given(positions_ticks, quanta_ticks)
def test_the_nearest_boundary_is_at_most_half_a_quantum_off(position_ticks: int, quantum_ticks: int) -> None:
    boundary = nearest_boundary(position_ticks, quantum_ticks)
    assert boundary % quantum_ticks == 0
    assert 2 * abs(boundary - position_ticks) <= quantum_ticks


def test_boundaries_before_the_song_begins() -> None:
    assert next_boundary(-1, TICKS_PER_BAR) == 0
    assert next_boundary(-TICKS_PER_BAR, TICKS_PER_BAR) == -TICKS_PER_BAR
    assert phase_ticks(-1, TICKS_PER_BAR) == TICKS_PER_BAR - 1
    assert nearest_boundary(-TICKS_PER_BAR // 2, TICKS_PER_BAR) == 0
