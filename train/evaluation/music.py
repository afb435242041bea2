"""The music a model is judged on: any MIDI files, or the held-out side of a training config."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livevae.codec import Codec
from livevae.codec.band import BAND
from livevae.codec.chords import Features
from train.config import ConfigError, DataConfig, TrainConfig
from train.corpus import Corpus, build_corpus, load_corpus
from train.corpus import Windows as Places
from train.evaluation.parts import Windows

MOST_SILENT_BARS = (
    2  # MusicVAE's trios: no part is silent in more; shorter windows must sound in every second bar
)
FEWEST = 4  # windows: two for a listener to hear, two to lie apart
MIN_ONSETS = 2  # of every part; a window of less is no music
KNOWN_STEPS = 600_000  # sixteenths that a listener hears: 18,750 windows of two bars


@dataclass(frozen=True, slots=True)
class Music:
    """What to judge on; windows have shape (windows, steps, columns).

    windows: to judge on, non-overlapping, in the order of the files. known: what a listener has heard before,
    known_from: in words. unheard: of the windows to judge on, those of songs that the listener has not heard.
    learnt: the corpus whose training side the model saw, where it is known. report: files left out, and why.
    chords, unheard_chords: under the windows, shape (windows, beats, 24), for a model that wants them.
    """

    windows: Windows
    known: Windows
    known_from: str
    unheard: Windows
    learnt: Corpus | None
    report: str
    chords: Features | None = None
    unheard_chords: Features | None = None


def midi_music(data: Path, codec: Codec, most: int, rng: np.random.Generator, chords: bool = False) -> Music:
    """All windows of a zip or folder of MIDI files, thinned at random to ``most``.

    What the model was trained on is not known, so the listener hears one half of the songs and is asked about
    the other. chords: whether the chords under the windows are wanted. Raises ConfigError if there is too
    little music.
    """
    config = DataConfig(
        sources=("own_bands" if codec.name == BAND else "own_files",),
        stride_bars=codec.bars,
        min_onsets=MIN_ONSETS,
        max_silent_bars=min(MOST_SILENT_BARS, codec.bars // 2),
        chords=chords,
    )
    with tempfile.TemporaryDirectory() as folder:
        corpus = build_corpus(data, config, codec, Path(folder) / "corpus")
        both = [np.concatenate(pair) for pair in zip(_rows(corpus.train), _rows(corpus.valid), strict=True)]
        order = np.argsort(both[0], kind="stable")
        places = Places(*(row[order] for row in both))
        chosen = _thinned(corpus, places, most, rng, data)
        known, unheard = _two_halves(places, rng)
        known = _at_most(known, _most_known(codec), rng)
        known_from = f"{len(known)} windows of half of these songs; its costs are those of the other half"
        return _music(corpus, chosen, known, known_from, _at_most(unheard, most, rng), None)


def _two_halves(places: Places, rng: np.random.Generator) -> tuple[Places, Places]:
    """Windows of one half of the songs and of the other; of a single song, its beginning and its end."""
    songs = rng.permutation(np.unique(places.song))
    first = np.isin(places.song, songs[: len(songs) // 2])
    if min(first.sum(), (~first).sum()) < FEWEST // 2:
        first = np.arange(len(places)) < len(places) // 2
    return places.where(first), places.where(~first)


def held_out_music(
    data: Path, config: TrainConfig, cache: Path, most: int, rng: np.random.Generator
) -> Music:
    """The validation windows of a training config; the listener has heard its training windows.

    data: folder of the collections. cache: for the tokens. Raises ConfigError if a collection is missing.
    """
    codec = config.build_codec()
    corpus = load_corpus(data, config.data, codec, cache)
    chosen = _thinned(corpus, corpus.valid, most, rng, data)
    known = _at_most(corpus.train, _most_known(codec), rng)
    known_from = f"{len(known)} of the {len(corpus.train)} training windows of {config.name}"
    return _music(corpus, chosen, known, known_from, chosen, corpus)


def _music(
    corpus: Corpus, chosen: Places, known: Places, known_from: str, unheard: Places, learnt: Corpus | None
) -> Music:
    return Music(
        windows=corpus.cut(chosen),
        known=corpus.cut(known),
        known_from=known_from,
        unheard=corpus.cut(unheard),
        learnt=learnt,
        report=corpus.drop_report(),
        chords=next(iter(corpus.given(chosen)), None),
        unheard_chords=next(iter(corpus.given(unheard)), None),
    )


def _rows(places: Places) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    return places.starts, places.source, places.lift, places.song


def _most_known(codec: Codec) -> int:
    return max(1, KNOWN_STEPS // codec.steps)


def _thinned(corpus: Corpus, places: Places, most: int, rng: np.random.Generator, data: Path) -> Places:
    if len(places) < FEWEST:
        raise ConfigError(
            f"{data}: {len(places)} windows to judge on, needed {FEWEST}; {corpus.drop_report()}"
        )
    return _at_most(places, most, rng)


def _at_most(places: Places, most: int, rng: np.random.Generator) -> Places:
    if len(places) <= most:
        return places
    return places.where(np.sort(rng.choice(len(places), most, replace=False)))
