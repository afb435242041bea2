"""A corpus on disk: written song by song as it is read, opened without being read.

A folder of plain arrays, so that neither writing nor opening one takes memory in proportion to the music:

    tokens.bin    every song's tokens end to end, uint8, columns to a step
    chords.bin    two numbers a beat, uint16, where chords are wanted
    train.bin, valid.bin    a row of four int64 for each window: see ``Windows``
    dropped.jsonl    a line for each file that gave nothing
    corpus.json    shapes and counts; written last
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from train.drops import DropCounts
from train.song_windows import Prepared
from train.songs import Dropped

SIDES = ("train", "valid")
ROW = 4  # numbers about a window: start, source, lift, song
_CHORD_NUMBERS = 2


class CorpusWriter:
    """Appends songs to a corpus in ``folder``; ``close`` makes it whole. Not to be used after that."""

    def __init__(self, folder: Path, columns: int, with_chords: bool) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._columns = columns
        self._tokens = (folder / "tokens.bin").open("wb")
        self._chords = (folder / "chords.bin").open("wb") if with_chords else None
        self._windows: dict[str, BinaryIO] = {side: (folder / f"{side}.bin").open("wb") for side in SIDES}
        self._dropped = (folder / "dropped.jsonl").open("w", encoding="utf-8")
        self._drops = DropCounts()
        self._steps = 0
        self._songs = 0
        self._counts = dict.fromkeys(SIDES, 0)

    @property
    def songs(self) -> int:
        """How many songs it has."""
        return self._songs

    @property
    def drops(self) -> DropCounts:
        """The files that gave nothing so far."""
        return self._drops

    def add(self, song: Prepared | Dropped, source: int) -> None:
        """Append a song, or take note of why there is none. source: index among the corpus's sources."""
        if isinstance(song, Dropped):
            self._drops.add(song.name, song.reason)
            self._dropped.write(json.dumps({"file": song.name, "reason": song.reason}) + "\n")
            return
        side = SIDES[song.held_out]
        rows = np.empty((len(song.starts), ROW), dtype=np.int64)
        rows[:, 0] = song.starts + self._steps
        rows[:, 1:] = source, song.lift, self._songs
        self._windows[side].write(rows.tobytes())
        self._tokens.write(np.ascontiguousarray(song.tokens).tobytes())
        if self._chords is not None and song.chords is not None:
            self._chords.write(np.ascontiguousarray(song.chords).tobytes())
        self._counts[side] += len(rows)
        self._steps += len(song.tokens)
        self._songs += 1

    def close(self) -> None:
        """Write what is left, and say that all is there."""
        for file in (self._tokens, self._chords, self._dropped, *self._windows.values()):
            if file is not None:
                file.close()
        about = {"columns": self._columns, "steps": self._steps, "songs": self._songs, **self._counts}
        drops = {"counts": self._drops.counts, "examples": self._drops.examples}
        (self._folder / "corpus.json").write_text(json.dumps({**about, "drops": drops}), encoding="utf-8")


def publish(partial: Path, folder: Path) -> None:
    """Give a whole corpus its name; if another process was first, that one's is as good."""
    try:
        os.replace(partial, folder)
    except OSError:
        if not (folder / "corpus.json").exists():
            raise
        shutil.rmtree(partial)


class StoredCorpus:
    """A corpus's arrays, mapped from disk and never written to.

    tokens: shape (steps, columns), uint8. chords: shape (beats, 2), uint16, or None. windows: by side, shape
    (windows, 4), int64. drops: the files that gave nothing.
    """

    def __init__(self, folder: Path) -> None:
        about: dict[str, Any] = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        self.tokens: npt.NDArray[np.uint8] = _mapped(
            folder / "tokens.bin", np.uint8, (about["steps"], about["columns"])
        )
        chords = folder / "chords.bin"
        self.chords: npt.NDArray[np.uint16] | None = None
        if chords.exists():
            beats = chords.stat().st_size // (_CHORD_NUMBERS * np.dtype(np.uint16).itemsize)
            self.chords = _mapped(chords, np.uint16, (beats, _CHORD_NUMBERS))
        self.windows: dict[str, npt.NDArray[np.int64]] = {
            side: _mapped(folder / f"{side}.bin", np.int64, (about[side], ROW)) for side in SIDES
        }
        self.drops = DropCounts(**about["drops"])
        if self.drops.counts:
            self.drops.listed_in = str(folder / "dropped.jsonl")


def _mapped(path: Path, dtype: Any, shape: tuple[int, int]) -> npt.NDArray[Any]:
    if 0 in shape:  # an empty file cannot be mapped
        return np.zeros(shape, dtype=dtype)
    mapped: npt.NDArray[Any] = np.memmap(path, dtype=dtype, mode="r", shape=shape)
    return np.asarray(mapped)
