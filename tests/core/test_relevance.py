"""Every part is shown what can be heard in it, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from livevae.core.groove_parameters import GROOVE_MODES
from livevae.core.parameters import MODES, Group
from livevae.core.part import Part
from livevae.core.performance import ModelInfo, PartSpec
from livevae.core.relevance import modes_of, rows_of

TRIO = ModelInfo("trio", 16, ("melody", "bass", "drums"), ("bass_density", "drums_hat_share"))
GROOVE = ModelInfo("groove", 2, ("drums",), grooves=True)

BEATS = ModelInfo("beats", 4, ("drums",), grooves=True, composes=True)


def names(part: PartSpec, model: ModelInfo = TRIO) -> set[str]:
    return {row.name for row in rows_of(part, model)}


def groups(part: PartSpec, model: ModelInfo = TRIO) -> set[Group]:
    return {row.group for row in rows_of(part, model)}


def test_a_drum_has_no_key_and_a_bass_has() -> None:
    assert Group.PITCH not in groups(PartSpec("kit", "trio", "drums"))
    assert Group.PITCH in groups(PartSpec("low", "trio", "bass"))


def test_only_the_faders_that_the_model_knows() -> None:
    assert {n for n in names(PartSpec("low", "trio", "bass")) if n.startswith("attr_")} == {"attr_density"}
    assert Group.CHARACTER not in groups(PartSpec("tune", "trio", "melody"))


def test_feel_where_a_groove_model_gives_it() -> None:
    assert Group.GROOVE not in groups(PartSpec("kit", "trio", "drums"))
    assert Group.GROOVE in groups(PartSpec("kit", "trio", "drums", groove="groove"))
    felt = PartSpec("kit", "trio", "drums", groove="groove")
    assert set(modes_of(felt, TRIO)) == {*MODES} - {"continue"}
    assert not set(GROOVE_MODES) & set(modes_of(PartSpec("kit", "trio", "drums"), TRIO))


def test_only_a_model_that_tells_bars_apart_goes_on_from_them() -> None:
    song = replace(TRIO, tells_bars=True)
    assert "continue" in modes_of(PartSpec("tune", "trio", "melody"), song)
    assert "continue" not in modes_of(PartSpec("tune", "trio", "melody"), TRIO)


def test_only_drums_answer_with_a_kit() -> None:
    modes = modes_of(PartSpec("low", "trio", "bass", groove="groove"), TRIO)
    assert set(GROOVE_MODES) & set(modes) == {"groove"}


def test_a_part_without_ideas_has_nothing_that_turns_them() -> None:
    part = PartSpec("kit", "groove", "drums")
    assert modes_of(part, GROOVE) == GROOVE_MODES
    assert not names(part, GROOVE) & {"vary", "phrase", "morph", "pad_x", "corner_1", "loop"}
    assert {"feel_timing", "take_groove", "mute", "level"} <= names(part, GROOVE)


def test_a_groove_model_that_composes_has_ideas_and_feel() -> None:
    part = PartSpec("kit", "beats", "drums")
    assert not set(GROOVE_MODES) & set(modes_of(part, BEATS))
    assert {"vary", "phrase", "feel_timing", "feel_density", "style"} <= names(part, BEATS)
    assert not Part.of(part, BEATS).answers
    assert Part.of(part, BEATS).values["mode"] == "sample"
