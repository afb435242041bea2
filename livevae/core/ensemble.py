"""The parts that play together, and every parameter they and the performance hold."""

from __future__ import annotations

from collections.abc import Mapping

from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    Acts,
    Kind,
    Parameter,
    ParameterValue,
    defaults,
    find_parameter,
)
from livevae.core.part import Part
from livevae.core.performance import Performance
from livevae.errors import ParameterError, PresetError


class Ensemble:
    """A performance's parts and global settings while they are played.

    kept: global settings to carry over from the performance before; the new one's own come first.

    Raises PresetError where a part names a model the performance lacks, and ParameterError
    where a setting is not in the table or out of range.
    """

    def __init__(self, performance: Performance, kept: Mapping[str, ParameterValue] | None = None) -> None:
        self.performance = performance
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
            self.parts[spec.name] = Part.of(spec, models[spec.model])
        self.values: dict[str, ParameterValue] = defaults(GLOBAL_PARAMETERS) | dict(kept or {})
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

    def set(self, part: str | None, name: str, value: object) -> tuple[Parameter, ParameterValue]:
        """Accept a change: at once where the table says so, else it waits for ``adopt_wanted``.

        Raises ParameterError in a sentence.
        """
        if part is not None and part not in self.parts:
            raise ParameterError(f"there is no part {part!r}: playing are {', '.join(self.parts)}")
        parameter = find_parameter(part, name)
        checked = parameter.check(value)
        if parameter.kind is Kind.TRIGGER and not checked:
            return parameter, checked  # a button coming up
        target = self if part is None else self.parts[part]
        if parameter.acts is Acts.NEXT_BAR:
            target.wanted[name] = checked
        elif parameter.kind is not Kind.TRIGGER:
            target.values[name] = checked
        return parameter, checked

    def adopt_wanted(self, bar: int) -> None:
        """Let waiting changes take effect if ``bar`` is on the quantum."""
        if bar % int(self.values["quantum"]) == 0:
            self.adopt_now(bar)

    def adopt_now(self, bar: int) -> None:
        """Let waiting changes take effect whatever the quantum (nothing is playing)."""
        self.values.update(self.wanted)
        self.wanted.clear()
        for part in self.parts.values():
            part.adopt_wanted(bar)

    def shown_value(self, part: str | None, name: str) -> ParameterValue:
        """The value a controller should show: the one that was asked for last."""
        target = self if part is None else self.parts[part]
        return target.wanted.get(name, target.values[name])
