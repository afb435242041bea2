"""Presets: a TOML file that says which parts play, by which model, with which settings.

    description = "Melody, bass and drums by one model."
    clock = "auto"                  # auto, midi or internal
    inference_ms = 40               # time to allow for one bar of the model
    chords = "| Am | F | C | G |"   # go round until somebody plays others

    [settings]                      # global parameters, see docs/PARAMETERS.md
    tempo = 120

    [parts.melody]                  # a part's name is its OSC address: /livevae/melody/...
    model = "trio_16bar"            # a model's name, or a path to an .onnx file beside the preset
    plays = "melody"                # which of the model's parts; the part's own name if left out
    channel = 1                     # any part parameter of docs/PARAMETERS.md
    mode = "vary"
    groove = "groove_2bar"          # the model that gives it feel, if it is to have any

    [parts.drums]
    drum_map_in = "td11"            # how the drums that come in are numbered: gm, td11, ableton, or a map of
    drum_map_out = "ableton"        # one's own (livevae.drum_map_text); and those that go out
    unmapped = "drop"               # pitches the map does not know: pass or drop

Whatever is wrong with a preset is a PresetError that names the file, the key, the value and what
would be accepted; no other exception leaves this module.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livevae.core.chord_symbols import parse_progression
from livevae.core.chords import BeatChords
from livevae.core.drum_kit import GM, MAPS, DrumKit, DrumMap
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    Kind,
    Parameter,
    ParameterValue,
    defaults,
)
from livevae.core.performance import DEFAULT_INFERENCE_NS, ModelInfo, PartSpec, Performance
from livevae.drum_map_text import read_drum_map
from livevae.errors import ParameterError, PresetError
from livevae.units import NS_PER_MS
from livevae.wording import shown, suggestion

CLOCKS = ("auto", "midi", "internal")
MAX_PARTS = 16  # one MIDI channel each
MAX_INFERENCE_MS = 2_000.0  # a whole bar at 120 BPM: beyond it no bar could react to the one before

_TOP_KEYS = ("description", "clock", "inference_ms", "chords", "settings", "parts")
_PART_KEYS = ("model", "plays", "groove", "drum_map_in", "drum_map_out", "unmapped")
_PART_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_RESERVED = frozenset(p.name for p in GLOBAL_PARAMETERS) | {
    "capabilities",
    "capability",
    "chord",
    "chords",
    "continue",
    "error",
    "harmony",
    "learn",
    "learning",
    "livevae",
    "notice",
    "state",
    "stop",
    "subscribe",
    "transport",
    "undo",
    "unlearn",
    "unsubscribe",
}
"""Words that mean something else right after /livevae/."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset as written down, every value checked.

    name: what the musician calls it. source: how messages name it, e.g. "preset stage/mine.toml".
    parts: ``PartSpec.model`` is the model as the preset names it.
    settings: global parameters that differ from their defaults.
    chords: the written ones, bar by bar, one a beat.
    """

    name: str
    source: str
    parts: tuple[PartSpec, ...]
    settings: Mapping[str, ParameterValue] = field(default_factory=dict)
    description: str = ""
    clock: str = "auto"
    inference_ns: int = DEFAULT_INFERENCE_NS
    chords: tuple[BeatChords, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The models it needs, each once, in order of first use."""
        named = [name for part in self.parts for name in (part.model, part.groove) if name]
        return tuple(dict.fromkeys(named))

    def adjusted(
        self, *, tempo_bpm: float | None = None, seed: int | None = None, clock: str | None = None
    ) -> Preset:
        """The same preset with what the command line says instead; None leaves a thing as it is.

        Raises PresetError when a value is out of range.
        """
        settings = dict(self.settings)
        wanted: tuple[tuple[str, ParameterValue | None], ...] = (("tempo", tempo_bpm), ("seed", seed))
        for name, value in wanted:
            if value is not None:
                settings[name] = _checked(_GLOBALS[name], value, "command line", name)
        return replace(
            self,
            settings=settings,
            clock=self.clock if clock is None else _choice(clock, CLOCKS, "command line", "clock"),
        )

    def performance(self, infos: Mapping[str, ModelInfo]) -> Performance:
        """The performance this preset describes, once its models are known.

        infos: for each name in ``models``, what the loaded model says of itself.
        Raises PresetError when a model is not among them or has no such part.
        """
        parts = []
        for part in self.parts:
            key = f"parts.{part.name}"
            if part.model not in infos:
                raise _refusal(self.source, f"{key}.model", part.model, "a model that is loaded", infos)
            info = infos[part.model]
            if part.model_part not in info.parts:
                takes = f"a part that model {info.name} writes: {', '.join(info.parts)}"
                raise _refusal(self.source, f"{key}.plays", part.model_part, takes, info.parts)
            parts.append(replace(part, model=info.name, groove=self._groove_of(part, infos)))
        return Performance(
            name=self.name,
            parts=tuple(parts),
            models=tuple({infos[name].name: infos[name] for name in self.models}.values()),
            settings=self.settings,
            clock=self.clock,
            inference_ns=self.inference_ns,
            chords=self.chords,
        )

    def _groove_of(self, part: PartSpec, infos: Mapping[str, ModelInfo]) -> str:
        if not part.groove:
            return ""
        grooves = [name for name, info in infos.items() if info.only_answers]
        if part.groove not in grooves:
            key = f"parts.{part.name}.groove"
            raise _refusal(self.source, key, part.groove, "a groove model that is loaded", grooves)
        return infos[part.groove].name


