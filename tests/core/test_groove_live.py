"""Grooving on stage, in virtual time: what came in comes back a bar later, as felt as the amounts say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core.drum_kit import ABLETON, TD11, DrumKit, DrumMap
from livevae.core.effects import BarDecided, SendNoteOn, SlotChanged
from livevae.core.events import (
    ClockContinue,
    ClockPulse,
    ClockStart,
    DecodedPart,
    Event,
    ModelAnswer,
    ModelFailed,
    NoteOff,
    NoteOn,
    Play,
    Quit,
    SetParameter,
    SongPosition,
    Undo,
)
from livevae.core.feel import FeltNote
from livevae.core.latents import Encoded, ModelRequest
from livevae.core.notes import Note
from livevae.core.parameters import ParameterValue
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.testing import Take, VirtualStage, groove_performance, leaning, tick_tock, tiny_performance
from livevae.units import (
    NS_PER_MS,
    STEPS_PER_BAR,
    TICKS_PER_BAR,
    TICKS_PER_STEP,
    ns_per_beat_of_bpm,
    ns_to_ticks,
    ticks_to_ns,
)

UNFELT: dict[str, Any] = {"feel_timing": 0.0, "feel_velocity": 0.0, "feel_density": 0.0}
KICK, SNARE, RIM, HAT = 36, 38, 37, 42
SIXTEENTH_NS = 125 * NS_PER_MS  # at 120 BPM
BAR_NS = 16 * SIXTEENTH_NS

Hits = list[tuple[float, int, int]]  # step of the song (fractions are microtiming), pitch, velocity
BEAT: Hits = [(0, KICK, 100), (4, SNARE, 100), (8, KICK, 100), (10, KICK, 80), (12, SNARE, 100)]


def played(hits: Hits, bpm: float = 120.0, channel: int = 10) -> list[tuple[int, Event]]:
    """Hits as they come in, each a 32nd long."""
    beat_ns = ns_per_beat_of_bpm(bpm)
    events: list[tuple[int, Event]] = []
    for step, pitch, velocity in hits:
        onset = round(step * TICKS_PER_STEP)
        events.append((ticks_to_ns(onset, beat_ns), NoteOn(channel, pitch, velocity)))
        events.append((ticks_to_ns(onset + TICKS_PER_STEP // 2, beat_ns), NoteOff(channel, pitch)))
    return sorted(events, key=lambda event: (event[0], isinstance(event[1], NoteOn)))


def grooving(
    hits: Hits, bpm: float = 120.0, kit: DrumKit | None = None, **values: ParameterValue
) -> VirtualStage:
    performance = groove_performance(**({"kit": kit} if kit else {}), **values)  # type: ignore[arg-type]
    stage = VirtualStage(performance, answer=leaning)
    stage.at(0, SetParameter(None, "tempo", bpm)).at(0, Play())
    stage.script += played(hits, bpm)
    return stage


def heard(take: Take, bpm: float = 120.0) -> Hits:
    beat_ns = ns_per_beat_of_bpm(bpm)
    return [(ns_to_ticks(n.start_ns, beat_ns) / TICKS_PER_STEP, n.pitch, n.velocity) for n in take.notes()]


def assert_near(back: Hits, expected: Hits) -> None:
    """The same hits, each within a thousandth of a sixteenth."""
    assert [hit[1:] for hit in back] == [hit[1:] for hit in expected]
    assert [step for step, *_ in back] == pytest.approx([step for step, *_ in expected], abs=1e-3)


def bars_long(bars: int, bpm: float = 120.0) -> int:
    return ticks_to_ns(bars * TICKS_PER_BAR, ns_per_beat_of_bpm(bpm)) - 1


@st.composite
def some_bars(draw: st.DrawFn) -> Hits:
    """Three bars of drums, onsets within half a sixteenth of the grid, none of a pitch upon another."""
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 47), st.sampled_from([KICK, SNARE, RIM, HAT, 46, 51])),
            unique=True,
            max_size=24,
        )
    )
    aside = st.floats(-0.24, 0.24).map(lambda x: round(x, 3))
    return sorted((max(0.0, step + draw(aside)), pitch, draw(st.integers(1, 127))) for step, pitch in cells)


@settings(max_examples=40, deadline=None)
@given(some_bars(), st.floats(40, 240), st.sampled_from(["groove", "tap", "hats"]), st.booleans())
def test_at_amount_0_exactly_what_came_in_comes_back(hits: Hits, bpm: float, mode: str, kept: bool) -> None:
    stage = grooving(hits, bpm, mode=mode, keep_hits=kept, **UNFELT)
    back = heard(stage.run(bars_long(5, bpm)), bpm)
    assert [(pitch, velocity) for _, pitch, velocity in back] == [(p, v) for _, p, v in hits]
    for (step, *_), (came_in, *_) in zip(back, hits, strict=True):
        assert step == pytest.approx(came_in + STEPS_PER_BAR, abs=2e-4)  # two ticks: in and out are rounded


@pytest.mark.parametrize("bpm", [40, 59, 120, 173, 240])
@pytest.mark.parametrize("after_ms", [0, 39])
def test_hits_before_their_bar_line_sound_where_they_belong(bpm: int, after_ms: int) -> None:
    stage = grooving([*BEAT, (15, HAT, 90)], bpm, feel_timing=1.5, feel_velocity=0.0, feel_density=0.0)
    stage.answer_after_ns = after_ms * NS_PER_MS
    back = heard(stage.run(bars_long(2, bpm)), bpm)
    leant = [(16 + s + (0.5 if s == 10 else -0.75), p, v) for s, p, v in BEAT]
    assert_near(back, [*sorted(leant), (31.5, HAT, 90)])


def test_the_hit_just_before_a_bar_line_belongs_to_the_bar_after_it() -> None:
    """It came in 0.3 of a step before the line of bar 1, so it is bar 2's downbeat and is felt as one."""
    back = heard(grooving([(15.7, KICK, 90)], feel_density=0.0, feel_velocity=0.0).run(bars=4))
    assert_near(back, [(31.5, KICK, 90)])


