"""Faders of musical attributes: more, or less, of something in whatever a part plays.

A model file holds a direction of its latent space for each attribute it was measured for. The faders stand
behind the mode, as on a desk: they move whatever point it chose, and ideas are kept without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livevae.core.latents import Latent, Moved
from livevae.core.parameter import ParameterValue
from livevae.core.performance import ModelInfo
from livevae.core.scales import KEYS

REACH = 1.5
"""How far a fader goes either way: as far as the attribute vectors of Roberts et al. 2018 were tried."""


@dataclass(frozen=True, slots=True)
class Fader:
    """A parameter of every part. attribute: as model files call it; None depends on the key."""

    name: str
    attribute: str | None
    help: str


FADERS = (
    Fader("attr_density", "density", "fewer or more notes, or hits"),
    Fader("attr_interval", "interval", "smaller or larger steps from note to note"),
    Fader("attr_in_key", None, "less or more in the major scale on the part's key"),
    Fader("attr_syncopation_16", "syncopation_16", "less or more on the sixteenths between eighths"),
    Fader("attr_syncopation_8", "syncopation_8", "less or more on the eighths between beats"),
    Fader("attr_hats", "hat_share", "fewer or more of the drums' hits are hi-hats"),
    Fader("attr_kick", "kick_on_beats", "the kick less or more regularly on the beats"),
)
_BY_NAME = {fader.name: fader for fader in FADERS}


def in_major(key: str) -> str:
    """The attribute of being in the major scale on ``key`` (of ``KEYS``): ``c_major``, ``c_sharp_major`` …"""
    return f"{key.lower().replace('#', '_sharp')}_major"


IN_KEY = tuple(in_major(key) for key in KEYS)
"""The attribute for each key, C first."""


def of_part(model_part: str, attribute: str) -> str:
    """What a model of several parts calls one part's attribute: ``bass_density``."""
    return f"{model_part}_{attribute}"


def direction(fader: str, key: str, model: ModelInfo, model_part: str) -> str | None:
    """The direction of ``model`` that ``fader`` goes in, for the part of it that plays; None if it has none.

    key: which major scale ``attr_in_key`` means.
    """
    attribute = _BY_NAME[fader].attribute or in_major(key)
    names = [of_part(model_part, attribute)]
    if len(model.parts) == 1:
        names.append(attribute)
    return next((name for name in names if name in model.attributes), None)


def faders_of(model: ModelInfo, model_part: str) -> tuple[str, ...]:
    """The faders that do something for this part of this model, in one key at least."""
    return tuple(
        fader.name for fader in FADERS if any(direction(fader.name, key, model, model_part) for key in KEYS)
    )


def is_fader(parameter: str) -> bool:
    """Whether a part's parameter of this name is one of the faders."""
    return parameter in _BY_NAME


def moved(latent: Latent, values: Mapping[str, ParameterValue], model: ModelInfo, model_part: str) -> Latent:
    """``latent`` as a part's faders move it; itself while they rest at 0 or the model knows none of them.

    values: of the part's parameters.
    """
    amounts: list[tuple[str, float]] = []
    for fader in FADERS:
        amount = float(values[fader.name])
        name = direction(fader.name, str(values["key"]), model, model_part) if amount else None
        if name is not None:
            amounts.append((name, amount))
    return Moved(latent, tuple(sorted(amounts))) if amounts else latent
