"""Points of a model's latent space, written down as how to get there.

The core never holds a latent vector. It says *which* point it means by a small expression,
a pure value that the inference worker evaluates (``livevae.latent.evaluate``). The same
expression always gives the same point, so a set can be replayed, a DAW loop repeats its music,
and requests with equal expressions share one run of the model.
"""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.notes import Notes


@dataclass(frozen=True, slots=True)
class Prior:
    """A draw from the prior, N(0, I), fixed by ``seed``."""

    seed: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """The posterior mean of ``bars`` bars that were played.

    parts: pairs (model part, notes relative to the window's start), sorted by part; a part that
        nobody played is left out. Fewer bars than the model spans are tiled to fill it.
    """

    parts: tuple[tuple[str, Notes], ...]
    bars: int


@dataclass(frozen=True, slots=True)
class Near:
    """A point around ``centre``: amount 0 is the centre itself, 1 an independent draw from the prior."""

    centre: Latent
    amount: float
    seed: int


@dataclass(frozen=True, slots=True)
class Slerp:
    """The point a ``fraction`` (0-1) of the way along the spherical path from ``start`` to ``end``."""

    start: Latent
    end: Latent
    fraction: float


@dataclass(frozen=True, slots=True)
class Corners:
    """The point of an XY pad whose corners are four points, blended along spherical paths.

    corners: left and right of the near edge (y = 0), then of the far edge (y = 1). x, y: 0-1.
    """

    corners: tuple[Latent, Latent, Latent, Latent]
    x: float
    y: float


Latent = Prior | Encoded | Near | Slerp | Corners


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Decode one bar.

    request_id: comes back in the answer.
    model: name of a loaded model.
    latent: the point to decode.
    bar_in_plan: which bar of the model's span, 0-based.
    noise_seed: fixes the sampling noise; equal for all bars decoded as one phrase.
    temperature: 0 is the most likely bar; 1 samples the model as trained.
    """

    request_id: int
    model: str
    latent: Latent
    bar_in_plan: int
    noise_seed: int
    temperature: float
