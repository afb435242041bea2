"""What is asked of an evaluation, and the shape of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train.config import TrainConfig
from train.sources.groove import VALIDATION

Report = dict[str, Any]
"""One JSON object of figures, as DESIGN §6 names them; what does not apply is absent."""

MOST_WINDOWS = 1024
SKIPPABLE = ("interpolation", "attributes")
"""Figures of token windows that take longest: thousands of windows are decoded for each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures, and which files of the data were left out, and why.

    table: the figures for people, where there is a better way to show them than one on a line. tabled: those
    of the report that are in it, all of them for None. pictures: draws into a folder and says which files.
    """

    report: Report
    files: str
    table: str = ""
    tabled: tuple[str, ...] | None = None
    pictures: Callable[[Path], list[Path]] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Judge a model on this.

    data: a zip or folder of MIDI files; with ``config`` the folder of the collections.
    config: what the model was trained with, where that is known: it is judged on the songs this holds out.
    most_windows: windows to judge on, at most; None is ``MOST_WINDOWS``, of grooves all there are.
    temperature: of prior samples; None is the model's own.
    seed: of all draws; equal seeds give equal figures. cache: folder for encoded songs.
    split, learn: for grooves, which part of the data set to judge on, and the data set whose training part
    the baselines learn from; None is the one judged on. skip: which of ``SKIPPABLE`` to leave out.
    """

    data: Path
    config: TrainConfig | None = None
    most_windows: int | None = None
    temperature: float | None = None
    seed: int = 0
    cache: Path = Path("runs")
    split: str = VALIDATION
    learn: Path | None = None
    skip: frozenset[str] = frozenset()

    def rng(self, figure: str) -> np.random.Generator:
        """The draws of one figure, the same whichever others are computed beside it."""
        return np.random.default_rng([self.seed, *figure.encode()])
