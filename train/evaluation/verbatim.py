"""Does a model play back what it was trained on? Passages of samples looked up in the training music.

A *passage* is up to four bars of one melody or bass line (two for a 2-bar model) in any key, or of the drums.
Held-out songs are looked up as well: styles share patterns, so only what exceeds their share is memory. The
shortest passages are nobody's, three notes or a plain beat: so there is a second figure, of passages with at
least ``MIN_ONSETS`` onsets only.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.corpus import Corpus
from train.evaluation.parts import LINES, Symbols, Windows, onsets, part_symbols

PASSAGE_BARS = 4
MIN_ONSETS = 8
_FINGERPRINT_BYTES = 8  # two passages of a million share one by chance with a probability of 1 in 10 ** 13
_INDEXED_AT_ONCE = 4096  # training windows fingerprinted in one go


class TrainingIndex:
    """All passages of the training windows, as fingerprints."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._bars = min(PASSAGE_BARS, codec.bars)
        self._known: dict[str, set[bytes]] = {part: set() for part in codec.parts}

    @classmethod
    def of(cls, learnt: Corpus) -> TrainingIndex:
        """The index of a corpus's whole training side, a part of it in memory at a time."""
        index = cls(learnt.codec)
        for first in range(0, len(learnt.train), _INDEXED_AT_ONCE):
            rows = np.arange(first, min(first + _INDEXED_AT_ONCE, len(learnt.train)))
            index.add(learnt.cut(learnt.train.where(rows)))
        return index

    def add(self, windows: Windows) -> None:
        """Learns the passages of windows (windows, steps, columns)."""
        for part, symbols in part_symbols(self._codec, windows).items():
            for _, _, passage in self._passages(part, symbols):
                self._known[part].add(passage)

    def verbatim_share(self, windows: Windows, min_onsets: int = 1) -> dict[str, float]:
        """By part, the share of windows with a passage that is in the training music; 0 if none has.

        min_onsets: passages of fewer do not count.
        """
        shares = {}
        for part, symbols in part_symbols(self._codec, windows).items():
            found = {
                window
                for window, struck, passage in self._passages(part, symbols)
                if struck >= min_onsets and passage in self._known[part]
            }
            shares[part] = len(found) / max(1, len(windows))
        return shares

    def report(self, samples: Windows, held_out: Windows) -> dict[str, Any]:
        """verbatim_share: of the part that repeats its training most. verbatim: every part, and real music's.

        verbatim_long: the same of passages of at least ``MIN_ONSETS`` onsets.
        """
        both = {"prior": samples, "held_out": held_out}
        every = {name: self.verbatim_share(windows) for name, windows in both.items()}
        long = {name: self.verbatim_share(windows, MIN_ONSETS) for name, windows in both.items()}
        return {
            "verbatim_share": max(every["prior"].values()),
            "verbatim": every,
            "verbatim_long_share": max(long["prior"].values()),
            "verbatim_long": long,
        }

    def _passages(self, part: str, symbols: Symbols) -> Iterator[tuple[int, int, bytes]]:
        """Index of the window, onsets and fingerprint, from every bar line that leaves room for a passage."""
        length = self._bars * STEPS_PER_BAR
        for start in range(0, symbols.shape[1] - length + 1, STEPS_PER_BAR):
            passages = symbols[:, start : start + length]
            struck = onsets(passages) if part in LINES else passages > 0
            written = _in_any_key(passages, struck) if part in LINES else passages
            counts = struck.sum(axis=1)
            for window in np.flatnonzero(counts):
                yield int(window), int(counts[window]), _fingerprint(written[window])


def _in_any_key(passages: Symbols, struck: npt.NDArray[np.bool_]) -> Symbols:
    """Pitches count from each passage's first, and all that is held or let go before it is left out."""
    first = struck.argmax(axis=1)
    lowest = passages[np.arange(len(passages)), first]
    relative = np.where(struck, passages - lowest[:, None] + 128, passages)
    return np.where(np.arange(passages.shape[1]) < first[:, None], 0, relative)


def _fingerprint(passage: Symbols) -> bytes:
    return blake2b(passage.tobytes(), digest_size=_FINGERPRINT_BYTES).digest()
