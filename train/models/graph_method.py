"""A method of a model as a module of its own: what a ``GraphFunction`` is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


class GraphMethod(nn.Module):
    """Calls a method of a model.

    model: whose weights are in the exported graph, each named as in its state dict, behind ``model.``.
    method: of that model, or a function that calls one; it is given the inputs in order.
    """

    def __init__(self, model: Any, method: Callable[..., Any]) -> None:
        super().__init__()
        self.model = model
        self.method = method

    def forward(self, *inputs: Tensor) -> Any:
        """What the method returns: a tensor, or a tuple of some."""
        return self.method(*inputs)
