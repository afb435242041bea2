"""Which bar a part plays next: its mode turned into a point of the latent space.

The plan depends on the part's settings, on what it has heard, and on the bar's number, never on
when it is asked, so a bar reached twice (a DAW's loop) is planned the same way as long as nobody
played or turned anything in between. (The ends of an interpolation are drawn when first needed
and kept with the part.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from livevae.core.attributes import moved
from livevae.core.chords import BeatChords
from livevae.core.feel import FeltNotes
from livevae.core.latents import Corners, Encoded, Grafted, Latent, Near, Prior, Slerp
from livevae.core.palette import Palette
from livevae.core.part import Part
from livevae.core.seeds import mix

# what a seed is for, so that equal numbers in different roles give unrelated draws
_IDEA, _NOISE, _STEP_ASIDE, _LEG, _SLOT, _HOME, _GROOVE = 1, 2, 3, 4, 5, 6, 8
_NOTHING_KEPT = Palette()


@dataclass(frozen=True, slots=True)
class Decode:
    """Ask the model for this bar.

    idea: the point the mode chose. latent: the point to decode, which is the idea as the faders of musical
    attributes move it. chords: of the phrase it is a bar of, for a model that wants them. own_noise: as a
    ``ModelRequest`` has it.
    """

    idea: Latent
    latent: Latent
    bar_in_plan: int
    noise_seed: int
    temperature: float
    chords: BeatChords = ()
    own_noise: tuple[tuple[str, int], ...] = ()


class _Idea(NamedTuple):
    """Which bar of which point a mode has in mind, and the seed of its noise."""

    latent: Latent
    bar_in_plan: int
    noise_seed: int


@dataclass(frozen=True, slots=True)
class PlayAgain:
    """Play these notes, already known."""

    notes: FeltNotes


@dataclass(frozen=True, slots=True)
class Listen:
    """Stay silent: it is the player's turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer what came in during ``source_bar``. noise_seed: fixes the drawing of this bar's feel."""

    source_bar: int
    noise_seed: int


BarPlan = Decode | PlayAgain | Listen | Answer


def listening_window(part: Part, bar: int) -> tuple[int, int] | None:
    """Which bars to listen back to when deciding ``bar``: (first bar, number of bars), or None.

    In call and response that is the call, once, at the start of the answer; otherwise the last
    ``listen`` bars, each time as many have gone by. Never more bars than the model spans.
    """
    respond = part.number("respond")
    if respond:
        bars = min(respond, part.model.bars)
        is_first_of_answer = bar % respond == 0 and (bar // respond) % 2 == 1
        return (bar - bars, bars) if is_first_of_answer else None
    bars = min(part.number("listen"), part.model.bars)
    return (bar - bars, bars) if bar % bars == 0 else None


def is_listening(part: Part, bar: int) -> bool:
    """Whether, in call and response, ``bar`` is the player's turn."""
    respond = part.number("respond")
    return respond > 0 and (bar // respond) % 2 == 0


def plan_bar(part: Part, bar: int, set_seed: int, palette: Palette = _NOTHING_KEPT) -> BarPlan:
    """What ``part`` does in ``bar``; its waiting changes must have been adopted."""
    respond = part.number("respond")
    if is_listening(part, bar) or (respond and part.heard is None and not part.answers):
        return Listen()
    if part.values["mode"] == "freeze":
        frozen = _frozen_notes(part, bar)
        if frozen is not None:
            return PlayAgain(frozen)
    if part.answers:
        return Answer(bar - max(1, respond), mix(seed_of(part, set_seed), _NOISE, bar))
    return _redrawn(part, bar, set_seed, palette)


def seed_of(part: Part, set_seed: int) -> int:
    """The seed of everything that ``part`` draws."""
    return _seed_after(part, set_seed, part.rerolls)


def _seed_after(part: Part, set_seed: int, rerolls: int) -> int:
    return mix(set_seed, part.number("seed"), rerolls)


def planned_groove(part: Part, set_seed: int, palette: Palette = _NOTHING_KEPT) -> Latent | None:
    """Whose feel it is: the model draws one drummer, who stays; at temperature 0 nobody in particular."""
    source = str(part.values["groove_from"])
    kept: Latent | None = None
    if source.startswith("slot "):
        kept = palette.latent(part.spec.model, int(source.removeprefix("slot ")))
        if not part.model.grooves and not isinstance(kept, Encoded):
            kept = None  # another model's idea has no feel; bars that were played have
    if kept is not None or float(part.values["temperature"]) == 0.0:
        return kept
    return Prior(mix(seed_of(part, set_seed), _GROOVE))


def _redrawn(part: Part, bar: int, set_seed: int, palette: Palette) -> Decode:
    """The mode's idea, with another one's numbers for each part that was re-rolled, as ``part`` hears it.

    So a part that is re-rolled still plays with the others as they go on, which are not asked to change: what
    they play was decided by the idea as it was before.
    """
    if not part.model.tells_parts:
        return _decode(part, _idea(part, bar, seed_of(part, set_seed), palette))
    idea = _idea(part, bar, _seed_after(part, set_seed, 0), palette)
    latent, own_noise = idea.latent, []
    for name, rerolls in part.redrawn:
        other = _idea(part, bar, _seed_after(part, set_seed, rerolls), palette)
        if other.latent != idea.latent:
            latent = Grafted(latent, other.latent, (name,))
        own_noise.append((name, other.noise_seed))
    return _decode(part, idea._replace(latent=latent), tuple(own_noise))


def _idea(part: Part, bar: int, seed: int, palette: Palette) -> _Idea:
    """What the part's mode has in mind for ``bar``."""
    mode = str(part.values["mode"])
    if mode in ("vary", "continue") and part.heard is not None:
        return (_vary if mode == "vary" else _go_on)(part, bar, seed, part.heard)
    if mode == "interpolate":
        return _interpolate(part, bar, seed, palette)
    if mode == "pad":
        return _pad(part, bar, seed, palette)
    if mode == "walk":
        return _walk(part, bar, seed, palette)
    return _sample(part, bar, seed)


def _sample(part: Part, bar: int, seed: int) -> _Idea:
    phrase, bar_of_phrase = divmod(bar, part.number("phrase"))
    turn, bar_in_plan = divmod(bar_of_phrase, part.model.bars)
    return _Idea(Prior(mix(seed, _IDEA, phrase)), bar_in_plan, mix(seed, _NOISE, phrase, turn))


def _vary(part: Part, bar: int, seed: int, heard: Latent) -> _Idea:
    phrase = bar // part.number("phrase")
    latent = Near(heard, float(part.values["vary"]), mix(seed, _STEP_ASIDE, phrase))
    return _in_turn(part, latent, bar, seed)


def _go_on(part: Part, bar: int, seed: int, heard: Encoded) -> _Idea:
    """On from what was played, which is where the phrase begins and what it comes back to.

    The bars that follow are near a loop of it, or, the farther they vary, whatever the model thinks of next.
    """
    played = min(heard.bars, part.model.bars)
    since = bar - (part.heard_until - played)
    way_on = Near(heard, float(part.values["vary"]), mix(seed, _STEP_ASIDE, since // part.number("phrase")))
    if not part.model.tells_bars or played == part.model.bars:
        return _in_turn(part, way_on, since, seed)
    return _in_turn(part, Grafted(heard, way_on, (), played), since, seed)


def _interpolate(part: Part, bar: int, seed: int, palette: Palette) -> _Idea:
    leg, bar_of_leg = divmod(bar - part.mode_since_bar, part.number("morph"))
    start, end = (_endpoint(part, number, seed, palette) for number in (leg, leg + 1))
    latent = Slerp(start, end, bar_of_leg / part.number("morph")) if bar_of_leg else start
    return _in_turn(part, latent, bar, seed)


def _pad(part: Part, bar: int, seed: int, palette: Palette) -> _Idea:
    """Between the four ideas at the corners."""
    near_left, near_right, far_left, far_right = (
        _kept(part, part.number(f"corner_{corner}"), seed, palette) for corner in (1, 2, 3, 4)
    )
    x, y = float(part.values["pad_x"]), float(part.values["pad_y"])
    return _in_turn(part, Corners((near_left, near_right, far_left, far_right), x, y), bar, seed)


def _walk(part: Part, bar: int, seed: int, palette: Palette) -> _Idea:
    """From one point around home to the next, a stride at a time."""
    stride, bar_of_stride = divmod(bar, part.number("stride"))
    home = _place(part, str(part.values["home"]), mix(seed, _HOME), seed, palette)
    reach = float(part.values["vary"])
    here, there = (Near(home, reach, mix(seed, _STEP_ASIDE, s)) for s in (stride, stride + 1))
    return _in_turn(part, Slerp(here, there, bar_of_stride / part.number("stride")), bar, seed)


def _in_turn(part: Part, latent: Latent, bar: int, seed: int) -> _Idea:
    """Bar after bar of the phrase, from its first when it is over; ``bar`` counts from where it begins."""
    turn, bar_in_plan = divmod(bar, part.model.bars)
    return _Idea(latent, bar_in_plan, mix(seed, _NOISE, turn))


def _endpoint(part: Part, leg: int, seed: int, palette: Palette) -> Latent:
    """Where leg number ``leg`` of the way begins; fixed once it has been asked for."""
    if (seed, leg) not in part.endpoints:
        place = str(part.values["morph_from" if leg == 0 else "morph_to"])
        part.endpoints[seed, leg] = _place(part, place, mix(seed, _LEG, leg), seed, palette)
    return part.endpoints[seed, leg]


def _place(part: Part, place: str, new_idea: int, seed: int, palette: Palette) -> Latent:
    """The point that one of ``PLACES`` names. new_idea: seed of a sample, also where nothing was played."""
    if place.startswith("slot "):
        return _kept(part, int(place.removeprefix("slot ")), seed, palette)
    heard = part.heard if place == "played" else None
    return heard or Prior(new_idea)


def _kept(part: Part, slot: int, seed: int, palette: Palette) -> Latent:
    """The idea in a slot; an empty one stands for an idea of its own."""
    return palette.latent(part.spec.model, slot) or Prior(mix(seed, _SLOT, slot))


def _frozen_notes(part: Part, bar: int) -> FeltNotes | None:
    """The loop that was sounding when freeze began, at ``bar``; None if nothing was."""
    length = min(part.number("loop"), len(part.frozen))
    if length == 0:
        return None
    return part.frozen[-length:][(bar - part.mode_since_bar) % length]


def _decode(part: Part, idea: _Idea, own_noise: tuple[tuple[str, int], ...] = ()) -> Decode:
    moved_there = moved(idea.latent, part.values, part.model, part.spec.model_part)
    heat = float(part.values["temperature"])
    return Decode(idea.latent, moved_there, idea.bar_in_plan, idea.noise_seed, heat, own_noise=own_noise)
