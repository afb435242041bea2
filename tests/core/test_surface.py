"""A controller in the player's hands: learned by touch, taken over without jumps, told where things stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.effects import BindingChanged, LearningChanged, ParameterChanged, SendFeedback, SlotChanged
from livevae.core.events import (
    Bind,
    ControlChange,
    Event,
    FillSlot,
    Forget,
    Keep,
    Learn,
    NoteOff,
    NoteOn,
    PortFound,
    Recall,
    SetParameter,
    Source,
    StopLearning,
    Undo,
)
from livevae.core.handle import HOLD_NS
from livevae.core.latents import Encoded, Prior
from livevae.core.midi_control import Control, ControlKind
from livevae.testing import Take, VirtualStage
from livevae.units import NS_PER_MS, NS_PER_S

KNOB = Control(ControlKind.KNOB, 1, 21)


def changes(take: Take, name: str) -> list[object]:
    return [e.value for e in take.effects if isinstance(e, ParameterChanged) and e.name == name]


def bindings(take: Take) -> list[tuple[str | None, str, str | None]]:
    return [(e.part, e.name, e.control) for e in take.effects if isinstance(e, BindingChanged)]


def feedback(take: Take) -> list[tuple[int, int]]:
    return [(e.at_ns, e.value) for e in take.effects if isinstance(e, SendFeedback)]


def sweep(
    stage: VirtualStage, at_ns: int, values: range, channel: int = 1, control: int = 21
) -> VirtualStage:
    for number, value in enumerate(values):
        stage.at(at_ns + number * NS_PER_MS, ControlChange(channel, control, value))
    return stage


def test_the_next_control_touched_turns_what_waits() -> None:
    stage = VirtualStage().at(0, Learn("melody", "vary"))
    take = sweep(stage, 10, range(128)).run(bars=1)
    assert bindings(take) == [("melody", "vary", "channel 1 cc 21")]
    assert [e.is_waiting for e in take.effects if isinstance(e, LearningChanged)] == [True, False]
    assert changes(take, "vary")[-1] == 1.0
    assert changes(take, "vary")[0] == 36 / 127  # the first step within a hair of 0.3


def test_two_halves_that_come_together_are_one_fine_fader() -> None:
    for first, second in ((7, 39), (39, 7)):
        stage = VirtualStage().at(0, Learn(None, "tempo"))
        stage.at(10, ControlChange(3, first, 1), ControlChange(3, second, 2))
        assert bindings(stage.run(bars=1))[-1] == (None, "tempo", "channel 3 cc14 7")


def nrpn(number: int, value: int, channel: int = 1) -> tuple[Event, ...]:
    said = ((99, number >> 7), (98, number & 127), (6, value >> 7), (38, value & 127))
    return tuple(ControlChange(channel, controller, half) for controller, half in said)


def test_a_fader_that_speaks_in_nrpn_is_learned_and_others_on_its_channel_are_not_it() -> None:
    stage = VirtualStage().at(0, Learn("melody", "vary"))
    for step in range(0, 16_384, 256):
        stage.at(10 + step, *nrpn(1234, step))
    stage.at(20_000, *nrpn(1234, 8192), *nrpn(1235, 0))
    stage.at(30_000, Learn("bass", "vary"), *nrpn(1235, 4915), *nrpn(1235, 12_000))
    take = stage.run(bars=1)
    assert bindings(take) == [
        ("melody", "vary", "channel 1 nrpn 1234"),
        ("bass", "vary", "channel 1 nrpn 1235"),
    ]
    melody = [e for e in take.effects if isinstance(e, ParameterChanged) and e.part == "melody"]
    bass = [e for e in take.effects if isinstance(e, ParameterChanged) and e.part == "bass"]
    assert melody[-1].value == 8192 / 16_383
    assert bass[-1].value == 12_000 / 16_383


def test_a_plain_fader_with_a_number_that_nrpn_uses_is_learned_when_it_moves_on() -> None:
    take = sweep(VirtualStage().at(0, Learn("melody", "vary")), 10, range(128), control=99).run(bars=1)
    assert bindings(take) == [("melody", "vary", "channel 1 cc 99")]
    assert changes(take, "vary")[-1] == 1.0


def test_data_entry_without_a_number_is_a_plain_fader() -> None:
    stage = VirtualStage().at(0, ControlChange(1, 99, 1), ControlChange(1, 98, 2), ControlChange(1, 101, 0))
    take = sweep(stage.at(5, Learn("melody", "vary")), 10, range(128), control=6).run(bars=1)
    assert bindings(take) == [("melody", "vary", "channel 1 cc 6")]


def test_two_knobs_touched_one_after_the_other_are_two() -> None:
    stage = VirtualStage().at(0, Learn(None, "tempo")).at(10, ControlChange(3, 7, 1))
    take = stage.at(NS_PER_S // 2, ControlChange(3, 39, 2)).run(bars=1)
    assert bindings(take) == [(None, "tempo", "channel 3 cc 7")]


def test_a_button_that_springs_back_flips_and_one_that_stays_down_follows() -> None:
    stage = VirtualStage().at(0, Learn("bass", "mute"))
    stage.at(10, ControlChange(1, 64, 127)).at(200 * NS_PER_MS, ControlChange(1, 64, 0))
    for press in range(2):
        stage.at((2 + press) * NS_PER_S, ControlChange(1, 64, 127), ControlChange(1, 64, 0))
    take = stage.run(bars=4)
    assert bindings(take)[-1] == ("bass", "mute", "channel 1 button 64")
    assert changes(take, "mute") == [True, False]

    stage = VirtualStage().at(0, Learn("bass", "mute"), ControlChange(1, 64, 127))
    stage.at(2 * NS_PER_S, ControlChange(1, 64, 0)).at(3 * NS_PER_S, ControlChange(1, 64, 127))
    take = stage.run(bars=4)
    assert bindings(take) == [("bass", "mute", "channel 1 cc 64")]
    assert changes(take, "mute") == [True]


def test_a_key_that_is_a_control_is_not_heard_as_music() -> None:
    stage = VirtualStage().at(0, Learn("bass", "mute")).play(0).at(10, NoteOn(1, 40, 90), NoteOff(1, 40))
    for pitch in (40, 41):
        stage.at(NS_PER_S, NoteOn(1, pitch, 90)).at(NS_PER_S + 1, NoteOff(1, pitch))
    take = stage.at(4 * NS_PER_S - 1, Keep("melody", 1, Source.PLAYED)).run(bars=2)
    assert bindings(take) == [("bass", "mute", "channel 1 note 40")]
    assert changes(take, "mute") == [True]
    (kept,) = [e.latent for e in take.effects if isinstance(e, SlotChanged)]
    assert isinstance(kept, Encoded)
    assert {note.pitch for _, notes in kept.parts for note in notes} == {41}


def test_keys_go_on_playing_while_a_fader_is_waited_for() -> None:
    stage = VirtualStage().at(0, Learn("melody", "vary"), NoteOn(1, 60, 90), NoteOff(1, 60))
    assert bindings(stage.run(bars=1)) == []


def test_a_control_learned_twice_turns_only_the_last() -> None:
    stage = VirtualStage().at(0, Learn("melody", "vary"), ControlChange(1, 21, 3))
    take = stage.at(NS_PER_S, Learn("bass", "level"), ControlChange(1, 21, 4)).run(bars=1)
    assert bindings(take) == [
        ("melody", "vary", "channel 1 cc 21"),
        ("melody", "vary", None),
        ("bass", "level", "channel 1 cc 21"),
    ]


def test_learning_can_be_given_up_and_a_control_forgotten() -> None:
    stage = VirtualStage().at(0, Learn("melody", "vary"), StopLearning(), ControlChange(1, 21, 3))
    stage.at(1, Bind("melody", "vary", KNOB), Forget("melody", "vary"), ControlChange(1, 21, 38))
    take = stage.run(bars=1)
    assert bindings(take) == [("melody", "vary", "channel 1 cc 21"), ("melody", "vary", None)]
    assert changes(take, "vary") == []


def test_what_cannot_be_learned_is_refused_in_a_sentence() -> None:
    stage = VirtualStage().at(0, Learn("flute", "vary"), Learn("melody", "sparkle"), Bind(None, "x", KNOB))
    sentences = stage.run(bars=1).notices()
    assert len(sentences) == 3
    assert "flute" in sentences[0]
    assert "sparkle" in sentences[1]


def test_a_control_is_told_what_others_do_but_not_what_it_did_itself() -> None:
    stage = VirtualStage().at(0, Bind("melody", "vary", KNOB))
    take = stage.at(NS_PER_S, SetParameter("melody", "vary", 1.0)).run(bars=1)
    assert feedback(take) == [(0, round(0.3 * 127)), (NS_PER_S, 127)]

    stage = VirtualStage().at(0, Bind("melody", "vary", KNOB))
    take = sweep(stage, 10, range(38, 90)).run(bars=4)
    assert changes(take, "vary")[-1] == 89 / 127
    assert feedback(take) == [(0, 38)]


def test_a_control_in_the_hand_is_told_when_the_hand_has_let_go() -> None:
    stage = VirtualStage().at(0, Bind("melody", "vary", KNOB)).at(10, ControlChange(1, 21, 40))
    take = stage.at(20, SetParameter("melody", "vary", 0.0)).run(bars=1)
    assert feedback(take) == [(0, 38), (10 + HOLD_NS, 0)]
    assert changes(take, "vary") == [40 / 127, 0.0]


def test_a_controller_plugged_in_again_is_told_everything() -> None:
    stage = VirtualStage().at(0, Bind("melody", "vary", KNOB)).at(NS_PER_S, PortFound("desk"))
    assert feedback(stage.run(bars=1)) == [(0, 38), (NS_PER_S, 38)]


def test_what_a_hand_does_is_heard_in_the_next_note() -> None:
    stage = VirtualStage().at(0, Bind("melody", "level", KNOB), ControlChange(1, 21, 64)).play(0)
    moved_ns = 3 * NS_PER_S // 4  # between two beats
    take = sweep(stage, moved_ns, range(64, 0, -8)).run(bars=2)
    before = [note.velocity for note in take.notes() if note.channel == 1 and note.start_ns < moved_ns]
    after = [note.velocity for note in take.notes() if note.channel == 1 and note.start_ns > moved_ns]
    assert min(before) > 60
    assert max(after) < 20


def test_a_set_is_recalled_in_one_go_and_undo_does_not_reach_behind_it() -> None:
    recall = Recall(
        (
            SetParameter("melody", "vary", 0.75),
            SetParameter("flute", "vary", 0.5),
            SetParameter(None, "tempo", 90),
        ),
        (FillSlot("tick-tock", 2, "hook", Prior(4)),),
        (Bind("melody", "vary", KNOB), Bind("flute", "vary", Control(ControlKind.KNOB, 2, 1))),
    )
    take = VirtualStage().at(0, recall, Undo()).run(bars=1)
    assert changes(take, "vary") == [0.75]
    assert changes(take, "tempo") == [90.0]
    assert [(e.slot, e.name, e.latent) for e in take.effects if isinstance(e, SlotChanged)] == [
        (2, "hook", Prior(4))
    ]
    assert feedback(take) == [(0, 95)]
    assert take.notices() == [
        "Not everything of the set fits here: there is no part 'flute': playing are melody, bass, drums.",
        "There is nothing to take back.",
    ]


touches: st.SearchStrategy[Event] = st.one_of(
    st.builds(ControlChange, st.integers(1, 2), st.sampled_from([7, 39, 64]), st.integers(0, 127)),
    st.builds(NoteOn, st.just(1), st.integers(40, 42), st.integers(1, 127)),
    st.builds(NoteOff, st.just(1), st.integers(40, 42)),
    st.builds(
        Learn, st.sampled_from([None, "melody"]), st.sampled_from(["seed", "mode", "mute", "reroll", "tap"])
    ),
    st.builds(Forget, st.just("melody"), st.sampled_from(["mode", "mute"])),
    st.builds(SetParameter, st.just("melody"), st.just("mode"), st.sampled_from(["sample", "freeze"])),
    st.just(StopLearning()),
)


@given(st.lists(st.tuples(st.integers(0, 2 * NS_PER_S), touches), max_size=40))
def test_whatever_is_touched_controls_end_up_showing_the_truth(script: list[tuple[int, Event]]) -> None:
    stage = VirtualStage()
    for at_ns, event in script:
        stage.at(at_ns, event)
    take = stage.run(bars=4)
    assert take.hanging() == []
    assert not any("inside" in sentence for sentence in take.notices())
    for effect in take.effects:
        if isinstance(effect, SendFeedback):
            assert 0 <= effect.value <= effect.control.full
