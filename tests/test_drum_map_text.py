"""Drum maps as people write them: what is read, and what each mistake is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.drum_kit import DRUMS, MAPS
from livevae.drum_map_text import read_drum_map
from livevae.errors import PresetError

OWN = """
# the pads of my controller
kick        36 35
snare       38, 40, 37       # the first is the one that is played back
Closed Hat: F#1 G#1
open-hat    A#1
ride = Db2
"""


def test_lines_may_be_written_as_one_likes() -> None:
    own = read_drum_map(OWN)
    by_name = dict(zip(DRUMS, own.rows, strict=True))
    assert by_name["kick"] == (36, 35)
    assert by_name["snare"] == (38, 40, 37)
    assert by_name["closed_hat"] == (42, 44)
    assert by_name["open_hat"] == (46,)
    assert by_name["ride"] == (49,)
    assert by_name["crash"] == ()


@pytest.mark.parametrize("name", sorted(MAPS))
def test_a_map_written_out_is_read_back(name: str) -> None:
    text = "\n".join(f"{d} {' '.join(map(str, r))}" for d, r in zip(DRUMS, MAPS[name].rows, strict=True))
    assert read_drum_map(text, name) == MAPS[name]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the drum map is empty"),
        ("# nothing", "the drum map is empty"),
        ("kik 36", "knows no drum 'kik' (did you mean 'kick'?)"),
        ("cowbell 56", "drums are kick, snare, closed_hat"),
        ("kick", "cannot have the line 'kick'"),
        ("36 kick", "cannot have the line '36 kick'"),
        ("kick 128", "the pitch '128': it takes 0 to 127"),
        ("kick H1", "the pitch 'H1'"),
        ("kick G9", "the pitch 'G9'"),
        ("kick 36 36", "has pitch 36 for kick and for kick"),
        ("kick 36\nsnare 36", "has pitch 36 for kick and for snare: it can be only one"),
        ("kick 36\nkick 35", "two lines for kick"),
    ],
)
def test_a_mistake_is_named_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(PresetError) as caught:
        read_drum_map(text)
    assert sentence in str(caught.value)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        own = read_drum_map(text)
    except PresetError:
        return
    assert all(0 <= pitch <= 127 for row in own.rows for pitch in row)
