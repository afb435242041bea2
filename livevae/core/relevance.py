"""Which rows of the table of parameters can be heard in which part: there is no use in showing the others."""

from __future__ import annotations

from livevae.core.attributes import faders_of
from livevae.core.groove_parameters import GROOVE_MODES
from livevae.core.parameters import MODES, PART_PARAMETERS, Group, Parameter
from livevae.core.performance import ModelInfo, PartSpec

_DRUMS = "drums"
_OF_A_KIT = ("tap", "hats")  # modes that answer with drums
_GOING_ON = "continue"  # takes a model that can leave some bars of an idea as they are


def rows_of(part: PartSpec, model: ModelInfo) -> tuple[Parameter, ...]:
    """The parameters that do something in ``part``, which ``model`` writes, in the table's order.

    A drum's pitch names an instrument, so keys and registers mean nothing there; feel needs a groove model; a
    model has directions for some attributes and not for others; and some rows matter in some modes only.
    """
    unheard = set()
    if part.model_part == _DRUMS:
        unheard.add(Group.PITCH)
    if not (part.groove or model.grooves):
        unheard.add(Group.GROOVE)
    known, modes = faders_of(model, part.model_part), set(modes_of(part, model))
    return tuple(
        row
        for row in PART_PARAMETERS
        if row.group not in unheard
        and (row.group is not Group.CHARACTER or row.name in known)
        and (not row.modes or modes.intersection(row.modes))
    )


def modes_of(part: PartSpec, model: ModelInfo) -> tuple[str, ...]:
    """The playing modes there are for a part."""
    if model.only_answers:
        return GROOVE_MODES
    unheard = set() if part.groove else set(GROOVE_MODES)
    if part.model_part != _DRUMS:
        unheard.update(_OF_A_KIT)
    if not model.tells_bars:
        unheard.add(_GOING_ON)
    return tuple(mode for mode in MODES if mode not in unheard)
