"""Songs as one long array of tokens, and the windows cut from it.

Songs are encoded whole and windows cut from the tokens: the same tokens as encoding each window's notes
(tests/train/test_corpus.py), at a hundredth of the cost.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.chords import Features, beats_of
from livevae.codec.lines import FIRST_ONSET, LINE_CLASSES, NOTE_OFF
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BAR
from train.chord_windows import CHORD_PART, chord_windows, song_chords
from train.config import ConfigError, DataConfig
from train.songs import Dropped, Song, end_ticks
from train.sources import SOURCES
from train.token_windows import canonical, octaves_up, reachable, transposed

_CACHE_VERSION = 3


@dataclass(frozen=True, slots=True)
class Windows:
    """Where windows start in a corpus, and where they come from.

    starts: shape (windows,), step of the corpus. source: index into ``Corpus.sources``.
    lift: semitones (whole octaves) that would bring a bass-like melody up; 0 for all other music.
    """

    starts: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    lift: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def where(self, chosen: npt.NDArray[Any]) -> Windows:
        """The windows a mask or an index array picks."""
        return Windows(self.starts[chosen], self.source[chosen], self.lift[chosen])


@dataclass(frozen=True, slots=True)
class Corpus:
    """All tokens of all songs end to end, and the windows of both sides of the split.

    tokens: shape (steps, columns), uint8. dropped: file -> why it gave nothing.
    chords: of every beat, shape (beats, 2), see train/chord_windows.py; None where the config wants none.
    """

    codec: Codec
    tokens: npt.NDArray[np.uint8]
    train: Windows
    valid: Windows
    sources: tuple[str, ...]
    dropped: dict[str, str]
    chords: npt.NDArray[np.uint16] | None = None

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
        return drop_report(self.dropped)


def drop_report(dropped: Mapping[str, str]) -> str:
    """Files that gave nothing, counted by reason, with an example each. dropped: file -> why."""
    if not dropped:
        return "every file was used"
    reasons = Counter(dropped.values())
    lines = [f"{len(dropped)} files were not used:"]
    for reason, count in reasons.most_common():
        example = next(name for name, why in dropped.items() if why == reason)
        lines.append(f"  {count:5d}: {reason} (for example {example})")
    return "\n".join(lines)


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


def load_corpus(data: Path, config: DataConfig, codec: Codec, cache: Path) -> Corpus:
    """The corpus of a config, from the cache if this very corpus was built before.

    data: folder of the collections' archives. cache: folder for .npz files.
    Raises ConfigError if an archive is missing or nothing is left to train on.
    """
    unknown = [name for name in config.sources if name not in SOURCES]
    if unknown:
        raise ConfigError(f"data.sources: unknown {unknown[0]!r}; known: {', '.join(SOURCES)}")
    settings = {k: getattr(config, k) for k in ("sources", "stride_bars", "min_onsets", "max_silent_bars")}
    if config.chords:
        settings["chords"] = True
    settings |= {"lift_below_pitch": config.lift_below_pitch, "codec": codec.name, "args": codec.args()}
    key = json.dumps([_CACHE_VERSION, str(data.resolve()), settings], sort_keys=True)
    path = cache / f"corpus-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npz"
    if not path.exists():
        corpus = build_corpus(data, config, codec)
        cache.mkdir(parents=True, exist_ok=True)
        _write(corpus, path)
    return _read(path, codec, config.sources)


def build_corpus(data: Path, config: DataConfig, codec: Codec) -> Corpus:
    """Read, encode and cut all sources."""
    tokens: list[npt.NDArray[np.uint8]] = []
    chords: list[npt.NDArray[np.uint16]] = []
    windows: dict[bool, list[npt.NDArray[np.int64]]] = {False: [], True: []}
    dropped: dict[str, str] = {}
    length = 0
    for index, name in enumerate(config.sources):
        try:
            for item in SOURCES[name](data):
                song = item if isinstance(item, Dropped) else _encoded(item, codec)
                if isinstance(song, Dropped):
                    dropped[song.name] = song.reason
                    continue
                assert isinstance(item, Song)
                stride = codec.bars if item.held_out else config.stride_bars
                starts = window_starts(song, codec, config, stride)
                if starts.size == 0:
                    dropped[item.name] = "none of its windows has enough notes in every part"
                    continue
                lift = octaves_up(song, codec, config.lift_below_pitch)
                rows = np.stack([starts + length, np.full_like(starts, index), np.full_like(starts, lift)])
                windows[item.held_out].append(rows)
                tokens.append(song)
                if config.chords:
                    chords.append(song_chords(item.parts.get(CHORD_PART, ()), beats_of(len(song))))
                length += len(song)
        except (OSError, KeyError) as error:
            raise ConfigError(
                f"source {name!r} cannot be read from {data}: {error}; say where they are with --data"
            ) from error
    if not tokens:
        raise ConfigError(f"{data}: none of {len(dropped)} files can be trained on: {set(dropped.values())}")
    sides = {
        side: np.concatenate([np.zeros((3, 0), dtype=np.int64), *rows], axis=1)
        for side, rows in windows.items()
    }
    return Corpus(
        codec,
        np.concatenate(tokens),
        Windows(*sides[False]),
        Windows(*sides[True]),
        config.sources,
        dropped,
        np.concatenate(chords) if chords else None,
    )


def _encoded(song: Song, codec: Codec) -> npt.NDArray[np.uint8] | Dropped:
    missing = [part for part in codec.parts if not song.parts.get(part)]
    if missing:
        return Dropped(song.name, f"it has no {missing[0]} part")
    bars = -(-max(end_ticks(song.parts[part]) for part in codec.parts) // TICKS_PER_BAR)
    if bars < codec.bars:
        return Dropped(song.name, f"it is shorter than {codec.bars} bars")
    whole = dataclasses.replace(codec, bars=bars)  # type: ignore[type-var]
    return whole.encode(song.parts).astype(np.uint8)


def window_starts(
    song: npt.NDArray[np.uint8], codec: Codec, config: DataConfig, stride_bars: int
) -> npt.NDArray[np.int64]:
    """First steps of the windows of one encoded song in which every part plays enough. Shape (windows,)."""
    starts = np.arange(0, len(song) - codec.steps + 1, stride_bars * STEPS_PER_BAR)
    cut = canonical(song[starts[:, None] + np.arange(codec.steps)].astype(np.int64), codec)
    enough: npt.NDArray[np.bool_] = np.ones(len(starts), dtype=bool)
    for part in codec.parts:
        columns = [i for i, column in enumerate(codec.columns) if column.part == part]
        lines = codec.columns[columns[0]].classes == LINE_CLASSES
        onsets = cut[:, :, columns] >= (FIRST_ONSET if lines else 1)
        enough = enough & (onsets.sum(axis=(1, 2)) >= config.min_onsets)
        sounding = _sounding(cut[:, :, columns[0]]) if lines else onsets.any(axis=2)
        bars = sounding.reshape(len(starts), codec.bars, STEPS_PER_BAR).any(axis=2)
        enough = enough & ((~bars).sum(axis=1) <= config.max_silent_bars)
    return starts[enough].astype(np.int64)


def _sounding(line: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a note sounds at each step; line: shape (windows, steps)."""
    steps = np.arange(line.shape[1])
    last_onset = np.maximum.accumulate(np.where(line >= FIRST_ONSET, steps, -1), axis=1)
    last_off = np.maximum.accumulate(np.where(line == NOTE_OFF, steps, -1), axis=1)
    return last_onset > last_off


def _write(corpus: Corpus, path: Path) -> None:
    sides = {
        f"{side}_{key}": getattr(getattr(corpus, side), key)
        for side in ("train", "valid")
        for key in ("starts", "source", "lift")
    }
    partial = path.with_suffix(".partial.npz")
    if corpus.chords is not None:
        sides["chords"] = corpus.chords
    np.savez_compressed(partial, tokens=corpus.tokens, dropped=json.dumps(corpus.dropped), **sides)
    partial.replace(path)


def _read(path: Path, codec: Codec, sources: tuple[str, ...]) -> Corpus:
    with np.load(path) as file:
        train, valid = (
            Windows(file[f"{side}_starts"], file[f"{side}_source"], file[f"{side}_lift"])
            for side in ("train", "valid")
        )
        chords = file.get("chords", None)
        return Corpus(codec, file["tokens"], train, valid, sources, json.loads(str(file["dropped"])), chords)
