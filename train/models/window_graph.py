"""The functions window models export: encode, decode, and predict where a step hears those before it."""

from __future__ import annotations

from collections.abc import Collection

import torch

from livevae.codec.chords import CHORD_FEATURES, CHORDS, HEARD_CHORDS, beats_of
from livevae.codec.functions import LIKELIEST, PREDICT, PREDICT_LATENT, PREDICT_TOKENS
from train.models import GraphFunction, Model
from train.models.graph_method import GraphMethod


def window_functions(model: Model, chord_inputs: Collection[str] = ()) -> tuple[GraphFunction, ...]:
    """``encode``: x -> mu, sigma; ``decode``: z, noise, temperature -> y.

    chord_inputs: of ``livevae.codec.chords``; whose function is told chords, told them last. Of a model that
    has it, ``predict`` too: predict_z, predict_x -> likeliest. It is for judging the model.
    """
    steps, columns = model.codec.steps, len(model.codec.columns)
    heard = {"x": torch.zeros(2, steps, columns, dtype=torch.int64)}
    z = torch.zeros(2, model.latent_size)
    told = {"z": z, "noise": torch.full((2, steps, columns), 0.5), "temperature": torch.tensor(1.0)}
    for inputs, name in ((heard, HEARD_CHORDS), (told, CHORDS)):
        if name in chord_inputs:
            inputs[name] = torch.zeros(2, beats_of(steps), CHORD_FEATURES)
    both = (
        GraphFunction("encode", GraphMethod(model, model.encode), heard, ("mu", "sigma")),
        GraphFunction("decode", GraphMethod(model, model.decode), told, ("y",)),
    )
    predict = getattr(model, "predict", None)
    if predict is None:
        return both
    truth = {PREDICT_LATENT: z.clone(), PREDICT_TOKENS: heard["x"].clone()}
    return (*both, GraphFunction(PREDICT, GraphMethod(model, predict), truth, (LIKELIEST,)))
