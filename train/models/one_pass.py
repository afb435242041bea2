"""Two-bar model that draws every step at once, each on its own given the latent.

The cheapest thing that works: the baseline lookback.py is measured against.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from livevae.codec import Codec
from train.models import GraphFunction, Loss, posterior_sample
from train.models.draws import draw, prepare
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.symbols import Symbols
from train.models.trunk import LatentSpread, WindowEncoder
from train.models.window_graph import window_functions


@dataclass(frozen=True, slots=True)
class Config:
    """latent_size: dimensions of z. channels, neck, bend: of the trunk."""

    latent_size: int = 128
    channels: int = 128
    neck: int = 0
    bend: int = 0
    encoder_dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    decoder_dilations: tuple[int, ...] = (16, 8, 4, 2, 1)


class OnePassModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.objective = codec, objective
        self.latent_size = config.latent_size
        size, neck, bend = config.latent_size, config.neck, config.bend
        self.encoder = WindowEncoder(codec, config.channels, config.encoder_dilations, size, neck, bend)
        self.trunk = LatentSpread(codec.steps, config.channels, config.decoder_dilations, size, neck, bend)
        self.symbols = Symbols(codec, config.channels)

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``."""
        mu, sigma = self.encoder(batch)
        logits = self.symbols.logits(self.trunk(posterior_sample(mu, sigma)))
        targets = self.symbols.of_tokens(batch)
        costs = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        reconstruction = costs.view(targets.shape).sum(dim=1)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        return Loss(self.objective.total(reconstruction, kl, step), reconstruction.mean(), kl.mean())

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        mu, sigma = self.encoder(x)
        return mu, sigma

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; only the first column of the noise is used, since a step is drawn at once."""
        logits = self.symbols.logits(self.trunk(z))  # (batch, steps, symbols)
        uniforms, sharpness = prepare(noise[:, :, 0], temperature)
        return self.symbols.to_tokens(draw(logits, uniforms[..., None], sharpness[:, None]))

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/window_graph.py."""
        return window_functions(self)


def build(codec: Codec, config: Config, objective: Objective) -> OnePassModel:
    """An untrained model."""
    return OnePassModel(codec, config, objective)
