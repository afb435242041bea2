"""How the trio practises for the stage: loops instead of whole forms, and partners who do not turn up."""

from __future__ import annotations

import torch
from torch import Tensor

from livevae.units import STEPS_PER_BAR

LOOP_BARS = (1, 2, 4, 8)
PART_COLUMNS = ((0, 1), (1, 2), (2, 11))  # columns [from, to) of melody, bass, drums


def looped(windows: Tensor, share: float) -> Tensor:
    """The same windows, but a ``share`` of them repeat a few of their bars to the end.

    windows: (batch, steps, columns), int64. Loops are of whole bars, from any bar line, as canonical as the window:
    what a line holds over the loop's end is let go there.
    """
    result = windows.clone()
    steps = windows.shape[1]
    for index in torch.nonzero(torch.rand(len(windows)) < share).flatten().tolist():
        length = STEPS_PER_BAR * LOOP_BARS[int(torch.randint(len(LOOP_BARS), ()))]
        first = STEPS_PER_BAR * int(torch.randint((steps - length) // STEPS_PER_BAR + 1, ()))
        loop = windows[index, first : first + length]
        for column in (0, 1):
            line = loop[:, column]
            silent = (line > 1).cumsum(0) == 0  # a note held into the loop is not in it
            loop = loop.clone()
            loop[:, column] = torch.where(silent, 0, line)
        result[index] = loop.repeat(steps // length, 1)
    return result


def one_part_missing(windows: Tensor, share: float) -> Tensor:
    """The same windows, but in a ``share`` of them one or two of the three parts are silent."""
    result = windows.clone()
    for index in torch.nonzero(torch.rand(len(windows)) < share).flatten().tolist():
        silent = int(torch.randint(1, 2 ** len(PART_COLUMNS) - 1, ()))  # its bits: which parts, never all
        for part, (start, end) in enumerate(PART_COLUMNS):
            if silent >> part & 1:
                result[index, :, start:end] = 0
    return result
