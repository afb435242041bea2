"""Models that have learnt nothing, but whose draws differ: what tests of models share."""

from __future__ import annotations

from typing import Any

import torch

from livevae.codec import Codec
from train.models import Model, as_module, build
from train.models.objective import Objective

PLACING = Objective(0.03, 0.0)
"""Of models that learn to place codes beside what they learn."""


def untrained(
    kind: str, codec: Codec, config: Any, objective: Objective = PLACING, spread: float = 0.25
) -> Model:
    """A model, always the same, that does not train.

    spread: standard deviation of its weights, for as they begin a model is too even for its draws to differ.
    """
    torch.manual_seed(3)
    model = build(kind, codec, config, objective)
    for name, parameter in as_module(model).named_parameters():
        if not name.startswith("placement"):
            torch.nn.init.normal_(parameter, std=spread)
    as_module(model).eval()
    return model
