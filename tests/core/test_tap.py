"""Tap tempo, for fingers that are not exact."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.tap import FORGET_AFTER_NS, TapTempo
from livevae.units import NS_PER_MINUTE, NS_PER_MS

BEGIN_NS = 10**12
# below 30 BPM two taps are more than two seconds apart and no longer belong together
tempos_bpm = st.floats(31.0, 400.0)


def tap_all(taps: TapTempo, times_ns: list[int]) -> list[float | None]:
    return [taps.tap(at_ns) for at_ns in times_ns]


@given(tempos_bpm, st.integers(2, 30))
def test_exact_taps_tell_the_exact_tempo_from_the_second_on(tempo_bpm: float, count: int) -> None:
    times_ns = [BEGIN_NS + round(nth * NS_PER_MINUTE / tempo_bpm) for nth in range(count)]
    first, *others = tap_all(TapTempo(), times_ns)
    assert first is None
    assert all(heard is not None and abs(heard - tempo_bpm) < 0.001 for heard in others)


@given(st.floats(50.0, 200.0), st.lists(st.integers(-15, 15), min_size=8, max_size=8))
def test_shaking_fingers_are_averaged(tempo_bpm: float, off_ms: list[int]) -> None:
    beat_ns = NS_PER_MINUTE / tempo_bpm
    times_ns = [BEGIN_NS + round(nth * beat_ns) + ms * NS_PER_MS for nth, ms in enumerate(off_ms)]
    heard = tap_all(TapTempo(), times_ns)[-1]
    assert heard is not None
    # seven intervals, so only the first and last tap's error counts, a seventh of it a beat
    assert abs(NS_PER_MINUTE / heard - beat_ns) <= 30 * NS_PER_MS / 7 + 1


@given(tempos_bpm, st.integers(3, 8))
def test_a_bouncing_button_changes_nothing(tempo_bpm: float, count: int) -> None:
    times_ns = [BEGIN_NS + round(nth * NS_PER_MINUTE / tempo_bpm) for nth in range(count)]
    bouncing = [time for at_ns in times_ns for time in (at_ns, at_ns + 20 * NS_PER_MS)]
    heard = [tempo for tempo in tap_all(TapTempo(), bouncing) if tempo is not None]
    assert heard == tap_all(TapTempo(), times_ns)[1:]


@given(tempos_bpm, tempos_bpm, st.integers(2, 8))
def test_after_a_pause_nothing_is_remembered(before_bpm: float, after_bpm: float, count: int) -> None:
    taps = TapTempo()
    tap_all(taps, [BEGIN_NS + round(nth * NS_PER_MINUTE / before_bpm) for nth in range(count)])
    again_ns = BEGIN_NS + round(count * NS_PER_MINUTE / before_bpm) + FORGET_AFTER_NS
    times_ns = [again_ns + round(nth * NS_PER_MINUTE / after_bpm) for nth in range(count)]
    assert tap_all(taps, times_ns) == tap_all(TapTempo(), times_ns)


@given(st.lists(st.integers(0, 3 * 10**9), max_size=40))
def test_whatever_is_tapped_the_tempo_is_playable(gaps_ns: list[int]) -> None:
    taps, at_ns = TapTempo(), BEGIN_NS
    for gap_ns in gaps_ns:
        at_ns += gap_ns
        heard = taps.tap(at_ns)
        assert heard is None or 29.9 <= heard <= 430


@given(st.floats(60.0, 180.0), st.floats(60.0, 180.0))
def test_a_new_tempo_is_believed_by_the_fourth_tap_of_it(old_bpm: float, new_bpm: float) -> None:
    taps, at_ns = TapTempo(), float(BEGIN_NS)
    heard = None
    for _ in range(4):
        taps.tap(round(at_ns))
        at_ns += NS_PER_MINUTE / old_bpm
    for _ in range(3 + 8):  # and then enough to push the old ones out where both are alike
        heard = taps.tap(round(at_ns)) or heard
        at_ns += NS_PER_MINUTE / new_bpm
    assert heard is not None
    assert abs(heard / new_bpm - 1) < 0.001