@pytest.mark.parametrize("inference_ms", [5, 40, 1500])
def test_what_comes_in_after_the_bar_was_decided_is_answered_too(inference_ms: int) -> None:
    hits: Hits = [(step, HAT, 60 + step % 16) for step in range(32)]
    stage = grooving(hits, **UNFELT)
    object.__setattr__(stage.performance, "inference_ns", inference_ms * NS_PER_MS)
    stage.answer_after_ns = 3 * NS_PER_MS
    assert_near(heard(stage.run(bars=3)), [(step + 16, pitch, velocity) for step, pitch, velocity in hits])


def test_added_hits_join_the_likeliest_first_and_mine_are_kept() -> None:
    counts = []
    for density in (0.0, 0.4, 0.8, 1.2, 1.5):
        back = heard(grooving(BEAT, feel_density=density).run(bars=3))
        counts.append(sum(pitch == 46 for _, pitch, _ in back))
        assert [p for _, p, _ in back if p != 46] == [p for _, p, _ in sorted(BEAT)]
    assert counts == [0, 1, 2, 3, 4]


def test_an_amount_moves_the_very_next_note() -> None:
    """Straight until the first of the bar has sounded, then 1.5: the second note is already early."""
    stage = grooving(BEAT, feel_timing=0.0, feel_velocity=0.0, feel_density=0.0)
    stage.at(BAR_NS + SIXTEENTH_NS, SetParameter("drums", "feel_timing", 1.5))
    stage.at(BAR_NS + SIXTEENTH_NS, SetParameter("drums", "feel_velocity", 1.0))
    back = heard(stage.run(bars=3))
    assert [step for step, *_ in back] == [16, 19.25, 23.25, 26.5, 27.25]
    assert back[0][2] == 100
    assert back[1][2] != 100
    assert len(set(asked(stage))) == len(asked(stage))


def asked(stage: VirtualStage) -> list[ModelRequest]:
    """What the models are asked in a run of the same script."""
    requests: list[ModelRequest] = []

    def listening(request: ModelRequest) -> ModelAnswer | ModelFailed:
        requests.append(request)
        return leaning(request)

    VirtualStage(stage.performance, listening, stage.answer_after_ns, list(stage.script)).run(bars=3)
    return requests


