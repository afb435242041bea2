"""Ideas are kept in slots, heard on the pad, and every change can be taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.effects import AskModel, ParameterChanged, SlotChanged
from livevae.core.events import Drop, Event, Keep, NoteOff, NoteOn, Rename, SetParameter, Source, Undo
from livevae.core.latents import MAX_DEPTH, Corners, Encoded, Latent, Prior
from livevae.core.notes import Note
from livevae.core.performer import Performer
from livevae.testing import Take, VirtualStage, tiny_performance
from livevae.units import NS_PER_S, TICKS_PER_BEAT

BEAT_NS = 500_000_000  # 120 BPM
BAR_NS = 4 * BEAT_NS


def slots(take: Take) -> list[SlotChanged]:
    return [effect for effect in take.effects if isinstance(effect, SlotChanged)]


def test_the_bars_just_played_are_kept_whether_the_button_comes_a_little_early_or_late() -> None:
    for press_ns in (2 * BAR_NS - BEAT_NS, 2 * BAR_NS + BEAT_NS):
        stage = VirtualStage().play(0).at(BEAT_NS, NoteOn(1, 67, 90)).at(2 * BEAT_NS, NoteOff(1, 67))
        take = stage.at(press_ns, Keep("melody", 3, Source.PLAYED, "hook")).run(bars=3)
        played = Encoded((("melody", (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 67, 90),)),), 2)
        assert slots(take) == [SlotChanged(press_ns, "tick-tock", 3, "hook", played)]


def test_what_sounds_now_can_be_kept_and_comes_back_on_the_pad() -> None:
    stage = VirtualStage().play(0).at(BEAT_NS, Keep("melody", 1, Source.SOUNDING))
    stage.at(BEAT_NS, SetParameter("melody", "pad_x", 0.0), SetParameter("melody", "pad_y", 0.0))
    take = stage.at(BEAT_NS, SetParameter("melody", "mode", "pad")).run(bars=4)
    kept = slots(take)[0].latent
    assert isinstance(kept, Prior)
    pads = [a.request.latent for a in take.effects if isinstance(a, AskModel)]
    assert any(isinstance(latent, Corners) and latent.corners[0] == kept for latent in pads)


def test_keeping_what_was_never_played_is_refused_in_a_sentence() -> None:
    take = VirtualStage().play(0).at(10, Keep("bass", 1, Source.PLAYED)).at(20, Keep("bass", 17, Prior(1)))
    sentences = take.run(bars=1).notices()
    assert "nothing was played to bass" in sentences[0]
    assert "slots are 1 to 16" in sentences[1]


def test_a_kept_idea_is_renamed_and_that_taken_back() -> None:
    stage = VirtualStage().play(0).at(10, Keep("melody", 1, Prior(5), "a"), Rename("melody", 1, "b"), Undo())
    take = stage.at(20, Rename("melody", 2, "c")).run(bars=1)
    assert [(s.name, s.latent) for s in slots(take)] == [("a", Prior(5)), ("b", Prior(5)), ("a", Prior(5))]
    assert take.notices() == ["slot 2 is empty: there is nothing to name"]


def test_a_slot_can_be_emptied_and_that_taken_back() -> None:
    stage = VirtualStage().play(0)
    stage.at(10, Keep("melody", 1, Prior(5), "a"), Drop("melody", 1), Undo(), Undo(), Undo())
    take = stage.run(bars=1)
    assert [(s.name, s.latent) for s in slots(take)] == [
        ("a", Prior(5)),
        ("", None),
        ("a", Prior(5)),
        ("", None),
    ]
    assert take.notices() == ["There is nothing to take back."]


def test_one_movement_of_a_fader_is_one_change() -> None:
    stage = VirtualStage().play(0)
    for step in range(10):
        stage.at(step * NS_PER_S // 20, SetParameter("melody", "vary", 0.5 + step / 20))
    take = stage.at(3 * NS_PER_S, Undo()).run(bars=2)
    changes = [e for e in take.effects if isinstance(e, ParameterChanged) and e.name == "vary"]
    assert changes[-1].value == 0.3


def test_an_idea_between_ideas_between_ideas_is_refused_in_the_end() -> None:
    """Kept from the pad again and again, an idea contains itself many times over; that must not take time."""
    idea: Latent = Prior(0)
    stage = VirtualStage().play(0)
    for turn in range(MAX_DEPTH + 5):
        stage.at(turn, Keep("melody", 1, idea))
        idea = Corners((idea, idea, idea, idea), 0.5, 0.5)
    take = stage.run(bars=1)
    assert len(slots(take)) == MAX_DEPTH - 1
    assert "keep a sample" in take.notices()[0]


values: st.SearchStrategy[Event] = st.one_of(
    st.builds(SetParameter, st.just("melody"), st.just("temperature"), st.sampled_from([0.5, 1.0, 1.5])),
    st.builds(SetParameter, st.sampled_from(["bass", "drums"]), st.just("mute"), st.booleans()),
    st.builds(SetParameter, st.none(), st.just("offset"), st.sampled_from([-5.0, 0.0, 5.0])),
    st.builds(Keep, st.just("melody"), st.integers(1, 3), st.builds(Prior, st.integers(0, 9))),
    st.builds(Drop, st.just("melody"), st.integers(1, 3)),
)


@given(st.lists(values, max_size=20))
def test_taking_back_everything_restores_everything(changes: list[Event]) -> None:
    performer = Performer(tiny_performance())
    for number, change in enumerate(changes):
        performer.receive(change, number * 2 * NS_PER_S)
    for _ in changes:
        performer.receive(Undo(), len(changes) * 2 * NS_PER_S)
    effects = performer.advance(len(changes) * 2 * NS_PER_S)
    settings = {(e.part, e.name): e.value for e in effects if isinstance(e, ParameterChanged)}
    at_first = {("melody", "temperature"): 1.0, (None, "offset"): 0.0}
    assert all(value == at_first.get(target, False) for target, value in settings.items())
    kept = {e.slot: e.latent for e in effects if isinstance(e, SlotChanged)}
    assert all(latent is None for latent in kept.values())
