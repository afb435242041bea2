"""Tokens taken apart into parts and symbols."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec import codec_from
from train.evaluation.parts import alphabet_sizes, onsets, part_symbols, part_tokens, sounding_pitches

TRIO = codec_from("trio", {"bars": 1})


def test_every_part_gets_its_columns() -> None:
    windows = np.arange(2 * 16 * 11).reshape(2, 16, 11)
    tokens = part_tokens(TRIO, windows)
    assert {part: value.shape for part, value in tokens.items()} == {
        "melody": (2, 16, 1),
        "bass": (2, 16, 1),
        "drums": (2, 16, 9),
    }
    assert np.array_equal(np.concatenate(list(tokens.values()), axis=-1), windows)


def test_different_steps_are_different_symbols() -> None:
    hits = (np.arange(512)[:, None] >> np.arange(9)) & 1
    windows = np.zeros((32, 16, 11), dtype=np.int64)
    windows[..., 2:] = hits.reshape(32, 16, 9)
    drums = part_symbols(TRIO, windows)["drums"]
    assert sorted(drums.ravel().tolist()) == list(range(512))
    assert alphabet_sizes(TRIO) == {"melody": 90, "bass": 90, "drums": 512}


@pytest.mark.parametrize(
    ("line", "pitches"),
    [
        ([0, 41, 0, 1, 0, 43], [-1, 60, 60, -1, -1, 62]),
        ([2, 89, 1, 1, 0, 0], [21, 108, -1, -1, -1, -1]),
        ([1, 0, 0, 0, 0, 0], [-1] * 6),
    ],
)
def test_a_note_sounds_until_the_next_or_its_end(line: list[int], pitches: list[int]) -> None:
    assert sounding_pitches(np.array([line])).tolist() == [pitches]
    assert onsets(np.array([line])).sum() == sum(token > 1 for token in line)
