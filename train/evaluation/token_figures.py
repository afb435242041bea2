"""Every figure of a model of token windows: melody, drums, trio. Each kind stands in a module of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from train.evaluation import attribute_matrix, interpolation, long_structure, prior, reconstruction
from train.evaluation.chords import chord_figures
from train.evaluation.exported import ExportedModel
from train.evaluation.music import Music, held_out_music, midi_music
from train.evaluation.parts import Windows
from train.evaluation.prior import Listener, draw_samples
from train.evaluation.question import MOST_WINDOWS, Answer, Question, Report


def token_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures that apply. Raises ConfigError for data that cannot be used."""
    music = _music(model, question)
    report, samples = figures_on(model, music, question)

    def pictures(folder: Path) -> list[Path]:
        from train.structure_picture import draw_structure  # needs matplotlib, which figures alone do not

        return draw_structure(model.codec, music.windows, samples, model.manifest.name, folder)

    table = f"{parts_table(report)}\n\n{long_structure.table(report['structure'])}"
    return Answer(report, music.report, table, ("reconstruction", "structure"), pictures)


def _music(model: ExportedModel, question: Question) -> Music:
    rng = question.rng("music")
    most = MOST_WINDOWS if question.most_windows is None else question.most_windows
    if question.config is None:
        chords = model.manifest.wants_chords
        return midi_music(question.data, model.codec, most, rng, chords)
    return held_out_music(question.data, question.config, question.cache, most, rng)


def figures_on(model: ExportedModel, music: Music, question: Question) -> tuple[Report, Windows]:
    """All figures of a model on music that is at hand, and the samples of the prior they are about."""
    model = model.over(music.chords)
    heat = model.manifest.temperature if question.temperature is None else question.temperature
    posterior = model.encode(music.windows)
    listener = Listener.of(model.codec, music)
    z, samples = draw_samples(model, heat, question.rng("prior"))
    told: Report = {}
    if music.chords is not None and model.manifest.wants_chords:
        count = min(len(music.windows), len(samples))
        over = (music.windows[:count], music.chords[:count], samples[:count], z[:count])
        told["chords"] = chord_figures(model, *over, heat, question.rng("chords"))
    report: Report = {
        "model": model.manifest.name,
        "task": model.manifest.task,
        "windows": len(music.windows),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "posterior_sigma": float(np.median(posterior.sigma)),
        "reconstruction": reconstruction.report(
            model, music.windows, posterior, question.rng("reconstruction")
        ),
        "prior": prior.report(model, music, samples, listener, heat),
        **_long_figures(model, music, listener, heat, question),
        "structure": long_structure.report(model.codec, music.windows, samples, question.rng("mismatched")),
        **told,
    }
    return report, samples


def parts_table(report: Report) -> str:
    """How each part comes through the latent, and how much of songs samples repeat."""
    reconstruction, prior_of = report["reconstruction"], report["prior"]
    parts = reconstruction["parts"]
    names = [name for name in reconstruction if name != "parts"]
    rows = {f"steps right, {name}": [figures[name] for figures in parts.values()] for name in names}
    for kind in ("verbatim", "verbatim_long"):
        for whose, shares in prior_of.get(kind, {}).items():
            rows[f"{kind}, {whose}"] = list(shares.values())
    lines = ["".join([f"{'parts':<34}", *(f"{part:>10}" for part in parts)])]
    lines += ["".join([f"  {name:<32}", *(f"{value:>10.3f}" for value in row)]) for name, row in rows.items()]
    return "\n".join(lines)


def _long_figures(
    model: ExportedModel, music: Music, listener: Listener, temperature: float, question: Question
) -> Report:
    """Those that can be left out."""
    found: Report = {}
    if "interpolation" not in question.skip:
        rng = question.rng("interpolation")
        found["interpolation"] = interpolation.report(model, music, listener.language, rng)
    if "attributes" not in question.skip:
        matrix = attribute_matrix.report(model, temperature, question.rng("attributes"))
        found |= {} if matrix is None else {"attributes": matrix}
    return found
