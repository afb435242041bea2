"""When drummers strike and how loudly, beside what a groove model makes of the same hits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import MOST_VELOCITY, GrooveCodec
from livevae.codec.manifest import Manifest
from livevae.units import STEPS_PER_BAR
from train.config import ConfigError
from train.evaluation.groove_measures import Played, struck_cells
from train.evaluation.groove_tasks import GrooveFile, Run, humanise
from train.groove_corpus import Grooves, read_takes, windows_of
from train.sources.groove import VALIDATION

SHOWN = ("kick", "snare", "closed_hat", "ride")
_JITTER = 0.25  # of a step, so that dots do not hide each other


def draw_grooves(grid: Any, codec: GrooveCodec, run: Run, manifest: Manifest, data: Path, seed: int) -> None:
    """Fills a grid of axes, four rows by as many columns as ``SHOWN``.

    Rows: offsets of the data by sixteenth of the bar, of samples, then velocities of both. Raises ConfigError
    if the data set cannot be read.
    """
    found, _ = read_takes(data)
    windows = windows_of((take for take in found if take.split == VALIDATION), codec, codec.bars)
    if not len(windows):
        raise ConfigError(f"{data}: no take of the {VALIDATION} part")
    rng = np.random.default_rng(seed)
    sampled = GrooveFile(run, manifest).sample(humanise(windows), rng)[1]
    heard = Played(windows.velocity, windows.offset)
    for column, name in enumerate(SHOWN):
        for row, (what, played) in enumerate((("data", heard), ("sampled", sampled))):
            _draw(grid[row][column], windows, played, name, f"{name}: late by, half steps, {what}", late=True)
            _draw(grid[2 + row][column], windows, played, name, f"{name}: velocity, {what}", late=False)


def _draw(axes: Any, windows: Grooves, played: Played, name: str, title: str, late: bool) -> None:
    cells = struck_cells(windows) & (np.arange(windows.tokens.shape[2]) == DRUM_CLASSES.index(name))
    step = np.nonzero(cells)[1] % STEPS_PER_BAR
    values = -played.offset[cells] if late else MOST_VELOCITY * played.velocity[cells]
    spread = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(step))
    axes.plot(step + spread, values, "k.", ms=1, alpha=0.3)
    means = [
        float(np.median(values[step == s])) if (step == s).any() else np.nan for s in range(STEPS_PER_BAR)
    ]
    axes.plot(range(STEPS_PER_BAR), means, "_", color="tab:red", ms=9, mew=2)
    axes.set_ylim((-1, 1) if late else (0, MOST_VELOCITY))
    axes.set_title(title, fontsize=8)
    axes.tick_params(labelsize=6)