def parse_preset(text: str, name: str, source: str) -> Preset:
    """A preset from TOML ``text``; ``source`` begins every message. Raises PresetError."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        raise PresetError(f"{source} is not TOML: {error or 'it is nested too deeply'}") from error
    _only_known(document, _TOP_KEYS, source, "")
    parts_table = _table(document.get("parts", {}), source, "parts")
    if not 1 <= len(parts_table) <= MAX_PARTS:
        raise PresetError(
            f"{source}: it has {len(parts_table)} parts; write 1 to {MAX_PARTS} tables [parts.NAME]"
        )
    return Preset(
        name=name,
        source=source,
        parts=tuple(_part(key, table, source) for key, table in parts_table.items()),
        settings=_settings(_table(document.get("settings", {}), source, "settings"), "settings", source),
        description=_text(document.get("description", ""), source, "description"),
        clock=_choice(document.get("clock", "auto"), CLOCKS, source, "clock"),
        inference_ns=_inference_ns(document, source),
        chords=_chords(document, source),
    )


_PARTS = {p.name: p for p in PART_PARAMETERS if p.kind is not Kind.TRIGGER}
_GLOBALS = {p.name: p for p in GLOBAL_PARAMETERS if p.kind is not Kind.TRIGGER}


def _part(name: str, value: object, source: str) -> PartSpec:
    key = f"parts.{name}"
    if not _PART_NAME.fullmatch(name) or name in _RESERVED:
        takes = "a name of lower-case letters, digits and _ that is no parameter's name, e.g. melody"
        raise _refusal(source, "part", name, takes)
    table = dict(_table(value, source, key))
    if "model" not in table:
        raise PresetError(
            f'preset {source}: {key}.model is missing; write the model\'s name, e.g. "trio_16bar"'
        )
    model = _text(table.pop("model"), source, f"{key}.model")
    model_part = _text(table.pop("plays", name), source, f"{key}.plays")
    groove = _text(table.pop("groove"), source, f"{key}.groove") if "groove" in table else None
    for what, text in (("model", model), ("plays", model_part), ("groove", groove)):
        if text is not None and (not text.strip() or "\0" in text):
            raise _refusal(source, f"{key}.{what}", text, "a name")
    kit = _kit(table, key, source)
    settings = _settings(table, key, source, also=_PART_KEYS)
    full = defaults(PART_PARAMETERS) | settings
    low, high = full["register_low"], full["register_high"]
    if isinstance(low, int) and isinstance(high, int) and low > high:
        raise _refusal(source, f"{key}.register_low", low, f"at most register_high, {high}")
    return PartSpec(name, model, model_part, settings, groove or "", kit)


def _kit(table: dict[str, Any], key: str, source: str) -> DrumKit:
    """How the part's drums are numbered."""
    reads = _drum_map(table.pop("drum_map_in", GM.name), f"{key}.drum_map_in", source)
    plays = table.pop("drum_map_out", None)
    passes = _choice(table.pop("unmapped", "pass"), ("pass", "drop"), source, f"{key}.unmapped") == "pass"
    return DrumKit(reads, None if plays is None else _drum_map(plays, f"{key}.drum_map_out", source), passes)


