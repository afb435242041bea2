"""How far a played groove is from the drummer's own.

All figures are over hits. *Timing MAE*: mean |difference of onsets| in milliseconds at each take's tempo.
*Timing MSE*: mean squared difference in sixteenths. *Velocity MAE*: in MIDI velocities, 1-127. *KL*: KL(data
|| model) in nats between histograms over all hits, one count added to every bin: of velocities in bins of 8,
of offsets in bins of a sixteenth of half a step (about 4 ms at 120 BPM). The GrooVAE paper (Gillick et al.
2019) names the same five figures; its bins are not known here, so its KLs and ours compare roughly.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import MOST_VELOCITY, SILENT
from train.groove_corpus import Grooves

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

VELOCITY_BINS = 16
OFFSET_BINS = 32
_DRUMS = len(DRUM_CLASSES)
_MS_PER_STEP_AT_1_BPM = 15_000.0


@dataclass(frozen=True, slots=True)
class Played:
    """Velocity (0 … 1) and offset (half steps, positive early) of every cell, shape (windows, steps, 18).

    offset_mean: what squared errors are taken of, where it differs from ``offset``.
    """

    velocity: Array
    offset: Array
    offset_mean: Array | None = None


@dataclass(frozen=True, slots=True)
class Distance:
    """See this module's docstring; a figure that says nothing is left out of ``figures``."""

    timing_mae_ms: float
    timing_mse_16ths2: float
    velocity_mae: float
    timing_kl: float
    velocity_kl: float
    hits: int

    def figures(self) -> dict[str, float]:
        return asdict(self)


def struck_cells(windows: Grooves, both_slots: bool = False) -> Mask:
    """Cells with a hit, (windows, steps, 18); of two in a cell only the louder, as on the published grid."""
    struck: Mask = windows.tokens != SILENT
    if not both_slots:
        struck = struck & (np.arange(struck.shape[2]) < _DRUMS)
    return struck


def distance(windows: Grooves, played: Played, cells: Mask) -> Distance:
    """How far ``played`` is from ``windows`` over ``cells``."""
    ms = np.broadcast_to((_MS_PER_STEP_AT_1_BPM / windows.tempo)[:, None, None], cells.shape)[cells]
    true_offset, true_velocity = windows.offset[cells], windows.velocity[cells]
    offset, velocity = played.offset[cells], played.velocity[cells]
    middle = offset if played.offset_mean is None else played.offset_mean[cells]
    return Distance(
        timing_mae_ms=float(np.mean(np.abs(offset - true_offset) / 2 * ms)),
        timing_mse_16ths2=float(np.mean(((middle - true_offset) / 2) ** 2)),
        velocity_mae=float(np.mean(np.abs(velocity - true_velocity)) * MOST_VELOCITY),
        timing_kl=histogram_kl(true_offset, offset, -1.0, 1.0, OFFSET_BINS),
        velocity_kl=histogram_kl(true_velocity, velocity, 0.0, 1.0, VELOCITY_BINS),
        hits=int(cells.sum()),
    )


def histogram_kl(data: Array, model: Array, lowest: float, highest: float, bins: int) -> float:
    """KL(data || model) in nats between histograms, one count added to every bin of both."""
    p, q = (
        np.histogram(np.clip(values, lowest, highest), bins, (lowest, highest))[0] + 1.0
        for values in (data, model)
    )
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum(p * np.log(p / q)))


def kit_figures(struck: Mask) -> dict[str, float]:
    """What kits are like: hits a window, drums in use, and how alike the two halves of a window are.

    struck: (windows, steps, 18). halves_alike: cells struck in both halves ÷ cells struck in either, mean.
    """
    drums = struck[..., :_DRUMS] | struck[..., _DRUMS:]
    first, second = np.split(drums, 2, axis=1)
    both, either = (first & second).sum(axis=(1, 2)), (first | second).sum(axis=(1, 2))
    return {
        "hits": float(drums.sum(axis=(1, 2)).mean()),
        "drums": float(drums.any(axis=1).sum(axis=1).mean()),
        "halves_alike": float((both / np.maximum(either, 1)).mean()),
    }


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the right cells were struck. threshold: the probability from which one is."""

    f1: float
    precision: float
    recall: float
    threshold: float

    def figures(self) -> dict[str, float]:
        return asdict(self)


def hits_found(probability: Array, struck: Mask, threshold: float) -> Found:
    """F1 of ``probability`` from ``threshold`` on against ``struck``, over all cells given."""
    chosen = probability >= threshold
    right = float((chosen & struck).sum())
    precision = right / max(1.0, float(chosen.sum()))
    recall = right / max(1.0, float(struck.sum()))
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Found(f1, precision, recall, threshold)


def best_threshold(probability: Array, struck: Mask) -> float:
    """The threshold, in steps of 0.05, with the highest F1."""
    thresholds = np.arange(0.1, 0.75, 0.05).round(2).tolist()
    return float(max(thresholds, key=lambda t: hits_found(probability, struck, t).f1))
