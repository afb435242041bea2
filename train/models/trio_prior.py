"""From the latent as encoder and decoder use it to the one the stage draws from, and back.

The codes of sixteen bars of one song have much in common: a key, a groove, bars that come back. In the
latent the encoder likes best they crowd into corners of it, and a draw from N(0, I) hits none: its bars
belong to sixteen songs. This invertible map (affine couplings: Dinh, Sohl-Dickstein and Bengio 2017, Real
NVP) is learnt together with the rest, as the prior of the variational objective (Rezende and Mohamed 2015;
Chen et al. 2017), and stands in the exported file between the two, so that players and programs see one
latent whose draws are music.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEEPEST = 2.0  # largest logarithm of a coupling's scale: keeps float32 exact to about 1e-5 both ways


class _Coupling(nn.Module):
    """Scales and shifts half of the dimensions by what the other half says; untrained, the identity."""

    order: Tensor
    back: Tensor

    def __init__(self, size: int, width: int, seed: int) -> None:
        super().__init__()
        order = torch.randperm(size, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("order", order, persistent=False)  # which dimensions, the same in every process
        self.register_buffer("back", order.argsort(), persistent=False)
        self.kept = size // 2
        self.net = nn.Sequential(
            nn.Linear(self.kept, width), nn.GELU(), nn.Linear(width, 2 * (size - self.kept))
        )
        for last in self.net[2].parameters():
            nn.init.zeros_(last)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The mapped vector and the logarithm of each dimension's own scale, both (batch, size)."""
        given, changed = self._parted(z)
        scale, shift = self._told(given)
        mapped = torch.cat([given, (changed - shift) * torch.exp(-scale)], dim=1)
        scales = torch.cat([torch.zeros_like(given), -scale], dim=1)
        return mapped[:, self.back], scales[:, self.back]

    def inverse(self, mapped: Tensor) -> Tensor:
        """What ``forward`` came from."""
        given, changed = self._parted(mapped)
        scale, shift = self._told(given)
        return torch.cat([given, changed * torch.exp(scale) + shift], dim=1)[:, self.back]

    def _parted(self, z: Tensor) -> tuple[Tensor, Tensor]:
        ordered = z[:, self.order]
        return ordered[:, : self.kept], ordered[:, self.kept :]

    def _told(self, given: Tensor) -> tuple[Tensor, Tensor]:
        scale, shift = self.net(given).float().chunk(2, dim=1)
        return _STEEPEST * torch.tanh(scale / _STEEPEST), shift


class LearntPrior(nn.Module):
    """A row of couplings. size: dimensions of the latent. width: of each coupling's network."""

    def __init__(self, size: int, couplings: int, width: int) -> None:
        super().__init__()
        self.couplings = nn.ModuleList(_Coupling(size, width, seed) for seed in range(couplings))

    def forward(self, inner: Tensor) -> tuple[Tensor, Tensor]:
        """The stage's latent of an inner one, and the logarithm of each dimension's scale; (batch, size)."""
        scales = torch.zeros_like(inner)
        for coupling in self.couplings:
            inner, more = coupling(inner)
            scales = scales + more
        return inner, scales

    def inverse(self, stage: Tensor) -> Tensor:
        """The inner latent of the stage's."""
        for coupling in reversed(self.couplings):
            assert isinstance(coupling, _Coupling)
            stage = coupling.inverse(stage)
        return stage

    def kl_nats(self, inner: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
        """One-sample estimate of KL(q || this prior) at ``inner`` ~ q = N(mu, sigma): shape (batch,)."""
        stage, scales = self(inner)
        strayed = (inner - mu) / sigma
        nats: Tensor = (0.5 * (stage.square() - strayed.square()) - sigma.log() - scales).sum(dim=1)
        return nats
