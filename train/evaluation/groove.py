"""All figures of an exported groove model, beside what it has to beat, in one table.

Judged on the windows of a split that ``info.csv`` gives, two bars each and not overlapping. *guess*: medians
at latent 0, of squared errors means. *hits only*: the guess from the published grid's hits and nothing else.
*sampled*: feel drawn from the prior, velocity and timing at the model's own temperature. *own feel*: the
guess when the window's own feel is told. *groove of the bars before*: the guess when the groove is taken from
the window before in the same take, of windows that have one; the row above it is the guess without. Tap:
*given hits*, the guess of all true hits' feel when they and the taps are known; *own hits*, of those true
hits that the model finds by itself. Hats: the same, of the closed hi-hat when the other drums are heard as
played.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT, STRUCK, GrooveCodec, Performed
from livevae.manner import manner_of
from train.config import ConfigError
from train.drops import drop_report
from train.evaluation.exported import ExportedModel
from train.evaluation.groove_baselines import linear, nearest, quantised
from train.evaluation.groove_measures import (
    Array,
    Distance,
    Mask,
    Played,
    best_threshold,
    distance,
    hits_found,
    kit_figures,
    struck_cells,
)
from train.evaluation.groove_tasks import (
    HAT_COLUMNS,
    Asked,
    GrooveFile,
    hats,
    hits_only,
    humanise,
    tap,
    taps_of,
)
from train.evaluation.question import Answer, Question, Report
from train.evaluation.reconstruction import Posterior
from train.groove_corpus import Grooves, kept_shares, read_takes, windows_of
from train.sources.groove import TRAIN, Take

Rows = dict[str, Distance]

THRESHOLD = 0.5  # what the stage uses at temperature 0 and density 1
_DRUMS = len(DRUM_CLASSES)


def groove_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures on the windows of a split; ConfigError if the data set cannot be read or has none."""
    codec = model.codec
    assert isinstance(codec, GrooveCodec)
    found, dropped = read_takes(question.data)
    asked = judged_windows(found, question, codec)
    others = found if question.learn is None else read_takes(question.learn)[0]
    learnt = windows_of((take for take in others if take.split == TRAIN), codec, codec.bars)

    def progress(doing: str) -> None:
        model.progress(doing, 0, 0)

    file = GrooveFile(model.run, model.manifest)
    heat = model.manifest.temperature if question.temperature is None else question.temperature
    report, table = report_of(file, asked, learnt, heat, question.rng("sampled"), progress)
    one, both = kept_shares(take for take in found if take.split == question.split)
    report["groove"]["notes_kept"] = {"published_grid": one, "two_slots": both}
    table += f"\n{'notes kept':36}{100 * one:.1f} % on the published grid, {100 * both:.1f} % in two slots"
    said: Report = {"model": model.manifest.name, "task": model.manifest.task, "split": question.split}
    return Answer(said | report, drop_report(dropped), table)


def judged_windows(found: Sequence[Take], question: Question, codec: GrooveCodec) -> Grooves:
    """The windows to judge on; ConfigError if the asked split has none."""
    asked = windows_of((take for take in found if take.split == question.split), codec, codec.bars)
    if len(asked) < 2:
        there = ", ".join(sorted({take.split for take in found})) or "none"
        raise ConfigError(
            f"{question.data}: {len(asked)} windows of split {question.split!r}; splits with takes: {there}"
        )
    most = len(asked) if question.most_windows is None else question.most_windows
    if len(asked) <= most:
        return asked
    return asked.where(np.sort(question.rng("music").choice(len(asked), most, replace=False)))