def test_amounts_ask_the_model_nothing() -> None:
    resting, turned = grooving(BEAT), grooving(BEAT)
    for number, name in enumerate(("feel_timing", "feel_velocity", "feel_density")):
        turned.at(BAR_NS + number * SIXTEENTH_NS, SetParameter("drums", name, 0.3))
    turned.at(BAR_NS, SetParameter("drums", "swing", "keep"), SetParameter("drums", "keep_hits", False))
    assert asked(turned) == asked(resting)


feel_changes = st.one_of(
    st.builds(
        SetParameter,
        st.just("drums"),
        st.sampled_from(["feel_timing", "feel_velocity", "feel_density"]),
        st.floats(0, 1.5),
    ),
    st.builds(SetParameter, st.just("drums"), st.just("keep_hits"), st.booleans()),
    st.builds(SetParameter, st.just("drums"), st.just("swing"), st.sampled_from(["keep", "replace"])),
    st.builds(
        SetParameter, st.just("drums"), st.just("mode"), st.sampled_from(["groove", "tap", "hats", "freeze"])
    ),
    st.just(Undo()),
)


@settings(max_examples=60, deadline=None)
@given(some_bars(), st.lists(st.tuples(st.integers(0, bars_long(5)), feel_changes), max_size=30))
def test_amounts_may_move_at_any_time(hits: Hits, changes: list[tuple[int, Event]]) -> None:
    stage = grooving(hits)
    stage.script += changes
    take = stage.at(bars_long(7), Quit()).run(bars_long(7))
    assert take.hanging() == []
    ends = [note for note in take.notes() if note.end_ns is not None]
    assert all(note.end_ns - note.start_ns > 0 for note in ends if note.end_ns is not None)
    assert all(1 <= effect.velocity <= 127 for effect in take.effects if isinstance(effect, SendNoteOn))


@settings(max_examples=40, deadline=None)
@given(some_bars(), st.floats(0, 1.5), st.booleans())
def test_of_one_pitch_none_overtakes_another(hits: Hits, timing: float, swings: bool) -> None:
    stage = grooving(
        hits, feel_timing=timing, feel_velocity=0.0, feel_density=0.0, swing="keep" if swings else "replace"
    )
    back = heard(stage.run(bars_long(5)))
    for pitch in {pitch for _, pitch, _ in hits}:
        assert [v for _, p, v in back if p == pitch] == [v for _, p, v in hits if p == pitch]


def test_a_note_keeps_its_length_when_it_moves() -> None:
    def lengths(take: Take) -> list[int]:
        return [n.end_ns - n.start_ns for n in take.notes() if n.end_ns is not None]

    straight, moved = (grooving(BEAT, feel_density=0.0, feel_timing=t).run(bars=3) for t in (0.0, 1.5))
    assert lengths(moved) == [pytest.approx(length, abs=6_000) for length in lengths(straight)]  # a tick


def test_the_same_seed_is_the_same_groove_and_another_is_another() -> None:
    first, again, other = (heard(grooving(BEAT, seed=seed).run(bars=4)) for seed in (1, 1, 2))
    assert first == again
    assert [(s, p) for s, p, _ in first] == [(s, p) for s, p, _ in other]
    assert first != other


def looped(passes: int, hits: Hits) -> VirtualStage:
    """A DAW that plays bars 0 and 1 again and again, and ``hits`` with them."""
    stage = VirtualStage(groove_performance(), answer=leaning)
    object.__setattr__(stage.performance, "clock", "midi")
    pulse_ns = SIXTEENTH_NS // 6
    length = 192 * pulse_ns
    stage.at(0, ClockStart())
    for turn in range(passes):
        start = turn * length
        if turn:
            stage.at(start - NS_PER_MS, SongPosition(0), ClockContinue())
        stage.script += [(start + pulse * pulse_ns, ClockPulse()) for pulse in range(192)]
        stage.script += [(start + at_ns, event) for at_ns, event in played(hits)]
    return stage


