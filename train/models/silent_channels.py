"""Dropout of whole channels: what a network may not lean on in one beat it may not in the next."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SilentChannels(nn.Module):
    """Some of the channels silent in training, the same in every beat of a window. share: how many."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, features: Tensor) -> Tensor:
        """(batch, beats, …, channels) -> the same shape."""
        if not self.training or not self.share:
            return features
        kept = 1.0 - self.share
        mask = torch.rand(features.shape[0], 1, *features.shape[2:], device=features.device) < kept
        return features * (mask / kept).to(features.dtype)
