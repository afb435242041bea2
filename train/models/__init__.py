"""The models by kind, one file each, and what the loop, the evaluation and the export ask of them.

A module listed in ``KINDS`` offers ``Config`` (a frozen dataclass, the ``[model]`` table of a training
config) and ``build(codec, config, objective) -> Model``.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from livevae.codec import Codec
from livevae.codec.layout import LatentLayout
from train.models.objective import Objective

KINDS: dict[str, str] = {
    "band": "train.models.band",
    "drummer": "train.models.drummer",
    "flow": "train.models.flow",
    "groove": "train.models.groove",
    "groove_taught": "train.models.groove_taught",
    "lookback": "train.models.lookback",
    "one_pass": "train.models.one_pass",
    "song": "train.models.song",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """What one batch costs; scalars, means over the batch.

    total: what the optimiser lowers. reconstruction_nats: -log p(x|z) of a whole window.
    kl_nats: KL(q(z|x) || N(0, I)) of a whole window, without any weight.
    """

    total: Tensor
    reconstruction_nats: Tensor
    kl_nats: Tensor


class Model(Protocol):
    """A trainable latent-variable model of one codec's windows; also an ``nn.Module`` (see ``as_module``).

    A model that is told more than tokens takes it as the last argument of ``loss``, ``encode`` and ``decode``
    (``train.corpus.Corpus.given`` says what there is).
    """

    codec: Codec
    latent_size: int

    def loss(self, batch: Any, step: int) -> Loss:
        """Cost of ``batch``, as ``train.material`` makes it of the codec's windows: for tokens a tensor of
        shape (batch, steps, columns), int64; ``step`` sets the weight of the KL.
        """
        ...

    def encode(self, x: Any) -> tuple[Tensor, Tensor]:
        """Posterior mean and standard deviation, each (batch, latent), of int64 x (batch, steps, columns)."""
        ...

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """Tokens (batch, steps, columns), int64, drawn with the given noise.

        z: (batch, latent). noise: (batch, steps, columns) uniform in [0, 1). temperature: scalar or (batch,);
        0 takes the likeliest token and ignores the noise.
        """
        ...

    def functions(self) -> tuple[GraphFunction, ...]:
        """What the exported file offers, see export/graph.py."""
        ...


@runtime_checkable
class LaidOut(Protocol):
    """A model that knows which numbers of its latent are about which bars and parts."""

    @property
    def layout(self) -> LatentLayout:
        """Of the latent as it is exported."""
        ...


@dataclass(frozen=True, slots=True)
class GraphFunction:
    """One callable of the exported graph.

    module: its forward takes the example inputs in order and returns the outputs in order.
    inputs: name -> example of batch 2 (the first axis is free; a 0-d tensor has none). The second axis of a
    ``memory`` is free too, down to no rows at all; its example has some.
    outputs: names, in order.
    ranges: of inputs that are not what their type suggests (classes, noise, latents), the lowest and highest
    value; the lowest is special, and half of the numbers that an export is tried with are that.
    furthest: latents are tried no further out than this: beyond, choices may hinge on how float32 rounds.
    """

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    furthest: float = math.inf


def kind_module(kind: str) -> Any:
    """The module that defines models of ``kind``; KeyError names the known kinds."""
    if kind not in KINDS:
        raise KeyError(f"unknown model kind {kind!r}; known: {', '.join(KINDS)}")
    return importlib.import_module(KINDS[kind])


def build(kind: str, codec: Codec, config: Any, objective: Objective) -> Model:
    """An untrained model; its weights come from torch's global random state."""
    model: Model = kind_module(kind).build(codec, config, objective)
    return model


def as_module(model: Model) -> nn.Module:
    """The same object, seen as the torch module it is."""
    assert isinstance(model, nn.Module)
    return model


def posterior_sample(mu: Tensor, sigma: Tensor) -> Tensor:
    """z ~ N(mu, sigma), differentiable; noise from torch's global random state."""
    return mu + sigma * torch.randn_like(sigma)