def _drum_map(value: object, key: str, source: str) -> DrumMap:
    if isinstance(value, str) and value in MAPS:
        return MAPS[value]
    if not isinstance(value, str) or not any(char.isspace() for char in value.strip()):
        takes = f"one of {', '.join(MAPS)}, or a map of your own, a line for each drum"
        raise _refusal(source, key, value, takes, MAPS)
    try:
        return read_drum_map(value)
    except PresetError as error:
        raise PresetError(f"{source}: {key}: {error}") from error


def _settings(
    table: Mapping[str, object], key: str, source: str, also: Sequence[str] = ()
) -> dict[str, ParameterValue]:
    known = _GLOBALS if key == "settings" else _PARTS
    _only_known(table, (*also, *known), source, f"{key}.")
    return {name: _checked(known[name], value, source, f"{key}.{name}") for name, value in table.items()}


def _checked(parameter: Parameter, value: object, source: str, key: str) -> ParameterValue:
    # TOML keeps integers of any length; Python cannot compare the longest with a float
    if isinstance(value, int) and abs(value) >= 2**63:
        raise _refusal(source, key, "a number of more than 18 digits", parameter.accepts())
    try:
        return parameter.check(value)
    except ParameterError as error:
        raise _refusal(source, key, value, parameter.accepts(), parameter.choices) from error


def _inference_ns(document: Mapping[str, object], source: str) -> int:
    value = document.get("inference_ms", DEFAULT_INFERENCE_NS / NS_PER_MS)
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= MAX_INFERENCE_MS:
        return round(value * NS_PER_MS)
    raise _refusal(source, "inference_ms", value, f"a number from 1 to {MAX_INFERENCE_MS:g} ms")


def _chords(document: Mapping[str, object], source: str) -> tuple[BeatChords, ...]:
    if "chords" not in document:
        return ()
    try:
        return parse_progression(_text(document["chords"], source, "chords"))
    except ParameterError as error:
        raise PresetError(f"{source}: chords is refused: {error}") from error


def _table(value: object, source: str, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(source, key, value, f"a table, written [{key}]")
    return value


def _text(value: object, source: str, key: str) -> str:
    if not isinstance(value, str):
        raise _refusal(source, key, value, 'text in quotes, e.g. "text"')
    return value


def _choice(value: object, choices: Sequence[str], source: str, key: str) -> str:
    if isinstance(value, str) and value in choices:
        return value
    raise _refusal(source, key, value, f"one of {', '.join(choices)}", choices)


def _only_known(table: Mapping[str, object], known: Sequence[str], source: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            raise PresetError(
                f"{source}: there is no key {shown(prefix + key)}"
                f"{suggestion(key, known)}; known keys are {', '.join(known)}"
            )


def _refusal(source: str, key: str, value: object, takes: str, near: Iterable[str] = ()) -> PresetError:
    guess = suggestion(value, near) if isinstance(value, str) else ""
    return PresetError(f"{source}: {key} = {shown(value)} is refused{guess}; it takes {takes}")
