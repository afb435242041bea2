"""From the core's description of a latent point to the point itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np

from livevae.codec.layout import NO_LAYOUT, LatentLayout
from livevae.core.latents import Corners, Encoded, Grafted, Latent, Moved, Near, Prior, Slerp
from livevae.latent.moves import corner_blend, moved, near, slerp
from livevae.latent.random import Vector, prior

REMEMBERED_POINTS = 64  # a set moves between a few points at a time; one takes a kilobyte or two


class LatentEvaluator:
    """Evaluates latent expressions for one model, and remembers the newest ones.

    latent_size: dimensions of the model's z. encode: posterior mean of played bars and, if it is known, the
        standard deviation within which they stay what they are; each shape (latent,), float32.
    directions: the model's musical attributes, each shape (latent,), float32. layout: of its z.
    heard_at: what ``encode`` would say of the music at a point that nobody played; None where that cannot be
        told.
    """

    def __init__(
        self,
        latent_size: int,
        encode: Callable[[Encoded], tuple[Vector, Vector | None]],
        directions: Mapping[str, Vector] | None = None,
        layout: LatentLayout = NO_LAYOUT,
        remembered: int = REMEMBERED_POINTS,
        heard_at: Callable[[Vector], tuple[Vector, Vector] | None] = lambda point: None,
    ) -> None:
        self._directions = directions or {}
        self._layout = layout
        self._latent_size = latent_size
        self._encode = encode
        self._remembered = remembered
        self._heard_at = heard_at
        self._heard: OrderedDict[Latent, tuple[Vector, Vector | None]] = OrderedDict()
        self._points: OrderedDict[Latent, tuple[Vector, Vector | None]] = OrderedDict()

    def evaluate(self, latent: Latent) -> Vector:
        """The point ``latent`` means, shape (latent,), float32; not to be written to.

        Equal expressions give equal points, and share one run of the encoder while they are remembered.
        """
        return self._known(latent)[0]

    def _known(self, latent: Latent) -> tuple[Vector, Vector | None]:
        """The point, and how freely it may move while the music stays what it is, if that is known."""
        known = self._points.get(latent)
        if known is not None:
            self._points.move_to_end(latent)
            return known
        found = self._encode(latent) if isinstance(latent, Encoded) else (self._compute(latent), None)
        found[0].setflags(write=False)
        self._points[latent] = found
        if len(self._points) > self._remembered:
            self._points.popitem(last=False)
        return found

    def _as_heard(self, centre: Latent) -> tuple[Vector, Vector | None]:
        """The same music where its own posterior has it, from where small steps change little.

        A draw may lie anywhere in what its music leaves open, and so at an edge of it.
        """
        point, spread = self._known(centre)
        if spread is not None:
            return point, spread
        if centre not in self._heard:
            self._heard[centre] = self._heard_at(point) or (point, None)
            if len(self._heard) > self._remembered:
                self._heard.popitem(last=False)
        return self._heard[centre]

    def _compute(self, latent: Prior | Near | Slerp | Corners | Moved | Grafted) -> Vector:
        match latent:
            case Prior(seed):
                return prior(seed, self._latent_size)
            case Near(centre, amount, seed):
                point, spread = self._as_heard(centre) if 0.0 < amount < 1.0 else self._known(centre)
                return near(point, amount, seed, spread)
            case Slerp(start, end, fraction):
                return slerp(self.evaluate(start), self.evaluate(end), fraction)
            case Corners(corners, x, y):
                points = np.stack([self.evaluate(corner) for corner in corners])
                return corner_blend(points.reshape(2, 2, -1), x, y)
            case Moved(centre, amounts):
                return moved(self.evaluate(centre), self._directions, dict(amounts))
            case Grafted(stem, scion, parts, from_bar):
                taken = self._layout.chosen(self._latent_size, parts or None, from_bar)
                return np.where(taken, self.evaluate(scion), self.evaluate(stem))
