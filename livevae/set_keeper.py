"""Keeps a set while it is played: every change that is reported goes into the set's file a moment later."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from livevae.adapters.set_store import Changes, SetStore, Target
from livevae.core.effects import BindingChanged, ParameterChanged, SlotChanged
from livevae.core.events import FillSlot, Recall
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    Kind,
    ParameterValue,
    defaults,
    find_parameter,
)
from livevae.core.performance import Performance
from livevae.engine import News
from livevae.errors import SetError
from livevae.places import sets_folder
from livevae.snapshot import Snapshot
from livevae.wording import shown

SUFFIX = ".livevae"
_NAME = re.compile(r"\w[\w .-]{0,63}")
_TRY_AGAIN_AFTER = 100  # snapshots: ten seconds
_OF_THE_MOMENT = {(None, "play")}  # a set says what to play, not when


def set_path(name: str) -> Path:
    """The file of the set of this name. Raises SetError for what no set can be called."""
    if _NAME.fullmatch(name) is None or name.endswith((".", " ")):
        raise SetError(
            f"a set cannot be called {shown(name)}: use up to 64 letters, digits, spaces, - . and _"
        )
    return sets_folder() / f"{name}{SUFFIX}"


def set_files() -> dict[str, Path]:
    """Every set there is, by name."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(sets_folder().glob(f"*{SUFFIX}"))}


class SetKeeper:
    """Writes changes as snapshots come, some ten times a second; a watcher of ``livevae.control.Control``.

    known: what the file holds already. on_complaint: told in a sentence when the set cannot be saved.
    """

    def __init__(
        self, store: SetStore, performance: Performance, known: Recall, on_complaint: Callable[[str], None]
    ) -> None:
        self._store = store
        self._on_complaint = on_complaint
        self._changes = Changes()
        self._wait = 0  # snapshots until the next try, after one that failed
        # what need not be written: the preset's own settings, and what the file holds
        self._values = _initial_values(performance)
        self._values |= {(setting.part, setting.name): setting.value for setting in known.settings}

    def report(self, news: News) -> None:
        """Note down a change, or write what was noted."""
        match news:
            case ParameterChanged(_, part, name, value):
                self._note_value((part, name), value)
            case SlotChanged(_, model, slot, name, latent):
                content = None if latent is None else FillSlot(model, slot, name, latent)
                self._changes.slots[model, slot] = content
            case BindingChanged(_, part, name, control):
                self._changes.controls[part, name] = control
            case Snapshot():
                self._wait -= 1
                if self._wait <= 0:
                    self.flush()

    def flush(self) -> None:
        """Write everything noted so far."""
        if not self._changes:
            return
        try:
            problems = self._store.write(self._changes)
        except SetError as error:
            self._wait = _TRY_AGAIN_AFTER
            self._on_complaint(f"The set is not being saved just now: {error}.")
            return
        self._changes = Changes()
        for problem in problems:
            self._on_complaint(f"Not saved with the set: {problem}.")

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        self._store.close()

    def _note_value(self, target: Target, value: ParameterValue) -> None:
        is_action = find_parameter(*target).kind is Kind.TRIGGER
        if is_action or target in _OF_THE_MOMENT or self._values.get(target) == value:
            return
        self._values[target] = value
        self._changes.settings[target] = value


def without(recall: Recall, targets: set[Target]) -> Recall:
    """A set without the settings of ``targets``, which somebody has asked for otherwise."""
    settings = tuple(s for s in recall.settings if (s.part, s.name) not in targets)
    return Recall(settings, recall.slots, recall.bindings)


def _initial_values(performance: Performance) -> dict[Target, ParameterValue]:
    values: dict[Target, ParameterValue] = {
        (None, name): value
        for name, value in (defaults(GLOBAL_PARAMETERS) | dict(performance.settings)).items()
    }
    for part in performance.parts:
        settings = defaults(PART_PARAMETERS) | dict(part.settings)
        values |= {(part.name, name): value for name, value in settings.items()}
    return values
