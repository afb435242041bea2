"""A performance over chords: from the preset, from keys and by name, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livevae.core.chord_symbols import parse_chord, parse_progression
from livevae.core.chords import BeatChords
from livevae.core.effects import AskModel
from livevae.core.events import (
    ChordKey,
    ClockPulse,
    ClockStart,
    Event,
    Halt,
    LoadPerformance,
    NoteOff,
    NoteOn,
    Play,
    PlayChord,
    SetParameter,
    SongPosition,
    WriteChords,
)
from livevae.core.latents import Encoded, Near
from livevae.core.parameters import ParameterValue
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.core.performer import Performer
from livevae.testing import Take, VirtualStage, tiny_performance
from livevae.units import NS_PER_S

BAR_NS = 2 * NS_PER_S  # at 120 BPM
BEAT_NS = BAR_NS // 4
EARLY_NS = BEAT_NS // 8  # half a sixteenth
AM, F, C, G = ((parse_chord(symbol),) * 4 for symbol in ("Am", "F", "C", "G"))
WRITTEN = parse_progression("| Am | F | C | G |")
ORGAN: dict[str, ParameterValue] = {"chord_channel": 16}


def over_chords(
    chords: tuple[BeatChords, ...] = (),
    settings: dict[str, ParameterValue] | None = None,
    part: dict[str, ParameterValue] | None = None,
    *,
    wants_chords: bool = True,
) -> Performance:
    model = ModelInfo("tick-tock", 2, ("melody", "bass", "drums"), wants_chords=wants_chords)
    spec = PartSpec("melody", "tick-tock", "melody", {"in_channel": 1, **(part or {})})
    return tiny_performance(parts=(spec,), models=(model,), chords=chords, settings=settings or {})


def asked(take: Take) -> list[tuple[int, BeatChords]]:
    """Which bar of its phrase was asked for, over which chords; the last is of the bar after the run."""
    requests = [effect.request for effect in take.effects if isinstance(effect, AskModel)]
    return [(request.bar_in_plan, request.chords) for request in requests]


def hold(stage: VirtualStage, at_ns: int, until_ns: int, *keys: int, channel: int = 16) -> None:
    for key in keys:
        stage.at(at_ns, NoteOn(channel, key, 80)).at(until_ns, NoteOff(channel, key))


def test_the_written_chords_are_those_of_the_phrase_each_bar_is_of() -> None:
    take = VirtualStage(over_chords(WRITTEN)).play(0).run(bars=4)
    assert asked(take)[:4] == [(0, AM + F), (1, AM + F), (0, C + G), (1, C + G)]


def test_equal_chords_share_one_answer_when_the_song_comes_round() -> None:
    parts: dict[str, ParameterValue] = {"phrase": 2, "mode": "pad"}  # the same idea all the time
    stage = VirtualStage(over_chords(WRITTEN, part=parts)).play(0)
    again = stage.run(bars=4)
    once = (
        VirtualStage(over_chords(WRITTEN, part=parts)).play(0).at(4 * BAR_NS, Halt()).at(5 * BAR_NS, Play())
    )
    assert asked(once.run(9 * BAR_NS - 1)) == asked(again)


def test_a_model_that_knows_no_chords_is_asked_as_ever() -> None:
    plain = VirtualStage(over_chords(wants_chords=False)).play(0).run(bars=4)
    over = VirtualStage(over_chords(WRITTEN, wants_chords=False)).play(0).run(bars=4)
    assert over.notes() == plain.notes()
    assert all(chords == () for _, chords in asked(over))


def test_keys_on_the_chords_channel_are_chords_and_no_melody() -> None:
    stage = VirtualStage(over_chords(settings=ORGAN, part={"mode": "vary", "in_channel": 0})).play(0)
    hold(stage, BAR_NS // 2, BAR_NS, 45, 60, 64)
    take = stage.run(bars=4)
    nothing = (None,) * 8
    assert asked(take)[:4] == [(0, nothing), (1, (None, None, *AM[:2], *AM)), (0, AM + AM), (1, AM + AM)]
    requests = [effect.request for effect in take.effects if isinstance(effect, AskModel)]
    assert not any(isinstance(request.latent, Near) for request in requests)  # nobody played a melody


def test_keys_at_the_port_for_chords_count_whatever_their_channel() -> None:
    events: list[Event] = [ChordKey(key, True) for key in (41, 57, 60)]
    take = VirtualStage(over_chords()).play(0).at(BEAT_NS, *events).run(bars=2)
    assert asked(take)[1] == (1, (None, *F[:3], *F))


def test_a_chord_held_before_the_start_is_that_of_the_first_bar() -> None:
    stage = VirtualStage(over_chords(settings=ORGAN)).play(BAR_NS)
    hold(stage, 0, 3 * BAR_NS, 45, 60, 64)
    take = stage.run(3 * BAR_NS - 1)
    assert asked(take)[0][1] == (None,) * 8  # made ready before anybody held anything
    assert all(chords == AM + AM for _, chords in asked(take)[1:])
    assert [note.start_ns for note in take.notes()] == [(4 + beat) * BEAT_NS for beat in range(8)]


def test_a_chord_by_name_and_chords_written_anew() -> None:
    stage = VirtualStage(over_chords(WRITTEN)).play(0)
    stage.at(BEAT_NS, PlayChord(parse_chord("G"))).at(
        BAR_NS + BEAT_NS, WriteChords(parse_progression("C | F"))
    )
    take = stage.run(bars=4)
    assert [chords for _, chords in asked(take)[:4]] == [AM + F, (*AM[:1], *G[:3], *G), C + F, C + F]


def test_what_was_played_in_is_heard_with_the_chords_it_was_played_to() -> None:
    stage = VirtualStage(over_chords(WRITTEN, part={"mode": "vary"})).play(0)
    stage.at(BEAT_NS, NoteOn(1, 67, 90)).at(2 * BEAT_NS, NoteOff(1, 67))
    requests = [e.request for e in stage.run(bars=4).effects if isinstance(e, AskModel)]
    heard = [r.latent.centre for r in requests if isinstance(r.latent, Near)]
    assert isinstance(heard[0], Encoded)
    assert heard[0].chords == AM + F


def test_chords_that_come_round_are_planned_with_before_they_are_played_again() -> None:
    stage = VirtualStage(over_chords(settings={"chord_loop": 2})).play(0)
    stage.at(EARLY_NS, PlayChord(parse_chord("Am"))).at(BAR_NS + EARLY_NS, PlayChord(parse_chord("F")))
    take = stage.run(bars=4)
    assert [chords for _, chords in asked(take)[2:4]] == [AM + F, AM + F]
    stays = VirtualStage(over_chords()).play(0)
    stays.at(EARLY_NS, PlayChord(parse_chord("Am"))).at(BAR_NS + EARLY_NS, PlayChord(parse_chord("F")))
    assert [chords for _, chords in asked(stays.run(bars=4))[2:4]] == [F + F, F + F]


def test_a_daws_loop_is_played_over_the_chords_of_the_last_time_round() -> None:
    pulses = [BAR_NS // 96 * n for n in range(4 * 96)]
    stage = VirtualStage(replace(over_chords(), clock="midi")).at(0, ClockStart())
    for n, at_ns in enumerate(pulses):
        if n == 2 * 96:  # back to the start after two bars
            stage.at(at_ns - 1, SongPosition(0))
        stage.at(at_ns, ClockPulse())
    stage.at(EARLY_NS, PlayChord(parse_chord("Am"))).at(BAR_NS + EARLY_NS, PlayChord(parse_chord("F")))
    over = [chords for _, chords in asked(stage.run(3 * BAR_NS))]
    assert over[-2:] == [AM + F, AM + F]


def test_another_preset_brings_its_chords() -> None:
    other = replace(over_chords(parse_progression("| G |")), name="other")
    stage = VirtualStage(over_chords(WRITTEN)).play(0).at(BEAT_NS, LoadPerformance(other))
    assert [chords for _, chords in asked(stage.run(bars=3))[:3]] == [AM + F, G + G, G + G]


@pytest.mark.parametrize("scale", ["chord", "off"])
def test_notes_of_any_model_follow_the_chord_that_sounds(scale: str) -> None:
    part: dict[str, ParameterValue] = {"scale": scale}
    performance = over_chords(WRITTEN, part=part, wants_chords=False)
    notes = VirtualStage(performance).play(0).run(bars=4).notes()
    bars = [[note.pitch for note in notes if note.start_ns // BAR_NS == bar] for bar in range(4)]
    chords = [parse_chord(symbol) for symbol in ("Am", "F", "C", "G")]
    fit = [
        all(chord is not None and chord.holds(p) for p in bar)
        for bar, chord in zip(bars, chords, strict=True)
    ]
    assert all(len(bar) == 4 for bar in bars)
    assert all(fit) == (scale == "chord")


def test_a_chord_changes_what_sounds_from_the_very_next_note() -> None:
    performance = over_chords(part={"scale": "chord"}, wants_chords=False)
    stage = VirtualStage(performance).play(0)
    stage.at(0, PlayChord(parse_chord("C"))).at(2 * BEAT_NS - 1, PlayChord(parse_chord("F#")))
    pitches = [note.pitch % 12 for note in stage.run(bars=1).notes()]
    assert all(pitch in (0, 4, 7) for pitch in pitches[:2])
    assert all(pitch in (6, 10, 1) for pitch in pitches[2:])


def test_the_picture_names_the_chord() -> None:
    performer = Performer(over_chords(WRITTEN))
    assert performer.snapshot(0).chord == "Am"
    performer.receive(PlayChord(parse_chord("C/E")), 0)
    assert performer.snapshot(0).chord == "C/E"
    assert Performer(over_chords()).snapshot(0).chord == ""


def test_the_channel_of_the_chords_can_be_changed_while_it_plays() -> None:
    stage = VirtualStage(over_chords()).play(0).at(1, SetParameter(None, "chord_channel", 3))
    hold(stage, BEAT_NS - EARLY_NS, BAR_NS, 45, 60, 64, channel=3)
    assert asked(stage.run(bars=2))[1][1] == (None, *AM[:3], *AM)