def test_a_loop_in_the_daw_comes_back_with_the_same_groove() -> None:
    hits: Hits = [*BEAT, *((step + 16, pitch, 70) for step, pitch, _ in BEAT), (31, HAT, 90)]
    loop_ns = 2 * BAR_NS
    take = looped(4, hits).run(4 * loop_ns - 1)
    by_turn = [
        [
            (n.start_ns - turn * loop_ns, n.pitch, n.velocity)
            for n in take.notes()
            if turn * loop_ns <= n.start_ns + SIXTEENTH_NS < (turn + 1) * loop_ns
        ]
        for turn in (2, 3)
    ]
    assert len(by_turn[0]) >= len(hits)
    for one, other in zip(*by_turn, strict=True):
        assert one == (pytest.approx(other[0], abs=NS_PER_MS), *other[1:])


def test_a_late_model_lets_through_what_came_in_unfelt() -> None:
    stage = grooving(BEAT)
    stage.answer_after_ns = 10 * BAR_NS
    take = stage.run(bars=3)
    assert_near(heard(take), [(s + 16, p, v) for s, p, v in sorted(BEAT)])
    silent = grooving(BEAT, late="silence")
    silent.answer_after_ns = 10 * BAR_NS
    assert silent.run(bars=3).notes() == []


def test_taps_are_answered_by_a_kit_that_may_leave_them_out() -> None:
    taps: Hits = [(step, SNARE, 64) for step in (0, 3, 6)]
    answered = heard(grooving(taps, mode="tap", keep_hits=False).run(bars=2))
    assert {p for _, p, _ in answered} == {KICK, 46}
    anywhere = grooving([(step, 99, 64) for step, *_ in taps], mode="tap", keep_hits=False).run(bars=2)
    assert heard(anywhere) == answered
    assert anywhere.notices() == []
    with_mine = heard(grooving(taps, mode="tap").run(bars=2))
    assert {p for _, p, _ in with_mine} == {KICK, SNARE, 46}


def test_hats_join_or_replace_those_that_came_in() -> None:
    hits: Hits = [*BEAT, (0, HAT, 100)]
    replaced = heard(grooving(hits, mode="hats", keep_hits=False, feel_timing=0.0).run(bars=2))
    joined = heard(grooving(hits, mode="hats", feel_timing=0.0, feel_velocity=0.0).run(bars=2))
    assert [v for s, p, v in joined if p == HAT] == [100]
    assert [s for s, p, _ in replaced if p == HAT] == [16]
    assert [v for s, p, v in replaced if p == HAT] != [100]


def test_freeze_loops_what_the_player_left_and_amounts_still_move_it() -> None:
    stage = grooving(BEAT, **UNFELT)
    stage.at(BAR_NS + 8 * SIXTEENTH_NS, SetParameter("drums", "mode", "freeze"))
    stage.at(0, SetParameter("drums", "loop", 1))
    stage.at(3 * BAR_NS + 15 * SIXTEENTH_NS, SetParameter("drums", "feel_timing", 1.0))
    back = heard(stage.run(bars=5))
    for bar in (1, 2, 3):
        steps = [s - 16 * bar for s, *_ in back if 16 * bar - 1 < s < 16 * bar + 15]
        assert steps == pytest.approx([s for s, *_ in BEAT], abs=1e-3)
    last = [s - 64 for s, *_ in back if 63 <= s < 79]
    assert last == pytest.approx([-0.5, 3.5, 7.5, 10 + 1 / 3, 11.5], abs=1e-3)


def test_call_and_response_answers_the_whole_call() -> None:
    hits: Hits = [*BEAT, *((step + 16, pitch, 70) for step, pitch, _ in BEAT)]
    back = heard(grooving(hits, respond=2, **UNFELT).run(bars=5))
    assert_near(back, [(s + 32, p, v) for s, p, v in sorted(hits)])


