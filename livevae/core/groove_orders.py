"""What to ask for a bar that is to be felt, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from livevae.core.ensemble import Ensemble
from livevae.core.feel_order import SOURCE_BARS, TASK_OF_MODE, FeelOrder
from livevae.core.latents import ModelRequest, Prior
from livevae.core.part import Part
from livevae.core.planner import Answer, BarPlan, Decode, PlayAgain, planned_groove
from livevae.core.requests import Key
from livevae.core.seeds import mix
from livevae.core.sources import Sources, in_general_midi

Plans = Mapping[str, BarPlan]
"""What each part does in one bar, by name."""

_STEADY_BPM = 3.0  # a tempo that drifts less is the same tempo, so that a DAW's loop asks the same again


class GrooveOrders:
    """Words the questions of one ensemble's parts."""

    def __init__(self, ensemble: Ensemble, sources: Sources) -> None:
        self._ensemble = ensemble
        self._sources = sources
        self._tempo_bpm = 0
        self._remarked: set[tuple[str, str | int]] = set()

    def of(self, ensemble: Ensemble) -> GrooveOrders:
        """The same for what ``ensemble`` may come to ask."""
        others = GrooveOrders(ensemble, self._sources)
        others._tempo_bpm = self._tempo_bpm
        return others

    def hear_tempo(self, tempo_bpm: float) -> None:
        """The song goes at this tempo now."""
        if abs(tempo_bpm - self._tempo_bpm) > _STEADY_BPM:
            self._tempo_bpm = round(tempo_bpm)

    def key(self, part: Part, bar: int, plans: Plans) -> Key | None:
        """What to ask for ``bar`` of ``part``; None if nothing came in for it to answer, or nobody can."""
        plan = plans[part.name]
        if isinstance(plan, Decode) and not self._is_felt(part, plans):
            return _written(part, plan)
        return self._felt_key(part, bar, plans)

    def _is_felt(self, part: Part, plans: Plans) -> bool:
        """Whether any of its feel is heard; a bar shared with drums that are felt comes felt too."""
        if part.model.grooves or part.has_feel:
            return True
        drums, mine = self._drums(), plans[part.name]
        theirs = plans[drums.name] if drums is not None and drums.has_feel else None
        if drums is None or not isinstance(mine, Decode) or not isinstance(theirs, Decode):
            return False
        return _written(drums, theirs) == _written(part, mine)

    def _felt_key(self, part: Part, bar: int, plans: Plans) -> Key | None:
        """The same with its feel, heard or not: a line goes with drums that are turned down, too."""
        plan = plans[part.name]
        if isinstance(plan, Decode):
            return _written(part, plan)._replace(feel=self._feel(part, bar, plans))
        if not isinstance(plan, Answer) or not part.groove_model:
            return None
        source = self._sources.of(part, bar)
        if source is None or not source.hits or not source.heard:
            return None
        feel = self._feel(part, bar, plans)
        heat = float(part.values["temperature"])
        groove = feel.groove if feel and feel.groove else Prior(plan.noise_seed)
        return Key(part.groove_model, groove, SOURCE_BARS - 1, plan.noise_seed, heat, feel)

    def remarks(self, plans: Plans, bar: int) -> tuple[str, ...]:
        """What the player should know of this bar, each thing once."""
        texts: list[str] = []
        for name, plan in plans.items():
            if isinstance(plan, Answer):
                texts += self._remarks_on(self._ensemble.parts[name], bar)
        return tuple(texts)

    def _remarks_on(self, part: Part, bar: int) -> list[str]:
        texts: list[str] = []
        if not part.groove_model and self._is_new(part, "model"):
            texts.append(
                f"{part.name} gives back what you play without any feel: its preset names no groove model."
            )
        source, kit = self._sources.of(part, bar), part.spec.kit
        for pitch in source.unknown if source else ():
            if self._is_new(part, pitch):
                then = "it passes as it is" if kit.passes else "it is left out"
                texts.append(f"{part.name}: pitch {pitch} is no drum of the map {kit.reads.name}, so {then}.")
        return texts

    def _is_new(self, part: Part, remark: str | int) -> bool:
        is_new = (part.name, remark) not in self._remarked
        self._remarked.add((part.name, remark))
        return is_new

    def _feel(self, part: Part, bar: int, plans: Plans) -> FeelOrder | None:
        plan, ensemble = plans[part.name], self._ensemble
        if not part.groove_model or not isinstance(plan, Decode | Answer):
            return None
        source = self._sources.of(part, bar) if isinstance(plan, Answer) else None
        groove = planned_groove(part, ensemble.set_seed, ensemble.palette)
        pair = plan.bar_in_plan // SOURCE_BARS if isinstance(plan, Decode) else 0
        order = FeelOrder(
            model=part.groove_model,
            task=TASK_OF_MODE.get(str(part.values["mode"]), "humanise") if part.is_drum else "humanise",
            style=str(part.values["style"]),
            tempo_bpm=self._tempo_bpm,
            groove=groove,
            seed=mix(plan.noise_seed, pair),
            temperature=float(part.values["temperature"]) if source else None,
            source=source.hits if source else None,
            part=part.spec.model_part,
        )
        return order if part.is_drum else self._following(part, bar, plans, order)

    def _following(self, part: Part, bar: int, plans: Plans, order: FeelOrder) -> FeelOrder:
        """A line goes with the drums that play, by whatever way they came about."""
        drums = self._drums()
        if drums is None:
            return order
        plan = plans[drums.name]
        if isinstance(plan, PlayAgain):
            return replace(order, follows=in_general_midi(plan.notes, drums))
        key = self._felt_key(drums, bar, plans)
        if key is None:
            return order
        mine = plans[part.name]
        if isinstance(mine, Decode) and key._replace(feel=None) == _written(part, mine):
            return key.feel or order  # one answer serves both
        return replace(order, follows=ModelRequest(0, *key))

    def _drums(self) -> Part | None:
        """Those that lines go with."""
        return next((p for p in self._ensemble.parts.values() if p.is_drum and p.groove_model), None)


def _written(part: Part, plan: Decode) -> Key:
    """What to ask for a bar that ``part``'s own model writes, unfelt."""
    return Key(
        part.spec.model,
        plan.latent,
        plan.bar_in_plan,
        plan.noise_seed,
        plan.temperature,
        chords=plan.chords,
        own_noise=plan.own_noise,
    )
