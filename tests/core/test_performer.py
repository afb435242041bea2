"""The performer plays bars on their bar lines, follows the player, and leaves no note sounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from livevae.core.effects import AskModel, BarMissed, ParameterChanged, SendNoteOn
from livevae.core.events import (
    DecodedPart,
    Halt,
    LoadPerformance,
    ModelAnswer,
    ModelFailed,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    PortFound,
    PortLost,
    Quit,
    SetParameter,
    StopAt,
)
from livevae.core.latents import Encoded, ModelRequest, Near, Prior
from livevae.core.notes import Note
from livevae.core.parameters import ParameterValue
from livevae.core.performance import PartSpec, Performance
from livevae.core.performer import Performer
from livevae.testing import SoundedNote, VirtualStage, tick_tock, tiny_performance
from livevae.units import (
    HALF_STEP_TICKS,
    NS_PER_MS,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    ns_per_beat_of_bpm,
    ticks_to_ns,
)
from tests.core.stage import BAR_NS, BEAT_NS, bars_of, notes_on, ready_stage


def answering(note: Note, tie_ticks: int = 0) -> Callable[[ModelRequest], ModelAnswer]:
    def answer(request: ModelRequest) -> ModelAnswer:
        return ModelAnswer(request.request_id, (DecodedPart("melody", (note,), tie_ticks),))

    return answer


def test_every_beat_of_every_part_sounds_exactly_on_time() -> None:
    take = ready_stage().play().run(bars=4)
    for channel in (1, 2, 10):
        assert [note.start_ns for note in notes_on(take, channel)] == [n * BEAT_NS for n in range(16)]
    assert not [n for n in take.hanging() if n.start_ns < 4 * BAR_NS - BEAT_NS]


def test_one_question_serves_all_parts_that_agree() -> None:
    take = ready_stage().play().run(bars=4)
    asked = [effect.request for effect in take.effects if isinstance(effect, AskModel)]
    assert len(asked) == len({(r.latent, r.bar_in_plan, r.noise_seed) for r in asked})
    assert len(asked) <= 5


def test_a_bar_is_asked_for_before_its_early_notes_are_due() -> None:
    take = ready_stage().play().run(bars=8)
    asks = [effect for effect in take.effects if isinstance(effect, AskModel)]
    half_step_ns = BEAT_NS // 8
    later = [ask for ask in asks if ask.at_ns > 0]
    assert later
    for ask in later:
        before_bar_line_ns = -ask.at_ns % BAR_NS
        assert half_step_ns < before_bar_line_ns <= half_step_ns + 41 * NS_PER_MS


def test_an_early_downbeat_sounds_before_its_bar_line() -> None:
    early = Note(-HALF_STEP_TICKS, TICKS_PER_BEAT, 60, 100)
    stage = ready_stage().play()
    stage.answer = answering(early)
    starts = [note.start_ns for note in notes_on(stage.run(bars=3), 1)]
    assert starts[0] == 0  # nothing can sound before play is pressed
    assert starts[1:3] == [BAR_NS - BEAT_NS // 8, 2 * BAR_NS - BEAT_NS // 8]


def test_an_answer_that_comes_late_in_the_first_bar_still_sounds() -> None:
    stage = VirtualStage(answer_after_ns=5 * NS_PER_MS).play(0)
    starts = [note.start_ns for note in notes_on(stage.run(bars=1), 1)]
    assert starts == [0, BEAT_NS, 2 * BEAT_NS, 3 * BEAT_NS]  # the first is sent 5 ms late, for its ideal time


def test_the_same_seed_and_the_same_playing_give_the_same_set() -> None:
    def take(seed: int) -> list[SoundedNote]:
        stage = VirtualStage(tiny_performance(settings={"seed": seed})).play(0)
        stage.at(BEAT_NS, NoteOn(1, 60, 90)).at(2 * BEAT_NS, NoteOff(1, 60))
        return stage.run(bars=12).notes()

    assert take(1) == take(1)
    assert take(1) != take(2)


def test_vary_answers_what_was_just_played() -> None:
    parts = (PartSpec("melody", "tick-tock", "melody", {"mode": "vary", "in_channel": 1}),)
    stage = VirtualStage(tiny_performance(parts=parts)).play(0)
    stage.at(BEAT_NS, NoteOn(1, 67, 90)).at(2 * BEAT_NS, NoteOff(1, 67))
    take = stage.run(bars=6)
    latents = {a.request.latent for a in take.effects if isinstance(a, AskModel)}
    varied = [latent for latent in latents if isinstance(latent, Near)]
    assert [latent for latent in latents if isinstance(latent, Prior)]
    assert varied
    assert varied[0].centre == Encoded((("melody", (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 67, 90),)),), 2)


def test_a_note_over_the_bar_line_is_tied() -> None:
    held = Note(TICKS_PER_BAR - TICKS_PER_BEAT, TICKS_PER_BEAT, 60, 100)
    stage = ready_stage().play()
    stage.answer = answering(held, tie_ticks=TICKS_PER_BEAT)
    first = notes_on(stage.run(bars=3), 1)[0]
    assert (first.start_ns, first.end_ns) == (3 * BEAT_NS, 5 * BEAT_NS)


def test_call_and_response_is_silent_while_it_listens() -> None:
    settings: dict[str, ParameterValue] = {"mode": "vary", "respond": 1, "in_channel": 1}
    parts = (PartSpec("melody", "tick-tock", "melody", settings),)
    stage = VirtualStage(tiny_performance(parts=parts)).play(0)
    stage.at(BEAT_NS, NoteOn(1, 67, 90)).at(2 * BEAT_NS, NoteOff(1, 67))
    bars = {note.start_ns // BAR_NS for note in stage.run(bars=4).notes()}
    assert bars == {1}  # the call of bar 0 is answered in bar 1; nothing was played in bar 2


def test_freeze_repeats_the_last_bars_note_for_note() -> None:
    stage = ready_stage().play()
    stage.at(3 * BAR_NS + 1, SetParameter("melody", "mode", "freeze"))
    bars = bars_of(notes_on(stage.run(bars=10), 1), 10)
    assert bars[4:] == [bars[2], bars[3]] * 3


def test_changes_wait_for_the_quantum() -> None:
    stage = VirtualStage(tiny_performance(settings={"quantum": 4})).play(0)
    stage.at(BEAT_NS, SetParameter("melody", "reroll", True))
    plain = VirtualStage(tiny_performance(settings={"quantum": 4})).play(0)
    changed, same = bars_of(notes_on(stage.run(bars=8), 1), 8), bars_of(notes_on(plain.run(bars=8), 1), 8)
    assert changed[:4] == same[:4]
    assert all(a != b for a, b in zip(changed[4:], same[4:], strict=True))


def test_a_mute_is_heard_at_once_and_the_others_go_on() -> None:
    stage = ready_stage().play().at(BEAT_NS + 1, SetParameter("bass", "mute", True))
    take = stage.run(bars=2)
    assert [note.start_ns for note in notes_on(take, 2)] == [0, BEAT_NS]
    assert notes_on(take, 2)[1].end_ns == BEAT_NS + 1
    assert len(notes_on(take, 1)) == 8


def test_a_refused_parameter_is_said_in_a_sentence_and_the_music_goes_on() -> None:
    stage = ready_stage().play()
    stage.at(10, SetParameter("melody", "temperature", 99.0), SetParameter("tuba", "mute", True))
    take = stage.run(bars=2)
    assert len(take.notices()) == 2
    assert "temperature" in take.notices()[0]
    assert "tuba" in take.notices()[1]
    assert len(notes_on(take, 1)) == 8


def test_every_accepted_change_is_echoed() -> None:
    take = ready_stage().play().at(10, SetParameter("melody", "vary", 0.5)).run(bars=1)
    assert ParameterChanged(10, "melody", "vary", 0.5) in take.effects


@pytest.mark.parametrize(("rule", "sounding"), [("repeat", 8), ("silence", 4)])
def test_a_model_that_is_late_is_a_rule_not_a_stall(rule: str, sounding: int) -> None:
    asked = 0

    def answer(request: ModelRequest) -> ModelAnswer | ModelFailed:
        nonlocal asked
        asked += 1
        if asked == 1:
            return tick_tock(request)
        return ModelAnswer(-1, ())  # the answer to this one never comes

    parts = (PartSpec("melody", "tick-tock", "melody", {"late": rule}),)
    stage = ready_stage(tiny_performance(parts=parts)).play()
    stage.answer = answer
    take = stage.run(bars=2)
    assert len(notes_on(take, 1)) == sounding
    assert [(e.bar, e.at_ns) for e in take.effects if isinstance(e, BarMissed)] == [(1, BAR_NS)]


def test_passthrough_lets_the_player_sound_while_the_model_is_late() -> None:
    def never(request: ModelRequest) -> ModelAnswer:
        return ModelAnswer(-1, ())

    parts = (PartSpec("melody", "tick-tock", "melody", {"late": "passthrough", "channel": 5}),)
    stage = VirtualStage(tiny_performance(parts=parts), answer=never).play(0)
    stage.at(BAR_NS + BEAT_NS, NoteOn(1, 72, 77)).at(BAR_NS + 2 * BEAT_NS, NoteOff(1, 72))
    assert stage.run(bars=2).notes() == [SoundedNote(BAR_NS + BEAT_NS, BAR_NS + 2 * BEAT_NS, 5, 72, 77)]


def test_a_model_that_fails_says_why_and_the_clock_goes_on() -> None:
    def answer(request: ModelRequest) -> ModelFailed:
        return ModelFailed(request.request_id, "the model is broken")

    take = VirtualStage(answer=answer).play(0).run(bars=3)
    assert "the model is broken" in take.notices()
    assert take.notes() == []


@pytest.mark.parametrize("ending", [Halt(), Quit(), Panic(), PortLost("out")])
def test_nothing_sounds_after_the_end(ending: Halt | Quit | Panic | PortLost) -> None:
    moment = BAR_NS + BEAT_NS + BEAT_NS // 4  # in the middle of a note of every part
    take = ready_stage().play().at(moment, ending).run(moment)
    assert take.notes()
    assert take.hanging() == []


def test_a_returning_port_is_told_its_note_offs_again() -> None:
    moment = BEAT_NS + BEAT_NS // 4
    stage = ready_stage().play().at(moment, PortLost("out")).at(moment + 10, PortFound("out"))
    take = stage.run(moment + 10)
    repeated = [e for e in take.effects if e.at_ns == moment + 10 and type(e).__name__ == "SendNoteOff"]
    assert len(repeated) == 3


def test_another_preset_takes_over_at_the_bar_line_and_owes_nothing() -> None:
    new = tiny_performance(parts=(PartSpec("solo", "tick-tock", "melody", {"channel": 7}),))
    take = ready_stage().play().at(BAR_NS // 2, LoadPerformance(new)).run(bars=4)
    assert {n.channel for n in take.notes() if n.start_ns < BAR_NS} == {1, 2, 10}
    assert {n.channel for n in take.notes() if n.start_ns >= BAR_NS} == {7}
    assert [n for n in take.hanging() if n.start_ns < 3 * BAR_NS] == []


def test_a_preset_that_cannot_play_is_refused_and_the_old_one_goes_on() -> None:
    broken = Performance("broken", (PartSpec("x", "no such model", "melody"),), ())
    take = ready_stage().play().at(10, LoadPerformance(broken)).run(bars=2)
    assert any("no such model" in text for text in take.notices())
    assert len(notes_on(take, 1)) == 8


def test_effects_given_out_ahead_are_never_overtaken_by_their_note_offs() -> None:
    """A backend that asks for effects ahead of time must not see a note-off before its note-on."""
    performer = Performer(tiny_performance())
    performer.receive(Play(), 0)
    answers = [tick_tock(effect.request) for effect in performer.advance(0) if isinstance(effect, AskModel)]
    for answer in answers:
        performer.receive(answer, 1000)
    ahead = performer.advance(BEAT_NS + 10_000_000)
    performer.receive(Halt(), BEAT_NS - 5_000_000)
    offs = performer.advance(BEAT_NS + 10_000_000)
    last_on_ns = max(e.at_ns for e in ahead if isinstance(e, SendNoteOn))
    assert last_on_ns == BEAT_NS
    assert min(e.at_ns for e in offs if type(e).__name__ == "SendNoteOff") >= last_on_ns


@pytest.mark.parametrize("tempo_bpm", [60.0, 133.0, 400.0])
def test_it_stops_exactly_where_it_is_told_to(tempo_bpm: float) -> None:
    stage = VirtualStage(tiny_performance(settings={"tempo": tempo_bpm}))
    stage.at(0, StopAt(2 * TICKS_PER_BAR)).play(0)
    take = stage.run(bars=5)
    notes = take.notes()
    end_ns = ticks_to_ns(2 * TICKS_PER_BAR, ns_per_beat_of_bpm(tempo_bpm))
    assert max(note.start_ns for note in notes) < end_ns
    assert max(note.end_ns or 0 for note in notes) <= end_ns
    assert take.hanging() == []
    # and plays on from there when asked to
    assert len(stage.at(end_ns + 1, Play(from_start=False)).run(bars=4).notes()) > len(notes)
