"""The two functions a band exports: encode, which hears the chord by itself, and decode, which may be told
it."""

from __future__ import annotations

from typing import Any

import torch

from livevae.codec import Codec
from livevae.codec.chords import CHORD_FEATURES, CHORDS, beats_of
from train.models import GraphFunction
from train.models.graph_method import GraphMethod


def band_functions(model: Any, codec: Codec) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``decode``: z, noise, temperature, chords -> y."""
    steps, columns = codec.steps, len(codec.columns)
    given = {
        "z": torch.zeros(2, model.latent_size),
        "noise": torch.full((2, steps, columns), 0.5),
        "temperature": torch.tensor(1.0),
        CHORDS: torch.zeros(2, beats_of(steps), CHORD_FEATURES),
    }
    x = torch.zeros(2, steps, columns, dtype=torch.int64)
    return (
        GraphFunction("encode", GraphMethod(model, model.encode), {"x": x}, ("mu", "sigma")),
        GraphFunction("decode", GraphMethod(model, model.decode), given, ("y",)),
    )
