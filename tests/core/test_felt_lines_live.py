"""What livevae writes is felt too, and its lines go with the drums, in virtual time."""

from __future__ import annotations

from dataclasses import replace

from livevae.core.events import (
    DecodedPart,
    ModelAnswer,
    SetParameter,
)
from livevae.core.feel import FeltNote
from livevae.core.groove_parameters import AMOUNTS
from livevae.core.latents import ModelRequest
from livevae.core.notes import Note
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.testing import VirtualStage, leaning, tick_tock, tiny_performance
from livevae.units import (
    TICKS_PER_STEP,
    ns_per_beat_of_bpm,
    ns_to_ticks,
)
from tests.core.groove_stage import (
    BAR_NS,
    BEAT,
    grooving,
    played,
)


def test_a_line_that_did_not_overlap_does_not_when_it_is_felt() -> None:
    """The second note comes half a sixteenth early, into the first, which ends there."""
    line = (Note(3 * TICKS_PER_STEP, TICKS_PER_STEP, 60, 90), Note(4 * TICKS_PER_STEP, 900, 62, 90))

    def answer(request: ModelRequest) -> ModelAnswer:
        first, second = line
        felt = FeltNote(first, first.onset_ticks, 90), FeltNote(second, second.onset_ticks - 12_000, 90)
        return ModelAnswer(request.request_id, (DecodedPart("melody", line, felt=felt),))

    solo = tiny_performance(parts=(PartSpec("melody", "tick-tock", "melody", {"channel": 1}),))
    first, second = VirtualStage(solo, answer).play().run(bars=1).notes()[:2]
    assert first.end_ns == second.start_ns
    assert second.end_ns is not None
    assert ns_to_ticks(second.end_ns - second.start_ns, ns_per_beat_of_bpm(120)) == 900


def felt_trio() -> Performance:
    """The tiny trio, each of its parts felt."""
    whole = tiny_performance()
    grooves = ModelInfo("leaning", 2, ("drums",), grooves=True)
    parts = tuple(replace(part, groove="leaning") for part in whole.parts)
    return replace(whole, parts=parts, models=(*whole.models, grooves))


def trio_requests(stage: VirtualStage, bars: int) -> list[ModelRequest]:
    """What a felt trio asks; its drums can be asked for by themselves, to answer what came in."""
    requests: list[ModelRequest] = []

    def answer(request: ModelRequest) -> ModelAnswer:
        requests.append(request)
        return leaning(request) if request.model == "leaning" else tick_tock(request)

    stage.answer = answer
    assert stage.run(bars=bars).hanging() == []
    return requests


def test_a_trio_is_felt_by_one_question_a_bar() -> None:
    requests = trio_requests(VirtualStage(felt_trio()).play(), 4)
    assert [request.bar_in_plan for request in requests[:4]] == [0, 1, 0, 1]
    assert len(requests) <= 5  # the bar after the last is asked for before this one ends
    assert all(r.feel is not None and r.feel.follows is None and r.feel.source is None for r in requests)


def turned_down(*parts: str) -> Performance:
    """The felt trio, these of its parts with none of their feel to be heard."""
    whole = felt_trio()
    down = dict.fromkeys(AMOUNTS, 0.0)
    turned = (replace(p, settings={**p.settings, **down}) if p.name in parts else p for p in whole.parts)
    return replace(whole, parts=tuple(turned))


def test_a_bar_of_which_no_feel_is_heard_asks_for_none_until_it_is_turned_up() -> None:
    stage = VirtualStage(turned_down("melody", "bass", "drums")).play()
    stage.at(3 * BAR_NS // 2, SetParameter("drums", "feel_timing", 0.5))
    requests = trio_requests(stage, 4)
    assert [request.feel is None for request in requests[:4]] == [True, True, False, False]
    assert len(requests) <= 5  # lines turned down share the drums' felt bar all the same


def test_a_line_goes_with_drums_whose_own_feel_is_turned_down() -> None:
    requests = trio_requests(VirtualStage(turned_down("melody", "drums")).play(), 2)
    assert {request.feel is None for request in requests} == {True, False}
    (felt, *_) = (request.feel for request in requests if request.feel)
    assert felt.part == "drums"  # one answer has the drums' feel and the line that goes with it


def test_lines_follow_the_drums_that_answer_the_player() -> None:
    stage = VirtualStage(felt_trio()).play().at(0, SetParameter("drums", "mode", "groove"))
    stage.script += played([(16 + step, pitch, velocity) for step, pitch, velocity in BEAT])
    lines = [r.feel for r in trio_requests(stage, 4) if r.model == "tick-tock" and r.feel]
    followed = [feel.follows for feel in lines if isinstance(feel.follows, ModelRequest)]
    assert {request.model for request in followed} == {"leaning"}
    assert {len(request.feel.source or ()) for request in followed if request.feel} >= {2 * len(BEAT)}


def test_lines_follow_drums_that_are_frozen() -> None:
    stage = VirtualStage(felt_trio()).play().at(3 * BAR_NS // 2, SetParameter("drums", "mode", "freeze"))
    follows = [r.feel.follows for r in trio_requests(stage, 4) if r.feel and r.feel.follows]
    assert follows
    assert all(isinstance(notes, tuple) and len(notes) == 4 for notes in follows)


def test_a_groove_fader_without_a_groove_model_says_so_once() -> None:
    stage = VirtualStage(tiny_performance(), tick_tock).play()
    for amount in (0.5, 0.2):
        stage.at(0, SetParameter("bass", "feel_timing", amount))
    assert stage.run(bars=1).notices() == [
        "feel_timing does nothing for bass: its preset names no groove model."
    ]
    assert grooving(BEAT).at(0, SetParameter("drums", "feel_timing", 0.5)).run(bars=1).notices() == []
