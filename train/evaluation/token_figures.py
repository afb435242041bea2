"""Every figure of a model of token windows: melody, drums, trio. Each kind stands in a module of its own."""

from __future__ import annotations

import numpy as np

from train.evaluation import interpolation, reconstruction
from train.evaluation.chords import chord_figures
from train.evaluation.exported import ExportedModel, Latents
from train.evaluation.histograms import overlaps
from train.evaluation.music import Music, held_out_music, midi_music
from train.evaluation.parts import Windows
from train.evaluation.prior import Listener
from train.evaluation.question import Answer, Question, Report
from train.evaluation.structure import structure
from train.evaluation.verbatim import TrainingIndex

_INDEXED_AT_ONCE = 4096  # training windows whose passages are fingerprinted in one go


def token_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures that apply. Raises ConfigError for data that cannot be used."""
    music = _music(model, question)
    return Answer(figures_on(model, music, question), music.report)


def _music(model: ExportedModel, question: Question) -> Music:
    rng = question.rng("music")
    if question.config is None:
        chords = model.manifest.wants_chords
        return midi_music(question.data, model.codec, question.most_windows, rng, chords)
    return held_out_music(question.data, question.config, question.cache, question.most_windows, rng)


def figures_on(model: ExportedModel, music: Music, question: Question) -> Report:
    """All figures of a model on music that is at hand."""
    windows = music.windows
    model = model.over(music.chords)
    heat = model.manifest.temperature if question.temperature is None else question.temperature
    posterior = model.encode(windows)
    rng = question.rng("prior")
    z: Latents = rng.standard_normal((len(windows), posterior.mu.shape[1]), dtype=np.float32)
    samples = model.decode("sampling the prior", z, heat, rng)
    listener = Listener.of(model.codec, windows)
    prior: Report = {
        "temperature": heat,
        "cost_ratio": listener.cost_ratio(samples),
        "overlap": overlaps(model.codec, samples, windows),
    }
    if music.learnt is not None:
        prior |= _verbatim(music, samples)
    told: Report = {}
    if music.chords is not None and model.manifest.wants_chords:
        told["chords"] = chord_figures(model, windows, music.chords, samples, z, heat, question.rng("chords"))
    return {
        "model": model.manifest.name,
        "task": model.manifest.task,
        "windows": len(windows),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "posterior_sigma": float(np.median(posterior.sigma)),
        "reconstruction": reconstruction.report(model, windows, posterior, question.rng("reconstruction")),
        "prior": prior,
        "interpolation": interpolation.report(
            model, posterior.mu, listener.language, question.rng("interpolation")
        ),
        "structure": {
            "held_out": structure(model.codec, windows),
            "prior": structure(model.codec, samples),
        },
        **told,
    }


def _verbatim(music: Music, samples: Windows) -> Report:
    """verbatim_share: of the part that repeats its training most. verbatim: every part, and real music's."""
    assert music.learnt is not None
    index = TrainingIndex(music.learnt.codec)
    learnt = music.learnt.train
    for first in range(0, len(learnt), _INDEXED_AT_ONCE):
        index.add(
            music.learnt.cut(learnt.where(np.arange(first, min(first + _INDEXED_AT_ONCE, len(learnt)))))
        )
    shares = {"prior": index.verbatim_share(samples), "held_out": index.verbatim_share(music.windows)}
    return {"verbatim_share": max(shares["prior"].values()), "verbatim": shares}
