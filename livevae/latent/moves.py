"""Ways from one point of the latent space to another.

Draws from N(0, I) in many dimensions lie near a sphere, so straight lines between two of them pass through
points no draw ever takes; all paths here turn around the origin instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from livevae.latent.random import Stream, Vector, normal

_LEAST_SPREAD = 1e-3  # a posterior narrower than this is as good as a point
_PARALLEL_SINE = 1e-6  # below this the plane of the path is lost in float64 rounding of float32 inputs


def slerp(start: Vector, end: Vector, fraction: float) -> Vector:
    """The point a ``fraction`` (0-1) of the way from ``start`` to ``end``, shape (latent,), float32.

    The direction turns at a steady rate (Shoemake 1985) and the length changes linearly; the ends are
    returned exactly. Opposite directions leave the way round open: a fixed perpendicular is taken, so that
    equal ends always give equal paths. A zero-length end has no direction and takes the other's.
    """
    if fraction <= 0.0:
        return start
    if fraction >= 1.0:
        return end
    a, b = start.astype(np.float64), end.astype(np.float64)
    length_a, length_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if length_a == 0.0 or length_b == 0.0:
        return ((1.0 - fraction) * a + fraction * b).astype(np.float32)
    a, b = a / length_a, b / length_b
    cosine = float(a @ b)
    aside = b - cosine * a
    sine = float(np.linalg.norm(aside))
    if sine > _PARALLEL_SINE:
        angle, aside = math.atan2(sine, cosine), aside / sine
    else:
        angle, aside = (0.0, a) if cosine > 0.0 else (math.pi, _perpendicular(a))
    turned = math.cos(fraction * angle) * a + math.sin(fraction * angle) * aside
    length = (1.0 - fraction) * length_a + fraction * length_b
    return (length * turned).astype(np.float32)


def _perpendicular(unit: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Some fixed unit vector at right angles to ``unit`` (in one dimension: none, hence zero)."""
    axis = np.zeros_like(unit)
    axis[int(np.argmin(np.abs(unit)))] = 1.0
    aside = axis - (axis @ unit) * unit
    length = float(np.linalg.norm(aside))
    return aside / length if length > _PARALLEL_SINE else np.zeros_like(unit)


def near(centre: Vector, amount: float, seed: int, spread: Vector | None = None) -> Vector:
    """A point around ``centre``, shape (latent,), float32: amount 0 is the centre, 1 an independent draw.

    A quarter turn, in proportion to ``amount``, from the centre towards a draw from the prior fixed by
    ``seed``. The turn keeps variance: around a centre drawn from N(0, I) every amount again gives a draw from
    N(0, I), so *far* never means *odd*.

    spread: shape (latent,), above 0, at most 1: the standard deviation within which the music at the centre
        stays what it is, as its posterior knows it. A dimension that says much in little room then sets out
        slowly, by spread to the power of what is missing of amount 1. None: all alike.
    """
    draw = normal(seed, Stream.NEAR, centre.size)
    amount = min(1.0, max(0.0, amount))
    if spread is None or amount in (0.0, 1.0):
        return _turned(centre, draw, amount)
    angles = amount * math.pi / 2.0 * np.clip(spread, _LEAST_SPREAD, 1.0).astype(np.float64) ** (1.0 - amount)
    return (np.cos(angles) * centre + np.sin(angles) * draw).astype(np.float32)


def _turned(centre: Vector, draw: Vector, amount: float) -> Vector:
    if amount == 0.0:
        return centre
    if amount == 1.0:
        return draw
    angle = amount * math.pi / 2.0
    return (math.cos(angle) * centre + math.sin(angle) * draw).astype(np.float32)


def corner_blend(corners: npt.NDArray[np.float32], x: float, y: float) -> Vector:
    """The point of an XY pad whose corners are four points, shape (latent,), float32.

    corners: shape (2, 2, latent), indexed [y][x]. x, y: 0-1, clipped. Corners come back exactly and every
    edge is the spherical path between its two corners.
    """
    low, high = (slerp(row[0], row[1], x) for row in corners)
    return slerp(low, high, y)


def moved(point: Vector, directions: Mapping[str, Vector], amounts: Mapping[str, float]) -> Vector:
    """``point`` with ``amounts`` of the directions added, shape (latent,), float32.

    A direction that is not among ``directions`` adds nothing.
    """
    there = point.astype(np.float64)
    for name, amount in amounts.items():
        if name in directions:
            there = there + amount * directions[name]
    return there.astype(np.float32)


def walk(start: Vector, steps: int, stride: float, seed: int) -> npt.NDArray[np.float32]:
    """A random walk that stays among the prior's draws, shape (steps, latent), float32.

    stride: 0-1, how far each point is from the one before it, as in ``near``. The first point is one stride
    away from ``start``. Stationary distribution N(0, I): an order-one autoregressive process.
    """
    points = np.empty((steps, start.size), dtype=np.float32)
    point = start
    for index in range(steps):
        draw = normal(seed, Stream.WALK, start.size, index)
        point = _turned(point, draw, min(1.0, max(0.0, stride)))
        points[index] = point
    return points
