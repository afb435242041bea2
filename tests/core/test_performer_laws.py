"""Whatever happens, in whatever order: every note ends, nothing is sent twice, and it can be repeated."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from livevae.core.events import (
    ClockContinue,
    ClockPulse,
    ClockStart,
    ClockStop,
    Drop,
    Event,
    Halt,
    Keep,
    LoadPerformance,
    ModelAnswer,
    ModelFailed,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    PortFound,
    PortLost,
    Quit,
    SetParameter,
    SongPosition,
    Source,
    StopAt,
    TapTempo,
    Undo,
)
from livevae.core.latents import ModelRequest
from livevae.core.parameters import MODES
from livevae.core.performance import ModelInfo, PartSpec
from livevae.testing import (
    VirtualStage,
    groove_performance,
    hash_of,
    leaning,
    tick_tock,
    tiny_performance,
)
from livevae.units import TICKS_PER_BAR

channels, pitches = st.sampled_from([1, 2, 10]), st.integers(58, 62)
FELT = replace(
    tiny_performance(),
    parts=tuple(replace(part, groove="leaning") for part in tiny_performance().parts),
    models=(*tiny_performance().models, ModelInfo("leaning", 2, ("drums",), grooves=True)),
)
SOLO = tiny_performance(parts=(PartSpec("solo", "tick-tock", "melody", {"channel": 1, "mode": "vary"}),))

events: st.SearchStrategy[Event] = st.one_of(
    st.builds(NoteOn, channels, pitches, st.integers(1, 127)),
    st.builds(NoteOff, channels, pitches),
    st.sampled_from(
        [ClockPulse(), ClockStart(), ClockContinue(), ClockStop(), Play(), Halt(), TapTempo(), Panic()]
    ),
    st.sampled_from(
        [
            PortLost("out"),
            PortFound("out"),
            LoadPerformance(SOLO),
            LoadPerformance(tiny_performance()),
            LoadPerformance(groove_performance()),
        ]
    ),
    st.builds(Keep, st.sampled_from(["melody", "solo"]), st.integers(1, 4), st.sampled_from(Source)),
    st.sampled_from([Drop("melody", 1), Undo()]),
    st.builds(SongPosition, st.integers(0, 200)),
    st.builds(StopAt, st.integers(-1, 4 * TICKS_PER_BAR)),
    st.builds(
        SetParameter, st.sampled_from(["melody", "drums", "solo"]), st.just("mode"), st.sampled_from(MODES)
    ),
    st.builds(SetParameter, st.sampled_from(["melody", "drums"]), st.just("channel"), st.integers(0, 17)),
    st.builds(SetParameter, st.just("melody"), st.just("mute"), st.booleans()),
    st.builds(
        SetParameter,
        st.just("drums"),
        st.sampled_from(["feel_timing", "feel_velocity", "feel_density"]),
        st.floats(0, 1.5),
    ),
    st.builds(SetParameter, st.just("drums"), st.sampled_from(["keep_hits", "take_groove"]), st.booleans()),
    st.builds(SetParameter, st.just("melody"), st.just("respond"), st.integers(0, 2)),
    st.builds(SetParameter, st.none(), st.just("tempo"), st.floats(20, 400)),
    st.builds(SetParameter, st.none(), st.just("offset"), st.floats(-50, 50)),
    st.builds(SetParameter, st.none(), st.sampled_from(["play", "tap", "panic"]), st.booleans()),
)
steps_ns = st.one_of(st.integers(0, 30_000_000), st.integers(0, 3_000_000_000))
scripts = st.lists(st.tuples(steps_ns, events), max_size=40)


def unreliable(request: ModelRequest) -> ModelAnswer | ModelFailed:
    """A model that sometimes fails and sometimes forgets to answer, always in the same places."""
    fate = hash_of(request) % 5
    if fate == 0:
        return ModelFailed(request.request_id, "no")
    if fate == 1:
        return ModelAnswer(-1, ())
    return leaning(request) if request.model == "leaning" else tick_tock(request)


def staged(script: list[tuple[int, Event]], clock: str, answer_after_ns: int) -> VirtualStage:
    stage = VirtualStage(replace(FELT, clock=clock), answer=unreliable, answer_after_ns=answer_after_ns)
    now_ns = 0
    for step_ns, event in [(0, Play()), *script]:
        now_ns += step_ns
        stage.at(now_ns, event)
    return stage.at(now_ns + 1, Quit())


_SLOWER_WITH_AN_OFFSET: list[tuple[int, Event]] = [
    (0, SetParameter(None, "tempo", 283.0)),
    (0, SetParameter(None, "offset", 9.0)),
    (326_083_260, SetParameter(None, "tempo", 20.0)),
]
_PLAY_WHILE_THE_OFFSET_SHRINKS: list[tuple[int, Event]] = [
    (0, SetParameter(None, name, value))
    for name, value in (("offset", 50.0), ("play", True), ("offset", 0.0))
]


@settings(max_examples=150, deadline=None)
@given(scripts, st.sampled_from(["auto", "midi", "internal"]), st.sampled_from([0, 3_000_000, 300_000_000]))
@example(_SLOWER_WITH_AN_OFFSET, "auto", 0)
@example([(0, ClockPulse()), *_PLAY_WHILE_THE_OFFSET_SHRINKS], "auto", 0)
def test_every_note_ends_whatever_happens(
    script: list[tuple[int, Event]], clock: str, answer_after_ns: int
) -> None:
    stage = staged(script, clock, answer_after_ns)
    take = stage.run(max(at_ns for at_ns, _ in stage.script) + 1)
    assert take.hanging() == []  # and Take.notes() fails if a sounding note is sent again
    assert all(note.end_ns is not None and note.end_ns >= note.start_ns for note in take.notes())


@settings(max_examples=40, deadline=None)
@given(scripts, st.sampled_from(["auto", "midi", "internal"]))
def test_the_same_events_give_the_same_effects(script: list[tuple[int, Event]], clock: str) -> None:
    stage = staged(script, clock, 1_000_000)
    until_ns = max(at_ns for at_ns, _ in stage.script) + 1
    assert stage.run(until_ns).effects == stage.run(until_ns).effects
