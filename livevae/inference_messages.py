"""What is said over the pipe between the timekeeper and the inference process.

Every message is one small immutable object, pickled. This module imports neither numpy nor a runtime, so that
the timekeeper may read the answers.

To the process: ``ModelRequest`` (as an ``AskModel`` effect holds it), ``Forget``, ``LoadModels``,
``DrawMap``, ``Leave``.
From it: ``ModelsLoaded`` once at the start (the process is *ready*) and once for every ``LoadModels``; one
``ModelAnswer`` or ``ModelFailed`` for every request that was not forgotten, in the order asked, but that a
request naming a model still being opened waits for it without holding up the others. A map is drawn when
nothing else is asked, and answered by ``MapDrawn``; of each model only the newest that was asked for is.
"""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.events import ModelAnswer, ModelFailed
from livevae.core.latents import Latent, ModelRequest
from livevae.core.performance import ModelInfo


@dataclass(frozen=True, slots=True)
class Forget:
    """These requests are no longer needed: those not yet begun are dropped and never answered."""

    request_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class LoadModels:
    """Open these model files too, e.g. for a preset change; those already open are kept as they are."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawMap:
    """Say where these points of a model lie on a flat map, as ``livevae.latent.projection.flat_map`` does.

    anchors: how many of them, from the first, draw the map.
    """

    serial: int
    model: str
    points: tuple[Latent, ...]
    anchors: int


@dataclass(frozen=True, slots=True)
class MapDrawn:
    """The places of the points that were asked for, each from 0 to 1."""

    serial: int
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """End the process; closing the pipe does the same."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that can be asked.

    path: as it was given. bar_p50_ns, bar_p95_ns: time for one new bar, encoded, conducted and decoded, over
        the warm-up calls; what a performer should allow for.
    """

    path: str
    info: ModelInfo
    bar_p50_ns: int
    bar_p95_ns: int


@dataclass(frozen=True, slots=True)
class RefusedModel:
    """A model that could not be opened; ``reason`` is a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelsLoaded:
    """The answer to ``LoadModels``: every path is in one of the two lists."""

    models: tuple[LoadedModel, ...]
    refused: tuple[RefusedModel, ...] = ()


ToInference = ModelRequest | Forget | LoadModels | DrawMap | Leave
FromInference = ModelAnswer | ModelFailed | ModelsLoaded | MapDrawn
