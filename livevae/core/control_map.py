"""Which control turns which parameter: at most one of each for one of the other."""

from __future__ import annotations

from livevae.core.midi_control import Control, Wire

Target = tuple[str | None, str]
"""A parameter: the part (None for a global one) and its name."""


class ControlMap:
    """One to one between parameters and controls; no two controls share a message."""

    def __init__(self) -> None:
        self._controls: dict[Target, Control] = {}
        self._targets: dict[Wire, Target] = {}

    def __len__(self) -> int:
        return len(self._controls)

    def bind(self, target: Target, control: Control) -> list[Target]:
        """Let ``control`` turn ``target``. Returns the other parameters that lost their control by it."""
        self.forget(target)
        losers = list(dict.fromkeys(self._targets[wire] for wire in control.wires if wire in self._targets))
        for loser in losers:
            self.forget(loser)
        self._controls[target] = control
        for wire in control.wires:
            self._targets[wire] = target
        return losers

    def forget(self, target: Target) -> Control | None:
        """Let nothing turn ``target``. Returns what did."""
        control = self._controls.pop(target, None)
        if control is not None:
            for wire in control.wires:
                del self._targets[wire]
        return control

    def control_of(self, target: Target) -> Control | None:
        """What turns ``target``."""
        return self._controls.get(target)

    def target_of(self, wire: Wire) -> Target | None:
        """What messages on ``wire`` turn."""
        return self._targets.get(wire)

    def all(self) -> list[tuple[Target, Control]]:
        """Every parameter that has a control, global ones first."""
        return sorted(self._controls.items(), key=lambda bound: (bound[0][0] or "", bound[0][1]))
