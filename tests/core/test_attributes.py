"""Faders of musical attributes move what every mode plays, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.attributes import FADERS, direction, faders_of, in_major, moved
from livevae.core.effects import AskModel, SlotChanged
from livevae.core.events import Keep, SetParameter, Source, Undo
from livevae.core.feel import plain
from livevae.core.latents import Encoded, Moved, Prior
from livevae.core.notes import Note
from livevae.core.parameters import ParameterValue, find_parameter
from livevae.core.part import Part
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.core.planner import Decode, PlayAgain, plan_bar
from livevae.core.scales import KEYS
from livevae.testing import VirtualStage, tiny_performance

MELODY = ModelInfo("m", 2, ("melody",), ("density", "c_major", "f_sharp_major"))
TRIO = ModelInfo("t", 4, ("melody", "bass", "drums"), ("bass_density", "density", "drums_kick_on_beats"))
HEARD = Encoded((("melody", (Note(0, 100, 60, 90),)),), 2)
MODES = ("sample", "vary", "interpolate", "pad", "walk")


def part(**settings: ParameterValue) -> Part:
    playing = Part.of(PartSpec("melody", "m", "melody", settings), MELODY)
    playing.heard = HEARD
    return playing


def decode(playing: Part, bar: int = 3) -> Decode:
    plan = plan_bar(playing, bar, 0)
    assert isinstance(plan, Decode)
    return plan


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_moved_from_where_it_would_have_been(mode: str) -> None:
    resting, turned = decode(part(mode=mode)), decode(part(mode=mode, attr_density=1.5))
    assert resting.latent == resting.idea == turned.idea
    assert turned.latent == Moved(resting.idea, (("density", 1.5),))
    assert (turned.bar_in_plan, turned.noise_seed) == (resting.bar_in_plan, resting.noise_seed)


def test_what_is_frozen_stays() -> None:
    playing = part(mode="freeze", attr_density=1.5)
    notes = plain([Note(0, 100, 60, 90)])
    playing.frozen = (notes,)
    assert plan_bar(playing, 3, 0) == PlayAgain(notes)


@given(st.sampled_from(FADERS), st.floats(-1.5, 1.5))
def test_a_fader_the_model_does_not_know_moves_nothing(fader: object, amount: float) -> None:
    values = part().values | {name.name: amount for name in FADERS}
    nothing_known = ModelInfo("m", 2, ("melody",))
    assert moved(Prior(1), values, nothing_known, "melody") == Prior(1)


def test_in_key_goes_towards_the_part_s_key() -> None:
    turned = {"attr_in_key": 1.0}
    assert decode(part(**turned)).latent == Moved(decode(part()).idea, (("c_major", 1.0),))
    in_f_sharp = decode(part(**turned, key="F#")).latent
    assert in_f_sharp == Moved(decode(part()).idea, (("f_sharp_major", 1.0),))
    assert decode(part(**turned, key="D")).latent == decode(part()).idea  # not measured for D
    assert len({in_major(key) for key in KEYS}) == 12


def test_of_a_model_of_several_parts_each_part_moves_its_own() -> None:
    assert direction("attr_density", "C", TRIO, "bass") == "bass_density"
    assert direction("attr_density", "C", TRIO, "melody") is None  # a direction of the whole is nobody's
    assert faders_of(TRIO, "drums") == ("attr_kick",)
    assert faders_of(MELODY, "melody") == ("attr_density", "attr_in_key")


def test_faders_go_as_far_either_way_and_rest_in_the_middle() -> None:
    for fader in FADERS:
        row = find_parameter("melody", fader.name)
        assert (row.low, row.default, row.high) == (-1.5, 0.0, 1.5)
        assert row.from_unit(0.5) == 0.0


def knowing(*attributes: str) -> Performance:
    plain = tiny_performance()
    model = ModelInfo("tick-tock", 2, plain.models[0].parts, attributes)
    return Performance(plain.name, plain.parts, (model,), plain.settings, plain.clock)


def asked(stage: VirtualStage, bars: int = 4) -> list[Moved]:
    latents = [e.request.latent for e in stage.run(bars=bars).effects if isinstance(e, AskModel)]
    return [latent for latent in latents if isinstance(latent, Moved)]


def test_a_fader_turned_while_it_plays_acts_and_is_taken_back() -> None:
    turn = SetParameter("melody", "attr_density", 1.0)
    assert {m.amounts for m in asked(VirtualStage(knowing("melody_density")).play(0).at(10, turn))} == {
        (("melody_density", 1.0),)
    }
    assert asked(VirtualStage(knowing("melody_density")).play(0).at(10, turn, Undo())) == []


def test_an_idea_is_kept_as_it_was_before_the_faders() -> None:
    stage = VirtualStage(knowing("melody_density")).at(0, SetParameter("melody", "attr_density", 1.0)).play(0)
    take = stage.at(1_000_000_000, Keep("melody", 1, Source.SOUNDING)).run(bars=2)
    kept = [effect.latent for effect in take.effects if isinstance(effect, SlotChanged)]
    assert [type(latent) for latent in kept] == [Prior]


def test_that_a_fader_does_nothing_is_said_once() -> None:
    stage = VirtualStage(knowing("melody_density")).play(0)
    for amount in (0.0, 0.5, 1.0):
        for name in ("attr_hats", "attr_density"):
            stage.at(10, SetParameter("melody", name, amount))
    take = stage.run(bars=2)
    assert take.notices() == [
        "attr_hats does nothing for melody: the model tick-tock was not measured for it."
    ]
