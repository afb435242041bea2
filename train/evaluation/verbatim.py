"""Does a model play back what it was trained on? Passages of samples looked up in the training music.

A *passage* is up to four bars of one melody or bass line (two for a 2-bar model) in any key, or of the drums,
with at least ``MIN_ONSETS`` onsets: less is nobody's. Held-out songs are looked up as well: styles share
patterns, so only what exceeds their share is memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import LINES, Symbols, Windows, onsets, part_symbols

PASSAGE_BARS = 4
MIN_ONSETS = 8


class TrainingIndex:
    """All passages of the training windows, as fingerprints."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._bars = min(PASSAGE_BARS, codec.bars)
        self._known: dict[str, set[bytes]] = {part: set() for part in codec.parts}

    def add(self, windows: Windows) -> None:
        """Learns the passages of windows (windows, steps, columns)."""
        for part, symbols in part_symbols(self._codec, windows).items():
            for _, passage in self._passages(part, symbols):
                self._known[part].add(passage)

    def verbatim_share(self, windows: Windows) -> dict[str, float]:
        """By part, the share of windows with a passage that is in the training music; 0 if none has."""
        shares = {}
        for part, symbols in part_symbols(self._codec, windows).items():
            found = {
                window for window, passage in self._passages(part, symbols) if passage in self._known[part]
            }
            shares[part] = len(found) / max(1, len(windows))
        return shares

    def _passages(self, part: str, symbols: Symbols) -> Iterator[tuple[int, bytes]]:
        """Index of the window and the passage, from every bar line that leaves room for one."""
        length = self._bars * STEPS_PER_BAR
        for index, window in enumerate(symbols):
            for start in range(0, window.size - length + 1, STEPS_PER_BAR):
                passage = window[start : start + length]
                struck = onsets(passage) if part in LINES else passage > 0
                if struck.sum() >= MIN_ONSETS:
                    yield index, _fingerprint(passage, struck, part in LINES)


def _fingerprint(
    passage: Symbols, struck: np.ndarray[tuple[int], np.dtype[np.bool_]], in_any_key: bool
) -> bytes:
    if not in_any_key:
        return passage.astype(np.int16).tobytes()
    # Pitches count from the passage's first, and all that is held or let go before it is left out.
    first = int(np.argmax(struck))
    relative = np.where(struck, passage - passage[first] + 128, passage)
    relative[:first] = 0
    return relative.astype(np.int16).tobytes()
