"""Attributes measure what they are called, and directions point at more of it."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec import codec_from
from livevae.codec.lines import class_of_pitch
from livevae.core.notes import Note
from livevae.units import TICKS_PER_STEP
from train.attributes import measures


def melody(*notes: tuple[int, int]) -> np.ndarray[tuple[int, int, int], np.dtype[np.int64]]:
    """A window from (step, pitch)."""
    line = np.zeros((1, 32, 1), dtype=np.int64)
    for step, pitch in notes:
        line[0, step, 0] = class_of_pitch(pitch)
    return line


def value(codec: str, name: str, windows: np.ndarray[tuple[int, int, int], np.dtype[np.int64]]) -> float:
    return float(measures(codec_from(codec, {"bars": 2}))[name](windows)[0])


def test_attributes_of_a_melody() -> None:
    line = melody((0, 60), (4, 64), (7, 61), (10, 61))
    assert value("melody", "density", line) == 4 / 32
    assert value("melody", "interval", line) == pytest.approx((4 + 3 + 0) / 3)
    assert value("melody", "c_major", line) == 0.5
    assert value("melody", "syncopation_16", line) == 0.25  # the onset on step 7
    assert value("melody", "syncopation_8", line) == 0.25  # the one on step 10
    assert value("melody", "syncopation_16", melody((6, 60), (7, 60))) == 0


def test_attributes_of_drums() -> None:
    codec = codec_from("drums", {"bars": 2})
    hits = [Note(step * TICKS_PER_STEP, 1, pitch, 80) for step, pitch in ((0, 36), (4, 36), (5, 42), (9, 46))]
    window = codec.encode({"drums": hits})[None]
    assert value("drums", "density", window) == pytest.approx(4 / (32 * 9))
    assert value("drums", "hat_share", window) == 0.5
    assert value("drums", "kick_on_beats", window) == 2 / 8
    assert value("drums", "syncopation_16", window) == 0.25


def test_a_whole_kit_is_measured_by_the_nine_drums() -> None:
    codec = codec_from("percussion", {"bars": 2})
    pitches = (
        (0, 35),
        (0, 54),
        (4, 36),
        (5, 70),
        (9, 81),
    )  # tambourine and maracas count as hats, so does a bell
    hits = [Note(step * TICKS_PER_STEP, 1, pitch, 80) for step, pitch in pitches]
    window = codec.encode({"drums": hits})[None]
    assert value("percussion", "density", window) == pytest.approx(5 / (32 * 9))
    assert value("percussion", "hat_share", window) == pytest.approx(3 / 5)
    assert value("percussion", "kick_on_beats", window) == 2 / 8


@pytest.mark.parametrize("codec", ["melody", "drums", "percussion", "trio"])
def test_silence_has_none_of_anything(codec: str) -> None:
    whole = codec_from(codec, {"bars": 2})
    silence = np.zeros((2, 32, len(whole.columns)), dtype=np.int64)
    for name, measure in measures(whole).items():
        assert measure(silence).tolist() == [0, 0], name
