"""Drawing a class with a number given from outside, in few enough operators to run at every step of a Scan.

Same number, same class: all chance a model uses comes in as its ``noise`` input.
"""

from __future__ import annotations

import torch
from torch import Tensor

COLDEST = 1e-6
"""Temperatures below this are 0: the likeliest class, whatever the noise."""
_TOP = 1.0 - 2.0**-14
"""Numbers are squeezed into [0, this): a running sum of 512 float32 probabilities may end 3e-5 short of 1."""
_MIDDLE = 0.5


def prepare(noise: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
    """What ``draw`` needs, worked out once for all steps.

    noise: (batch, steps), uniform in [0, 1). temperature: scalar or (batch,), from 0.
    Returns uniform numbers (batch, steps) and sharpness (batch, 1).
    """
    per_window = temperature.reshape(-1, 1).expand(noise.shape[0], 1)
    uniform = torch.where(per_window < COLDEST, _MIDDLE, noise * _TOP)
    return uniform, 1.0 / per_window.clamp(min=COLDEST)


def draw(logits: Tensor, uniform: Tensor, sharpness: Tensor) -> Tensor:
    """One class from each row of logits by inverting its distribution at one number.

    logits: (…, classes). uniform, sharpness: (…, 1), of ``prepare``. Returns (…), int64.
    """
    below = (logits * sharpness).softmax(dim=-1).cumsum(dim=-1) <= uniform
    return below.to(torch.int64).sum(dim=-1)
