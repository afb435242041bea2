"""A small n-gram model of a part's steps: how surprising music is to somebody who knows this kind of music.

Interpolated Witten-Bell smoothing (Witten and Bell 1991) over a uniform base, so no step ever costs
infinitely much. MusicVAE's figure 3 judges interpolations by such a 5-gram cost.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt

from train.evaluation.parts import Symbols

ORDER = 5
_BEFORE = -1  # stands for the steps before a window begins


class StepModel:
    """Counts of what follows each run of up to ``order - 1`` steps.

    symbols: sequences to learn from, shape (windows, steps). alphabet: how many symbols there could be.
    """

    def __init__(self, symbols: Symbols, alphabet: int, order: int = ORDER) -> None:
        self._order = order
        self._base = 1.0 / alphabet
        self._follows: Counter[tuple[int, ...]] = Counter()  # (context, symbol) -> times
        self._totals: Counter[tuple[int, ...]] = Counter()  # context -> times
        self._kinds: Counter[tuple[int, ...]] = Counter()  # context -> different symbols after it
        for window in symbols.tolist():
            steps = (*[_BEFORE] * (order - 1), *window)
            for end in range(order, len(steps) + 1):
                for length in range(1, order + 1):
                    self._follows[steps[end - length : end]] += 1
        for gram, times in self._follows.items():
            self._totals[gram[:-1]] += times
            self._kinds[gram[:-1]] += 1

    def cost_nats(self, symbols: Symbols) -> npt.NDArray[np.float64]:
        """Mean nats a step of each window, shape (windows,)."""
        costs = []
        known: dict[tuple[int, ...], float] = {}
        for window in symbols.tolist():
            steps = (*[_BEFORE] * (self._order - 1), *window)
            nats = 0.0
            for end in range(self._order, len(steps) + 1):
                gram = steps[end - self._order : end]
                if gram not in known:
                    known[gram] = -math.log(self._probability(gram))
                nats += known[gram]
            costs.append(nats / len(window))
        return np.array(costs)

    def _probability(self, gram: tuple[int, ...]) -> float:
        probability = self._base
        for length in range(1, len(gram) + 1):
            tail = gram[len(gram) - length :]
            total = self._totals.get(tail[:-1], 0)
            if total:
                kinds = self._kinds[tail[:-1]]
                probability = (self._follows.get(tail, 0) + kinds * probability) / (total + kinds)
        return probability