def test_the_groove_of_what_was_played_can_be_taken() -> None:
    stage = grooving([(bar * 16 + s + 0.2, p, v) for bar in (0, 1) for s, p, v in BEAT])
    stage.at(BAR_NS + 1, SetParameter("drums", "take_groove", True))
    requests = asked(stage)
    taken = {r.feel.groove for r in requests if r.feel}
    assert any(isinstance(groove, Encoded) and groove.parts[0][0] == "drums" for groove in taken)
    take = stage.run(bars=3)
    assert take.notices() == []
    (slot,) = (effect for effect in take.effects if isinstance(effect, SlotChanged))
    assert (slot.slot, slot.name) == (1, "taken groove")
    assert slot.latent in taken
    again = stage.at(2 * BAR_NS + 1, SetParameter("drums", "take_groove", True)).run(bars=3)
    assert {effect.slot for effect in again.effects if isinstance(effect, SlotChanged)} == {1}
    nothing = grooving([]).at(BAR_NS, SetParameter("drums", "take_groove", True)).run(bars=2)
    assert nothing.notices() == ["nothing was played to drums in the last two bars; play first"]


def test_a_pitch_of_no_drum_is_reported_once_and_passes_or_not() -> None:
    hits: Hits = [*BEAT, (1, 99, 70), (5, 99, 70), (17, 99, 70), (18, 3, 70)]
    take = grooving(hits, feel_density=0.0).run(bars=4)
    assert [(s, v) for s, p, v in heard(take) if p == 99] == [(17, 70), (21, 70), (33, 70)]
    assert take.notices() == [
        "drums: pitch 99 is no drum of the map gm, so it passes as it is.",
        "drums: pitch 3 is no drum of the map gm, so it passes as it is.",
    ]
    dropped = grooving(hits, kit=DrumKit(passes=False)).run(bars=4)
    assert {p for _, p, _ in heard(dropped)}.isdisjoint({99, 3})
    assert len(dropped.notices()) == 2


def test_drums_come_back_by_the_pitch_they_came_in_with_unless_a_map_goes_out() -> None:
    hits: Hits = [(0, 36, 90), (2, RIM, 90), (4, 58, 90), (8, 22, 90)]
    kept = heard(grooving(hits, kit=DrumKit(TD11), feel_density=0.0).run(bars=2))
    assert [p for _, p, _ in kept] == [36, RIM, 58, 22]
    out = heard(grooving(hits, kit=DrumKit(TD11, ABLETON), feel_density=0.0).run(bars=2))
    assert [p for _, p, _ in out] == [36, RIM, 41, 42]


def test_a_part_without_a_groove_model_gives_back_what_it_hears_and_says_so() -> None:
    stage = VirtualStage(tiny_performance(), answer=tick_tock).play()
    for part in ("melody", "bass", "drums"):
        stage.at(0, SetParameter(part, "mode", "groove"))
    stage.script += played(BEAT)
    take = stage.run(bars=3)
    assert [(p, v) for s, p, v in heard(take) if 15 < s < 32] == [(p, v) for _, p, v in sorted(BEAT)]
    assert len(take.notices()) == 3
    assert take.notices()[2].startswith("drums gives back what you play without any feel")


def test_what_is_shown_of_a_bar_is_what_is_heard() -> None:
    take = grooving([*BEAT, (15, HAT, 90)]).run(bars=3)
    shown = {effect.bar: effect.notes for effect in take.effects if isinstance(effect, BarDecided)}
    ticks = [round(step * TICKS_PER_STEP) for step, *_ in heard(take) if step < 31.9]
    assert [n.onset_ticks + TICKS_PER_BAR for n in shown[1]] == pytest.approx(ticks, abs=2)


def test_nobody_overtakes_across_a_bar_line() -> None:
    """The last hat of a bar is late and the first of the next early, half as far again as in the model."""
    hits: Hits = [(step, HAT, 60 + step) for step in range(0, 40)]
    back = heard(grooving(hits, feel_timing=1.5, feel_velocity=0.0, feel_density=0.0).run(bars=5))
    assert [v for _, _, v in back] == [v for _, _, v in hits]
    assert all(later > earlier for (earlier, *_), (later, *_) in pairwise(back))


