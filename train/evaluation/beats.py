"""All figures of an exported model that writes beats with their feel from nothing.

Judged on the windows of a split that ``info.csv`` gives, not overlapping, each told its take's tempo.
*argmax_mean*: what the posterior mean says, medians at temperature 0; *sampled*: hits drawn as on stage
from z ~ q(z|x), feel at temperature 1; no style is told, for encoding knows none. Steps are right when all
nine drums are, struck or not; timing and velocity are compared over the hits that both have. *Prior*: bars
from N(0, I) told the windows' styles, drawn as on stage. *cost_ratio*: 5-gram cost of their hits over that of
the windows judged on, for a listener who has heard the data set's training part; *verbatim*: passages of four
bars that are in it hit for hit. *feel*: how the feel of hits hangs together, see ``feel_figures``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.drums import DrumsCodec
from livevae.codec.groove import SILENT, STRUCK, GrooveCodec
from livevae.units import STEPS_PER_BAR
from train.drops import drop_report
from train.evaluation.exported import ExportedModel
from train.evaluation.groove import judged_windows
from train.evaluation.groove_measures import (
    OFFSET_BINS,
    VELOCITY_BINS,
    Array,
    Mask,
    Played,
    distance,
    histogram_kl,
    hits_found,
    kit_figures,
    struck_cells,
)
from train.evaluation.groove_tasks import Asked, GrooveFile
from train.evaluation.histograms import overlap
from train.evaluation.language_model import StepModel
from train.evaluation.parts import alphabet_sizes, part_symbols
from train.evaluation.prior import part_cost
from train.evaluation.question import Answer, Question, Report
from train.evaluation.reconstruction import Posterior
from train.evaluation.verbatim import TrainingIndex
from train.groove_corpus import Grooves, read_takes, windows_of
from train.sources.groove import TRAIN

THRESHOLD = 0.5  # what the stage uses at density 1
_DRUMS = len(DRUM_CLASSES)


def beat_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures on the windows of a split; ConfigError if the data set cannot be read or has none."""
    codec = model.codec
    assert isinstance(codec, GrooveCodec)
    found, dropped = read_takes(question.data)
    windows = judged_windows(found, question, codec)
    others = found if question.learn is None else read_takes(question.learn)[0]
    learnt = windows_of((take for take in others if take.split == TRAIN), codec, 1)
    file = GrooveFile(model.run, model.manifest)
    heat = model.manifest.temperature if question.temperature is None else question.temperature
    rng = question.rng("beats")
    model.progress("encoding", 0, 0)
    posterior = Posterior(*file.encode(windows))
    model.progress("reconstructing", 0, 0)
    plain = replace(windows, style=np.zeros_like(windows.style))
    back = {
        "argmax_mean": _compared(windows, *_written(file, plain, posterior.mu, None, 0.0)),
        "sampled": _compared(windows, *_written(file, plain, posterior.sample(rng), rng, 1.0)),
    }
    model.progress("sampling the prior", 0, 0)
    z = rng.standard_normal((len(windows), file.latent_size)).astype(np.float32)
    struck, played = _written(file, windows, z, rng, heat)
    report: Report = {
        "model": model.manifest.name,
        "task": model.manifest.task,
        "split": question.split,
        "windows": len(windows),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "reconstruction": back,
        "prior": {"temperature": heat}
        | _likeness(windows, struck, played)
        | (_heard_before(codec, windows, learnt, struck) if len(learnt) else {}),
    }
    return Answer(report, drop_report(dropped))


def _written(
    file: GrooveFile, windows: Grooves, z: Array, rng: np.random.Generator | None, heat: float
) -> tuple[Mask, Played]:
    """Cells that are struck, (windows, steps, 18), and their feel, from points (windows, latent)."""
    everything = np.ones((len(windows), _DRUMS), np.float32)
    nothing = np.zeros_like(windows.tokens)
    probability = file.decode(Asked(nothing, windows.style, windows.tempo, everything), z, rng, heat)["hit"]
    struck: Mask = probability >= THRESHOLD
    struck[..., _DRUMS:] &= struck[..., :_DRUMS]  # a second hit in a cell has a first
    score = np.where(struck, STRUCK, SILENT)
    felt = file.decode(Asked(score, windows.style, windows.tempo), z, rng, heat)
    return struck, Played(felt["velocity"], felt["offset"], None if rng else felt["offset_mean"])


