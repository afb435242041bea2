"""Every figure of a model of token windows: melody, drums, trio. Each kind stands in a module of its own."""

from __future__ import annotations

import numpy as np

from train.evaluation import attribute_matrix, interpolation, prior, reconstruction
from train.evaluation.chords import chord_figures
from train.evaluation.exported import ExportedModel
from train.evaluation.music import Music, held_out_music, midi_music
from train.evaluation.prior import Listener, draw_samples
from train.evaluation.question import MOST_WINDOWS, Answer, Question, Report
from train.evaluation.structure import structure


def token_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures that apply. Raises ConfigError for data that cannot be used."""
    music = _music(model, question)
    return Answer(figures_on(model, music, question), music.report)


def _music(model: ExportedModel, question: Question) -> Music:
    rng = question.rng("music")
    most = MOST_WINDOWS if question.most_windows is None else question.most_windows
    if question.config is None:
        chords = model.manifest.wants_chords
        return midi_music(question.data, model.codec, most, rng, chords)
    return held_out_music(question.data, question.config, question.cache, most, rng)


def figures_on(model: ExportedModel, music: Music, question: Question) -> Report:
    """All figures of a model on music that is at hand."""
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
    return {
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
        "interpolation": interpolation.report(model, music, listener.language, question.rng("interpolation")),
        **_attributes(model, heat, question),
        "structure": {
            "held_out": structure(model.codec, music.windows),
            "prior": structure(model.codec, samples),
        },
        **told,
    }


def _attributes(model: ExportedModel, temperature: float, question: Question) -> Report:
    found = attribute_matrix.report(model, temperature, question.rng("attributes"))
    return {} if found is None else {"attributes": found}
