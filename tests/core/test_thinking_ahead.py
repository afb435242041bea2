"""A piece whose bars hear each other is thought of ahead of time, and nothing is heard of that."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from livevae.core.effects import AskModel
from livevae.core.events import SetParameter
from tests.core.piece_stage import PARTS, SONG, asked, in_bar, phrase, song, sounded, stage
from tests.core.stage import BAR_NS, BEAT_NS

HEARING = replace(SONG, hears_bars=True)


@pytest.mark.parametrize("mode", ["sample", "interpolate", "pad"])
def test_the_next_bar_of_a_piece_is_thought_of_before_it_has_to_be_decided(mode: str) -> None:
    take = stage(song(HEARING, mode=mode, morph_from="sample")).run(bars=20)
    asked_ns = [(e.at_ns, e.request) for e in take.effects if isinstance(e, AskModel)]
    assert [request.bar_in_plan for _, request in asked_ns[:18]] == [*range(16), 0, 1]
    for bar, (at_ns, _) in enumerate(asked_ns[2:18], start=2):
        assert at_ns < (bar - 1) * BAR_NS + BEAT_NS  # with most of a bar to spare


def test_thinking_ahead_changes_nothing_that_is_heard() -> None:
    for mode in ("sample", "interpolate", "continue"):
        plain, ahead = (stage(song(model, mode=mode, listen=2)) for model in (SONG, HEARING))
        for at_ns, event in [*phrase(1, 4), (in_bar(6), SetParameter("bass", "reroll", True))]:
            plain.at(at_ns, event)
            ahead.at(at_ns, event)
        first, second = plain.run(bars=20), ahead.run(bars=20)
        assert first.notes() == second.notes()


def test_what_a_hand_changes_in_the_meantime_is_asked_anew() -> None:
    playing = stage(song(HEARING, mode="pad"))
    playing.at(in_bar(3), *(SetParameter(part, "pad_x", 0.9) for part in PARTS))
    take = playing.run(bars=8)
    assert [request.bar_in_plan for request in asked(take)][:8] == [0, 1, 2, 3, 4, 4, 5, 6]
    last = [e.at_ns for e in take.effects if isinstance(e, AskModel) and e.request.bar_in_plan == 4][-1]
    assert last == in_bar(3)  # at once, not when it has to be decided


def test_while_a_hand_is_moving_one_thought_follows_another() -> None:
    playing = stage(song(HEARING, mode="pad"))
    playing.answer_after_ns = 50_000_000
    for moment in range(50):  # as fast as hands are reported
        playing.at(3 * BAR_NS + BEAT_NS + moment * 20_000_000, SetParameter("bass", "pad_x", moment / 50))
    take = playing.run(bars=8)
    fourth = [e.at_ns for e in take.effects if isinstance(e, AskModel) and e.request.bar_in_plan == 4]
    assert 10 < len(fourth) <= 22
    assert min(later - sooner for sooner, later in pairwise(fourth)) >= playing.answer_after_ns
    still = stage(song(SONG, mode="pad")).at(in_bar(3), SetParameter("bass", "pad_x", 49 / 50)).run(bars=8)
    assert sounded(take, 2, 4, 4) == sounded(still, 2, 4, 4)