def test_a_line_that_did_not_overlap_does_not_when_it_is_felt() -> None:
    """The second note comes half a sixteenth early, into the first, which ends there."""
    line = (Note(3 * TICKS_PER_STEP, TICKS_PER_STEP, 60, 90), Note(4 * TICKS_PER_STEP, 900, 62, 90))

    def answer(request: ModelRequest) -> ModelAnswer:
        first, second = line
        felt = FeltNote(first, first.onset_ticks, 90), FeltNote(second, second.onset_ticks - 12_000, 90)
        return ModelAnswer(request.request_id, (DecodedPart("melody", line, felt=felt),))

    solo = tiny_performance(parts=(PartSpec("melody", "tick-tock", "melody", {"channel": 1}),))
    first, second = VirtualStage(solo, answer).play().run(bars=1).notes()[:2]
    assert first.end_ns == second.start_ns
    assert second.end_ns is not None
    assert ns_to_ticks(second.end_ns - second.start_ns, ns_per_beat_of_bpm(120)) == 900


def felt_trio() -> Performance:
    """The tiny trio, each of its parts felt."""
    whole = tiny_performance()
    grooves = ModelInfo("leaning", 2, ("drums",), grooves=True)
    parts = tuple(replace(part, groove="leaning") for part in whole.parts)
    return replace(whole, parts=parts, models=(*whole.models, grooves))


def trio_requests(stage: VirtualStage, bars: int) -> list[ModelRequest]:
    """What a felt trio asks; its drums can be asked for by themselves, to answer what came in."""
    requests: list[ModelRequest] = []

    def answer(request: ModelRequest) -> ModelAnswer:
        requests.append(request)
        return leaning(request) if request.model == "leaning" else tick_tock(request)

    stage.answer = answer
    assert stage.run(bars=bars).hanging() == []
    return requests


def test_a_trio_is_felt_by_one_question_a_bar() -> None:
    requests = trio_requests(VirtualStage(felt_trio()).play(), 4)
    assert [request.bar_in_plan for request in requests[:4]] == [0, 1, 0, 1]
    assert len(requests) <= 5  # the bar after the last is asked for before this one ends
    assert all(r.feel is not None and r.feel.follows is None and r.feel.source is None for r in requests)


def test_lines_follow_the_drums_that_answer_the_player() -> None:
    stage = VirtualStage(felt_trio()).play().at(0, SetParameter("drums", "mode", "groove"))
    stage.script += played([(16 + step, pitch, velocity) for step, pitch, velocity in BEAT])
    lines = [r.feel for r in trio_requests(stage, 4) if r.model == "tick-tock" and r.feel]
    followed = [feel.follows for feel in lines if isinstance(feel.follows, ModelRequest)]
    assert {request.model for request in followed} == {"leaning"}
    assert {len(request.feel.source or ()) for request in followed if request.feel} >= {2 * len(BEAT)}


def test_lines_follow_drums_that_are_frozen() -> None:
    stage = VirtualStage(felt_trio()).play().at(3 * BAR_NS // 2, SetParameter("drums", "mode", "freeze"))
    follows = [r.feel.follows for r in trio_requests(stage, 4) if r.feel and r.feel.follows]
    assert follows
    assert all(isinstance(notes, tuple) and len(notes) == 4 for notes in follows)


def test_drums_that_are_written_go_out_by_the_map_that_goes_out() -> None:
    whole = tiny_performance()
    kit = DrumKit(plays=DrumMap("odd", tuple((100 + drum,) for drum in range(9))))
    parts = tuple(replace(part, kit=kit) if part.name == "drums" else part for part in whole.parts)
    take = VirtualStage(replace(whole, parts=parts)).play().run(bars=2)
    drums = [note.pitch for note in take.notes() if note.channel == 10]
    assert drums
    assert all(100 <= pitch <= 108 for pitch in drums)


def test_a_groove_fader_without_a_groove_model_says_so_once() -> None:
    stage = VirtualStage(tiny_performance(), tick_tock).play()
    for amount in (0.5, 0.2):
        stage.at(0, SetParameter("bass", "feel_timing", amount))
    assert stage.run(bars=1).notices() == [
        "feel_timing does nothing for bass: its preset names no groove model."
    ]
    assert grooving(BEAT).at(0, SetParameter("drums", "feel_timing", 0.5)).run(bars=1).notices() == []
