"""How the trio practises for the stage: loops, other forms, medleys, and partners who do not turn up."""

from __future__ import annotations

import torch
from torch import Tensor

from livevae.units import STEPS_PER_BAR

LOOP_BARS = (1, 2, 4, 8)
SECTION_BARS = (2, 4)
LINE_COLUMNS = (0, 1)
PART_COLUMNS = ((0, 1), (1, 2), (2, 11))  # columns [from, to) of melody, bass, drums


def looped(windows: Tensor, share: float) -> Tensor:
    """The same windows, but a ``share`` of them repeat a few of their bars to the end.

    windows: (batch, steps, columns), int64. Loops are of whole bars, from any bar line. What sounded before
    the loop is not in it, and what a line holds over its end is let go there, as when a player's bars are
    repeated.
    """
    result = windows.clone()
    bars = windows.shape[1] // STEPS_PER_BAR
    lengths = [length for length in LOOP_BARS if length < bars]
    for index in torch.nonzero(torch.rand(len(windows)) < share).flatten().tolist():
        length = lengths[int(torch.randint(len(lengths), ()))]
        first = int(torch.randint(bars - length + 1, ()))
        loop = windows[index, first * STEPS_PER_BAR : (first + length) * STEPS_PER_BAR]
        result[index] = _repeated(loop, bars // length)
    return result


def _repeated(loop: Tensor, times: int) -> Tensor:
    again = loop.clone()
    loop = loop.clone()
    for column in LINE_COLUMNS:
        line = loop[:, column]
        line[(line > 1).cumsum(0) == 0] = 0
        again[:, column] = line
        changes = line[line > 0]
        if len(changes) and changes[-1] > 1 and line[0] == 0:
            again[0, column] = 1
    return torch.cat([loop, again.repeat(times - 1, 1)])


def rearranged(windows: Tensor, share: float) -> Tensor:
    """The same windows, but a ``share`` of them have their two- or four-bar sections in another order.

    Sections are drawn with replacement, so some come back and some are lost: forms nobody wrote,
    of bars somebody did. Without them the few thousand songs there are would be learnt by heart.
    """
    result = windows.clone()
    bars = windows.shape[1] // STEPS_PER_BAR
    for index in torch.nonzero(torch.rand(len(windows)) < share).flatten().tolist():
        length = SECTION_BARS[int(torch.randint(len(SECTION_BARS), ()))]
        sections = windows[index].reshape(bars // length, length * STEPS_PER_BAR, -1)
        order = torch.randint(len(sections), (len(sections),))
        result[index] = sections[order].reshape(windows.shape[1:])
    return canonical(result)


def medleys(windows: Tensor, share: float) -> Tensor:
    """The same windows, but a ``share`` of them go over, at half time, into another of the batch."""
    result = windows.clone()
    half = windows.shape[1] // 2
    chosen = torch.nonzero(torch.rand(len(windows)) < share).flatten()
    result[chosen, half:] = windows[torch.randint(len(windows), (len(chosen),)), half:]
    return canonical(result)


def canonical(windows: Tensor) -> Tensor:
    """The same windows without note-offs before the first note of a line, as the codec writes them."""
    result = windows.clone()
    for column in LINE_COLUMNS:
        line = windows[..., column]
        result[..., column] = torch.where((line > 1).cumsum(1) == 0, 0, line)
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
