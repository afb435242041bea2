"""Chords go where their windows go."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.chords import chord_features
from livevae.codec.lines import FIRST_ONSET
from livevae.core.chords import Chord
from livevae.core.notes import Note
from livevae.units import TICKS_PER_BEAT
from tests.train.conftest import midi_bytes
from train.chord_windows import chord_windows, song_chords, transposed_chords
from train.config import DataConfig
from train.corpus import augmented, load_corpus

pytestmark = pytest.mark.train

A_MINOR, F_MAJOR = (45, 60, 64), (41, 57, 60)


def test_kept_small_and_told_in_full() -> None:
    held = tuple(
        Note(bar * 4 * TICKS_PER_BEAT, TICKS_PER_BEAT, key, 80)
        for bar, keys in ((1, A_MINOR), (2, F_MAJOR))
        for key in keys
    )
    kept = song_chords(held, 12)
    a_minor, f_major = Chord.of_pitches(A_MINOR), Chord.of_pitches(F_MAJOR)
    expected = [None] * 4 + [a_minor] * 4 + [f_major] * 4
    assert np.array_equal(chord_windows(kept[None])[0], chord_features(expected))


@pytest.mark.parametrize("semitones", [-7, -1, 0, 5, 12])
def test_transposed_chords_are_the_chords_of_transposed_keys(semitones: int) -> None:
    told = chord_features([Chord.of_pitches(A_MINOR), None])
    moved = chord_features([Chord.of_pitches(key + semitones for key in A_MINOR), None])
    assert np.array_equal(transposed_chords(told[None], np.array([semitones]))[0], moved)


def test_melodies_and_their_chords_are_moved_together(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "music.zip", "w") as archive:
        for song in range(6):
            archive.writestr(f"song_{song}.mid", midi_bytes(song))
    config = DataConfig(sources=("own_files",), transpose_semitones=6, chords=True)
    corpus = load_corpus(tmp_path / "music.zip", config, codec_from("melody", {"bars": 2}), tmp_path)
    places = corpus.train.where(np.arange(12))
    plain, (chords,) = corpus.cut(places), corpus.given(places)
    assert chords.sum(axis=2).min() == 2  # the bass alone: one tone, which is its own bass
    tokens, (moved,) = augmented(corpus, places, config, np.random.default_rng(0))
    shifts = (tokens - plain)[plain >= FIRST_ONSET].reshape(12, -1)[:, 0]
    assert len(set(shifts.tolist())) > 3
    for window, shift in enumerate(shifts):
        here, there = (np.argmax(c[window, :, 12:], axis=1) for c in (chords, moved))
        assert np.array_equal((here + shift) % 12, there)
    again = load_corpus(tmp_path / "music.zip", config, codec_from("melody", {"bars": 2}), tmp_path)
    assert again.chords is not None
    assert np.array_equal(again.chords, corpus.chords if corpus.chords is not None else [])
