"""The parts that play together, and every parameter they and the performance hold."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from livevae.core.palette import Palette
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    Acts,
    Kind,
    ParameterValue,
    defaults,
    find_parameter,
)
from livevae.core.part import Part
from livevae.core.performance import Performance
from livevae.errors import ParameterError, PresetError


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter's new value, and the one before (None for an action)."""

    value: ParameterValue
    before: ParameterValue | None


class Ensemble:
    """A performance's parts and global settings while they are played.

    before: the ensemble that played until now; its palette and its global settings are kept, except
        where the new performance has its own.

    Raises PresetError where a part names a model the performance lacks, and ParameterError
    where a setting is not in the table or out of range.
    """

    def __init__(self, performance: Performance, before: Ensemble | None = None) -> None:
        self.performance = performance
        self.palette: Palette = before.palette if before else Palette()
        models = {model.name: model for model in performance.models}
        self.parts: dict[str, Part] = {}
        for spec in performance.parts:
            if spec.model not in models:
                loaded = ", ".join(models) or "none"
                raise PresetError(f"part {spec.name} wants the model {spec.model!r}; loaded are {loaded}")
            if spec.model_part not in models[spec.model].parts:
                raise PresetError(
                    f"part {spec.name} wants {spec.model_part!r} of the model {spec.model!r}, "
                    f"which writes {', '.join(models[spec.model].parts)}"
                )
            if spec.groove and not (spec.groove in models and models[spec.groove].grooves):
                raise PresetError(f"part {spec.name} wants the groove model {spec.groove!r}, and it is none")
            self.parts[spec.name] = Part.of(spec, models[spec.model])
        self.is_felt = any(part.groove_model for part in self.parts.values())
        self.values: dict[str, ParameterValue] = (
            dict(before.values) if before else defaults(GLOBAL_PARAMETERS)
        )
        for name, value in performance.settings.items():
            self.values[name] = find_parameter(None, name).check(value)
        self.wanted: dict[str, ParameterValue] = {}

    @property
    def set_seed(self) -> int:
        """The seed of the whole set."""
        return int(self.values["seed"])

    @property
    def offset_ms(self) -> float:
        """How much later than the clock says to play."""
        return float(self.values["offset"])

    def part(self, name: str) -> Part:
        """The part of this name. Raises ParameterError naming those there are."""
        if name not in self.parts:
            raise ParameterError(f"there is no part {name!r}: playing are {', '.join(self.parts)}")
        return self.parts[name]

    def set(self, part: str | None, name: str, value: object) -> Change:
        """Accept a change: at once where the table says so, else it waits for ``adopt_wanted``.

        Raises ParameterError in a sentence.
        """
        target = self if part is None else self.part(part)
        parameter = find_parameter(part, name)
        checked = parameter.check(value)
        if parameter.kind is Kind.TRIGGER:
            if checked and parameter.acts is Acts.NEXT_BAR:  # False is only the button coming up
                target.wanted[name] = checked
            return Change(checked, None)
        before = self.shown_value(part, name)
        if parameter.acts is Acts.NEXT_BAR:
            target.wanted[name] = checked
        else:
            target.values[name] = checked
        return Change(checked, before)

    def adopt_wanted(self, bar: int) -> None:
        """Let waiting changes take effect if ``bar`` is on the quantum."""
        if bar % int(self.values["quantum"]) == 0:
            self.adopt_now(bar)

    def adopt_now(self, bar: int) -> None:
        """Let waiting changes take effect whatever the quantum (nothing is playing)."""
        self.values.update(self.wanted)
        self.wanted.clear()
        for part in [part for part in self.parts.values() if part.adopt_wanted(bar)]:
            self._hear_others(part)

    def foreseen(self, bar: int) -> Ensemble:
        """As it will be when ``bar`` is decided if nobody does anything until then: a copy to plan with."""
        ahead = copy(self)
        ahead.values, ahead.wanted = dict(self.values), dict(self.wanted)
        ahead.parts = {name: part.foreseen() for name, part in self.parts.items()}
        ahead.adopt_wanted(bar)
        return ahead

    def _hear_others(self, part: Part) -> None:
        """A part that is re-rolled goes with the other parts of its model as they are by now."""
        others = [other for other in self.parts.values() if other.spec.model == part.spec.model]
        rerolls = {other.spec.model_part: other.rerolls for other in others if other.rerolls}
        part.redrawn = tuple(sorted((rerolls | dict(part.redrawn)).items()))

    def shown_value(self, part: str | None, name: str) -> ParameterValue:
        """The value a controller should show: the one that was asked for last."""
        target = self if part is None else self.parts[part]
        return target.wanted.get(name, target.values[name])

    def control_value(self, part: str | None, name: str) -> ParameterValue | None:
        """The value a controller should show, of an action False; None where there is no such part."""
        if part is not None and part not in self.parts:
            return None
        target = self if part is None else self.parts[part]
        return target.wanted.get(name, target.values.get(name, False))
