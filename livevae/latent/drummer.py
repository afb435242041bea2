"""Noise that wavers as drummers do: marginally uniform, but not independent from hit to hit.

What a groove model cannot know of a hit, even told the feel of the bars, still hangs together: hits struck at
once and soon after one another are off alike; a drum that is early on one beat is early on the next; and an
accent comes back on its place in the beat, the half bar, and the bar. So the numbers that timing and velocity
are drawn with are sums of Gaussians that such hits share, turned into uniform numbers: each alone is drawn as
the model says, and together they lean one way. The shares are chosen to bring out the correlations of what
the model leaves unexplained in the Groove MIDI Dataset (train/EXPERIMENTS_GROOVE.md has both).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from livevae.latent.random import Stream, normal
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT

_TOGETHER, _STEP_TO_STEP = 0.20, 0.85
"""Timing: share that all drums have in common, and how much of it is left a sixteenth later."""
_DRUM_ON_BEAT, _BEAT_TO_BEAT = 0.40, 0.75
"""Timing: share that a drum keeps on its place in the beat, and how much of it is left a beat later."""
_PATTERN = ((8, 0.15), (STEPS_PER_BAR, 0.60))
"""Hits of the model's own: steps after which a drum's pattern comes back, and its share. Chosen so that the
two bars of a kit that answers taps are as alike as drummers' are."""
_ACCENTS = ((4, 0.41), (8, 0.10), (STEPS_PER_BAR, 0.06))
"""Velocity: steps after which a drum's accent comes back, and its share."""

Noise = npt.NDArray[np.float32]
Gaussians = npt.NDArray[np.float64]
Shares = tuple[tuple[int, float], ...]


def feel_noise(seed: int, bars: int, drums: int, slots: int) -> Noise:
    """Noise of velocity and then of timing, shape (steps, 2 * slots * drums), float32, in (0, 1).

    seed: fixes every number. A drum's slots share what the drum has in common.
    """
    steps = bars * STEPS_PER_BAR
    cells = steps * slots * drums
    draw = _Draws(seed, Stream.FEEL, _count(_ACCENTS, drums, cells) + steps + steps * drums + cells)
    velocity = draw.returning(_ACCENTS, steps, slots, drums)
    together = _wavering(draw.normal(steps, 1), _STEP_TO_STEP)
    by_beat = _wavering(draw.normal(steps // STEPS_PER_BEAT, STEPS_PER_BEAT, drums), _BEAT_TO_BEAT)
    shared = [(_TOGETHER, together), (_DRUM_ON_BEAT, by_beat.reshape(steps, drums))]
    timing = _mixed(shared, draw.normal(steps, slots, drums))
    return normal_share(np.concatenate([velocity, timing], axis=1)).astype(np.float32)


def hit_noise(seed: int, bars: int, drums: int, slots: int) -> Noise:
    """Noise of whether drums are struck, shape (steps, slots * drums), float32, in (0, 1)."""
    steps = bars * STEPS_PER_BAR
    draw = _Draws(seed, Stream.HITS, _count(_PATTERN, drums, steps * slots * drums))
    pattern = draw.returning(_PATTERN, steps, slots, drums)
    return normal_share(pattern).astype(np.float32)


def _mixed(shared: list[tuple[float, Gaussians]], own: Gaussians) -> Gaussians:
    """Standard Gaussians (steps, slots * drums) with these shares of (steps, drums or 1) in common."""
    rest = 1.0 - sum(share for share, _ in shared)
    total: Gaussians = np.sqrt(rest) * own
    for share, values in shared:
        total = total + np.sqrt(share) * values[:, None, :]
    return total.reshape(len(own), -1)


def _wavering(steps: Gaussians, kept: float) -> Gaussians:
    """A standard Gaussian process along the first axis: each value keeps ``kept`` of the one before."""
    values = steps.copy()
    fresh = np.sqrt(1.0 - kept**2)
    for index in range(1, len(values)):
        values[index] = kept * values[index - 1] + fresh * steps[index]
    return values


def normal_share(values: Gaussians) -> Gaussians:
    """The share of a standard Gaussian below each value, to 1e-7, within (0, 1).

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
    """
    size = np.abs(values)
    t = 1.0 / (1.0 + 0.2316419 * size)
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    above = np.exp(-0.5 * size**2) / np.sqrt(2.0 * np.pi) * series
    share: Gaussians = np.clip(np.where(values > 0, 1.0 - above, above), 1e-6, 1.0 - 1e-6)
    return share


class _Draws:
    """Standard Gaussians, one array after another, all from one draw: many would take far longer."""

    def __init__(self, seed: int, stream: Stream, count: int) -> None:
        self._rest: Gaussians = normal(seed, stream, count).astype(np.float64)

    def normal(self, *shape: int) -> Gaussians:
        """The next of them; ValueError once fewer are left."""
        count = math.prod(shape)
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken.reshape(shape)

    def returning(self, shares: Shares, steps: int, slots: int, drums: int) -> Gaussians:
        """Gaussians (steps, slots * drums); a drum's come back after so many steps, by these shares."""
        shared = [(share, self.normal(every, drums)[np.arange(steps) % every]) for every, share in shares]
        return _mixed(shared, self.normal(steps, slots, drums))


def _count(shares: Shares, drums: int, cells: int) -> int:
    """How many Gaussians ``returning`` takes."""
    return drums * sum(every for every, _ in shares) + cells
