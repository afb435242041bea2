"""The performer follows a DAW: its start and stop, its loops and jumps; and says what it did."""

from __future__ import annotations

from livevae.core.effects import ParameterChanged
from livevae.core.events import ClockContinue, ClockPulse, ClockStart, ClockStop, SetParameter, SongPosition
from livevae.core.performer import Performer
from livevae.testing import VirtualStage, tiny_performance
from livevae.units import NS_PER_MS
from tests.core.stage import BAR_NS, BEAT_NS, PULSE_NS, bars_of, daw_stage, notes_on, pulses


def test_a_play_button_that_cannot_be_obeyed_springs_back() -> None:
    stage = VirtualStage(tiny_performance(clock="midi")).at(0, SetParameter(None, "play", True))
    take = stage.run(10)
    shown = [e.value for e in take.effects if isinstance(e, ParameterChanged) and e.name == "play"]
    assert shown == [True, False]
    assert "outside clock" in take.notices()[0]


def test_who_watches_is_told_what_the_daw_did() -> None:
    performer = Performer(tiny_performance(clock="midi"))
    performer.receive(ClockStart(), 0)
    performer.receive(ClockPulse(), 1000)
    state = {e.name: e.value for e in performer.advance(2000) if isinstance(e, ParameterChanged)}
    assert state["play"] is True


def test_the_first_pulse_after_start_sounds_the_first_note() -> None:
    stage = daw_stage()
    stage.script += pulses(0, 24 * 8)
    starts = [note.start_ns for note in notes_on(stage.run(2 * BAR_NS - PULSE_NS), 1)]
    assert starts[0] == 0
    assert max(abs(start - n * BEAT_NS) for n, start in enumerate(starts)) <= 1000
    assert len(starts) == 8


def test_a_loop_in_the_daw_repeats_its_music() -> None:
    stage = daw_stage()
    stage.script += pulses(0, 24 * 16 + 1)
    for turn in (1, 2, 3):  # back to bar 2 (of 0, 1, 2, 3) at the end of bar 3, three times
        jump_ns = (2 + 2 * turn) * BAR_NS
        stage.at(jump_ns - 500, SongPosition(32))
        stage.script += pulses(jump_ns + PULSE_NS, 24 * 8)
    bars = bars_of(notes_on(stage.run(10 * BAR_NS - PULSE_NS), 1), 10)
    pitches = [[pitch for _, pitch in bar] for bar in bars]
    assert pitches[4:6] == pitches[2:4]
    assert pitches[6:8] == pitches[2:4]


def test_what_lies_beyond_an_announced_jump_is_not_heard() -> None:
    stage = daw_stage()
    stage.script += pulses(0, 24 * 4)
    jump_ns = 4 * BEAT_NS
    stage.at(jump_ns - PULSE_NS // 2, SongPosition(18))  # half a beat into bar 1, where nothing begins
    stage.script += pulses(jump_ns + 2 * NS_PER_MS, 3)  # the master takes a moment to jump
    take = stage.run(jump_ns + 2 * PULSE_NS)
    assert [round(n.start_ns / BEAT_NS) for n in notes_on(take, 1)] == [0, 1, 2, 3]


def test_stop_and_continue_go_on_where_they_were() -> None:
    stage = daw_stage()
    stage.script += pulses(0, 24 * 6)
    stop_ns, again_ns = 6 * BEAT_NS, 10 * BEAT_NS
    stage.at(stop_ns - PULSE_NS // 2, ClockStop()).at(again_ns - 1000, ClockContinue())
    stage.script += pulses(again_ns, 24 * 2)
    take = stage.run(again_ns + 2 * BEAT_NS - PULSE_NS)
    starts = [n.start_ns for n in notes_on(take, 1)]
    assert [round(s / BEAT_NS) for s in starts] == [0, 1, 2, 3, 4, 5, 10, 11]
    assert not [n for n in take.notes() if n.end_ns and n.start_ns < stop_ns < n.end_ns]
