"""Windows cut from whole songs are the windows a player would be heard in."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import Codec, codec_from
from livevae.core.notes import Note, window
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_BEAT
from train.config import ConfigError, DataConfig
from train.corpus import augmented, load_corpus
from train.song_windows import window_starts
from train.token_windows import canonical, octaves_up, transposed

pytestmark = pytest.mark.train

notes_of_six_bars = st.lists(
    st.builds(
        Note,
        st.integers(-HALF_STEP_TICKS, 6 * TICKS_PER_BAR - HALF_STEP_TICKS - 1),
        st.integers(1, 3 * TICKS_PER_BAR),
        st.integers(30, 90),
        st.just(80),
    ),
    max_size=30,
)


@pytest.mark.parametrize("name", ["melody", "drums", "trio"])
@given(notes=notes_of_six_bars, first_bar=st.integers(0, 4))
def test_cutting_tokens_equals_encoding_the_windows_notes(
    name: str, notes: list[Note], first_bar: int
) -> None:
    codec = codec_from(name, {"bars": 2})
    whole = dataclasses.replace(codec, bars=6)  # type: ignore[type-var]
    song = dict.fromkeys(codec.parts, notes)
    steps = slice(first_bar * 16, first_bar * 16 + codec.steps)
    cut = canonical(whole.encode(song)[None, steps].copy(), codec)[0]
    heard = window(notes, first_bar, codec.bars, grace_ticks=HALF_STEP_TICKS)
    assert np.array_equal(cut, codec.encode(dict.fromkeys(codec.parts, heard)))


@given(st.integers(-40, 40), st.lists(st.integers(0, 89), min_size=32, max_size=32))
def test_transposing_there_and_back_is_nothing(semitones: int, line: list[int]) -> None:
    codec = codec_from("melody", {"bars": 2})
    tokens = np.array(line)[None, :, None]
    there = transposed(tokens, codec, np.array([semitones]))
    assert np.array_equal(there < 2, tokens < 2)
    if not np.array_equal(there, tokens):
        assert np.array_equal(transposed(there, codec, np.array([-semitones])), tokens)


def test_bass_lines_are_lifted_by_whole_octaves() -> None:
    codec = codec_from("melody", {"bars": 2})
    for pitch, lift in ((60, 0), (48, 0), (47, 12), (36, 12), (35, 24)):
        song = codec.encode({"melody": [Note(0, 1, pitch, 80)]}).astype(np.uint8)
        assert octaves_up(song, codec, 48) == lift


def test_windows_need_enough_onsets_and_few_silent_bars() -> None:
    codec: Codec = codec_from("melody", {"bars": 2})
    whole = codec_from("melody", {"bars": 6})
    held = [Note(0, 2 * TICKS_PER_BAR, 60, 80), Note(TICKS_PER_BAR // 2, 4 * TICKS_PER_BAR, 62, 80)]
    song = whole.encode({"melody": held}).astype(np.uint8)
    config = DataConfig(sources=(), min_onsets=2, max_silent_bars=0)
    assert window_starts(song, codec, config, 1).tolist() == [
        0
    ]  # the held note is not silence, but no onset either


def test_four_on_the_floor_may_be_asked_for() -> None:
    codec: Codec = codec_from("drums", {"bars": 2})
    hits = [Note(beat * TICKS_PER_BEAT, 1, 36, 80) for beat in range(8 + 4)]
    hits += [Note(12 * TICKS_PER_BEAT + off * TICKS_PER_BEAT // 2, 1, 42, 80) for off in range(8)]
    song = codec_from("drums", {"bars": 4}).encode({"drums": sorted(hits)}).astype(np.uint8)
    for least, starts in ((0.0, [0, 16, 32]), (0.9, [0, 16]), (0.4, [0, 16, 32])):
        config = DataConfig(sources=(), min_kicks_on_beats=least)
        assert window_starts(song, codec, config, 1).tolist() == starts


def test_a_zip_of_music_becomes_a_corpus_and_says_what_it_left_out(music_zip: Path, tmp_path: Path) -> None:
    codec = codec_from("melody", {"bars": 2})
    config = DataConfig(sources=("own_files",), transpose_semitones=3)
    corpus = load_corpus(music_zip, config, codec, tmp_path)
    again = load_corpus(music_zip, config, codec, tmp_path)
    assert np.array_equal(corpus.tokens, again.tokens)
    assert len(corpus.train) + len(corpus.valid) > 24
    report = corpus.drop_report()
    assert "damaged.mid" in report
    assert "3/4" in report
    assert "empty.mid" in report
    batch, beside = augmented(corpus, corpus.train.where(np.arange(5)), config, np.random.default_rng(0))
    assert batch.shape == (5, 32, 1)
    assert beside == ()  # nobody asked for chords
    assert batch.max() < 90


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'groove'.*--data"):
        load_corpus(tmp_path, DataConfig(sources=("groove",)), codec_from("drums", {"bars": 2}), tmp_path)
    with pytest.raises(ConfigError, match="'nothing'"):
        load_corpus(tmp_path, DataConfig(sources=("nothing",)), codec_from("drums", {"bars": 2}), tmp_path)
