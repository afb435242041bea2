"""The player's controller: which of its controls turn what, and what they are told to show.

Controls are read and told here and nowhere else. The performer gives it every control change and every note,
and every parameter that changed; it answers with parameters to set and with feedback.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from livevae.core.control_map import ControlMap, Target
from livevae.core.effects import (
    BindingChanged,
    Effect,
    LearningChanged,
    Notice,
    ParameterChanged,
    SendFeedback,
    Severity,
)
from livevae.core.events import (
    Bind,
    ControlChange,
    Forget,
    Learn,
    NoteOff,
    NoteOn,
    SetParameter,
    StopLearning,
)
from livevae.core.handle import Handle
from livevae.core.learning import Learning
from livevae.core.midi_control import Control, Wire
from livevae.core.nrpn import SPOKEN, NrpnReader
from livevae.core.parameters import Kind, ParameterValue, find_parameter
from livevae.errors import ParameterError

_TURNED = (Kind.NUMBER, Kind.INTEGER)

ValueOf = Callable[[str | None, str], ParameterValue | None]
"""The value a controller should show now (of an action: False); None where that part is not playing."""


@dataclass(slots=True)
class Touched:
    """What a touch leads to. Without any, it was no control, and a note is there to be heard."""

    is_control: bool = False
    settings: list[SetParameter] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)


class Surface:
    """value_of: how things stand in the performance that plays."""

    def __init__(self, value_of: ValueOf) -> None:
        self._value_of = value_of
        self._map = ControlMap()
        self._handles: dict[Target, Handle] = {}
        self._learning = Learning()
        self._nrpn = NrpnReader()
        self._owed_ns: dict[Target, int] = {}  # when hands will have let go of controls to be told

    # --- what turns what ----------------------------------------------------------------------

    def act(self, event: Learn | StopLearning | Forget | Bind, at_ns: int) -> list[Effect]:
        """Learn, forget or set a control. A refusal is a notice."""
        try:
            match event:
                case Learn(part, name):
                    return self._learn((part, name), at_ns)
                case StopLearning():
                    return self._stop_learning(at_ns)
                case Forget(part, name):
                    return self._forget((part, name), at_ns)
                case Bind(part, name, control):
                    find_parameter(part, name)
                    return self._bind((part, name), control, at_ns)
        except ParameterError as refusal:
            return [Notice(at_ns, Severity.WARNING, str(refusal))]

    def _learn(self, target: Target, at_ns: int) -> list[Effect]:
        find_parameter(*target)
        if self._value_of(*target) is None:
            raise ParameterError(f"there is no part {target[0]!r} to learn a control for")
        effects = self._stop_learning(at_ns)
        self._learning.wait_for(target)
        text = f"Move or press the control that is to turn {_in_words(target)}."
        return [*effects, LearningChanged(at_ns, *target, True), Notice(at_ns, Severity.INFO, text)]

    def _stop_learning(self, at_ns: int) -> list[Effect]:
        waiting = self._learning.stop()
        return [] if waiting is None else [LearningChanged(at_ns, *waiting, False)]

    def _forget(self, target: Target, at_ns: int) -> list[Effect]:
        effects = self._stop_learning(at_ns) if self._learning.waiting == target else []
        if self._map.forget(target) is not None:
            self._let_go(target)
            effects.append(BindingChanged(at_ns, *target, None))
        return effects

    def _bind(self, target: Target, control: Control, at_ns: int, *, in_hand: bool = False) -> list[Effect]:
        effects: list[Effect] = []
        for loser in self._map.bind(target, control):
            self._let_go(loser)
            effects.append(BindingChanged(at_ns, *loser, None))
        self._let_go(target)
        self._handles[target] = Handle(control, at_ns if in_hand else None)
        effects.append(BindingChanged(at_ns, *target, str(control)))
        return effects + self._tell(target, at_ns)

    def _let_go(self, target: Target) -> None:
        self._handles.pop(target, None)
        self._owed_ns.pop(target, None)

    # --- what is touched ----------------------------------------------------------------------

    def minds(self, event: ControlChange) -> bool:
        """Whether a control change could mean anything; most do not, and cost next to nothing."""
        if self._learning.waiting is not None or self._learning.learned is not None:
            return True
        if not self._map:
            return False
        return event.control in SPOKEN or self._map.target_of(_plain_wire(event)) is not None

    def touched(self, event: ControlChange | NoteOn | NoteOff, at_ns: int) -> Touched:
        """What the control that says this turns, and to what."""
        wire, value = self._wire_of(event)
        touched = Touched()
        waiting, learned = self._learning.waiting, self._learning.learned
        control: Control | None = None
        if waiting is not None:
            control = self._learning.touched(wire, value, find_parameter(*waiting), at_ns)
            if control is not None:
                touched.effects += [
                    LearningChanged(at_ns, *waiting, False),
                    *self._taught(waiting, control, at_ns),
                ]
        elif learned is not None:
            control = self._learning.refined(wire, value, find_parameter(*learned), at_ns)
            if control is not None:
                touched.effects += self._taught(learned, control, at_ns)
        target = self._map.target_of(wire)
        if target is None:
            return touched
        touched.is_control = True
        # the press that teaches a button is not meant to switch anything
        is_lesson = control is not None and find_parameter(*target).kind not in _TURNED
        wanted = self._turn(target, wire, value, at_ns, is_lesson=is_lesson)
        if wanted is not None:
            touched.settings.append(SetParameter(*target, wanted))
        return touched

    def _wire_of(self, event: ControlChange | NoteOn | NoteOff) -> tuple[Wire, int]:
        if isinstance(event, NoteOff):
            return Wire(True, event.channel, event.pitch), 0
        if isinstance(event, NoteOn):
            return Wire(True, event.channel, event.pitch), event.velocity
        wire = self._nrpn.read(event.channel, event.control, event.value)
        if wire is not None and (self._learning.waiting is not None or self._map.target_of(wire) is not None):
            return wire, event.value
        return _plain_wire(event), event.value

    def _taught(self, target: Target, control: Control, at_ns: int) -> list[Effect]:
        text = f"From now on {control} turns {_in_words(target)}."
        return [*self._bind(target, control, at_ns, in_hand=True), Notice(at_ns, Severity.INFO, text)]

    def _turn(
        self, target: Target, wire: Wire, value: int, at_ns: int, *, is_lesson: bool
    ) -> ParameterValue | None:
        current = self._value_of(*target)
        if current is None:
            return None
        parameter, handle = find_parameter(*target), self._handles[target]
        wanted = handle.touched(wire, value, parameter, current, at_ns)
        if wanted is not None and not is_lesson:
            return wanted
        if handle.tells(parameter, current) is not None:
            self._owe(target, handle)
        return None

    # --- what controls are told ---------------------------------------------------------------

    def followed(self, effects: list[Effect]) -> list[Effect]:
        """The effects, each changed parameter followed by what its control is told about it."""
        if not self._map:
            return effects
        followed: list[Effect] = []
        for effect in effects:
            followed.append(effect)
            if isinstance(effect, ParameterChanged):
                target = (effect.part, effect.name)
                if target in self._handles:
                    self._handles[target].follows(find_parameter(*target), effect.value)
                    followed += self._tell(target, effect.at_ns)
        return followed

    def next_deadline_ns(self) -> int | None:
        """When a hand will have let go of a control that must be told something."""
        return min(self._owed_ns.values(), default=None)

    def tell_owed(self, at_ns: int) -> list[Effect]:
        """Tell the controls that hands have let go of by now."""
        due = [target for target, due_ns in self._owed_ns.items() if due_ns <= at_ns]
        return [effect for target in due for effect in self._tell(target, at_ns)]

    def tell_all(self, at_ns: int) -> list[Effect]:
        """Tell every control where its parameter stands (a controller has been plugged in)."""
        for handle in self._handles.values():
            handle.shows = None
        return [effect for target in self._handles for effect in self._tell(target, at_ns)]

    def _tell(self, target: Target, at_ns: int) -> list[Effect]:
        self._owed_ns.pop(target, None)
        handle, current = self._handles[target], self._value_of(*target)
        step = None if current is None else handle.tells(find_parameter(*target), current)
        if step is None:
            return []
        free_ns = handle.is_free_at_ns()
        if free_ns is not None and free_ns > at_ns:
            self._owe(target, handle)
            return []
        handle.shows = step
        return [SendFeedback(at_ns, handle.control, step)]

    def _owe(self, target: Target, handle: Handle) -> None:
        free_ns = handle.is_free_at_ns()
        if free_ns is not None:
            self._owed_ns[target] = free_ns


def _in_words(target: Target) -> str:
    part, name = target
    return name if part is None else f"{name} of {part}"


def _plain_wire(event: ControlChange) -> Wire:
    return Wire(False, event.channel, event.control)
