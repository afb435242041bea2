"""Whatever is turned, and whenever: it is heard in the next note, or in the next bar, and never later."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core.effects import AskModel
from livevae.core.events import SetParameter
from livevae.core.parameters import ParameterValue
from livevae.testing import SoundedNote, Take, VirtualStage, tiny_performance
from livevae.units import NS_PER_MS, NS_PER_S

BAR_NS = 2 * NS_PER_S  # 120 BPM
STEP_NS = BAR_NS // 16
BARS = 6
TURNED_NS = st.integers(NS_PER_MS, (BARS - 2) * BAR_NS)
# the notes on a bar line may be early by half a sixteenth, and the models are given their time before that
DECIDED_BEFORE_NS = STEP_NS // 2 + tiny_performance().inference_ns

AT_ONCE: dict[str, tuple[ParameterValue, str]] = {
    "level": (0.25, "velocity"),
    "accent": (0.0, "velocity"),
    "transpose": (7, "pitch"),
    "register_low": (100, "pitch"),
    "channel": (9, "channel"),
}
LATENT: dict[str, ParameterValue] = {
    "temperature": 0.25,
    "mode": "walk",
    "seed": 5,
    "reroll": True,
}


def notes_of(take: Take, *channels: int) -> list[SoundedNote]:
    return [note for note in take.notes() if note.channel in channels]


@pytest.mark.parametrize("name", AT_ONCE)
@given(turned_ns=TURNED_NS)
@settings(max_examples=12, deadline=None)
def test_what_acts_at_once_is_in_the_very_next_note(name: str, turned_ns: int) -> None:
    value, heard_as = AT_ONCE[name]
    before = (
        VirtualStage().play(0).at(0, SetParameter("bass", "mute", True), SetParameter("drums", "mute", True))
    )
    untouched = notes_of(before.run(bars=BARS), 1, 9)
    turned = notes_of(before.at(turned_ns, SetParameter("melody", name, value)).run(bars=BARS), 1, 9)
    assert [note.start_ns for note in turned] == [note.start_ns for note in untouched]
    for plain, note in zip(untouched, turned, strict=True):
        if note.start_ns <= turned_ns:
            assert (note.channel, note.pitch, note.velocity) == (plain.channel, plain.pitch, plain.velocity)
        elif name != "accent" or plain.start_ns % BAR_NS == 0:  # weak beats hardly change
            assert getattr(note, heard_as) != getattr(plain, heard_as)


@pytest.mark.parametrize("name", LATENT)
@given(turned_ns=TURNED_NS)
@settings(max_examples=12, deadline=None)
def test_what_moves_the_idea_is_in_the_next_bar_that_is_not_decided(name: str, turned_ns: int) -> None:
    take = VirtualStage().play(0).at(turned_ns, SetParameter("melody", name, LATENT[name])).run(bars=BARS)
    plain = VirtualStage().play(0).run(bars=BARS)
    first_bar = (turned_ns + DECIDED_BEFORE_NS) // BAR_NS + 1
    assert first_bar * BAR_NS - turned_ns <= BAR_NS + DECIDED_BEFORE_NS  # the next bar, or just missed it
    assert _asked_before(take, turned_ns) == _asked_before(plain, turned_ns)
    assert _asked_for(take, first_bar) != _asked_for(plain, first_bar)


def _asked_before(take: Take, until_ns: int) -> list[object]:
    return [_wanted(e) for e in take.effects if isinstance(e, AskModel) and e.at_ns < until_ns]


def _asked_for(take: Take, bar: int) -> set[object]:
    """Everything the models were asked between the decision of ``bar`` and that of the next."""
    decided_ns = bar * BAR_NS - DECIDED_BEFORE_NS
    asked = [e for e in take.effects if isinstance(e, AskModel)]
    return {_wanted(e) for e in asked if decided_ns - NS_PER_MS <= e.at_ns < decided_ns + BAR_NS - NS_PER_MS}


def _wanted(asked: AskModel) -> object:
    request = asked.request
    return request.latent, request.bar_in_plan, request.noise_seed, request.temperature