def report_of(
    file: GrooveFile,
    asked: Grooves,
    learnt: Grooves,
    temperature: float,
    rng: np.random.Generator,
    progress: Callable[[str], None],
) -> tuple[Report, str]:
    """The figures, as DESIGN §6 names them, and the table for people.

    asked: windows to be judged on. learnt: what the baselines learn from; may be empty. temperature, rng: of
    what is sampled. progress: told what is being done.
    """
    progress("baselines")
    baselines: Rows = {"quantised": distance(asked, quantised(learnt, asked), struck_cells(asked))}
    if len(learnt):
        baselines["linear"] = distance(asked, linear(learnt, asked), struck_cells(asked))
        progress("nearest neighbours")
        baselines["nearest neighbours"] = distance(asked, nearest(learnt, asked), struck_cells(asked))
    progress("humanise")
    posterior = Posterior(*file.encode(asked))
    sampled = file.sample(humanise(asked), rng, temperature)[1]
    humanised = _humanised(file, asked, posterior.mu, sampled) | _taken(file, asked, posterior.mu)
    progress("tap")
    tapped, tap_found = _tapped(file, asked)
    progress("hats")
    hatted, hats_found = _hatted(file, asked)
    kits = {
        "drummers": kit_figures(asked.tokens != SILENT),
        "from taps": kit_figures(file.kits(tap(asked, taps_of(asked, True)), rng, temperature)),
    }
    guess, drawn = humanised["guess"], humanised["sampled"]
    groove: Report = {
        "baseline": baselines["quantised"].figures(),
        "baselines": {name: row.figures() for name, row in baselines.items()},
        "timing_mae_ms": guess.timing_mae_ms,
        "timing_mse_16ths2": guess.timing_mse_16ths2,
        "velocity_mae": guess.velocity_mae,
        "velocity_kl": drawn.velocity_kl,
        "timing_kl": drawn.timing_kl,
        "temperature": temperature,
        "hits_f1": tap_found["fixed velocity"]["f1"],
        "hits_threshold": THRESHOLD,
        "humanise": {name: row.figures() for name, row in humanised.items()},
        "tap": {name: row.figures() for name, row in tapped.items()} | {"hits": tap_found, "kits": kits},
        "hats": {name: row.figures() for name, row in hatted.items()} | {"hits": hats_found},
    }
    report: Report = {
        "windows": len(asked),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "posterior_sigma": float(np.median(posterior.sigma)),
        "groove": groove,
    }
    rows = {("humanise", name): row for name, row in (baselines | humanised).items()}
    rows |= {("tap", name): row for name, row in tapped.items()}
    rows |= {("hats", name): row for name, row in hatted.items()}
    return report, _table(rows, {"tap": tap_found, "hats": hats_found}, kits)


def _humanised(file: GrooveFile, asked: Grooves, own: Array, sampled: Played) -> Rows:
    cells = struck_cells(asked)
    guess = file.guess(humanise(asked))[1]
    plain = file.guess(hits_only(asked))[1]
    return {
        "guess": distance(asked, guess, cells),
        "guess, hits only": distance(asked, plain, cells),
        "guess, both slots": distance(asked, guess, struck_cells(asked, both_slots=True)),
        "guess, own feel": distance(asked, file.guess(humanise(asked), own)[1], cells),
        "sampled": distance(asked, sampled, cells),
    }


def _taken(file: GrooveFile, asked: Grooves, own: Array) -> Rows:
    """Windows that follow another of the same take, with that one's groove and without."""
    later = np.flatnonzero(asked.take[1:] == asked.take[:-1]) + 1
    if not len(later):
        return {}
    made, plain, told = (
        file.guess(humanise(asked), feel)[1] for feel in (own, None, np.roll(own, 1, axis=0))
    )
    velocity, offset = told.velocity.copy(), told.offset.copy()
    for index in later.tolist():
        source = [array[index - 1] for array in (asked.tokens, asked.velocity, asked.offset, asked.tokens)]
        manner = manner_of(Performed(*source), made.velocity[index - 1], made.offset[index - 1])
        velocity[index], offset[index] = manner.laid_on(told.velocity[index], told.offset[index])
    cells = struck_cells(asked)
    cells[np.setdiff1d(np.arange(len(asked)), later)] = False
    return {
        "guess, bars with some before": distance(asked, plain, cells),
        "groove of the bars before": distance(asked, Played(velocity, offset), cells),
    }


