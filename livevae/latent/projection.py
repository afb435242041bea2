"""A map of the latent space: many dimensions laid flat so that what lies far apart stays apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.latent.random import Stream, normal

_MARGIN = 0.08  # of the map's width, left free on each side
_SAME = 1e-6  # shorter than this, a direction is rounding
_AXES = 2


def flat_map(points: npt.NDArray[np.float32], anchors: int) -> npt.NDArray[np.float64]:
    """Where each of ``points`` lies on the map, shape (points, 2), float64, 0-1 from the near left corner.

    points: shape (points, latent), float32; the first ``anchors`` of them draw the map, the others only lie
    on it (clipped to its edge). The axes are the two directions in which the anchors differ most (their
    principal components: Pearson 1901); where they differ in fewer, fixed directions stand in. One scale for
    both axes, so that distances can be compared. Equal anchors give equal maps.
    """
    drawn = points[: max(1, anchors)].astype(np.float64)
    centre = drawn.mean(axis=0)
    axes = _axes(drawn - centre)
    flat = (points.astype(np.float64) - centre) @ axes.T
    reach = np.abs(flat[: len(drawn)]).max(initial=0.0)
    if reach < _SAME:  # a single anchor: the others show how far is far
        reach = max(float(np.abs(flat).max(initial=0.0)), 1.0)
    laid: npt.NDArray[np.float64] = np.clip(0.5 + (0.5 - _MARGIN) * flat / reach, 0.0, 1.0)
    return laid


def _axes(drawn: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Two orthonormal directions, shape (2, latent); always turned the same way round."""
    latent_size = drawn.shape[1]
    fixed = [normal(axis, Stream.MAP, latent_size).astype(np.float64) for axis in range(_AXES)]
    _, lengths, directions = np.linalg.svd(drawn, full_matrices=False)
    found = [d for d, length in zip(directions, lengths, strict=True) if length > _SAME]
    axes: list[npt.NDArray[np.float64]] = []
    for candidate in (*found, *fixed):
        aside = candidate - sum((candidate @ axis) * axis for axis in axes)
        length = float(np.linalg.norm(aside))
        if length > _SAME and len(axes) < _AXES:
            turned = aside / length
            axes.append(turned if turned @ fixed[len(axes)] >= 0 else -turned)
    while len(axes) < _AXES:  # a space of one dimension
        axes.append(np.zeros(latent_size))
    return np.stack(axes)
