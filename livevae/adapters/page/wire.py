"""How things are said to the page: small objects, each with ``is``, as docs/PAGE.md lists them.

Song positions and lengths are in beats, times in milliseconds of the timekeeper's clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from livevae.core.effects import (
    BindingChanged,
    LearningChanged,
    Notice,
    ParameterChanged,
    Severity,
    SlotChanged,
)
from livevae.core.latents import Encoded, Latent, Prior
from livevae.core.notes import Note
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    Kind,
    Parameter,
    ParameterValue,
)
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.core.relevance import modes_of, rows_of
from livevae.core.shaping import shaped_pitch
from livevae.core.snapshot import NoteSeen
from livevae.units import NS_PER_MS, TICKS_PER_BEAT

Message = dict[str, Any]


def frame_of(messages: Iterable[Message]) -> str:
    """One WebSocket text: a JSON array of messages."""
    return json.dumps(list(messages), separators=(",", ":"), allow_nan=False)


def milliseconds(at_ns: int) -> float:
    """A time to a microsecond, which is as much as a browser can use."""
    return round(at_ns / NS_PER_MS, 3)


def beats(ticks: int) -> float:
    """A song position or length."""
    return round(ticks / TICKS_PER_BEAT, 4)


def value_message(part: str | None, name: str, value: ParameterValue) -> Message:
    """A parameter has this value now."""
    return {"is": "value", "part": part, "name": name, "value": value}


def change_message(change: ParameterChanged) -> Message:
    """A parameter was changed."""
    return value_message(change.part, change.name, change.value)


def slot_message(change: SlotChanged) -> Message:
    """A slot of the palette holds this now."""
    return {
        "is": "slot",
        "model": change.model,
        "slot": change.slot,
        "name": change.name,
        "kind": _kind_of_idea(change.latent),
    }


def binding_message(change: BindingChanged) -> Message:
    """This MIDI control turns a parameter now; null: none does."""
    return {"is": "binding", "part": change.part, "name": change.name, "control": change.control}


def learning_message(change: LearningChanged) -> Message:
    """A parameter waits for a MIDI control to be touched, or waits no longer."""
    return {"is": "learning", "part": change.part, "name": change.name, "waiting": change.is_waiting}


def bar_message(part: str, bar: int, notes: Iterable[Note], pitches: Mapping[int, int]) -> Message:
    """What a part will play in a bar. pitches: as written -> as they will sound."""
    shown = [[beats(n.onset_ticks), beats(n.duration_ticks), pitches[n.pitch], n.velocity] for n in notes]
    return {"is": "bar", "part": part, "bar": bar, "notes": shown}


def sounding_pitches(
    notes: Iterable[Note], values: Mapping[str, ParameterValue], *, is_drum: bool
) -> dict[int, int]:
    """For each pitch as written, the one that will sound with these settings."""
    return {n.pitch: shaped_pitch(n.pitch, values, is_drum=is_drum) for n in notes}


def notes_message(notes: Iterable[NoteSeen]) -> Message:
    """Notes that came in and went out, each [time, 1 if it came in else 0, channel, pitch, velocity]."""
    return {
        "is": "notes",
        "notes": [[milliseconds(n.at_ns), int(n.heard), n.channel, n.pitch, n.velocity] for n in notes],
    }


def notice_message(notice: Notice) -> Message:
    """A sentence for the musician."""
    return {"is": "notice", "severity": notice.severity.value, "text": notice.text}


def complaint_message(text: str) -> Message:
    """A sentence about what the page itself sent."""
    return {"is": "notice", "severity": Severity.WARNING.value, "text": text}


def table_message(performance: Performance) -> Message:
    """Everything there is to turn, and for whom."""
    models = {model.name: model for model in performance.models}
    return {
        "preset": performance.name,
        "clock": performance.clock,
        "parts": [_part(part, models[part.model]) for part in performance.parts],
        "table": {
            "global": [_row(parameter) for parameter in GLOBAL_PARAMETERS],
            "part": [_row(parameter) for parameter in PART_PARAMETERS],
        },
    }


def _part(part: PartSpec, model: ModelInfo) -> Message:
    return {
        "name": part.name,
        "model": part.model,
        "groove": part.groove,
        "plays": part.model_part,
        "bars": model.bars,
        "rows": [row.name for row in rows_of(part, model)],
        "modes": modes_of(part, model),
    }


def _row(parameter: Parameter) -> Message:
    row: Message = {
        "name": parameter.name,
        "kind": parameter.kind.value,
        "default": parameter.default,
        "acts": parameter.acts.value,
        "help": parameter.help,
        "group": parameter.group.value,
        "modes": parameter.modes,
    }
    if parameter.kind in (Kind.NUMBER, Kind.INTEGER):
        row |= {"low": parameter.low, "high": parameter.high, "unit": parameter.unit}
    if parameter.kind is Kind.CHOICE:
        row["choices"] = parameter.choices
    return row


def _kind_of_idea(latent: Latent | None) -> str | None:
    match latent:
        case None:
            return None
        case Encoded():
            return "played"
        case Prior():
            return "sample"
    return "blend"
