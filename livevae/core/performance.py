"""A preset as the core sees it: which parts play, by which model, with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from livevae.core.chords import BeatChords
from livevae.core.drum_kit import GM_KIT, DrumKit
from livevae.core.parameter import ParameterValue
from livevae.units import NS_PER_MS

DEFAULT_INFERENCE_NS = 40 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the core must know of a model.

    bars: length of the phrase one latent describes.
    parts: names of the parts it writes, e.g. ("melody", "bass", "drums").
    attributes: directions of its latent space that raise one musical attribute each, by name.
    grooves: it gives feel to hits, and writes no bars of its own unless it ``composes``.
    wants_chords: whether it must be told the chords of what it hears and writes.
    composes: of a groove model, whether it also writes bars of its own, with their feel.
    tells_bars, tells_parts: whether some of its latent is about one bar, or one part, alone.
    hears_bars: whether its bars hear the bars before, so that a new idea in the middle costs all of those.
    is_band: whether its parts make sense together only, so that it hears all of them whoever plays.
    """

    name: str
    bars: int
    parts: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    grooves: bool = False
    wants_chords: bool = False
    composes: bool = False
    tells_bars: bool = False
    tells_parts: bool = False
    hears_bars: bool = False
    is_band: bool = False

    @property
    def only_answers(self) -> bool:
        """Whether all it can do is make something of what came in."""
        return self.grooves and not self.composes


@dataclass(frozen=True, slots=True)
class PartSpec:
    """One playing part.

    name: as the player calls it, and its OSC address; unique in the performance.
    model: the model that writes it.
    model_part: which of the model's parts it plays.
    settings: initial values that differ from the defaults of ``livevae.core.parameters``.
    groove: the model that gives it feel; "" for none.
    kit: how its drums are numbered.
    """

    name: str
    model: str
    model_part: str
    settings: Mapping[str, ParameterValue] = field(default_factory=dict)
    groove: str = ""
    kit: DrumKit = GM_KIT


@dataclass(frozen=True, slots=True)
class Performance:
    """Everything a performer needs to begin.

    settings: initial values of global parameters.
    clock: "auto" follows an outside clock once one is heard, "midi" waits for one, "internal" leads.
    inference_ns: time to allow for one answer of the model, beside half a step of early notes.
    chords: a progression, bar by bar, that goes round until somebody plays other chords; none for none.
    """

    name: str
    parts: tuple[PartSpec, ...]
    models: tuple[ModelInfo, ...]
    settings: Mapping[str, ParameterValue] = field(default_factory=dict)
    clock: str = "auto"
    inference_ns: int = DEFAULT_INFERENCE_NS
    chords: tuple[BeatChords, ...] = ()
