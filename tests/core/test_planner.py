"""Each mode turns a bar's number into the right point of the latent space."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.feel import plain
from livevae.core.latents import Corners, Encoded, Near, Prior, Slerp
from livevae.core.notes import Note
from livevae.core.palette import Palette, Slot
from livevae.core.parameters import ParameterValue
from livevae.core.part import Part
from livevae.core.performance import ModelInfo, PartSpec
from livevae.core.planner import Decode, Listen, PlayAgain, listening_window, plan_bar

MODEL = ModelInfo("m", 2, ("melody",))
HEARD = Encoded((("melody", (Note(0, 100, 60, 90),)),), 2)


def part(**settings: ParameterValue) -> Part:
    return Part.of(PartSpec("melody", "m", "melody", settings), MODEL)


def decode(of: Part, bar: int, seed: int = 0) -> Decode:
    plan = plan_bar(of, bar, seed)
    assert isinstance(plan, Decode)
    return plan


def test_sample_keeps_one_idea_for_a_phrase_and_then_takes_another() -> None:
    playing = part(mode="sample", phrase=4)
    ideas = [decode(playing, bar).latent for bar in range(8)]
    assert len(set(ideas[:4])) == 1
    assert ideas[4] != ideas[0]
    assert [decode(playing, bar).bar_in_plan for bar in range(5)] == [0, 1, 0, 1, 0]


def test_both_bars_of_one_turn_share_their_noise() -> None:
    playing = part(mode="sample", phrase=8)
    noise = [decode(playing, bar).noise_seed for bar in range(4)]
    assert noise[0] == noise[1] != noise[2] == noise[3]


@given(st.integers(-50, 5000), st.integers(0, 999_999), st.sampled_from(["sample", "vary", "interpolate"]))
def test_a_bar_is_planned_alike_whenever_it_is_reached(bar: int, seed: int, mode: str) -> None:
    once, again = part(mode=mode), part(mode=mode)
    for other in (bar + 3, bar - 7, 0):
        plan_bar(again, other, seed)
    assert plan_bar(once, bar, seed) == plan_bar(again, bar, seed)


def test_seeds_and_rerolls_give_other_ideas() -> None:
    playing, other = part(), part(seed=1)
    before = decode(playing, 0).latent
    assert decode(playing, 0, seed=5).latent != before
    assert decode(other, 0).latent != before
    playing.wanted["reroll"] = True
    playing.adopt_wanted(0)
    assert decode(playing, 0).latent != before


def test_vary_goes_around_what_was_heard_and_samples_until_then() -> None:
    playing = part(mode="vary", vary=0.25)
    assert isinstance(decode(playing, 0).latent, Prior)
    playing.heard = HEARD
    latent = decode(playing, 0).latent
    assert isinstance(latent, Near)
    assert (latent.centre, latent.amount) == (HEARD, 0.25)


def test_interpolate_goes_from_what_was_played_to_a_sample_and_on() -> None:
    playing = part(mode="interpolate", morph=4)
    playing.heard = HEARD
    path = [decode(playing, bar).latent for bar in range(9)]
    assert path[0] == HEARD
    assert [p.fraction for p in path[1:4] if isinstance(p, Slerp)] == [0.25, 0.5, 0.75]
    assert isinstance(path[1], Slerp)
    assert path[1].end == path[4]
    assert isinstance(path[5], Slerp)
    assert path[5].start == path[4]


def test_freeze_loops_what_sounded_before() -> None:
    playing = part(loop=2)
    bars = {bar: plain([Note(bar, 10, 60, 90)]) for bar in range(6)}
    for bar, notes in bars.items():
        playing.remember(bar, notes)
    playing.wanted["mode"] = "freeze"
    playing.adopt_wanted(6)
    assert [plan_bar(playing, bar, 0) for bar in range(6, 10)] == [PlayAgain(bars[b]) for b in (4, 5, 4, 5)]
    assert plan_bar(playing, 1, 0) == PlayAgain(bars[5])  # a loop in the DAW jumps back


def test_freeze_with_nothing_to_loop_samples() -> None:
    playing = part(mode="freeze")
    assert isinstance(plan_bar(playing, 0, 0), Decode)


def test_call_and_response_listens_then_answers() -> None:
    playing = part(mode="vary", respond=2)
    playing.heard = HEARD
    kinds = [type(plan_bar(playing, bar, 0)) for bar in range(8)]
    assert kinds == [Listen, Listen, Decode, Decode] * 2
    assert [listening_window(playing, bar) for bar in range(4)] == [None, None, (0, 2), None]
    playing.heard = None
    assert isinstance(plan_bar(playing, 2, 0), Listen)


def test_a_tie_lengthens_what_freeze_will_repeat() -> None:
    playing = part(loop=1)
    playing.remember(0, plain([Note(288_000, 96_000, 60, 90), Note(0, 96_000, 62, 90)]))
    playing.remember(1, (), tie_ticks=500)
    assert playing.played[0][0].note.duration_ticks == 96_500
    assert playing.played[0][1].note.duration_ticks == 96_000


def test_the_pad_blends_the_four_slots_it_is_told_and_stands_in_for_empty_ones() -> None:
    playing = part(mode="pad", corner_2=7, pad_x=0.25, pad_y=0.75)
    palette = Palette()
    palette.put("m", 7, Slot(HEARD, "the hook"))
    plan = plan_bar(playing, 3, 0, palette)
    assert isinstance(plan, Decode)
    assert isinstance(plan.latent, Corners)
    assert (plan.latent.x, plan.latent.y) == (0.25, 0.75)
    assert plan.latent.corners[1] == HEARD
    assert all(isinstance(corner, Prior) for corner in (plan.latent.corners[0], *plan.latent.corners[2:]))
    assert len(set(plan.latent.corners)) == 4


def test_a_walk_strides_from_point_to_point_around_home() -> None:
    playing = part(mode="walk", stride=4, vary=0.4)
    playing.heard = HEARD
    first, second = decode(playing, 3).latent, decode(playing, 4).latent
    assert isinstance(first, Slerp)
    assert isinstance(second, Slerp)
    assert first.fraction == 0.75
    assert second.fraction == 0.0
    assert first.end == second.start
    assert isinstance(first.end, Near)
    assert (first.end.centre, first.end.amount) == (HEARD, 0.4)


def test_a_walk_wanders_around_the_home_it_is_given() -> None:
    playing = part(mode="walk", stride=4, home="slot 3")
    playing.heard = HEARD
    kept = Prior(1234)
    palette = Palette()
    palette.put("m", 3, Slot(kept, "verse"))
    plan = plan_bar(playing, 5, 0, palette)
    assert isinstance(plan, Decode)
    assert isinstance(plan.latent, Slerp)
    assert isinstance(plan.latent.end, Near)
    assert plan.latent.end.centre == kept
    playing.wanted["home"] = "sample"
    playing.adopt_wanted(6)
    elsewhere = decode(playing, 6).latent
    assert isinstance(elsewhere, Slerp)
    assert isinstance(elsewhere.end, Near)
    assert isinstance(elsewhere.end.centre, Prior)


def test_a_way_between_two_kept_ideas_arrives_and_stays() -> None:
    playing = part(mode="interpolate", morph=4, morph_from="slot 1", morph_to="slot 2")
    verse, chorus = Prior(1), Prior(2)
    palette = Palette()
    palette.put("m", 1, Slot(verse, ""))
    palette.put("m", 2, Slot(chorus, ""))
    way = [plan_bar(playing, bar, 0, palette) for bar in range(8)]
    points = [plan.latent for plan in way if isinstance(plan, Decode)]
    assert points[0] == verse
    assert points[1] == Slerp(verse, chorus, 0.25)
    assert points[4] == chorus
    assert points[6] == Slerp(chorus, chorus, 0.5)


def test_another_end_begins_the_way_again_in_that_bar() -> None:
    playing = part(mode="interpolate", morph=4)
    palette = Palette()
    palette.put("m", 2, Slot(HEARD, ""))
    before = decode(playing, 6).latent
    playing.wanted["morph_from"] = "slot 2"
    playing.adopt_wanted(7)
    plan = plan_bar(playing, 7, 0, palette)
    assert isinstance(plan, Decode)
    assert plan.latent == HEARD != before


def test_ends_are_chosen_in_other_modes_without_a_word() -> None:
    playing = part(mode="freeze")
    playing.mode_since_bar = 2
    playing.wanted["morph_to"] = "slot 1"
    playing.adopt_wanted(5)
    assert playing.mode_since_bar == 2  # where the loop began
