"""The functions a model of many bars exports: encode, conduct, and a bar at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from livevae.codec.functions import (
    COMPLETE,
    COMPLETE_BAR_MEANT,
    COMPLETE_MEMORY,
    COMPLETE_MORE,
    COMPLETED,
    GIVEN,
    KNOWN,
    MEMORY,
    MORE,
)
from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR
from train.models import GraphFunction
from train.models.graph_method import GraphMethod

if TYPE_CHECKING:
    from train.models.song import SongModel

_SHARES = (0.02, 0.98)  # of lines: at their very ends, rounding decides what is drawn


def song_functions(model: SongModel) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``conduct``: z -> bars; ``decode_bar``: bar, memory, noise, temperature ->
    y, more.

    Of a model of several parts, ``complete_bar`` too (see ``livevae.codec.completion``).
    """
    columns = len(model.codec.columns)
    x = torch.zeros(2, model.codec.steps, columns, dtype=torch.int64)
    z = torch.zeros(2, model.latent_size)
    with torch.no_grad():
        embedding = model.conduct(z)[:, 0].clone()
    memory = torch.zeros(2, 2 * BEATS_PER_BAR, model.memory_size)
    bar = {
        "bar": embedding,
        MEMORY: memory,
        "noise": torch.full((2, STEPS_PER_BAR, columns), 0.5),
        "temperature": torch.tensor(1.0),
    }
    functions = (
        GraphFunction("encode", GraphMethod(model, model.encode), {"x": x}, ("mu", "sigma")),
        GraphFunction("conduct", GraphMethod(model, model.conduct), {"z": z}, ("bars",)),
        GraphFunction("decode_bar", GraphMethod(model, model.decode_bar), bar, ("y", MORE), {"bar": _SHARES}),
    )
    parts = len(model.codec.parts)
    if parts == 1:
        return functions
    known = {
        COMPLETE_BAR_MEANT: embedding.clone(),
        COMPLETE_MEMORY: memory.clone(),
        KNOWN: torch.zeros(2, STEPS_PER_BAR, columns, dtype=torch.int64),
        GIVEN: torch.zeros(2, parts),
    }
    completes = GraphFunction(
        COMPLETE,
        GraphMethod(model, model.complete_bar),
        known,
        (COMPLETED, COMPLETE_MORE),
        {COMPLETE_BAR_MEANT: _SHARES, GIVEN: (0.0, 1.0)},
    )
    return (*functions, completes)
