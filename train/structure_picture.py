"""Long structure to look at: how alike the bars of pieces are, and the pieces themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")  # no screen needed

from matplotlib import pyplot

from livevae.codec import Codec
from train.evaluation.parts import Windows
from train.evaluation.self_similarity import Floats, part_likeness
from train.piano_rolls import draw_window

_ALONE = 3  # pieces of either kind whose bars are compared one by one
_PIECES = 4  # of either kind, as piano rolls
_DPI = 70


def draw_structure(codec: Codec, held_out: Windows, samples: Windows, name: str, folder: Path) -> list[Path]:
    """Write ``NAME_self_similarity.png`` and ``NAME_pieces.png``; the paths of both.

    held_out, samples: shape (windows, steps, columns); some are chosen evenly. folder: made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "self_similarity": _self_similarity(codec, held_out, samples),
        "pieces": _pieces(codec, held_out, samples),
    }
    paths = []
    for what, figure in pictures.items():
        figure.suptitle(f"{name}: held-out pieces on the left, samples of the prior on the right")
        figure.tight_layout()
        paths.append(folder / f"{name}_{what}.png")
        figure.savefig(paths[-1], dpi=_DPI)
        pyplot.close(figure)
    return paths


def _self_similarity(codec: Codec, held_out: Windows, samples: Windows) -> Any:
    """A row for each part: matrices of single pieces, their means, and likeness by how far bars are apart."""
    kinds = [part_likeness(codec, held_out), part_likeness(codec, samples)]
    width = 2 * _ALONE + 3
    figure, grid = pyplot.subplots(
        len(codec.parts), width, figsize=(2.3 * width, 2.5 * len(codec.parts)), squeeze=False
    )
    for row, part in zip(grid, codec.parts, strict=True):
        real, drawn = (kind[part] for kind in kinds)
        panels = [*_some(real, _ALONE), real.mean(axis=0), drawn.mean(axis=0), *_some(drawn, _ALONE)]
        titles = ["held out"] * _ALONE + ["held out, mean", "samples, mean"] + ["sample"] * _ALONE
        for axes, matrix, title in zip(row[:-1], panels, titles, strict=True):
            axes.imshow(matrix, vmin=0, vmax=1, cmap="magma", origin="lower")
            axes.set_title(f"{part}, {title}", fontsize=7)
            axes.tick_params(labelsize=5)
        _draw_by_lag(row[-1], real, drawn)
    return figure


def _draw_by_lag(axes: Any, real: Floats, drawn: Floats) -> None:
    lags = range(1, real.shape[1])
    for likeness, label in ((real, "held out"), (drawn, "samples")):
        mean = likeness.mean(axis=0)
        axes.plot(lags, [np.diagonal(mean, lag).mean() for lag in lags], "o-", ms=2, lw=1, label=label)
    axes.set_title("alike, by bars apart", fontsize=7)
    axes.set_ylim(0, 1)
    axes.tick_params(labelsize=5)
    axes.legend(fontsize=5)


def _pieces(codec: Codec, held_out: Windows, samples: Windows) -> Any:
    figure, grid = pyplot.subplots(
        _PIECES, 2, figsize=(max(12.0, 1.5 * codec.bars), 3.2 * _PIECES), squeeze=False
    )
    for column, (windows, title) in enumerate(((held_out, "held out"), (samples, "sample"))):
        for axes, tokens in zip(grid[:, column], _some(windows, _PIECES), strict=True):
            draw_window(axes, codec, tokens, title)
    return figure


def _some(rows: Any, count: int) -> Any:
    """``count`` of them, evenly, so that they are of different songs; of fewer some twice."""
    return rows[np.linspace(0, len(rows) - 1, count).round().astype(int)]
