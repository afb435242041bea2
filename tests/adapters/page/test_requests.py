"""What a page may ask, and that nothing else it sends gets further than a sentence."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.page.requests import ACTIONS, MAX_NAME_CHARACTERS, read_request
from livevae.core.events import (
    ControlChange,
    Drop,
    Event,
    Forget,
    Halt,
    Keep,
    Learn,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    Rename,
    SetParameter,
    Source,
    StopLearning,
    TapTempo,
    Undo,
)
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS
from livevae.errors import MessageError

PARTS = ("melody", "drums")

ASKED: list[tuple[dict[str, Any], Event]] = [
    ({"do": "set", "part": "melody", "name": "vary", "value": 0.5}, SetParameter("melody", "vary", 0.5)),
    ({"do": "set", "part": None, "name": "tempo", "value": 90}, SetParameter(None, "tempo", 90.0)),
    ({"do": "set", "name": "quantum", "value": 4}, SetParameter(None, "quantum", 4)),
    ({"do": "set", "part": "drums", "name": "reroll", "value": True}, SetParameter("drums", "reroll", True)),
    ({"do": "play"}, Play()),
    ({"do": "continue"}, Play(from_start=False)),
    ({"do": "stop"}, Halt()),
    ({"do": "tap"}, TapTempo()),
    ({"do": "panic"}, Panic()),
    ({"do": "undo"}, Undo()),
    (
        {"do": "keep", "part": "drums", "slot": 16, "source": "played", "name": "né"},
        Keep("drums", 16, Source.PLAYED, "né"),
    ),
    (
        {"do": "keep", "part": "drums", "slot": 1, "source": "sounding"},
        Keep("drums", 1, Source.SOUNDING),
    ),
    ({"do": "rename", "part": "melody", "slot": 3, "name": "hook"}, Rename("melody", 3, "hook")),
    ({"do": "drop", "part": "melody", "slot": 3}, Drop("melody", 3)),
    ({"do": "note", "channel": 10, "pitch": 36, "velocity": 99}, NoteOn(10, 36, 99)),
    ({"do": "note", "channel": 10, "pitch": 36, "velocity": 0}, NoteOff(10, 36)),
    ({"do": "control", "channel": 1, "control": 21, "value": 99}, ControlChange(1, 21, 99)),
    ({"do": "learn", "part": "melody", "name": "vary"}, Learn("melody", "vary")),
    ({"do": "unlearn", "part": None, "name": "tempo"}, Forget(None, "tempo")),
    ({"do": "stop_learning"}, StopLearning()),
]


@pytest.mark.parametrize(("request_", "event"), ASKED, ids=lambda case: str(case)[:60])
def test_each_request_becomes_its_event(request_: dict[str, Any], event: Event) -> None:
    assert read_request(json.dumps(request_), PARTS) == event


def test_every_action_is_tried_above() -> None:
    assert {request["do"] for request, _ in ASKED} == set(ACTIONS)


REFUSED = [
    ("", "no JSON"),
    ("[1]", "no JSON object"),
    ("[" * 100_000, "no JSON"),
    ("1" * 5000, "no JSON"),
    ('{"do":"sing"}', "it can ask for set, play"),
    ('{"do":["play"]}', "it can ask for"),
    ('{"do":"set","part":"bass","name":"vary","value":1}', "playing are melody, drums"),
    ('{"do":"set","part":["melody"],"name":"vary","value":1}', "playing are melody, drums"),
    ('{"do":"set","part":"melody","name":"loudness","value":1}', "no parameter 'loudness'"),
    ('{"do":"set","part":"melody","name":"vary","value":1e999}', "a number from 0 to 1"),
    ('{"do":"set","part":"melody","name":"vary","value":NaN}', "a number from 0 to 1"),
    ('{"do":"set","part":"melody","name":"loop","value":2.5}', "a whole number from 1 to 16"),
    ('{"do":"set","part":"melody","name":"vary","value":' + "9" * 400 + "}", ""),
    ('{"do":"set","part":"melody","name":"mode","value":"sing"}', "one of sample, vary"),
    ('{"do":"keep","part":"melody","slot":17,"source":"played"}', "from 1 to 16"),
    ('{"do":"keep","part":"melody","slot":true,"source":"played"}', "from 1 to 16"),
    ('{"do":"keep","part":"melody","slot":1,"source":"radio"}', "it can keep played, sounding, sample"),
    ('{"do":"keep","part":"melody","slot":1,"source":"played","name":"a\\u0007"}', "printable"),
    ('{"do":"note","channel":0,"pitch":60,"velocity":1}', "from 1 to 16"),
    ('{"do":"note","channel":1,"pitch":128,"velocity":1}', "from 0 to 127"),
    ('{"do":"note","channel":1,"pitch":60.0,"velocity":1}', "from 0 to 127"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=lambda case: str(case)[:40])
def test_what_makes_no_sense_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_request(text, PARTS)
    assert sentence in str(refusal.value)
    assert len(str(refusal.value)) < 700


def test_a_long_name_is_refused() -> None:
    keep = {
        "do": "keep",
        "part": "drums",
        "slot": 1,
        "source": "sample",
        "name": "x" * (MAX_NAME_CHARACTERS + 1),
    }
    with pytest.raises(MessageError, match="printable"):
        read_request(json.dumps(keep), PARTS)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_names = [parameter.name for parameter in (*GLOBAL_PARAMETERS, *PART_PARAMETERS)]
_almost = st.fixed_dictionaries(
    {"do": st.sampled_from(ACTIONS)},
    optional={
        "part": st.sampled_from(PARTS) | _json,
        "name": st.sampled_from(_names) | _json,
        "value": _json,
        "slot": st.integers(-1, 20) | _json,
        "source": st.sampled_from([source.value for source in Source]) | _json,
        "channel": st.integers(-1, 20) | _json,
        "pitch": st.integers(-1, 130) | _json,
        "velocity": st.integers(-1, 130) | _json,
    },
)


@given(st.text() | st.binary() | _json.map(json.dumps) | _almost.map(json.dumps))
def test_anything_is_an_event_or_a_sentence(text: str | bytes) -> None:
    with contextlib.suppress(MessageError):  # the only exception there is
        assert isinstance(read_request(text, PARTS), Event)
