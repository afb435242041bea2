"""The two functions that models of grooves export, as livevae/groove_model.py asks them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from train.models import GraphFunction
from train.models.graph_method import GraphMethod
from train.models.groove_question import DRUMS, GrooveBatch, Question

if TYPE_CHECKING:
    from train.models.drummer import DrummerModel
    from train.models.groove import GrooveModel

_BATCH = 2  # of the examples
_TEMPO_BPM = 100.0
_OUTPUTS = ("hit", "velocity", "offset", "offset_mean")
_NOT_OF_A_DRUMMER = ("played_velocity", "played_offset", "taps")
_FURTHEST_OF_A_DRUMMER = 3.0
"""Standard deviations: 1 in 700 draws lies higher. There shares end nearer to 1 than float32 can count, and
many choices follow from each other."""


def groove_functions(model: GrooveModel) -> tuple[GraphFunction, ...]:
    """``encode`` and ``decode`` with examples of every input."""

    def decode(
        score: Tensor,
        played_velocity: Tensor,
        played_offset: Tensor,
        opened: Tensor,
        taps: Tensor,
        z: Tensor,
        style: Tensor,
        tempo: Tensor,
        noise: Tensor,
        temperature: Tensor,
    ) -> tuple[Tensor, ...]:
        question = Question(score, played_velocity, played_offset, opened, taps, style, tempo)
        return model.draw(question, z, noise, temperature)

    return _functions(model, decode, _decode_examples(model))


def drummer_functions(model: DrummerModel) -> tuple[GraphFunction, ...]:
    """``encode`` and ``decode`` of a model that only composes: nothing is told of how hits were played."""
    inputs = {name: x for name, x in _decode_examples(model).items() if name not in _NOT_OF_A_DRUMMER}
    inputs["open"] = torch.ones(_BATCH, DRUMS)
    return _functions(model, model.draw, inputs, _FURTHEST_OF_A_DRUMMER)


def _functions(
    model: GrooveModel | DrummerModel,
    decode: Callable[..., tuple[Tensor, ...]],
    inputs: dict[str, Tensor],
    furthest: float = math.inf,
) -> tuple[GraphFunction, ...]:
    def encode(x: Tensor, velocity: Tensor, offset: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        return model.encode(GrooveBatch(x, velocity, offset, tempo, torch.zeros_like(tempo).long()))

    velocity, offset, tempo = (0.0, 1.0), (-1.0, 1.0), (0.0, 300.0)
    heard = {"x_velocity": velocity, "x_offset": offset, "x_tempo": tempo}
    told = {
        "played_velocity": velocity,
        "played_offset": offset,
        "open": (0.0, 1.0),
        "taps": (0.0, 1.0),
        "style": (0.0, float(len(model.codec.style_names))),
        "tempo": tempo,
    }
    return (
        GraphFunction("encode", GraphMethod(model, encode), _encode_examples(model), ("mu", "sigma"), heard),
        GraphFunction("decode", GraphMethod(model, decode), inputs, _OUTPUTS, told, furthest),
    )


def _encode_examples(model: GrooveModel | DrummerModel) -> dict[str, Tensor]:
    grid = (model.codec.steps, len(model.codec.columns))
    return {
        "x": _nothing(*grid, dtype=torch.int64),
        "x_velocity": _nothing(*grid),
        "x_offset": _nothing(*grid),
        "x_tempo": torch.full((_BATCH,), _TEMPO_BPM),
    }


def _decode_examples(model: GrooveModel | DrummerModel) -> dict[str, Tensor]:
    steps, columns = model.codec.steps, len(model.codec.columns)
    return {
        "score": _nothing(steps, columns, dtype=torch.int64),
        "played_velocity": _nothing(steps, columns),
        "played_offset": _nothing(steps, columns),
        "open": _nothing(DRUMS),
        "taps": _nothing(steps, 3),
        "z": _nothing(model.latent_size),
        "style": _nothing(dtype=torch.int64),
        "tempo": torch.full((_BATCH,), _TEMPO_BPM),
        "noise": torch.full((_BATCH, steps, 2 * columns), 0.5),
        "temperature": torch.tensor(1.0),
    }


def _nothing(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """An example of its own: of two inputs that are one tensor the exporter would make one."""
    return torch.zeros(_BATCH, *shape, dtype=dtype)
