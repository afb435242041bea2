"""Songs as one long array of tokens, and the windows cut from it.

Songs are encoded whole and windows cut from the tokens: the same tokens as encoding each window's notes
(tests/train/test_corpus.py), at a hundredth of the cost. Reading and encoding is spread over processes
(preparation.py) and goes to disk as it comes (corpus_store.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.chords import Features, beats_of
from livevae.units import STEPS_PER_BEAT
from train.chord_windows import chord_windows
from train.config import ConfigError, DataConfig
from train.corpus_store import CorpusWriter, StoredCorpus, publish
from train.drops import DropCounts
from train.preparation import in_order
from train.song_windows import Prepared, Preparer
from train.sources import SOURCES
from train.token_windows import canonical, reachable, transposed

_CACHE_VERSION = 4


@dataclass(frozen=True, slots=True)
class Windows:
    """Where windows start in a corpus, and where they come from.

    starts: shape (windows,), step of the corpus. source: index into ``Corpus.sources``.
    lift: semitones (whole octaves) that would bring a bass-like melody up; 0 for all other music.
    song: which song of the corpus, by number.
    """

    starts: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    lift: npt.NDArray[np.int64]
    song: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: npt.NDArray[np.int64]) -> Windows:
        """From rows as a stored corpus has them, shape (windows, 4)."""
        return cls(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])

    def __len__(self) -> int:
        return len(self.starts)

    def where(self, chosen: npt.NDArray[Any]) -> Windows:
        """The windows a mask or an index array picks."""
        return Windows(self.starts[chosen], self.source[chosen], self.lift[chosen], self.song[chosen])


@dataclass(frozen=True, slots=True)
class Corpus:
    """All tokens of all songs end to end, and the windows of both sides of the split.

    tokens: shape (steps, columns), uint8, mapped from disk. drops: the files that gave nothing, and why.
    chords: of every beat, shape (beats, 2), see train/chord_windows.py; None where the config wants none.
    """

    codec: Codec
    tokens: npt.NDArray[np.uint8]
    train: Windows
    valid: Windows
    sources: tuple[str, ...]
    drops: DropCounts
    chords: npt.NDArray[np.uint16] | None = None

    @classmethod
    def open(cls, folder: Path, codec: Codec, sources: tuple[str, ...]) -> Corpus:
        """The corpus in a folder, as ``build_corpus`` leaves it."""
        stored = StoredCorpus(folder)
        train, valid = (Windows.of(stored.windows[side]) for side in ("train", "valid"))
        return cls(codec, stored.tokens, train, valid, sources, stored.drops, stored.chords)

    def cut(self, windows: Windows) -> npt.NDArray[np.int64]:
        """Tokens of windows, canonical, untransposed: shape (windows, codec.steps, columns), int64."""
        steps = windows.starts[:, None] + np.arange(self.codec.steps)
        return canonical(self.tokens[steps].astype(np.int64), self.codec)

    def given(self, windows: Windows, semitones: npt.NDArray[np.int64] | None = None) -> tuple[Features, ...]:
        """What a model is told beside the tokens: their chords, if there are any, else nothing.

        semitones: by how much the windows were moved; their chords move along.
        """
        if self.chords is None:
            return ()
        beats = (windows.starts // STEPS_PER_BEAT)[:, None] + np.arange(beats_of(self.codec.steps))
        return (chord_windows(self.chords[beats], semitones),)

    def drop_report(self) -> str:
        """Which files gave nothing, counted by reason, with an example each."""
        return str(self.drops)


def augmented(
    corpus: Corpus, windows: Windows, config: DataConfig, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], tuple[Features, ...]]:
    """A training batch: bass-like melodies lifted now and then, then everything transposed at random.

    Returns the tokens, and what is given beside them (``Corpus.given``).
    """
    lifted = np.where(random.random(len(windows)) < config.lift_probability, windows.lift, 0)
    reach = config.transpose_semitones
    shifts = random.integers(-reach, reach + 1, len(windows))
    tokens = transposed(corpus.cut(windows), corpus.codec, lifted)
    shifts = reachable(tokens, corpus.codec, shifts)
    return transposed(tokens, corpus.codec, shifts), corpus.given(windows, shifts)


def load_corpus(data: Path, config: DataConfig, codec: Codec, cache: Path, processes: int = 1) -> Corpus:
    """The corpus of a config, from the cache if this very corpus was built before.

    data: folder of the collections' archives, or what ``own_files`` reads. cache: folder for corpora.
    processes: to read songs with; several need a script that guards its main, see train/preparation.py.
    Raises ConfigError if an archive is missing or nothing is left to train on.
    """
    folder = cache / f"corpus-{_key(data, config, codec)}"
    if not (folder / "corpus.json").exists():
        partial = cache / f"{folder.name}.partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            build_corpus(data, config, codec, partial, processes)
            publish(partial, folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return Corpus.open(folder, codec, config.sources)


def build_corpus(data: Path, config: DataConfig, codec: Codec, folder: Path, processes: int = 1) -> Corpus:
    """Read, encode and cut all sources into ``folder``, which must not exist yet."""
    unknown = [name for name in config.sources if name not in SOURCES]
    if unknown:
        raise ConfigError(f"data.sources: unknown {unknown[0]!r}; known: {', '.join(SOURCES)}")
    writer = CorpusWriter(folder, len(codec.columns), config.chords)
    prepare = Preparer(codec, config)
    try:
        for index, name in enumerate(config.sources):
            try:
                again = name in config.sources[:index]  # heard twice as often; judged on once
                for song in in_order(prepare, SOURCES[name](data), processes):
                    if not again or (isinstance(song, Prepared) and not song.held_out):
                        writer.add(song, index)
            except (OSError, KeyError) as error:
                raise ConfigError(
                    f"source {name!r} cannot be read from {data}: {error}; say where they are with --data"
                ) from error
    finally:
        writer.close()
    if not writer.songs:
        raise ConfigError(f"{data}: there is nothing to train on; {writer.drops}")
    return Corpus.open(folder, codec, config.sources)


def _key(data: Path, config: DataConfig, codec: Codec) -> str:
    """Names a corpus by all that decides what is in it, and by the files it comes from."""
    settings = {k: getattr(config, k) for k in ("sources", "stride_bars", "min_onsets", "max_silent_bars")}
    if config.min_kicks_on_beats:
        settings["min_kicks_on_beats"] = config.min_kicks_on_beats
    settings |= {"lift_below_pitch": config.lift_below_pitch, "chords": config.chords}
    settings |= {"codec": codec.name, "args": codec.args()}
    digest = hashlib.sha256(json.dumps([_CACHE_VERSION, settings], sort_keys=True).encode())
    for path, size, changed_ns in _files(data):
        digest.update(f"{path} {size} {changed_ns}\n".encode())
    return digest.hexdigest()[:12]


def _files(data: Path) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of the last change of every file, in an order that depends on their names only."""
    if data.is_dir():
        for folder, folders, names in os.walk(data.resolve()):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                about = path.stat()
                yield str(path), about.st_size, about.st_mtime_ns
    elif data.exists():
        about = data.stat()
        yield str(data.resolve()), about.st_size, about.st_mtime_ns
