"""Laws of the transport that hold whatever arrives, in whatever order and at whatever time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core import events
from livevae.core.transport import (
    CLOCKS,
    FREE_WHEEL_NS,
    Began,
    Changes,
    ClockFound,
    ClockLost,
    Halted,
    Located,
    Transport,
    TransportState,
)
from livevae.units import MAX_BPM, MIN_BPM, NS_PER_MS, TICKS_PER_BEAT

BEGIN_NS = 10**12

happenings = st.one_of(
    st.just(events.ClockPulse()),
    st.just("beat of pulses"),
    st.just(events.ClockStart()),
    st.just(events.ClockContinue()),
    st.just(events.ClockStop()),
    st.builds(events.SongPosition, st.integers(0, 16383)),
    st.builds(events.Play, st.booleans()),
    st.just(events.Halt()),
    st.just(events.TapTempo()),
    st.floats(1.0, 1000.0),  # the tempo fader
    st.just("nothing"),
    st.just(events.Panic()),
)
gaps_ns = st.one_of(
    st.sampled_from((0, 1, 500_000, 5 * NS_PER_MS, 20_833_333, 41_666_667, 10**9, 3 * 10**9)),
    st.integers(0, 200 * NS_PER_MS),
)
scripts = st.lists(st.tuples(gaps_ns, happenings), max_size=60)


def apply(transport: Transport, happening: object, at_ns: int) -> Changes:
    if happening == "nothing":
        return transport.advance(at_ns)
    if isinstance(happening, float):
        return transport.set_tempo(happening, at_ns)
    return transport.receive(happening, at_ns)


def moments(script: list[tuple[int, object]]) -> list[tuple[int, object]]:
    """The script with times in place of gaps, and beats of pulses at 120 BPM written out."""
    at_ns = BEGIN_NS
    times: list[tuple[int, object]] = []
    for gap_ns, happening in script:
        at_ns += gap_ns
        if happening == "beat of pulses":
            for _ in range(24):
                times.append((at_ns, events.ClockPulse()))
                at_ns += 20_833_333
        else:
            times.append((at_ns, happening))
    return times


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CLOCKS), st.floats(MIN_BPM, MAX_BPM), scripts)
def test_changes_tell_the_whole_story(clock: str, tempo_bpm: float, script: list[tuple[int, object]]) -> None:
    transport = Transport(clock, tempo_bpm)
    playing = lost = False
    for at_ns, happening in moments(script):
        for change in apply(transport, happening, at_ns):
            match change:
                case Began():
                    assert not playing
                    playing, lost = True, False
                case Halted():
                    assert playing
                    playing = lost = False
                case Located(_, _, was_playing):
                    assert was_playing == playing
                case ClockLost(lost_ns, until_ns):
                    assert playing
                    assert not lost
                    assert lost_ns <= until_ns <= lost_ns + FREE_WHEEL_NS
                    lost = True
                case ClockFound():
                    assert lost
                    lost = False
        assert playing == (transport.state is TransportState.PLAYING)
        deadline_ns = transport.next_deadline_ns()
        assert deadline_ns is None or deadline_ns > at_ns
        assert transport.tempo_bpm > 0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CLOCKS), scripts)
def test_positions_only_go_back_when_it_is_said(clock: str, script: list[tuple[int, object]]) -> None:
    transport = Transport(clock)
    latest_ticks: int | None = None
    for at_ns, happening in moments(script):
        if transport.state is TransportState.PLAYING and latest_ticks is not None:
            just_before = transport.timeline.position_ticks(at_ns)
            assert just_before >= latest_ticks
            latest_ticks = just_before
        changes = apply(transport, happening, at_ns)
        if any(isinstance(change, Began | Located | Halted) for change in changes):
            latest_ticks = None
        if transport.state is TransportState.PLAYING:
            position_ticks = transport.timeline.position_ticks(at_ns)
            assert latest_ticks is None or position_ticks >= latest_ticks
            latest_ticks = position_ticks
        else:
            assert transport.timeline.position_ticks(at_ns) == transport.position_ticks
            latest_ticks = None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CLOCKS), scripts)
def test_began_and_located_are_on_the_timeline(clock: str, script: list[tuple[int, object]]) -> None:
    transport = Transport(clock)
    for at_ns, happening in moments(script):
        changes = apply(transport, happening, at_ns)
        if not changes or transport.state is not TransportState.PLAYING:
            continue
        match changes[-1]:
            case Began(began_ns, position_ticks) | Located(began_ns, position_ticks, True):
                assert transport.timeline.position_ticks(began_ns) == position_ticks
                assert abs(transport.timeline.time_ns(position_ticks) - began_ns) <= 2


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CLOCKS), scripts, st.lists(st.integers(0, 10**7), min_size=1))
def test_being_asked_more_often_changes_nothing(
    clock: str, script: list[tuple[int, object]], steps_ns: list[int]
) -> None:
    """Deadlines met late, all at once, say the same as deadlines met in time."""
    lazy, eager = Transport(clock), Transport(clock)
    lazily: list[object] = []
    eagerly: list[object] = []
    for at_ns, happening in moments(script):
        while (deadline_ns := eager.next_deadline_ns()) is not None and deadline_ns <= at_ns:
            eagerly += eager.advance(deadline_ns)
        lazily += apply(lazy, happening, at_ns)
        eagerly += apply(eager, happening, at_ns)
    assert lazily == eagerly
    assert lazy.timeline == eager.timeline


@settings(max_examples=200, deadline=None)
@given(scripts, st.lists(st.integers(-(10**9), 10**9), min_size=60, max_size=60))
def test_times_that_run_backwards_break_nothing(
    script: list[tuple[int, object]], shifts_ns: list[int]
) -> None:
    """Events may be stamped earlier than what has been played already (a driver's period ahead)."""
    transport = Transport("auto")
    for (at_ns, happening), shift_ns in zip(moments(script), shifts_ns, strict=False):
        transport.advance(at_ns)
        before = transport.timeline.position_ticks(at_ns)
        was_playing = transport.state is TransportState.PLAYING
        changes = apply(transport, happening, at_ns + min(0, shift_ns))
        moved = any(isinstance(change, Began | Located | Halted) for change in changes)
        if was_playing and not moved:
            assert transport.timeline.position_ticks(at_ns) >= before


@given(st.floats(MIN_BPM, MAX_BPM), st.lists(st.floats(MIN_BPM, MAX_BPM), max_size=20))
def test_the_fader_never_moves_the_song(tempo_bpm: float, faders_bpm: list[float]) -> None:
    transport = Transport("internal", tempo_bpm)
    transport.receive(events.Play(), BEGIN_NS)
    at_ns = BEGIN_NS
    for fader_bpm in faders_bpm:
        at_ns += 77 * NS_PER_MS
        before = transport.timeline.position_ticks(at_ns)
        transport.set_tempo(fader_bpm, at_ns)
        assert transport.timeline.position_ticks(at_ns) == before
        assert abs(transport.tempo_bpm - fader_bpm) < 1e-3
        beat_on_ns = transport.timeline.time_ns(before + TICKS_PER_BEAT)
        assert abs(beat_on_ns - at_ns - 60e9 / fader_bpm) <= 2
