"""Undo: what was changed last, and what it was before."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from livevae.core.palette import Slot
from livevae.core.parameters import ParameterValue
from livevae.units import NS_PER_S

_ONE_GESTURE_NS = NS_PER_S  # a fader sends many values on its way; within a second they are one change
_REMEMBERED_CHANGES = 64


@dataclass(frozen=True, slots=True)
class OldValue:
    """A parameter's value before a change; part None is global."""

    part: str | None
    name: str
    value: ParameterValue


@dataclass(frozen=True, slots=True)
class OldSlot:
    """A palette slot's content before a change; None was empty."""

    model: str
    slot: int
    content: Slot | None


class History:
    """The last changes, newest last."""

    def __init__(self) -> None:
        self._changes: deque[tuple[int, OldValue | OldSlot]] = deque(maxlen=_REMEMBERED_CHANGES)

    def parameter_changed(self, at_ns: int, old: OldValue) -> None:
        """Remember what a parameter was; the moves of one gesture count as one change."""
        if self._changes:
            last_ns, last = self._changes[-1]
            same = isinstance(last, OldValue) and (last.part, last.name) == (old.part, old.name)
            if same and at_ns - last_ns < _ONE_GESTURE_NS:
                self._changes[-1] = (at_ns, last)
                return
        self._changes.append((at_ns, old))

    def slot_changed(self, at_ns: int, old: OldSlot) -> None:
        """Remember what a slot held."""
        self._changes.append((at_ns, old))

    def take_back(self) -> OldValue | OldSlot | None:
        """The newest change, which is then forgotten; None if nothing was changed."""
        return self._changes.pop()[1] if self._changes else None
