"""A piece of sixteen-bar plans, bent while it plays: what changes, from which bar on, and what stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from livevae.core.events import (
    ClockContinue,
    ClockStart,
    ClockStop,
    Event,
    SetParameter,
    SongPosition,
)
from livevae.core.latents import Corners, Grafted, Prior, Slerp
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.testing import Take, VirtualStage
from tests.core.piece_stage import BARS, PARTS, SONG, asked, decided, in_bar, song, sounded, stage
from tests.core.stage import BAR_NS, pulses, ready_stage


def test_plans_follow_each_other_without_end_each_an_idea_of_its_own() -> None:
    requests = asked(stage(song(mode="sample")).run(bars=40))
    assert [request.bar_in_plan for request in requests[:40]] == [bar % BARS for bar in range(40)]
    ideas = [request.latent for request in requests]
    assert len(set(ideas[:16])) == len(set(ideas[16:32])) == 1
    assert len(set(ideas[:40])) == 3


@pytest.mark.parametrize(("mode", "turned"), [("pad", "pad_x"), ("pad", "pad_y"), ("sample", "attr_density")])
def test_a_hand_on_the_piece_changes_it_from_the_next_bar_line_on(mode: str, turned: str) -> None:
    performance = song(replace(SONG, attributes=tuple(f"{part}_density" for part in PARTS)), mode=mode)
    left_alone = stage(performance).run(bars=20)
    hands = [SetParameter(part, turned, 0.9) for part in PARTS]
    bent = stage(performance).at(in_bar(10), *hands).run(bars=20)
    for channel in (1, 2, 10):
        assert sounded(bent, channel, 0, 11) == sounded(left_alone, channel, 0, 11)
        for bar in range(11, 16):
            assert sounded(bent, channel, bar) != sounded(left_alone, channel, bar)
    # the piece goes on where it was: bar 11 of the new plan
    before, after = ([r for r in asked(take) if r.bar_in_plan == 11] for take in (left_alone, bent))
    assert {r.noise_seed for r in after} == {r.noise_seed for r in before}
    assert not {r.latent for r in after} & {r.latent for r in before}


def test_a_pad_moved_every_bar_asks_for_one_bar_at_a_time() -> None:
    moving = stage(song(mode="pad"))
    for bar in range(12):
        moving.at(in_bar(bar), *(SetParameter(part, "pad_x", bar / 12) for part in PARTS))
    requests = asked(moving.run(bars=12))
    assert [request.bar_in_plan for request in requests[:12]] == list(range(12))
    assert all(isinstance(request.latent, Corners) for request in requests)


def test_interpolate_morphs_one_piece_into_another_bar_by_bar() -> None:
    requests = asked(stage(song(mode="interpolate", morph=16, morph_from="sample")).run(bars=17))
    start, end = requests[0].latent, requests[16].latent
    assert isinstance(start, Prior)
    assert [request.bar_in_plan for request in requests[:17]] == [*range(16), 0]
    for bar, request in enumerate(requests[1:16], start=1):
        assert request.latent == Slerp(start, end, bar / 16)


def test_a_part_that_is_muted_comes_back_in_its_place() -> None:
    alone = stage(song(mode="sample")).run(bars=16)
    muted = stage(song(mode="sample"))
    muted.at(in_bar(3), SetParameter("bass", "mute", True)).at(in_bar(8), SetParameter("bass", "mute", False))
    take = muted.run(bars=16)
    assert sounded(take, 2, 4, 4) == []
    assert sounded(take, 2, 9, 7) == sounded(alone, 2, 9, 7)
    for channel in (1, 10):
        assert sounded(take, channel, 0, 16) == sounded(alone, channel, 0, 16)


def test_a_part_that_is_frozen_loops_while_the_others_go_on() -> None:
    alone = stage(song(mode="sample")).run(bars=16)
    take = stage(song(mode="sample")).at(in_bar(5), SetParameter("drums", "mode", "freeze")).run(bars=16)
    assert sounded(take, 10, 6, 2) == sounded(alone, 10, 4, 2)  # a loop of two bars, by default
    assert sounded(take, 10, 8, 2) == sounded(take, 10, 6, 2)
    for channel in (1, 2):
        assert sounded(take, channel, 0, 16) == sounded(alone, channel, 0, 16)


def test_a_part_is_rolled_anew_while_the_others_stay() -> None:
    alone = stage(song(mode="sample")).run(bars=16)
    take = stage(song(mode="sample")).at(in_bar(5), SetParameter("bass", "reroll", True)).run(bars=16)
    for channel in (1, 10):
        assert sounded(take, channel, 0, 16) == sounded(alone, channel, 0, 16)
    assert sounded(take, 2, 0, 6) == sounded(alone, 2, 0, 6)
    assert all(sounded(take, 2, bar) != sounded(alone, 2, bar) for bar in range(6, 16))
    idea = asked(alone)[0]
    new = next(r for r in asked(take) if r.bar_in_plan == 6 and isinstance(r.latent, Grafted))
    assert isinstance(new.latent, Grafted)
    assert (new.latent.stem, new.latent.parts) == (idea.latent, ("bass",))
    assert new.noise_seed == idea.noise_seed
    assert [part for part, _ in new.own_noise] == ["bass"]


def test_a_part_rolled_later_goes_with_what_was_rolled_before() -> None:
    rolling = stage(song(mode="sample"))
    rolling.at(in_bar(2), SetParameter("bass", "reroll", True))
    rolling.at(in_bar(4), SetParameter("melody", "reroll", True))
    requests = [r for r in asked(rolling.run(bars=8)) if r.bar_in_plan == 6]
    depths = {tuple(sorted(part for part, _ in request.own_noise)) for request in requests}
    assert depths == {(), ("bass",), ("bass", "melody")}  # drums, bass and melody: three ideas, no more


def test_parts_rolled_together_share_one_new_idea() -> None:
    rolling = stage(song(mode="sample")).at(in_bar(2), *(SetParameter(p, "reroll", True) for p in PARTS))
    assert len([r for r in asked(rolling.run(bars=8)) if r.bar_in_plan == 6]) == 1


def test_a_model_that_does_not_tell_parts_apart_is_rolled_as_a_whole() -> None:
    trio = ModelInfo("tick-tock", BARS, PARTS)
    take = stage(song(trio, mode="sample")).at(in_bar(2), SetParameter("bass", "reroll", True)).run(bars=8)
    requests = [r for r in asked(take) if r.bar_in_plan == 6]
    assert {type(request.latent) for request in requests} == {Prior}
    assert len({request.latent for request in requests}) == 2


# --- song position ----------------------------------------------------------------------------


def clocked(performance: Performance, script: list[tuple[int, Event]], bars: int) -> Take:
    """A DAW's clock for so many bars, with what else it sends."""
    playing = ready_stage(performance)
    playing.script += pulses(0, bars * 96)
    for at_ns, event in script:
        playing.at(at_ns, event)
    return playing.run(bars * BAR_NS - 1)


