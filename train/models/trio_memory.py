"""Bars heard once need no second hearing: codes of a bar encoder that no longer changes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

MOST_BARS = 400_000  # 100 MB of codes; a thousand songs in one key have a tenth as many different bars


class BarMemory:
    """Codes by bar. encode: tokens (bars, 16, 11) to codes (bars, bar_size), float32, always the same ones.

    Music repeats itself within songs and training repeats the songs, so that most bars of a batch are known.
    """

    def __init__(self, encode: Callable[[Tensor], Tensor]) -> None:
        self._encode = encode
        self._codes: dict[bytes, Tensor] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def codes(self, bars: Tensor) -> Tensor:
        """Codes of bars (bars, 16, 11), shape (bars, bar_size)."""
        names = [bar.tobytes() for bar in bars.to(torch.uint8).numpy()]
        unheard = {name: index for index, name in enumerate(names) if name not in self._codes}
        if unheard:
            if len(self._codes) + len(unheard) > MOST_BARS:
                self._codes.clear()
                return self.codes(bars)
            new = self._encode(bars[list(unheard.values())])
            self._codes.update(zip(unheard, new.unbind(), strict=True))
        return torch.stack([self._codes[name] for name in names])
