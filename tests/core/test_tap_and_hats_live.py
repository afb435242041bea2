"""A kit that answers taps and hats that join in, in virtual time."""

from __future__ import annotations

from tests.core.groove_stage import (
    BEAT,
    HAT,
    KICK,
    SNARE,
    Hits,
    grooving,
    heard,
)


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
