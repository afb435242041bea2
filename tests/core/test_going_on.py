"""A piece that goes on from what was played: its plan begins with those bars and is heard from the next."""

from __future__ import annotations

from livevae.core.latents import Encoded, Grafted, Near, Prior
from livevae.core.performance import ModelInfo
from livevae.testing import VirtualStage
from tests.core.piece_stage import BARS, PARTS, SONG, asked, phrase, song, stage


def going_on(vary: float = 1.0, model: ModelInfo = SONG) -> VirtualStage:
    playing = stage(song(model, mode="continue", listen=2, vary=vary))
    for at_ns, event in phrase(2, 2):
        playing.at(at_ns, event)
    return playing


def test_two_bars_that_were_played_are_the_beginning_of_a_plan_that_goes_on_with_its_third() -> None:
    requests = [r for r in asked(going_on().run(bars=24)) if isinstance(r.latent, Grafted)]
    assert [request.bar_in_plan for request in requests[:20]] == [*range(2, 16), *range(6)]
    for request in requests:
        assert isinstance(request.latent, Grafted)
        assert isinstance(request.latent.stem, Encoded)
        assert (request.latent.stem.bars, request.latent.from_bar, request.latent.parts) == (2, 2, ())
        assert isinstance(request.latent.scion, Near)
    ways_on = [request.latent.scion for request in requests if isinstance(request.latent, Grafted)]
    assert len(set(ways_on[:14])) == 1
    assert ways_on[14] != ways_on[0]  # when the idea comes back it goes on another way


def test_silence_around_an_idea_is_no_part_of_it() -> None:
    playing = stage(song(mode="continue", listen=4, vary=1.0))
    for at_ns, event in phrase(5, 2):  # in the middle of the four bars that are listened to
        playing.at(at_ns, event)
    requests = [r for r in asked(playing.run(bars=10)) if isinstance(r.latent, Grafted)]
    assert [request.bar_in_plan for request in requests[:2]] == [2, 3]
    assert isinstance(requests[0].latent, Grafted)
    assert isinstance(requests[0].latent.stem, Encoded)
    assert requests[0].latent.stem.bars == 2
    ((_, notes),) = requests[0].latent.stem.parts
    assert len(notes) == 8


def test_until_somebody_plays_ideas_are_new() -> None:
    requests = asked(going_on().run(bars=4))
    assert all(isinstance(request.latent, Prior) for request in requests[:4])


def test_a_model_that_cannot_leave_bars_as_they_are_goes_on_near_a_loop_of_them() -> None:
    requests = asked(going_on(0.4, ModelInfo("tick-tock", BARS, PARTS)).run(bars=8))
    (fifth,) = (r for r in requests if isinstance(r.latent, Near) and r.bar_in_plan == 3)
    assert isinstance(fifth.latent, Near)
    assert fifth.latent.amount == 0.4