def _compared(windows: Grooves, struck: Mask, played: Played) -> Report:
    """Against the windows themselves."""
    true = struck_cells(windows)[..., :_DRUMS]
    found = struck[..., :_DRUMS]
    both = np.concatenate([true & found, np.zeros_like(true)], axis=2)
    near = distance(windows, played, both)
    return {
        "steps_right": float((true == found).all(axis=2).mean()),
        "hits_f1": hits_found(found.astype(np.float32), true, THRESHOLD).f1,
        "timing_mae_ms": near.timing_mae_ms,
        "velocity_mae": near.velocity_mae,
    }


def _likeness(windows: Grooves, struck: Mask, played: Played) -> Report:
    """How much samples are like what drummers play."""
    true = struck_cells(windows, both_slots=True)
    return {
        "overlap": {
            "density": overlap(_densities(struck), _densities(true)),
            "class": overlap(_classes(struck), _classes(true)),
            "place": overlap(_places(struck), _places(true)),
        },
        "timing_kl": histogram_kl(windows.offset[true], played.offset[struck], -1.0, 1.0, OFFSET_BINS),
        "velocity_kl": histogram_kl(windows.velocity[true], played.velocity[struck], 0.0, 1.0, VELOCITY_BINS),
        "kits": {"drummers": kit_figures(true), "prior": kit_figures(struck)},
        "feel": {
            "drummers": feel_figures(true, Played(windows.velocity, windows.offset)),
            "prior": feel_figures(struck, played),
        },
    }


def feel_figures(struck: Mask, played: Played) -> Report:
    """How the feel of hits hangs together, over the louder hits of each cell.

    at_once: correlation of the offsets of two drums struck on one step. bar_later: of a drum's offsets on a
    step and a bar later; velocity_bar_later: of its velocities there. window_mean: standard deviation of a
    window's mean offset, in half steps: how differently laid back windows are.
    """
    hits, offset, velocity = struck[..., :_DRUMS], played.offset[..., :_DRUMS], played.velocity[..., :_DRUMS]
    pairs = [(one, other) for one in range(_DRUMS) for other in range(one)]
    together = [
        (offset[both, one], offset[both, other])
        for one, other in pairs
        for both in [hits[..., one] & hits[..., other]]
    ]
    again = hits[:, STEPS_PER_BAR:] & hits[:, :-STEPS_PER_BAR]
    count = hits.sum(axis=(1, 2))
    means = (offset * hits).sum(axis=(1, 2))[count > 0] / count[count > 0]
    return {
        "at_once": _correlation(*(np.concatenate(side) for side in zip(*together, strict=True))),
        "bar_later": _correlation(offset[:, :-STEPS_PER_BAR][again], offset[:, STEPS_PER_BAR:][again]),
        "velocity_bar_later": _correlation(
            velocity[:, :-STEPS_PER_BAR][again], velocity[:, STEPS_PER_BAR:][again]
        ),
        "window_mean": float(means.std()) if len(means) else 0.0,
    }


def _correlation(one: Array, other: Array) -> float:
    """0 where there is nothing to see."""
    if len(one) < 2 or not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _heard_before(codec: GrooveCodec, windows: Grooves, learnt: Grooves, struck: Mask) -> Report:
    """Whether hits are of the kind that a listener knows, and whether they are the very same."""
    hits = DrumsCodec(codec.bars)
    known, held_out = (
        (grooves.tokens[..., :_DRUMS] != SILENT).astype(np.int64) for grooves in (learnt, windows)
    )
    samples = struck[..., :_DRUMS].astype(np.int64)
    language = {
        part: StepModel(symbols, alphabet_sizes(hits)[part])
        for part, symbols in part_symbols(hits, known).items()
    }
    index = TrainingIndex(hits)
    index.add(known)
    cost = part_cost(hits, language, samples) / part_cost(hits, language, held_out)
    return {"cost_ratio": cost} | index.report(samples, held_out)


def _densities(struck: Mask) -> npt.NDArray[np.int64]:
    """Windows by hits a bar."""
    bars = struck.shape[1] // STEPS_PER_BAR
    return np.bincount(struck.sum(axis=(1, 2)) // bars, minlength=4 * STEPS_PER_BAR)


def _classes(struck: Mask) -> npt.NDArray[np.int64]:
    counts: npt.NDArray[np.int64] = struck.sum(axis=(0, 1)).reshape(-1, _DRUMS).sum(axis=0)
    return counts


def _places(struck: Mask) -> npt.NDArray[np.int64]:
    """Hits by the sixteenth of the bar."""
    counts: npt.NDArray[np.int64] = struck.sum(axis=(0, 2)).reshape(-1, STEPS_PER_BAR).sum(axis=0)
    return counts
