"""The straight line through the latest clock pulses: when each pulse ideally was, and the next will be.

A least-squares line over many pulses averages their jitter out; over few, it follows a change of
tempo. How many are right depends on the moment, so the length is chosen at every pulse by the
intersection of confidence intervals (Goldenshluger and Nemirovski 1997): starting from the two
newest pulses, take in older ones for as long as what the longer line predicts for the next pulse
agrees, within the known jitter, with every shorter line. A steady clock is averaged over two
beats; in a steep ramp only the last few pulses count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from livevae.units import NS_PER_MINUTE, PULSES_PER_BEAT

LONGEST_FIT_PULSES = 48  # two beats: shortens a jitter of 1 ms (rms 0.58) to about 0.17 ms
_LENGTHS = frozenset((2, 3, 4, 6, 8, 12, 16, 24, 32, LONGEST_FIT_PULSES))
# half-width of the confidence intervals in standard deviations: smaller follows ramps sooner,
# larger rests more calmly on a jittering clock (tests/core/follower_figures.py shows both)
_CONFIDENCE = 2.3

# wider than what people play (units.MIN_BPM, MAX_BPM), so that the follower itself never gets stuck
FASTEST_NS_PER_PULSE = NS_PER_MINUTE / (1000 * PULSES_PER_BEAT)
SLOWEST_NS_PER_PULSE = NS_PER_MINUTE / (10 * PULSES_PER_BEAT)


class Pulse(NamedTuple):
    """One heard pulse. number: in the master's count; at_ns: when it arrived."""

    number: int
    at_ns: int


@dataclass(frozen=True, slots=True)
class PulseLine:
    """Pulse ``index`` belongs at ``at_ns``, the others every ``ns_per_pulse`` from there."""

    index: int
    at_ns: int
    ns_per_pulse: float

    def time_ns(self, index: int) -> int:
        """When pulse ``index`` ideally is."""
        return self.at_ns + round((index - self.index) * self.ns_per_pulse)

    def index_at(self, at_ns: int) -> float:
        """How many pulses, and what part of one, the master has counted at ``at_ns``."""
        return self.index + (at_ns - self.at_ns) / self.ns_per_pulse


@dataclass(frozen=True, slots=True)
class TempoPrior:
    """A tempo believed before the first pulse of a new run is heard.

    weight: how strongly, as the spread of indices (sum of squared deviations) of the pulses
        that would have measured it equally well; n pulses in a row spread by about n**3 / 12.
    """

    ns_per_pulse: float
    weight: float


def fit_line(
    pulses: Sequence[Pulse], jitter_ns: float, prior: TempoPrior | None
) -> tuple[PulseLine, TempoPrior | None]:
    """The line that predicts the next pulse best, and ``prior`` if the pulses have not refuted it.

    pulses: oldest first, numbers rising, at least one (and a prior where there is only one).
    jitter_ns: standard deviation of an arrival.
    """
    newest_number, newest_ns = pulses[-1]
    total = len(pulses)
    lowest, highest = -math.inf, math.inf
    best_level, best_slope = 0.0, prior.ns_per_pulse if prior else FASTEST_NS_PER_PULSE
    refuted = False
    count = sum_x = sum_y = sum_xx = sum_xy = 0  # integers: exact
    for number, at_ns in reversed(pulses):
        x = number - newest_number
        y = at_ns - newest_ns
        count += 1
        sum_x += x
        sum_y += y
        sum_xx += x * x
        sum_xy += x * y
        if count != total and count not in _LENGTHS:
            continue
        if count == 1:
            break
        mean_x, mean_y = sum_x / count, sum_y / count
        spread = sum_xx - count * mean_x * mean_x
        covariation = sum_xy - count * mean_x * mean_y
        if count == total and prior is not None:
            # the believed tempo takes part like pulses heard before this run began
            covariation += prior.weight * prior.ns_per_pulse
            spread += prior.weight
        slope = covariation / spread
        to_next = 1.0 - mean_x
        next_y = mean_y + slope * to_next
        reach = _CONFIDENCE * jitter_ns * math.sqrt(1.0 / count + to_next * to_next / spread)
        lowest, highest = max(lowest, next_y - reach), min(highest, next_y + reach)
        if lowest > highest:
            refuted = True
            break
        best_level, best_slope = mean_y - slope * mean_x, slope
    slope = min(SLOWEST_NS_PER_PULSE, max(FASTEST_NS_PER_PULSE, best_slope))
    return PulseLine(newest_number, newest_ns + round(best_level), slope), None if refuted else prior
