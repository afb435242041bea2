"""The cost all our latent-variable models share.

Source: the beta-VAE objective with free bits as in MusicVAE's code: reconstruction + beta * max(KL - free
bits, 0), free bits taken once from the window's total.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Objective:
    """Weight of the KL.

    max_beta: final weight. beta_rate: weight at step s is (1 - beta_rate**s) * max_beta; 0 = full from the
    start.
    free_bits: of the window's total KL that cost nothing.
    """

    max_beta: float = 0.2
    beta_rate: float = 0.999
    free_bits: float = 0.0

    def beta(self, step: int) -> float:
        """Weight of the KL at optimiser step ``step``."""
        return (1.0 - self.beta_rate**step) * self.max_beta

    def total(self, reconstruction_nats: Tensor, kl_nats: Tensor, step: int) -> Tensor:
        """Mean cost of a batch from its windows' costs, each shape (batch,), in nats."""
        charged = torch.clamp(kl_nats - self.free_bits * math.log(2.0), min=0.0)
        return (reconstruction_nats + self.beta(step) * charged).mean()


def kl_to_unit_gaussian(mu: Tensor, sigma: Tensor) -> Tensor:
    """KL(N(mu, sigma) || N(0, I)) in nats: (batch, latent) twice -> (batch, latent)."""
    return 0.5 * (mu.square() + sigma.square() - 1.0) - sigma.log()
