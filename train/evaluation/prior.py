"""Are samples from the prior music of the kind the model learnt?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from livevae.codec import Codec
from train.evaluation.exported import ExportedModel, Latents
from train.evaluation.histograms import further_overlaps, overlaps
from train.evaluation.language_model import StepModel
from train.evaluation.music import Music
from train.evaluation.parts import Windows, alphabet_sizes, part_symbols
from train.evaluation.verbatim import TrainingIndex

SAMPLES = 1024


@dataclass(frozen=True, slots=True)
class Listener:
    """5-gram models of real music, and what other real music costs them.

    language: per part. real_cost: nats a step of music they have not heard, all parts together.
    """

    codec: Codec
    language: dict[str, StepModel]
    real_cost: float

    @classmethod
    def of(cls, codec: Codec, music: Music) -> Listener:
        """A listener who has heard ``music.known`` and was asked about ``music.unheard``."""
        sizes = alphabet_sizes(codec)
        known = part_symbols(codec, music.known)
        language = {part: StepModel(symbols, sizes[part]) for part, symbols in known.items()}
        return cls(codec, language, part_cost(codec, language, music.unheard))

    def cost_ratio(self, windows: Windows) -> float:
        """Cost of windows over that of unknown real music: 1 is just as surprising, above 1 more so."""
        return part_cost(self.codec, self.language, windows) / self.real_cost


def part_cost(codec: Codec, language: dict[str, StepModel], windows: Windows) -> float:
    """Mean nats a step of windows, summed over the parts."""
    symbols = part_symbols(codec, windows)
    return float(np.sum([language[part].cost_nats(symbols[part]).mean() for part in symbols]))


def draw_samples(
    model: ExportedModel, temperature: float, rng: np.random.Generator
) -> tuple[Latents, Windows]:
    """``SAMPLES`` draws z ~ N(0, I), and the windows decoded from them."""
    z: Latents = rng.standard_normal((SAMPLES, model.manifest.latent_size), dtype=np.float32)
    return z, model.decode("sampling the prior", z, temperature, rng)


def report(
    model: ExportedModel, music: Music, samples: Windows, listener: Listener, temperature: float
) -> dict[str, Any]:
    """What samples of the prior are like beside real music.

    temperature: they were drawn at. cost_ratio: 5-gram cost over that of music the 5-gram model has not
    heard; language_model says what it has. overlap: of histograms with the windows judged on;
    further_overlap: of histograms that depend on register and metre. verbatim_share: see verbatim.py.
    """
    found: dict[str, Any] = {
        "samples": len(samples),
        "temperature": temperature,
        "cost_ratio": listener.cost_ratio(samples),
        "language_model": music.known_from,
        "overlap": overlaps(model.codec, samples, music.windows),
        "further_overlap": further_overlaps(model.codec, samples, music.windows),
    }
    if music.learnt is not None:
        found |= TrainingIndex.of(music.learnt).report(samples, music.windows)
    return found
