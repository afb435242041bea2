"""The music a model is judged on: any MIDI files, or the held-out side of a training config."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livevae.codec import Codec
from livevae.codec.chords import Features
from train.config import ConfigError, DataConfig, TrainConfig
from train.corpus import Corpus, build_corpus, load_corpus
from train.corpus import Windows as Places
from train.evaluation.parts import Windows

MOST_SILENT_BARS = (
    2  # MusicVAE's trios: no part is silent in more; shorter windows must sound in every second bar
)
MIN_ONSETS = 2  # of every part; a window of less is no music


@dataclass(frozen=True, slots=True)
class Music:
    """What to judge on.

    windows: shape (windows, steps, columns), non-overlapping, in the order of the files.
    learnt: the corpus whose training side the model saw, where it is known. report: files left out, and why.
    chords: under the windows, shape (windows, beats, 24), for a model that wants them.
    """

    windows: Windows
    learnt: Corpus | None
    report: str
    chords: Features | None = None


def midi_music(data: Path, codec: Codec, most: int, rng: np.random.Generator, chords: bool = False) -> Music:
    """All windows of a zip or folder of MIDI files, thinned at random to ``most``.

    chords: whether the chords under them are wanted. Raises ConfigError if there are no windows.
    """
    config = DataConfig(
        sources=("own_files",),
        stride_bars=codec.bars,
        min_onsets=MIN_ONSETS,
        max_silent_bars=min(MOST_SILENT_BARS, codec.bars // 2),
        chords=chords,
    )
    corpus = build_corpus(data, config, codec)
    both = [np.concatenate(pair) for pair in zip(_rows(corpus.train), _rows(corpus.valid), strict=True)]
    order = np.argsort(both[0], kind="stable")
    places = Places(both[0][order], both[1][order], both[2][order])
    return _music(corpus, _thinned(corpus, places, most, rng, data), None)


def held_out_music(
    data: Path, config: TrainConfig, cache: Path, most: int, rng: np.random.Generator
) -> Music:
    """The validation windows of a training config. data: folder of the collections. cache: for the tokens.

    Raises ConfigError if a collection is missing.
    """
    corpus = load_corpus(data, config.data, config.build_codec(), cache)
    return _music(corpus, _thinned(corpus, corpus.valid, most, rng, data), corpus)


def _music(corpus: Corpus, places: Places, learnt: Corpus | None) -> Music:
    chords = next(iter(corpus.given(places)), None)
    return Music(corpus.cut(places), learnt, corpus.drop_report(), chords)


def _rows(places: Places) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    return places.starts, places.source, places.lift


def _thinned(corpus: Corpus, places: Places, most: int, rng: np.random.Generator, data: Path) -> Places:
    if len(places) < 2:
        raise ConfigError(f"{data}: {len(places)} windows to judge on, needed 2; {corpus.drop_report()}")
    if len(places) > most:
        places = places.where(np.sort(rng.choice(len(places), most, replace=False)))
    return places
