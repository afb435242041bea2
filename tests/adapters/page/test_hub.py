"""A page that has just opened is told the same as one that was there all the time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.wire import Message, frame_of
from livevae.core.effects import (
    BarDecided,
    BarMissed,
    BindingChanged,
    Effect,
    LearningChanged,
    Notice,
    ParameterChanged,
    Severity,
    SlotChanged,
)
from livevae.core.latents import Encoded, Latent, Prior, Slerp
from livevae.core.notes import Note
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, SLOTS
from livevae.core.snapshot import NoteSeen
from livevae.testing import tiny_performance
from livevae.units import TICKS_PER_BEAT

NOTE = Note(TICKS_PER_BEAT, TICKS_PER_BEAT // 2, 60, 100)


def make_hub() -> PageHub:
    return PageHub(tiny_performance(), "1.0", hears_elsewhere=False)


def hello(hub: PageHub) -> Message:
    return hub.hello()[0]


def test_the_first_message_has_everything_there_is_to_turn() -> None:
    message = hello(make_hub())
    assert message["is"] == "hello"
    assert [part["name"] for part in message["parts"]] == ["melody", "bass", "drums"]
    assert [row["name"] for row in message["table"]["part"]] == [p.name for p in PART_PARAMETERS]
    assert [row["name"] for row in message["table"]["global"]] == [p.name for p in GLOBAL_PARAMETERS]
    assert message["values"]["parts"]["drums"]["channel"] == 10
    assert message["values"]["global"]["tempo"] == 120.0
    assert message["slots"] == SLOTS


def test_a_change_is_passed_on_and_remembered() -> None:
    hub = make_hub()
    (message,) = hub.told(ParameterChanged(0, "bass", "vary", 0.7))
    assert message == {"is": "value", "part": "bass", "name": "vary", "value": 0.7}
    assert hello(hub)["values"]["parts"]["bass"]["vary"] == 0.7


def test_controls_and_what_waits_for_one_are_passed_on_and_remembered() -> None:
    hub = make_hub()
    (waits,) = hub.told(LearningChanged(0, "bass", "vary", True))
    assert waits == {"is": "learning", "part": "bass", "name": "vary", "waiting": True}
    assert hello(hub)["learning"] == waits
    hub.told(LearningChanged(0, "bass", "vary", False))
    (bound,) = hub.told(BindingChanged(0, "bass", "vary", "channel 1 cc 21"))
    assert bound == {"is": "binding", "part": "bass", "name": "vary", "control": "channel 1 cc 21"}
    assert (hello(hub)["learning"], hello(hub)["bindings"]) == (None, [bound])
    hub.told(BindingChanged(0, "bass", "vary", None))
    assert hello(hub)["bindings"] == []


def test_an_action_is_passed_on_but_is_no_value() -> None:
    hub = make_hub()
    assert hub.told(ParameterChanged(0, "bass", "reroll", True))
    assert "reroll" not in hello(hub)["values"]["parts"]["bass"]


def test_slots_say_what_kind_of_idea_they_hold() -> None:
    hub = make_hub()
    ideas: tuple[Latent, ...] = (Encoded((), 2), Prior(1), Slerp(Prior(1), Prior(2), 0.5))
    for slot, idea in enumerate(ideas, start=1):
        hub.told(SlotChanged(0, "tick-tock", slot, "mine", idea))
    assert [slot["kind"] for slot in hello(hub)["palette"]] == ["played", "sample", "blend"]
    hub.told(SlotChanged(0, "tick-tock", 2, "", None))
    assert [slot["slot"] for slot in hello(hub)["palette"]] == [1, 3]


def test_a_decided_bar_is_told_in_beats() -> None:
    hub = make_hub()
    (message,) = hub.told(BarDecided(0, "melody", 5, (NOTE,)))
    assert message == {"is": "bar", "part": "melody", "bar": 5, "notes": [[1.0, 0.5, 60, 100]]}
    assert message in hub.hello()


def test_decided_bars_move_with_the_transposition_but_drums_do_not() -> None:
    hub = make_hub()
    hub.told(BarDecided(0, "melody", 5, (NOTE,)))
    hub.told(BarDecided(0, "drums", 5, (NOTE,)))
    _, moved = hub.told(ParameterChanged(0, "melody", "transpose", 7))
    assert moved["notes"] == [[1.0, 0.5, 67, 100]]
    _, kept = hub.told(ParameterChanged(0, "drums", "transpose", 7))
    assert kept["notes"] == [[1.0, 0.5, 60, 100]]


def test_only_the_last_bars_are_kept() -> None:
    hub = make_hub()
    for bar in range(1000):
        hub.told(BarDecided(0, "melody", bar, (NOTE,)))
    assert [m["bar"] for m in hub.hello() if m["is"] == "bar"] == [996, 997, 998, 999]


def test_notices_are_kept_for_those_who_come_later() -> None:
    hub = make_hub()
    for number in range(200):
        hub.told(Notice(0, Severity.WARNING, f"number {number}"))
    notices = hello(hub)["notices"]
    assert len(notices) == 50
    assert notices[-1] == {"is": "notice", "severity": "warning", "text": "number 199"}


def test_notes_are_for_those_who_look_now() -> None:
    hub = make_hub()
    (message,) = hub.notes([NoteSeen(1_500_000, True, 1, 60, 99), NoteSeen(2_000_000, False, 2, 40, 0)])
    assert message == {"is": "notes", "notes": [[1.5, 1, 1, 60, 99], [2.0, 0, 2, 40, 0]]}
    assert not any(m["is"] == "notes" for m in hub.hello())


def test_what_a_performance_that_has_gone_still_says_is_left_out() -> None:
    hub = make_hub()
    assert hub.told(ParameterChanged(0, "flute", "vary", 0.1)) == []
    assert hub.told(BarDecided(0, "flute", 1, (NOTE,))) == []


_parts = st.sampled_from(["melody", "bass", "drums"])
_effects: st.SearchStrategy[Effect] = st.one_of(
    st.builds(ParameterChanged, st.just(0), _parts, st.sampled_from(["vary", "level"]), st.floats(0, 1)),
    st.builds(ParameterChanged, st.just(0), _parts, st.just("transpose"), st.integers(-24, 24)),
    st.builds(
        SlotChanged,
        st.just(0),
        st.just("tick-tock"),
        st.integers(1, SLOTS),
        st.text(max_size=4),
        st.none() | st.builds(Prior, st.integers(0, 9)),
    ),
    st.builds(BarDecided, st.just(0), _parts, st.integers(-1, 9), st.just((NOTE,))),
    st.builds(BarMissed, st.just(0), _parts, st.integers(-1, 9)),
    st.builds(Notice, st.just(0), st.sampled_from(Severity), st.text(max_size=9)),
)


def _follow(state: dict[str, Any], message: Message) -> None:
    """What a page makes of a message, see livevae/web/store.js."""
    match message:
        case {"is": "hello", "values": values, "palette": palette}:
            state["values"] = values["parts"]
            state["slots"] = {slot["slot"]: slot for slot in palette}
            state["bars"] = {}
        case {"is": "value", "part": str(part), "name": name, "value": value}:
            state["values"][part][name] = value
        case {"is": "slot", "slot": slot, "kind": kind}:
            state["slots"].pop(slot, None)
            if kind is not None:
                state["slots"][slot] = message
        case {"is": "bar", "part": part, "bar": bar, "notes": notes}:
            state["bars"][part, bar] = notes


@given(st.lists(_effects, max_size=40))
def test_coming_later_makes_no_difference(effects: list[Effect]) -> None:
    hub = make_hub()
    early: dict[str, Any] = {}
    for message in json.loads(frame_of(hub.hello())):
        _follow(early, message)
    for effect in effects:
        for message in json.loads(frame_of(hub.told(effect))):
            _follow(early, message)
    late: dict[str, Any] = {}
    for message in json.loads(frame_of(hub.hello())):
        _follow(late, message)
    assert late["values"] == early["values"]
    assert late["slots"] == early["slots"]
    assert late["bars"].items() <= early["bars"].items()
