"""What attribute vectors do, as two coloured tables: a row for each vector, a column for each attribute."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import pyplot
from matplotlib.patches import Rectangle

_FULL_COLOUR = 100.0  # per cent
_CELL_INCHES = 0.75


def draw_matrices(found: dict[str, Any]) -> Any:
    """A figure of the matrices in a report of ``train.evaluation.attribute_matrix``, each own cell framed."""
    vectors, attributes = list(found["added"]), list(found["before"])
    width, height = 2.2 + _CELL_INCHES * len(attributes), 2.2 + _CELL_INCHES * len(vectors)
    figure, both = pyplot.subplots(1, 2, figsize=(2 * width, height), squeeze=False)
    for axes, sign in zip(both[0], ("added", "subtracted"), strict=True):
        table = np.array([[found[sign][vector][name] for name in attributes] for vector in vectors])
        axes.imshow(table, cmap="RdBu", vmin=-_FULL_COLOUR, vmax=_FULL_COLOUR, aspect="auto")
        for (row, column), change in np.ndenumerate(table):
            ink = "white" if abs(change) > 0.7 * _FULL_COLOUR else "black"
            axes.text(column, row, f"{change:+.0f}", ha="center", va="center", fontsize=9, color=ink)
            if vectors[row] == attributes[column]:
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, lw=2))
        names = [name.replace("_", " ") for name in attributes]
        axes.set_xticks(range(len(attributes)), names, rotation=40, ha="right", fontsize=8)
        axes.set_yticks(range(len(vectors)), [name.replace("_", " ") for name in vectors], fontsize=8)
        axes.set_title(f"vector {sign}, times {found['amount']:g}", fontsize=10)
    return figure