def test_a_place_in_the_song_is_the_same_bar_of_the_same_plan_however_it_is_reached() -> None:
    performance = song(mode="sample", clock="midi")
    through = clocked(performance, [(-1, ClockStart())], 24)
    jumped = clocked(performance, [(-2, SongPosition(16 * 20)), (-1, ClockContinue())], 4)
    for part in PARTS:
        there, here = decided(through, part), decided(jumped, part)
        assert {bar: here[bar] for bar in range(20, 24)} == {bar: there[bar] for bar in range(20, 24)}


def test_a_loop_in_the_daw_repeats_the_same_music() -> None:
    performance = song(mode="sample", clock="midi")
    back: list[tuple[int, Event]] = [(-1, ClockStart())]
    for turn in (1, 2):  # bars 5 to 8 round and round, as Ableton Live sends it
        at_ns = (8 + 4 * (turn - 1)) * BAR_NS
        back += [
            (at_ns - 3000, ClockStop()),
            (at_ns - 2000, SongPosition(16 * 4)),
            (at_ns - 1000, ClockContinue()),
        ]
    take = clocked(performance, back, 16)
    for channel in (1, 2, 10):
        first, second, third = (
            [(round(at_ns / 1e7), pitch) for at_ns, pitch in sounded(take, channel, bar, 4, 5_000_000)]
            for bar in (4, 8, 12)
        )
        assert first
        assert first == second == third


# --- with a model file ------------------------------------------------------------------------


@pytest.fixture
def from_file() -> VirtualStage:
    """The fake song of four bars, whose bars and parts hear each other."""
    pytest.importorskip("onnxruntime")
    from livevae.inference import Inference

    path = Path(__file__).parents[1] / "fixtures" / "fake_song.onnx"
    inference = Inference([path])
    (info,) = inference.models
    assert info.tells_bars
    assert info.tells_parts
    parts = tuple(
        PartSpec(part, info.name, part, {"channel": channel, "phrase": 4, "mode": "sample"})
        for channel, part in enumerate(PARTS, start=1)
    )
    performance = Performance("song", parts, (info,), clock="internal")
    playing = stage(performance)
    playing.answer = inference.answer
    return playing


def test_a_new_bass_is_heard_with_the_old_melody_and_drums(from_file: VirtualStage) -> None:
    alone = replace(from_file, script=list(from_file.script)).run(bars=12)
    take = from_file.at(in_bar(4), SetParameter("bass", "reroll", True)).run(bars=12)
    for channel in (1, 3):
        assert sounded(take, channel, 0, 12) == sounded(alone, channel, 0, 12)
    assert sounded(take, 2, 0, 5) == sounded(alone, 2, 0, 5)
    assert sounded(take, 2, 5, 3) != sounded(alone, 2, 5, 3)
    assert sounded(take, 2, 8, 4) != sounded(alone, 2, 8, 4)
