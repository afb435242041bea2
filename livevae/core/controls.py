"""The player's hands: parameters turned, ideas kept, changes taken back."""

from __future__ import annotations

from livevae.core.attributes import direction, is_fader
from livevae.core.composer import Composer
from livevae.core.effects import Effect, Notice, ParameterChanged, Severity, SlotChanged
from livevae.core.ensemble import Ensemble
from livevae.core.events import (
    Drop,
    Event,
    Halt,
    Keep,
    Panic,
    Play,
    Recall,
    Rename,
    SetParameter,
    Source,
    TapTempo,
    Undo,
)
from livevae.core.feel_order import SOURCE_BARS as GROOVE_BARS
from livevae.core.history import History, OldSlot, OldValue
from livevae.core.latents import MAX_DEPTH, Latent, Prior
from livevae.core.palette import Slot
from livevae.core.parameters import SLOTS, Group, find_parameter
from livevae.core.part import Part
from livevae.core.seeds import mix
from livevae.errors import ParameterError
from livevae.units import TICKS_PER_BAR, bar_of_tick

_NEW_IDEA = 7  # a seed's role, beside those of the planner
_TAKEN = "taken groove"


class Controls:
    """Carries out changes on an ensemble and says what to echo."""

    def __init__(self, ensemble: Ensemble, composer: Composer) -> None:
        self._ensemble = ensemble
        self._composer = composer
        self._history = History()
        self._ideas_drawn = 0
        self._told: set[tuple[str, str]] = set()

    def act(
        self, event: SetParameter | Keep | Drop | Rename | Undo, at_ns: int, position_ticks: int
    ) -> list[Effect]:
        """Do what was asked. A refusal is a notice."""
        try:
            match event:
                case SetParameter(part, name, value):
                    return self._set(part, name, value, at_ns, position_ticks, undoable=True)
                case Keep(part, slot, source, name):
                    idea = self._idea(self._ensemble.part(part), source, position_ticks)
                    if idea.depth >= MAX_DEPTH:
                        raise ParameterError(
                            f"this idea lies between ideas that lie between ideas, {MAX_DEPTH} times over: "
                            "keep a sample, or what you played"
                        )
                    return self._put(part, slot, Slot(idea, name), at_ns)
                case Drop(part, slot):
                    return self._put(part, slot, None, at_ns)
                case Rename(part, slot, name):
                    kept = self._ensemble.palette.get(self._ensemble.part(part).spec.model, slot)
                    if kept is None:
                        raise ParameterError(f"slot {slot} is empty: there is nothing to name")
                    return self._put(part, slot, Slot(kept.latent, name), at_ns)
                case Undo():
                    return self._undo(at_ns)
        except ParameterError as refusal:
            return [Notice(at_ns, Severity.WARNING, str(refusal))]

    def recall(self, event: Recall, at_ns: int) -> list[Effect]:
        """Take up the settings and slots of a set, past Undo; what does not fit is left out."""
        effects: list[Effect] = []
        refused: list[str] = []
        for setting in event.settings:
            try:
                effects += self._set(setting.part, setting.name, setting.value, at_ns, undoable=False)
            except ParameterError as refusal:
                refused.append(str(refusal))
        for slot in event.slots:
            try:
                effects += self._fill(slot.model, slot.slot, Slot(slot.latent, slot.name), at_ns)
            except ParameterError as refusal:
                refused.append(str(refusal))
        if refused:
            more = f", and {len(refused) - 1} more like it" if len(refused) > 1 else ""
            text = f"Not everything of the set fits here: {refused[0]}{more}."
            effects.append(Notice(at_ns, Severity.WARNING, text))
        return effects

    def _set(
        self,
        part: str | None,
        name: str,
        value: object,
        at_ns: int,
        position_ticks: int = 0,
        *,
        undoable: bool,
    ) -> list[Effect]:
        if name == "take_groove" and part is not None and value in (1, True):
            return self._take_groove(self._ensemble.part(part), at_ns, position_ticks)
        change = self._ensemble.set(part, name, value)
        if undoable and change.before is not None and change.before != change.value:
            self._history.parameter_changed(at_ns, OldValue(part, name, change.before))
        effects: list[Effect] = [ParameterChanged(at_ns, part, name, change.value)]
        if part is not None and change.before is not None:
            effects += self._without_effect(self._ensemble.part(part), name, at_ns)
        return effects

    def _without_effect(self, part: Part, name: str, at_ns: int) -> list[Effect]:
        """A sentence, once for each fader, where the part has no model that minds it."""
        reason = ""
        if is_fader(name) and self._ensemble.shown_value(part.name, name):
            known = direction(name, str(part.values["key"]), part.model, part.spec.model_part)
            reason = "" if known else f"the model {part.model.name} was not measured for it"
        elif find_parameter(part.name, name).group is Group.GROOVE and not part.groove_model:
            reason = "its preset names no groove model"
        if not reason or (part.name, name) in self._told:
            return []
        self._told.add((part.name, name))
        return [Notice(at_ns, Severity.INFO, f"{name} does nothing for {part.name}: {reason}.")]

    def _take_groove(self, part: Part, at_ns: int, position_ticks: int) -> list[Effect]:
        """Keep what was just played, and lay its feel on ``part`` from the next bar on."""
        if not part.groove_model:
            raise ParameterError(f"{part.name} has no groove to change: its preset names no groove model")
        end_bar = _nearest_bar(position_ticks)
        taken = self._composer.groove_heard(part, end_bar - GROOVE_BARS, GROOVE_BARS, position_ticks)
        if taken is None:
            raise ParameterError(f"nothing was played to {part.name} in the last two bars; play first")
        slot = self._slot_for_a_groove(part)
        effects: list[Effect] = [ParameterChanged(at_ns, part.name, "take_groove", True)]
        effects += self._put(part.name, slot, Slot(taken, _TAKEN), at_ns)
        return effects + self._set(part.name, "groove_from", f"slot {slot}", at_ns, undoable=True)

    def _slot_for_a_groove(self, part: Part) -> int:
        """The slot of the groove taken before, if that is what sounds; else the first empty one."""
        palette, model = self._ensemble.palette, part.spec.model
        source = str(self._ensemble.shown_value(part.name, "groove_from"))
        if source.startswith("slot "):
            slot = int(source.removeprefix("slot "))
            kept = palette.get(model, slot)
            if kept is None or kept.name == _TAKEN:
                return slot
        empty = next((slot for slot in range(1, SLOTS + 1) if palette.get(model, slot) is None), None)
        if empty is None:
            raise ParameterError(f"all slots of {part.name} are full: empty one for the groove")
        return empty

    def _put(self, part: str, slot: int, content: Slot | None, at_ns: int) -> list[Effect]:
        model = self._ensemble.part(part).spec.model
        before = self._ensemble.palette.get(model, slot)
        effects = self._fill(model, slot, content, at_ns)
        self._history.slot_changed(at_ns, OldSlot(model, slot, before))
        return effects

    def _fill(self, model: str, slot: int, content: Slot | None, at_ns: int) -> list[Effect]:
        self._ensemble.palette.put(model, slot, content)
        if content is None:
            return [SlotChanged(at_ns, model, slot, "", None)]
        return [SlotChanged(at_ns, model, slot, content.name, content.latent)]

    def _undo(self, at_ns: int) -> list[Effect]:
        match self._history.take_back():
            case OldValue(part, name, value):
                return self._set(part, name, value, at_ns, undoable=False)
            case OldSlot(model, slot, content):
                return self._fill(model, slot, content, at_ns)
        return [Notice(at_ns, Severity.INFO, "There is nothing to take back.")]

    def _idea(self, part: Part, source: Source | Latent, position_ticks: int) -> Latent:
        match source:
            case Source.PLAYED:
                bars = min(part.number("listen"), part.model.bars)
                end_bar = _nearest_bar(position_ticks)
                heard = self._composer.heard(part, end_bar - bars, bars, position_ticks)
                if heard is None:
                    heard = part.heard
                if heard is None:
                    raise ParameterError(
                        f"nothing was played to {part.name} yet, so there is nothing to keep"
                    )
                return heard
            case Source.SOUNDING:
                idea = part.ideas.get(bar_of_tick(position_ticks))
                if idea is None:
                    raise ParameterError(f"{part.name} plays no idea of its own just now")
                return idea
            case Source.SAMPLE:
                self._ideas_drawn += 1
                return Prior(mix(self._ensemble.set_seed, part.number("seed"), _NEW_IDEA, self._ideas_drawn))
        return source


def _nearest_bar(position_ticks: int) -> int:
    """The bar whose line is nearest."""
    return (position_ticks + TICKS_PER_BAR // 2) // TICKS_PER_BAR


def follow_up(change: ParameterChanged) -> Event | None:
    """What else a global parameter does besides changing: start, stop, tap, panic."""
    if change.part is not None:
        return None
    match change.name:
        case "play":
            return Play() if change.value else Halt()
        case "tap" if change.value:
            return TapTempo()
        case "panic" if change.value:
            return Panic()
    return None
