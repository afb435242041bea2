"""How a model of songs practises: forms nobody wrote, of bars somebody did.

Without them the few thousand songs there are would be learnt by heart.
"""

from __future__ import annotations

import torch
from torch import Tensor

from livevae.units import STEPS_PER_BAR

SECTION_BARS = 4


def rearranged(windows: Tensor, share: float) -> Tensor:
    """The same windows (batch, steps, columns), but a ``share`` have their sections in another order.

    Every section stays in its window once: as much returns as before, elsewhere.
    """
    sections = windows.shape[1] // (SECTION_BARS * STEPS_PER_BAR)
    if sections < 2:
        return windows
    device = windows.device
    order = torch.rand(len(windows), sections, device=device).argsort(dim=1)
    moved = torch.rand(len(windows), 1, device=device) < share
    order = torch.where(moved, order, torch.arange(sections, device=device))
    cut = torch.unflatten(windows, 1, (sections, -1))
    return cut.take_along_dim(order[:, :, None, None], dim=1).flatten(1, 2)
