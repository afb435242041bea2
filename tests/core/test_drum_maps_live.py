"""Drums come in and go out by the maps of their kits, in virtual time."""

from __future__ import annotations

from dataclasses import replace

from livevae.core.drum_kit import ABLETON, TD11, DrumKit, DrumMap
from livevae.testing import VirtualStage, tiny_performance
from tests.core.groove_stage import (
    BEAT,
    RIM,
    Hits,
    grooving,
    heard,
)


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


def test_drums_that_are_written_go_out_by_the_map_that_goes_out() -> None:
    whole = tiny_performance()
    kit = DrumKit(plays=DrumMap("odd", tuple((100 + drum,) for drum in range(9))))
    parts = tuple(replace(part, kit=kit) if part.name == "drums" else part for part in whole.parts)
    take = VirtualStage(replace(whole, parts=parts)).play().run(bars=2)
    drums = [note.pitch for note in take.notes() if note.channel == 10]
    assert drums
    assert all(100 <= pitch <= 108 for pitch in drums)
