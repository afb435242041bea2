"""Kits: what comes in is understood, what goes out is what the instrument knows, and a rim stays a rim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.drum_kit import ABLETON, DRUMS, GM, MAPS, TD11, DrumKit, DrumMap

pitches = st.integers(0, 127)
maps = st.sampled_from(list(MAPS.values()))


@given(pitches, maps)
def test_a_drum_that_is_understood_is_the_same_drum(pitch: int, reads: DrumMap) -> None:
    understood = DrumKit(reads).understood(pitch)
    assert (understood is None) == (reads.drum_of(pitch) is None)
    if understood is not None:
        assert GM.drum_of(understood) == reads.drum_of(pitch)


@given(pitches, maps, maps)
def test_what_goes_out_is_the_drum_that_came_in(pitch: int, reads: DrumMap, plays: DrumMap) -> None:
    sent = DrumKit(reads, plays).returned(pitch)
    if reads.drum_of(pitch) is None:
        assert sent == pitch
    else:
        assert sent is not None
        assert plays.drum_of(sent) == reads.drum_of(pitch)


@given(pitches, maps)
def test_without_a_map_for_going_out_every_pitch_stays(pitch: int, reads: DrumMap) -> None:
    assert DrumKit(reads).returned(pitch) == pitch


def test_the_ordinary_kit_changes_nothing_that_livevae_plays() -> None:
    assert all(DrumKit().played(pitch) == pitch for row in GM.rows for pitch in row)


def test_a_rim_stays_a_rim_where_the_other_map_has_it() -> None:
    assert DrumKit(GM, TD11).returned(37) == 37
    assert DrumKit(GM, ABLETON).returned(37) == 37
    assert DrumKit(GM, ABLETON).returned(50) == 45  # and a high tom becomes the other's
    assert DrumKit(GM, ABLETON).returned(53) == 51  # a Drum Rack has one ride


def test_toms_go_by_name_and_not_by_number() -> None:
    toms = [DRUMS.index(name) for name in ("low_tom", "mid_tom", "high_tom")]
    assert [DrumKit(plays=ABLETON).played(GM.rows[tom][0]) for tom in toms] == [41, 43, 45]
    assert [DrumKit(plays=TD11).played(GM.rows[tom][0]) for tom in toms] == [43, 47, 50]


def test_a_drum_nothing_plays_is_left_out() -> None:
    small = DrumMap("small", ((36,), (38,), *((),) * 7))
    assert DrumKit(plays=small).played(42) is None
    assert DrumKit(GM, small).returned(42) is None
    assert DrumKit(small, passes=False).returned(42) is None
    assert DrumKit(small).returned(42) == 42


@pytest.mark.parametrize("name", sorted(MAPS))
def test_the_nine_drums_all_have_pitches(name: str) -> None:
    assert len(MAPS[name].rows) == len(DRUMS)
    assert all(MAPS[name].rows)