def _tapped(file: GrooveFile, asked: Grooves) -> tuple[Rows, Report]:
    rows: Rows = {}
    found: Report = {}
    for name, velocity in (("fixed velocity", False), ("free velocity", True)):
        taps = taps_of(asked, velocity)
        given = file.guess(tap(asked, taps, asked.tokens))[1]
        rows[f"{name}, given hits"] = distance(asked, given, struck_cells(asked))
        probability = file.guess(tap(asked, taps))[0]
        cells = np.arange(probability.shape[2]) < _DRUMS
        rows[f"{name}, own hits"], found[name] = _own_hits(
            file, asked, probability, cells, partial(tap, asked, taps)
        )
    return rows, found


def _hatted(file: GrooveFile, asked: Grooves) -> tuple[Rows, Report]:
    cells = struck_cells(asked) & HAT_COLUMNS
    rows = {
        "quantised": distance(asked, quantised(asked, asked), cells),
        "given hits": distance(asked, file.guess(hats(asked, there=True))[1], cells),
    }
    probability = file.guess(hats(asked))[0]
    columns = HAT_COLUMNS & (np.arange(2 * _DRUMS) < _DRUMS)

    def with_hats(score: Any) -> Asked:
        there = hats(asked, there=True)
        whole = np.where(HAT_COLUMNS, score, asked.tokens)
        return Asked(whole, there.style, there.tempo, there.opened, None, there.played)

    rows["own hits"], found = _own_hits(file, asked, probability, columns, with_hats)
    return rows, found


def _own_hits(
    file: GrooveFile, asked: Grooves, probability: Array, columns: Mask, ask: Callable[[Any], Asked]
) -> tuple[Distance, Report]:
    """Hits found among ``columns``, and the feel of the right ones. ask: for the feel of a score."""
    struck = asked.tokens != SILENT
    found = hits_found(probability[..., columns], struck[..., columns], THRESHOLD)
    best = best_threshold(probability[..., columns], struck[..., columns])
    chosen = (probability >= THRESHOLD) & columns
    felt: Played = file.guess(ask(np.where(chosen, STRUCK, SILENT)))[1]
    highest = hits_found(probability[..., columns], struck[..., columns], best)
    return distance(asked, felt, chosen & struck), found.figures() | {"best": highest.figures()}


def _table(
    rows: dict[tuple[str, str], Distance], found: dict[str, Report], kits: dict[str, dict[str, float]]
) -> str:
    """Figures for people, a line for each way of playing."""
    lines = [
        f"{'':36}{'timing':>8}{'timing':>9}{'velocity':>10}{'timing':>8}{'velocity':>10}{'hits':>8}",
        f"{'':36}{'MAE ms':>8}{'MSE 16²':>9}{'MAE':>10}{'KL':>8}{'KL':>10}{'':>8}",
    ]
    for (task, name), row in rows.items():
        lines.append(
            f"{task + ': ' + name:36}{row.timing_mae_ms:8.2f}{row.timing_mse_16ths2:9.4f}"
            f"{row.velocity_mae:10.1f}{row.timing_kl:8.3f}{row.velocity_kl:10.3f}{row.hits:8d}"
        )
    for task, figures in found.items():
        for name, hits in figures.items() if task == "tap" else [("", figures)]:
            lines.append(
                f"{task + ': hits ' + name:36}F1 {hits['f1']:.3f} at threshold {hits['threshold']:.2f}, "
                f"at best {hits['best']['f1']:.3f} at {hits['best']['threshold']:.2f}"
            )
    for name, kit in kits.items():
        lines.append(
            f"{'kits: ' + name:36}{kit['hits']:.1f} hits of {kit['drums']:.1f} drums; halves alike "
            f"{kit['halves_alike']:.2f}"
        )
    return "\n".join(lines)
