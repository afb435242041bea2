"""The amounts of feel act at the next note, at any time, and ask the model nothing, in virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core.effects import SendNoteOn
from livevae.core.events import (
    Event,
    Quit,
    SetParameter,
    Undo,
)
from livevae.testing import Take
from tests.core.groove_stage import (
    BAR_NS,
    BEAT,
    HAT,
    SIXTEENTH_NS,
    Hits,
    asked,
    bars_long,
    grooving,
    heard,
    some_bars,
)


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


def test_nobody_overtakes_across_a_bar_line() -> None:
    """The last hat of a bar is late and the first of the next early, half as far again as in the model."""
    hits: Hits = [(step, HAT, 60 + step) for step in range(0, 40)]
    back = heard(grooving(hits, feel_timing=1.5, feel_velocity=0.0, feel_density=0.0).run(bars=5))
    assert [v for _, _, v in back] == [v for _, _, v in hits]
    assert all(later > earlier for (earlier, *_), (later, *_) in pairwise(back))
