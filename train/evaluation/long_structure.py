"""Structure of a model's samples beside held-out pieces, and beside bars that do not belong together.

What a figure means is seen between two ends: held-out pieces, and the same pieces taken apart, every bar and
every part of it from another one (``mismatched``). What is left there is owed to style alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from livevae.codec import Codec
from livevae.units import STEPS_PER_BAR
from train.evaluation.parts import Windows
from train.evaluation.structure import structure

CLOSE = 0.10  # samples whose figure is this close to held-out pieces' do as music does
_COLUMNS = ("held_out", "prior", "mismatched")


def report(codec: Codec, held_out: Windows, samples: Windows, rng: np.random.Generator) -> dict[str, Any]:
    """The figures of ``structure``, of three kinds of music.

    prior_to_held_out: the samples' figure divided by the held-out pieces', where that is not 0.
    """
    found: dict[str, Any] = {
        "held_out": structure(codec, held_out),
        "prior": structure(codec, samples),
        "mismatched": structure(codec, mismatched(codec, held_out, rng)),
    }
    found["prior_to_held_out"] = {
        name: found["prior"][name] / real for name, real in found["held_out"].items() if real > 0
    }
    return found


def mismatched(codec: Codec, windows: Windows, rng: np.random.Generator) -> Windows:
    """Windows in which every part of every bar is from another piece, as far as there are so many."""
    order = rng.permutation(len(windows))
    bars = windows.reshape(len(windows), -1, STEPS_PER_BAR, windows.shape[-1]).copy()
    mixed = bars.copy()
    for bar in range(bars.shape[1]):
        for number, part in enumerate(codec.parts):
            columns = [index for index, column in enumerate(codec.columns) if column.part == part]
            donors = np.roll(order, bar * len(codec.parts) + number)
            mixed[:, bar, :, columns] = bars[donors, bar][..., columns].transpose(2, 0, 1)
    return mixed.reshape(windows.shape)


def table(found: dict[str, Any]) -> str:
    """The report for people: a line for each figure, one for which samples are not close to music marked."""
    lines = [f"{'structure':<34}{'held out':>10}{'samples':>10}{'ratio':>8}{'mismatched':>12}"]
    for name in found["held_out"]:
        real, drawn, apart = (found[column][name] for column in _COLUMNS)
        ratio = found["prior_to_held_out"].get(name)
        written = "" if ratio is None else f"{ratio:.2f}"
        far = "" if ratio is None or abs(ratio - 1) <= CLOSE else "  *"
        lines.append(f"  {name:<32}{real:>10.3f}{drawn:>10.3f}{written:>8}{apart:>12.3f}{far}")
    return "\n".join([*lines, f"  * more than {CLOSE:.0%} from held-out pieces"])
