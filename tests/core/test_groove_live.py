"""Grooving on stage, in virtual time: what came in comes back a bar later, as felt as the amounts say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core.effects import BarDecided, SlotChanged
from livevae.core.events import (
    ClockContinue,
    ClockPulse,
    ClockStart,
    SetParameter,
    SongPosition,
)
from livevae.core.latents import Encoded
from livevae.testing import VirtualStage, groove_performance, leaning, tick_tock, tiny_performance
from livevae.units import (
    NS_PER_MS,
    STEPS_PER_BAR,
    TICKS_PER_BAR,
    TICKS_PER_STEP,
)
from tests.core.groove_stage import (
    BAR_NS,
    BEAT,
    HAT,
    KICK,
    SIXTEENTH_NS,
    UNFELT,
    Hits,
    asked,
    assert_near,
    bars_long,
    grooving,
    heard,
    played,
    some_bars,
)


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
