"""Two-bar model whose steps are drawn one after another, each hearing the bar before it.

What is special: a convolutional trunk turns the latent into features of all steps at once, and a light last
stage draws the steps in order from the trunk's features and the last sixteen steps already drawn. The
look-back is one causal convolution over tokens, so training needs no recurrence, and drawing is a single
ONNX Scan of three small matrix products a step. Compared with drawing all steps independently (one_pass.py)
samples agree with themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional

from livevae.codec import Codec
from train.models import GraphFunction, Loss, posterior_sample
from train.models.draws import draw, prepare
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.symbols import Symbols
from train.models.trunk import LatentSpread, StepEmbedding, WindowEncoder
from train.models.window_graph import window_functions


@dataclass(frozen=True, slots=True)
class Config:
    """latent_size: dimensions of z. channels, neck, bend: of the trunk. width: of the last stage.

    lookback: earlier steps it hears. token_width: numbers that describe one of them.
    token_dropout: share of earlier steps hidden in training, so that it listens to the latent too.
    """

    latent_size: int = 128
    channels: int = 128
    neck: int = 0
    bend: int = 0
    encoder_dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    decoder_dilations: tuple[int, ...] = (16, 8, 4, 2, 1)
    width: int = 192
    lookback: int = 16
    token_width: int = 32
    token_dropout: float = 0.25


class LookbackModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        self.codec, self.config, self.objective = codec, config, objective
        self.latent_size = config.latent_size
        size, neck, bend = config.latent_size, config.neck, config.bend
        self.encoder = WindowEncoder(codec, config.channels, config.encoder_dilations, size, neck, bend)
        self.trunk = LatentSpread(codec.steps, config.channels, config.decoder_dilations, size, neck, bend)
        self.heard = StepEmbedding(codec, config.token_width)
        self.from_trunk = nn.Linear(config.channels, config.width)
        self.from_past = nn.Linear(config.lookback * config.token_width, config.width, bias=False)
        self.inner = nn.Linear(config.width, config.width)
        self.symbols = Symbols(codec, config.width)

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``."""
        mu, sigma = self.encoder(batch)
        logits = self.symbols.logits(self._teacher_forced(posterior_sample(mu, sigma), batch))
        targets = self.symbols.of_tokens(batch)
        costs = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        reconstruction = costs.view(targets.shape).sum(dim=1)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        return Loss(self.objective.total(reconstruction, kl, step), reconstruction.mean(), kl.mean())

    def _teacher_forced(self, z: Tensor, tokens: Tensor) -> Tensor:
        """Last-stage features of every step given the true steps before it: (batch, steps, width)."""
        past = self.heard(tokens)  # (batch, steps, token_width)
        if self.training:
            kept = torch.rand(past.shape[:2], device=past.device) >= self.config.token_dropout
            past = past * kept[..., None]
        padded = functional.pad(past, (0, 0, self.config.lookback, 0))[:, :-1]
        heard = padded.unfold(1, self.config.lookback, 1).transpose(2, 3)
        # heard: (batch, steps, lookback, token_width), oldest first as ``decode`` carries it
        return self._stage(self.from_trunk(self.trunk(z)), heard.flatten(2))

    def _stage(self, from_trunk: Tensor, history: Tensor) -> Tensor:
        first = functional.relu(from_trunk + self.from_past(history))
        result: Tensor = first + functional.relu(self.inner(first))
        return result

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        mu, sigma = self.encoder(x)
        return mu, sigma

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; only the first column of the noise is used, since a step is drawn at once."""
        from_trunk = self.from_trunk(self.trunk(z))
        uniforms, sharpness = prepare(noise[:, :, 0], temperature)
        history = z.new_zeros(z.shape[0], self.config.lookback * self.config.token_width)
        # Whatever does not depend on the steps drawn is computed here, once, and folded away at export.
        weight, bias = self.symbols.folded()
        heard_symbols = self.heard(self.symbols.to_tokens(torch.arange(self.symbols.count)))

        def step(carried: Tensor, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            features, uniform = inputs
            symbol = draw(torch.addmm(bias, self._stage(features, carried), weight), uniform, sharpness)
            heard = functional.embedding(symbol, heard_symbols)
            following = torch.cat([carried[:, self.config.token_width :], heard], dim=1)
            # Scan refuses carries and outputs that are views of anything.
            return following.clone(memory_format=torch.contiguous_format), symbol.clone()

        steps = (from_trunk.transpose(0, 1).contiguous(), uniforms.T[..., None].contiguous())
        if torch.compiler.is_exporting():
            _, drawn = scan(step, history, steps)
        else:
            drawn = plain_scan(step, history, steps)
        return self.symbols.to_tokens(drawn.transpose(0, 1))

    def predict(self, z: Tensor, x: Tensor) -> Tensor:
        """The likeliest tokens of every step given the true steps before it, both as in ``decode``."""
        likeliest = self.symbols.logits(self._teacher_forced(z, x)).argmax(dim=-1)
        return self.symbols.to_tokens(likeliest)

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode, decode and predict, see train/models/window_graph.py."""
        return window_functions(self)


def plain_scan(step: Any, carried: Tensor, inputs: tuple[Tensor, ...]) -> Tensor:
    """What ``scan`` computes, without compiling anything: outputs stacked along the first axis."""
    outputs = []
    for index in range(inputs[0].shape[0]):
        carried, output = step(carried, tuple(part[index] for part in inputs))
        outputs.append(output)
    return torch.stack(outputs)


def build(codec: Codec, config: Config, objective: Objective) -> LookbackModel:
    """An untrained model."""
    return LookbackModel(codec, config, objective)
