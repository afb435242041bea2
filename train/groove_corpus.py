"""Performed drums as one long array, and the windows cut from it.

Takes are encoded whole and windows cut at bar lines: the same cells as encoding each window's notes, since a
hit just before a bar line is on the first step of the bar after it either way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT, GrooveCodec
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_BAR
from train.config import ConfigError
from train.drops import drop_report
from train.songs import Dropped
from train.sources.groove import TRAIN, Take, takes

_KIT = "td11"
_CACHE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Grooves:
    """Windows of one length, with what ``info.csv`` says of their takes; shapes (windows, steps, 18).

    tokens: int64, velocity, offset: float32, as in ``livevae.codec.groove.Performed``.
    tempo: beats a minute, (windows,), float32. style: (windows,), int64, the model's number, 0 for one it
    does not know. take: (windows,), int64, which recording.
    """

    tokens: npt.NDArray[np.int64]
    velocity: npt.NDArray[np.float32]
    offset: npt.NDArray[np.float32]
    tempo: npt.NDArray[np.float32]
    style: npt.NDArray[np.int64]
    take: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tokens)

    def where(self, chosen: npt.NDArray[Any] | slice) -> Grooves:
        """The windows a mask or an index array picks."""
        return Grooves(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class GrooveCorpus:
    """Both sides of the data set's own split. dropped: file -> why it gave nothing."""

    codec: GrooveCodec
    train: Grooves
    valid: Grooves
    dropped: dict[str, str]

    def drop_report(self) -> str:
        """Which files gave nothing, counted by reason, with an example each."""
        return drop_report(self.dropped)


def load_groove_corpus(data: Path, codec: GrooveCodec, stride_bars: int, cache: Path) -> GrooveCorpus:
    """As ``groove_corpus``, from the cache if this very corpus was built before. cache: folder for it."""
    key = json.dumps([_CACHE_VERSION, str(data.resolve()), codec.args(), stride_bars])
    path = cache / f"grooves-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npz"
    if not path.exists():
        corpus = groove_corpus(data, codec, stride_bars)
        cache.mkdir(parents=True, exist_ok=True)
        sides = {"train": corpus.train, "valid": corpus.valid}
        arrays = {
            f"{side}_{name}": getattr(g, name) for side, g in sides.items() for name in Grooves.__slots__
        }
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(partial, dropped=json.dumps(corpus.dropped), **arrays)
        partial.replace(path)
    with np.load(path) as stored:
        train, valid = (
            Grooves(*(stored[f"{side}_{name}"] for name in Grooves.__slots__)) for side in ("train", "valid")
        )
        return GrooveCorpus(codec, train, valid, json.loads(str(stored["dropped"])))


def groove_corpus(data: Path, codec: GrooveCodec, stride_bars: int) -> GrooveCorpus:
    """Training windows every ``stride_bars`` bars, validation windows side by side.

    data: see ``train.sources.groove.takes``. Raises ConfigError if it cannot be read.
    """
    found, dropped = read_takes(data)
    learnt = [take for take in found if take.split == TRAIN]
    held_out = [take for take in found if take.split != TRAIN]
    return GrooveCorpus(
        codec, windows_of(learnt, codec, stride_bars), windows_of(held_out, codec, codec.bars), dropped
    )


def read_takes(data: Path) -> tuple[list[Take], dict[str, str]]:
    """All recordings, and why others were left out. Raises ConfigError if there is no data set."""
    found: list[Take] = []
    dropped: dict[str, str] = {}
    try:
        for item in takes(data):
            if isinstance(item, Dropped):
                dropped[item.name] = item.reason
            else:
                found.append(item)
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(
            f"the Groove MIDI Dataset cannot be read from {data}: {error}; say where it is with --data"
        ) from error
    return found, dropped


def windows_of(found: Iterable[Take], codec: GrooveCodec, stride_bars: int) -> Grooves:
    """Whole windows of the takes in which anything is struck, every ``stride_bars`` bars."""
    style_number = {name: index + 1 for index, name in enumerate(codec.style_names)}
    parts: list[Grooves] = []
    for index, take in enumerate(found):
        last_ticks = max((note.onset_ticks for note in take.notes), default=-1)
        bars = (last_ticks + HALF_STEP_TICKS) // TICKS_PER_BAR + 1
        if bars < codec.bars:
            continue
        whole = GrooveCodec(bars, _KIT).performed(take.notes)
        starts = np.arange(0, bars - codec.bars + 1, stride_bars) * STEPS_PER_BAR
        steps = starts[:, None] + np.arange(codec.steps)
        starts_count = len(starts)
        cut = Grooves(
            whole.tokens[steps],
            whole.velocity[steps],
            whole.offset[steps],
            np.full(starts_count, take.tempo_bpm, dtype=np.float32),
            np.full(starts_count, style_number.get(take.style, 0), dtype=np.int64),
            np.full(starts_count, index, dtype=np.int64),
        )
        parts.append(cut.where(np.flatnonzero(cut.tokens.any(axis=(1, 2)))))
    return joined(parts, codec)


def kept_shares(found: Iterable[Take]) -> tuple[float, float]:
    """The share of all notes that the published grid keeps, one a cell, and that the codec keeps, two."""
    notes = one = both = 0
    for take in found:
        bars = max((note.onset_ticks for note in take.notes), default=0) // TICKS_PER_BAR + 2
        struck = GrooveCodec(bars, _KIT).performed(take.notes).tokens != SILENT
        notes += len(take.notes)
        one += int(struck[:, : len(DRUM_CLASSES)].sum())
        both += int(struck.sum())
    return one / max(1, notes), both / max(1, notes)


def joined(parts: Sequence[Grooves], codec: GrooveCodec) -> Grooves:
    """All windows of all parts, in order."""
    shape = (0, codec.steps, len(codec.columns))
    nothing = Grooves(
        np.zeros(shape, np.int64),
        np.zeros(shape, np.float32),
        np.zeros(shape, np.float32),
        np.zeros(0, np.float32),
        np.zeros(0, np.int64),
        np.zeros(0, np.int64),
    )
    every = [nothing, *parts]
    return Grooves(*(np.concatenate([getattr(p, name) for p in every]) for name in Grooves.__slots__))
