"""Directions of a model's latent space that raise one musical attribute each, found on the exported file.

The model plays many samples of its prior; a direction is how the latent changes with one attribute of what
is played while the others stay as they are (multiple linear regression). Roberts et al. 2018 take the
difference of mean latents between the quarters of the training set with most and least of an attribute. Where
attributes go together in music, dense with little syncopation, that drags the others along; and what the
encoder hears is not quite what the decoder does. No music is needed, so any model file can be given
directions.

How far a fader should go is measured, not assumed: each direction is made as long as it takes to raise its
attribute by ``WANTED_PER_CENT`` in other samples when the fader is all the way up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec.manifest import AttributeVector
from livevae.core.attributes import IN_KEY, REACH
from train.attributes import Measure, Values, measures
from train.evaluation.exported import ExportedModel, Latents

SAMPLES = 6000  # for the slopes: their noise is about 1 / sqrt(SAMPLES) in each dimension of the latent
TRIED_ON = 128  # other samples, for the lengths
WANTED_PER_CENT, AHEAD_OF_OTHERS = 60.0, 1.3  # the second: times the largest change of another attribute
GOAL_PER_CENT = 56.0  # where no length does as much as is wanted; fifty, with a margin for other samples
LENGTHS = (0.5, 0.7, 1.0, 1.5, 2.2, 3.3)
_QUARTERS_APART = 2.54  # standard deviations of a Gaussian between the means of its outer quarters
_DECIMALS = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """What a direction does at ``REACH``: change of its own attribute and largest of another's, per cent."""

    change: float
    largest_other: float

    @property
    def apart(self) -> float:
        """How far its own attribute gets beyond the others; more than the goal is no merit."""
        return min(self.change, GOAL_PER_CENT) - self.largest_other

    def is_enough(self, per_cent: float, ahead: float) -> bool:
        """Whether it moves its own attribute by so much, and so much more than any other."""
        return self.change >= per_cent and self.change > ahead * self.largest_other


def slopes(z: npt.NDArray[np.floating], attributes: Mapping[str, Values]) -> dict[str, Values]:
    """How z changes with each attribute while the others stay: name -> (latent,), for one standard deviation.

    z: (samples, latent). attributes: name -> (samples,). One that never varies has no slope.
    """
    varied = {name: values for name, values in attributes.items() if values.std() > 0}
    if not varied:
        return {}
    standardised = np.stack([(v - v.mean()) / v.std() for v in varied.values()], axis=1)
    found = np.linalg.lstsq(standardised, z - z.mean(axis=0), rcond=None)[0]
    return dict(zip(varied, found, strict=True))


def find_directions(model: ExportedModel, rng: np.random.Generator) -> tuple[AttributeVector, ...]:
    """The direction of every attribute of the model's parts; of being in key, one for each key."""
    judged = measures(model.codec)
    if not judged:
        return ()
    z: Latents = rng.standard_normal((SAMPLES, model.manifest.latent_size), dtype=np.float32)
    windows = model.decode("listening to samples", z, model.manifest.temperature, rng)
    values = {name: measure(windows) for name, measure in judged.items()}
    in_c = {name: v for name, v in values.items() if key_of(name) in (None, IN_KEY[0])}
    trial = Trial(model, {name: judged[name] for name in in_c}, rng)
    lengths: dict[str, float] = {}
    chosen: dict[str, Values] = {}
    for name, slope in slopes(z, in_c).items():
        lengths[name] = trial.best_length(name, slope * _QUARTERS_APART)
        chosen[name] = slope * _QUARTERS_APART * lengths[name]
    for name, key in ((name, key_of(name)) for name in judged):
        if key in IN_KEY[1:]:  # every key as C, whose place it takes beside the other attributes
            as_c = name.removesuffix(key) + IN_KEY[0]
            beside = {other: v for other, v in in_c.items() if other != as_c}
            found = slopes(z, {**beside, name: values[name]})
            if name in found and as_c in lengths:
                chosen[name] = found[name] * _QUARTERS_APART * lengths[as_c]
    return tuple(
        AttributeVector(name, tuple(np.round(chosen[name], _DECIMALS).tolist()))
        for name in judged
        if name in chosen
    )


def key_of(attribute: str) -> str | None:
    """Which of ``IN_KEY`` an attribute is, if any: ``f_sharp_major`` of ``bass_f_sharp_major``."""
    return next((key for key in IN_KEY if attribute == key or attribute.endswith(f"_{key}")), None)


class Trial:
    """Samples of the prior to try directions on, the same ones every time.

    judged: name -> what measures it.
    """

    def __init__(self, model: ExportedModel, judged: Mapping[str, Measure], rng: np.random.Generator) -> None:
        self._model = model
        self._judged = judged
        self._z: Latents = rng.standard_normal((TRIED_ON, model.manifest.latent_size), dtype=np.float32)
        self._seed = int(rng.integers(2**32))
        self._before = self._means(self._z, "listening before")

    def _means(self, z: Latents, doing: str) -> dict[str, float]:
        same_noise = np.random.default_rng(self._seed)
        windows = self._model.decode(doing, z, self._model.manifest.temperature, same_noise)
        return {name: float(measure(windows).mean()) for name, measure in self._judged.items()}

    def effect(self, name: str, vector: Values) -> Effect:
        """What a direction does to the attribute it is for, and to the others."""
        after = self._means(self._z + np.float32(REACH) * vector.astype(np.float32), f"trying {name}")
        changes = {
            other: 100.0 * (after[other] - before) / before if before > 0 else 0.0
            for other, before in self._before.items()
        }
        others = [abs(change) for other, change in changes.items() if other != name]
        return Effect(changes[name], max(others, default=0.0))

    def best_length(self, name: str, vector: Values) -> float:
        """The shortest of ``LENGTHS`` that is enough, else the one that sets its attribute apart most."""
        effects = {length: self.effect(name, vector * length) for length in LENGTHS}
        for per_cent, ahead in ((WANTED_PER_CENT, AHEAD_OF_OTHERS), (GOAL_PER_CENT, 1.0)):
            for length, effect in effects.items():
                if effect.is_enough(per_cent, ahead):
                    return length
        return max(
            effects,
            key=lambda length: min(effects[length].change, GOAL_PER_CENT) - effects[length].largest_other,
        )
