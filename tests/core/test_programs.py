"""Programs are told when they change, before the first note that wants them, and only to who has one."""

from __future__ import annotations

from collections.abc import Callable

from livevae.core.effects import AskModel, SendNoteOn, SendProgram
from livevae.core.events import (
    DecodedPart,
    Halt,
    ModelAnswer,
    NoteOff,
    NoteOn,
    Play,
    PortFound,
    PortLost,
    SetParameter,
)
from livevae.core.latents import Encoded, ModelRequest, Near
from livevae.core.notes import Note
from livevae.core.parameters import ParameterValue
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.testing import Take, VirtualStage
from livevae.units import TICKS_PER_BEAT

BEAT_NS = 500_000_000  # 120 BPM
BAR_NS = 4 * BEAT_NS
PARTS = ("drums", "guitar", "bass")
CHANNELS = {"drums": 10, "guitar": 2, "bass": 3}
from tests.core.stage import ready_stage


def band(**settings: ParameterValue) -> Performance:
    specs = (
        PartSpec(
            part,
            "band",
            part,
            {"channel": CHANNELS[part], "in_channel": CHANNELS[part], "phrase": 1, **settings},
        )
        for part in PARTS
    )
    return Performance("band", tuple(specs), (ModelInfo("band", 1, PARTS, is_band=True),), clock="internal")


def playing(*programs: int) -> Callable[[ModelRequest], ModelAnswer]:
    """A model whose guitar takes up these programs one bar after another."""
    asked: list[ModelRequest] = []

    def answer(request: ModelRequest) -> ModelAnswer:
        asked.append(request)
        program = programs[min(len(asked), len(programs)) - 1]
        note = (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 52, 90),)
        parts = (
            DecodedPart("drums", note),
            DecodedPart("guitar", note, program=program),
            DecodedPart("bass", note, program=33),
        )
        return ModelAnswer(request.request_id, parts)

    return answer


def stage(performance: Performance, *programs: int) -> VirtualStage:
    ready = ready_stage(performance).play()
    ready.answer = playing(*programs)
    return ready


def told(take: Take) -> list[tuple[int, int, int]]:
    return [
        (effect.at_ns // BAR_NS, effect.channel, effect.program)
        for effect in take.effects
        if isinstance(effect, SendProgram)
    ]


def test_a_program_is_told_when_it_changes_and_not_again() -> None:
    take = stage(band(), 30, 30, 27, 27, 30).run(bars=6)
    assert told(take) == [(0, 2, 30), (0, 3, 33), (2, 2, 27), (4, 2, 30)]


def test_it_is_told_right_before_the_first_note_that_wants_it() -> None:
    take = stage(band(), 30, 27).run(bars=2)
    sent = [effect for effect in take.effects if isinstance(effect, SendNoteOn | SendProgram)]
    for index, effect in enumerate(sent):
        if isinstance(effect, SendProgram):
            after = next(
                later for later in sent[index:] if later.channel == effect.channel and later != effect
            )
            assert isinstance(after, SendNoteOn)
            assert after.at_ns == effect.at_ns


def test_a_program_of_ones_own_is_kept_and_none_is_sent_on_request() -> None:
    assert told(stage(band(program=11), 30, 27).run(bars=3)) == [(0, 10, 10), (0, 2, 10), (0, 3, 10)]
    assert told(stage(band(program=-1), 30, 27).run(bars=3)) == []


def test_a_chosen_program_takes_the_models_place_at_the_next_note() -> None:
    chosen = stage(band(), 30).at(BAR_NS, SetParameter("guitar", "program", 5))
    assert told(chosen.run(bars=2)) == [(0, 2, 30), (0, 3, 33), (1, 2, 4)]


def test_whoever_begins_or_comes_back_is_told_again() -> None:
    again = stage(band(), 30).at(BAR_NS, PortLost("out")).at(BAR_NS + 1, PortFound("out"))
    assert told(again.run(bars=2)) == [(0, 2, 30), (0, 3, 33), (1, 2, 30), (1, 3, 33)]
    stopped = stage(band(), 30).at(BAR_NS - 1, Halt()).at(2 * BAR_NS, Play())
    assert told(stopped.run(bars=4)) == [(0, 2, 30), (0, 3, 33), (2, 2, 30), (2, 3, 33)]


def heard(take: Take) -> list[Encoded]:
    latents = [effect.request.latent for effect in take.effects if isinstance(effect, AskModel)]
    return [near.centre for near in latents if isinstance(near, Near) and isinstance(near.centre, Encoded)]


def test_who_plays_into_a_band_is_heard_in_the_midst_of_the_others() -> None:
    guest = stage(band(mode="vary"), 30)
    guest.at(BEAT_NS, NoteOn(2, 67, 90)).at(2 * BEAT_NS, NoteOff(2, 67))
    first = heard(guest.run(bars=4))[0]
    notes = dict(first.parts)
    assert notes["guitar:30"] == (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 67, 90),)
    assert notes["bass:33"] == notes["drums"] == (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 52, 90),)


def test_who_is_muted_is_not_heard_and_a_band_alone_hears_nobody() -> None:
    guest = stage(band(mode="vary"), 30).at(0, SetParameter("bass", "mute", True))
    guest.at(BEAT_NS, NoteOn(2, 67, 90)).at(2 * BEAT_NS, NoteOff(2, 67))
    assert [part for part, _ in heard(guest.run(bars=4))[0].parts] == ["drums", "guitar:30"]
    assert not heard(stage(band(mode="vary"), 30).run(bars=4))
