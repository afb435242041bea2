"""Which rows of the table of parameters can be heard in which part: there is no use in showing the others."""

from __future__ import annotations

from livevae.core.attributes import faders_of
from livevae.core.groove_parameters import GROOVE_MODES
from livevae.core.parameters import MODES, PART_PARAMETERS, Group, Parameter
from livevae.core.performance import ModelInfo

_DRUMS = "drums"


def rows_of(model: ModelInfo, model_part: str) -> tuple[Parameter, ...]:
    """The part's parameters that do something where ``model`` plays ``model_part``, in the table's order.

    A drum's pitch names an instrument, so keys and registers mean nothing there; only drums have a groove;
    and a model has directions for some attributes and not for others.
    """
    unheard = Group.PITCH if model_part == _DRUMS else Group.GROOVE
    known = faders_of(model, model_part)
    return tuple(
        row
        for row in PART_PARAMETERS
        if row.group is not unheard and (row.group is not Group.CHARACTER or row.name in known)
    )


def modes_of(model_part: str) -> tuple[str, ...]:
    """The playing modes there are for a part."""
    return tuple(mode for mode in MODES if mode not in GROOVE_MODES or model_part == _DRUMS)
