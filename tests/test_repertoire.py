"""Presets made ready to play, with the models of this source tree's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from livevae.adapters.onnx_file import read_manifest
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError, PresetError
from livevae.preset import Preset, parse_preset
from livevae.repertoire import prepare

FAKES = Path(__file__).parent / "fixtures"
TRIO = FAKES / "fake_trio.onnx"


def preset(extra: str = "", plays: str = "drums", model: Path = TRIO) -> Preset:
    return parse_preset(f'[parts.kit]\nmodel = "{model}"\nplays = "{plays}"\n{extra}', "test", "test.toml")


def test_a_preset_is_made_ready() -> None:
    prepared = prepare(preset())
    assert prepared.model_paths == (TRIO,)
    assert prepared.performance.models == (
        ModelInfo("fake_trio", 4, ("melody", "bass", "drums"), ("brightness",)),
    )
    assert [(part.name, part.model, part.model_part) for part in prepared.performance.parts] == [
        ("kit", "fake_trio", "drums")
    ]


def test_the_temperature_is_the_models_unless_the_preset_says_otherwise() -> None:
    recommended = read_manifest(TRIO).temperature
    assert prepare(preset()).performance.parts[0].settings["temperature"] == recommended
    assert prepare(preset("temperature = 0.25")).performance.parts[0].settings["temperature"] == 0.25


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match=r"no model file .*nowhere\.onnx"):
        prepare(preset(model=FAKES / "nowhere.onnx"))
    with pytest.raises(PresetError, match="plays = 'drms' is refused"):
        prepare(preset(plays="drms"))
