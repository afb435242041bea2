"""Which key notes are in: models think in C, so that they learn one key instead of twelve."""

from __future__ import annotations

SPEAKS_FOR_C = (1.2, 0.0, 1.0, 0.0, 1.1, 0.9, 0.0, 1.2, 0.0, 1.1, 0.0, 0.8)
"""How much each pitch class speaks for C major or A minor.

Of the scale or not, and a little which degree, so that tunes of five notes find one key, not its neighbour.
"""
