"""The laws of feel: 0 is what came in, 1 is the model, and nothing leaves its bounds or overtakes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.feel import (
    ALWAYS,
    EARLIEST_TICKS,
    FLAM_TICKS,
    Feel,
    FeltNote,
    felt_onset,
    felt_velocity,
    in_order,
    plain,
    sounds,
    with_feel,
    with_swing,
)
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP

amounts = st.floats(0.0, 1.5)
feels = st.builds(Feel, amounts, amounts, amounts, st.booleans(), st.booleans())
reach = st.integers(-HALF_STEP_TICKS, HALF_STEP_TICKS - 1)
velocities = st.integers(1, 127)


@st.composite
def felt_notes(draw: st.DrawFn, *, added: bool = True) -> FeltNote:
    grid = draw(st.integers(0, 15)) * TICKS_PER_STEP
    is_added = added and draw(st.booleans())
    onset = grid + (0 if is_added else draw(reach))
    note = Note(onset, draw(st.integers(1, 50_000)), draw(st.sampled_from([36, 38, 42])), draw(velocities))
    return FeltNote(
        note,
        grid + draw(reach),
        draw(velocities),
        draw(st.floats(0.01, 1.5)) if is_added else 0.0,
        draw(st.sampled_from([ALWAYS, 0.5, 1.0])) if not is_added else ALWAYS,
        is_added and draw(st.booleans()),
        draw(st.integers(-3000, 3000)),
    )


bars = st.lists(felt_notes(), max_size=24)


@given(bars, st.booleans(), st.booleans())
def test_amount_0_returns_exactly_what_came_in(bar: list[FeltNote], kept: bool, swing: bool) -> None:
    nothing = Feel(0.0, 0.0, 0.0, kept, swing)
    assert with_feel(bar, nothing) == tuple(sorted(f.note for f in bar if f.from_density == 0.0))


@given(felt_notes())
def test_amount_1_is_the_model(felt: FeltNote) -> None:
    feel = Feel(1.0, 1.0, 1.0)
    assert felt_onset(felt, feel) == felt.onset_ticks
    assert felt_velocity(felt, 1.0) == felt.velocity


@given(felt_notes(), feels)
def test_nothing_leaves_its_bounds(felt: FeltNote, feel: Feel) -> None:
    assert 1 <= felt_velocity(felt, feel.velocity) <= 127
    assert abs(felt_onset(felt, feel) - felt.step * TICKS_PER_STEP) <= EARLIEST_TICKS


@given(bars, feels, amounts)
def test_more_density_is_never_fewer_hits_where_the_players_are_kept(
    bar: list[FeltNote], feel: Feel, other: float
) -> None:
    low, high = sorted((feel.density, other))
    few, many = (
        {id(f) for _, f in in_order(bar, replace(feel, density=d, keep_hits=True))} for d in (low, high)
    )
    assert few <= many
    assert {id(f) for f in bar if f.from_density == 0.0} <= few


@given(bars, feels)
def test_of_one_pitch_none_overtakes_another(bar: list[FeltNote], feel: Feel) -> None:
    placed = in_order(bar, feel)
    for pitch in (36, 38, 42):
        mine = [(onset, felt) for onset, felt in placed if felt.note.pitch == pitch]
        for (onset, felt), (next_onset, next_felt) in pairwise(mine):
            apart = next_felt.note.onset_ticks - felt.note.onset_ticks
            assert next_onset - onset >= min(apart, FLAM_TICKS)


def test_what_is_replaced_and_what_stands_in_for_it_change_places() -> None:
    hat = Note(0, TICKS_PER_STEP, 42, 90)
    old = FeltNote(hat, 0, 90, until_density=0.4)
    new = FeltNote(hat, -500, 70, from_density=0.4, stands_in=True)
    for density in (0.0, 0.39, 0.4, 1.0, 1.5):
        replacing, keeping = Feel(density=density, keep_hits=False), Feel(density=density)
        assert sounds(old, replacing) != sounds(new, replacing)
        assert sounds(new, replacing) == (density >= 0.4)
        assert sounds(old, keeping)
        assert not sounds(new, keeping)


def test_a_kept_swing_takes_the_models_away_and_leaves_the_rest() -> None:
    swing, lean = 4000, 700
    bar = [
        FeltNote(
            Note(step * TICKS_PER_STEP + (swing if step % 2 else 0), 1, 42, 90),
            step * TICKS_PER_STEP + (lean if step % 4 == 0 else 0) + (1000 if step % 2 else 0),
            80,
        )
        for step in range(16)
    ]
    kept = [felt_onset(f, Feel(keep_swing=True)) - f.step * TICKS_PER_STEP for f in with_swing(bar)]
    lateness = sum(kept[1::2]) / 8 - sum(kept[0::2]) / 8
    assert lateness == pytest.approx(swing, abs=1)
    assert kept[0] == lean
    assert kept[2] == 0
    replaced = [felt_onset(f, Feel()) for f in with_swing(bar)]
    assert replaced == [f.onset_ticks for f in bar]


def test_a_straight_source_stays_straight() -> None:
    bar = [
        FeltNote(Note(s * TICKS_PER_STEP, 1, 42, 90), s * TICKS_PER_STEP + 5000 * (s % 2), 90)
        for s in range(8)
    ]
    onsets = [onset for onset, _ in in_order(with_swing(bar), Feel(keep_swing=True))]
    assert onsets == [s * TICKS_PER_STEP for s in range(8)]


@given(st.lists(felt_notes(added=False), max_size=8), feels)
def test_plain_notes_know_no_feel(bar: list[FeltNote], feel: Feel) -> None:
    notes = tuple(sorted(f.note for f in bar))
    source = {(n.onset_ticks, n.pitch) for n in notes}
    if len(source) == len(notes):
        assert with_feel(plain(notes), feel) == notes


@pytest.mark.parametrize(
    "wrong",
    [
        {"velocity": 0},
        {"velocity": 128},
        {"from_density": 1.6},
        {"from_density": -0.1},
        {"until_density": 0.0},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"velocity|density"):
        replace(FeltNote(Note(0, 1, 36, 90), 0, 90), **wrong)  # type: ignore[arg-type]
