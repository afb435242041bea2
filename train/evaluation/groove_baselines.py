"""What a groove model has to beat: the grid, a linear model, the nearest neighbours.

As in the GrooVAE paper (Gillick et al. 2019): the linear model maps all hits of the window to each cell's
velocity and offset; the neighbours of a window are those training windows whose hits differ least, and a cell
is played as they play it. All see the hits of the published grid and nothing else.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT
from train.evaluation.groove_measures import Played
from train.groove_corpus import Grooves

NEIGHBOURS = 20
_RIDGE = 20.0
_DRUMS = len(DRUM_CLASSES)

Matrix = npt.NDArray[np.float32]


def quantised(learnt: Grooves, asked: Grooves) -> Played:
    """Every hit on the grid, as loud as hits are on average."""
    loudness = float(learnt.velocity[learnt.velocity > 0].mean()) if len(learnt) else 0.5
    return Played(np.full(asked.velocity.shape, loudness, np.float32), np.zeros_like(asked.offset))


def linear(learnt: Grooves, asked: Grooves) -> Played:
    """Ridge regression for each cell, over the training windows that strike it."""
    known, given = _hits(learnt), _hits(asked)
    x = np.concatenate([known, np.ones((len(known), 1), np.float32)], axis=1)
    x_asked = np.concatenate([given, np.ones((len(given), 1), np.float32)], axis=1)
    ridge = _RIDGE * np.eye(x.shape[1], dtype=np.float32)
    ridge[-1, -1] = 1e-3
    answers = _empty(asked)
    for step, drum in np.argwhere(np.ones(learnt.tokens.shape[1:])[:, :_DRUMS]).tolist():
        rows = learnt.tokens[:, step, drum] != SILENT
        wanted = asked.tokens[:, step, drum] != SILENT
        if not rows.any() or not wanted.any():
            continue
        some = x[rows]
        y = np.stack([a[rows, step, drum] for a in (learnt.velocity, learnt.offset)], axis=1)
        weights = np.linalg.solve(some.T @ some + ridge, some.T @ y)
        guess = x_asked[wanted] @ weights
        for array, values, ends in zip(answers, guess.T, ((0.0, 1.0), (-1.0, 1.0)), strict=True):
            array[wanted, step, drum] = np.clip(values, *ends)
    return Played(*answers)


def nearest(learnt: Grooves, asked: Grooves, count: int = NEIGHBOURS) -> Played:
    """The mean of the ``count`` nearest windows that strike the cell; where none does, of all that do."""
    known, given = _hits(learnt), _hits(asked)
    strikes = known.reshape(-1, *learnt.tokens.shape[1:2], _DRUMS)
    sums = strikes.sum(axis=0) + 1e-6
    usual = [(a[..., :_DRUMS] * strikes).sum(axis=0) / sums for a in (learnt.velocity, learnt.offset)]
    answers = _empty(asked)
    for index, row in enumerate(given):
        apart = known.sum(axis=1) - 2 * known @ row  # Hamming distance less what all windows share
        near = np.argpartition(apart, min(count, len(apart) - 1))[:count]
        struck = strikes[near].sum(axis=0)
        for array, played, fallback in zip(answers, (learnt.velocity, learnt.offset), usual, strict=True):
            total = (played[near][..., :_DRUMS] * strikes[near]).sum(axis=0)
            array[index, :, :_DRUMS] = np.where(struck > 0, total / np.maximum(struck, 1), fallback)
    return Played(*answers)


def _hits(windows: Grooves) -> Matrix:
    hits: Matrix = (windows.tokens[..., :_DRUMS] != SILENT).reshape(len(windows), -1).astype(np.float32)
    return hits


def _empty(asked: Grooves) -> tuple[Matrix, Matrix]:
    return np.zeros_like(asked.velocity), np.zeros_like(asked.offset)
