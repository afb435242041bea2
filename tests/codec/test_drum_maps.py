"""The drum tables say what FACTS of the Groove and MusicVAE work say."""

from __future__ import annotations

import pytest

from livevae.codec.drum_maps import (
    DRUM_CLASSES,
    DRUM_MAPS,
    DRUM_ROWS,
    PLAYBACK_PITCHES,
    drum_map,
)


@pytest.mark.parametrize("name", sorted(DRUM_MAPS))
def test_every_class_has_pitches_and_plays_back_one_of_its_own(name: str) -> None:
    assert sorted(set(DRUM_MAPS[name].values())) == list(range(len(DRUM_CLASSES)))
    assert [DRUM_MAPS[name][pitch] for pitch in PLAYBACK_PITCHES[name]] == list(range(len(DRUM_CLASSES)))


@pytest.mark.parametrize("name", sorted(DRUM_MAPS))
def test_no_pitch_is_claimed_twice(name: str) -> None:
    pitches = [pitch for row in DRUM_ROWS[name] for pitch in row]
    assert len(pitches) == len(set(pitches)) == len(DRUM_MAPS[name])


def test_general_midi_percussion_is_covered_from_35_to_87() -> None:
    assert [p for p in range(35, 88) if p not in DRUM_MAPS["gm"]] == []


def test_the_two_maps_disagree_on_three_pitches() -> None:
    both = DRUM_MAPS["gm"].keys() & DRUM_MAPS["td11"].keys()
    assert sorted(p for p in both if DRUM_MAPS["gm"][p] != DRUM_MAPS["td11"][p]) == [45, 48, 58]


def test_an_unknown_map_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'xg'.*gm, td11"):
        drum_map("xg")
