"""Presets: what ships is right, what is wrong is named, and no text whatever breaks the reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.osc.addresses import AddressTable
from livevae.core.chord_symbols import parse_progression
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    Kind,
    Parameter,
    ParameterValue,
)
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.errors import PresetError
from livevae.places import shipped_folder
from livevae.preset import Preset, parse_preset
from livevae.preset_files import load_preset, preset_files

SHIPPED = (
    "band",
    "beat",
    "chords",
    "drummer",
    "drums",
    "groove",
    "hats",
    "house",
    "melody",
    "percussion",
    "tap",
    "theme",
    "trio",
)

BAND = ("drums", "guitar", "keys", "strings", "bass", "guitar_2", "lead", "extra")
INFOS = {
    "band_1bar": ModelInfo("band_1bar", 1, BAND, wants_chords=True),
    "trio_16bar": ModelInfo("trio_16bar", 16, ("melody", "bass", "drums")),
    "house_16bar": ModelInfo("house_16bar", 16, ("melody", "bass", "drums")),
    "melody_16bar": ModelInfo("melody_16bar", 16, ("melody",)),
    "drums_16bar": ModelInfo("drums_16bar", 16, ("drums",)),
    "melody_2bar": ModelInfo("melody_2bar", 2, ("melody",)),
    "melody_chords_2bar": ModelInfo("melody_chords_2bar", 2, ("melody",), wants_chords=True),
    "drums_2bar": ModelInfo("drums_2bar", 2, ("drums",)),
    "percussion_2bar": ModelInfo("percussion_2bar", 2, ("drums",)),
    "groove_2bar": ModelInfo("groove_2bar", 2, ("drums",), grooves=True),
    "groove_4bar": ModelInfo("groove_4bar", 4, ("drums",), grooves=True, composes=True),
}


def parse(text: str) -> Preset:
    return parse_preset(text, "test", "test.toml")


def refusal(text: str) -> str:
    with pytest.raises(PresetError) as caught:
        parse(text)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No preset of whoever runs the tests may be found."""
    for variable in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_preset_describes_a_performance(name: str) -> None:
    preset = load_preset(name)
    performance = preset.performance({model: INFOS[model] for model in preset.models})
    assert preset.description
    assert [part.name for part in performance.parts] == [part.name for part in preset.parts]
    named = {name for part in performance.parts for name in (part.model, part.groove) if name}
    assert named == {info.name for info in performance.models}


def test_the_trio_plays_on_three_channels() -> None:
    channels = {part.name: part.settings["channel"] for part in load_preset("trio").parts}
    assert channels == {"melody": 1, "bass": 2, "drums": 10}


def test_every_shipped_file_is_listed() -> None:
    assert tuple(preset_files()) == tuple(sorted(p.stem for p in shipped_folder().glob("*.toml")))
    assert set(SHIPPED) <= set(preset_files())


def test_a_musicians_own_preset_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    folder = tmp_path / "livevae" / "presets"
    folder.mkdir(parents=True)
    (folder / "trio.toml").write_text('[parts.solo]\nmodel = "melody_2bar"\nplays = "melody"\n')
    assert [part.name for part in load_preset("trio").parts] == ["solo"]
    assert preset_files()["trio"] == folder / "trio.toml"


def test_a_model_path_is_relative_to_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[parts.solo]\nmodel = "models/mine.onnx"\n')
    assert load_preset(file).models == (str(tmp_path / "models" / "mine.onnx"),)


def test_nobodys_home_is_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[parts.solo]\nmodel = "~nobody-here/mine.onnx"\n')
    assert load_preset(file).models == (str(tmp_path / "~nobody-here" / "mine.onnx"),)


def test_the_command_line_overrules_the_preset() -> None:
    preset = load_preset("trio").adjusted(tempo_bpm=93.5, seed=7, clock="internal")
    assert (preset.settings["tempo"], preset.settings["seed"], preset.clock) == (93.5, 7, "internal")
    assert load_preset("trio").adjusted() == load_preset("trio")
    with pytest.raises(
        PresetError, match=r"command line: tempo = 3000 is refused; it takes a number from 20"
    ):
        preset.adjusted(tempo_bpm=3000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "0 parts"),
        ("parts = 3", "parts = 3 is refused; it takes a table, written [parts]"),
        ('[parts.solo]\nmodle = "x"', "parts.solo.model is missing"),
        ('[parts.solo]\nmodel = "x"\nmodee = "vary"', "no key 'parts.solo.modee' (did you mean 'mode'?)"),
        (
            '[parts.solo]\nmodel = "x"\nmode = "Varry"',
            "parts.solo.mode = 'Varry' is refused (did you mean 'vary'?); it takes one of sample, vary",
        ),
        (
            '[parts.solo]\nmodel = "x"\nchannel = 17',
            "channel = 17 is refused; it takes a whole number from 1 to 16",
        ),
        ('[parts.solo]\nmodel = "x"\nchannel = true', "channel = True is refused"),
        ('[parts.solo]\nmodel = "x"\ntemperature = nan', "temperature = nan is refused"),
        (
            '[parts.solo]\nmodel = "x"\nseed = 0x' + "f" * 6000,
            "seed = 'a number of more than 18 digits' is refused",
        ),
        ('[parts.solo]\nmodel = "x"\nreroll = true', "no key 'parts.solo.reroll'"),
        ('[parts.solo]\nmodel = "x"\nregister_low = 80\nregister_high = 70', "register_low = 80 is refused"),
        ("[parts.solo]\nmodel = 5", "parts.solo.model = 5 is refused; it takes text in quotes"),
        ('[parts."So lo"]\nmodel = "x"', "part = 'So lo' is refused"),
        ('[parts.tempo]\nmodel = "x"', "part = 'tempo' is refused"),
        (
            '[parts.solo]\nmodel = "x"\n[settings]\ntempoo = 3',
            "no key 'settings.tempoo' (did you mean 'tempo'?)",
        ),
        ('clock = "mdi"\n[parts.solo]\nmodel = "x"', "clock = 'mdi' is refused (did you mean 'midi'?)"),
        (
            'inference_ms = 0\n[parts.solo]\nmodel = "x"',
            "inference_ms = 0 is refused; it takes a number from 1",
        ),
        ("[parts.solo\n", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        (
            "clock = 0x" + "f" * 6000 + '\n[parts.solo]\nmodel = "x"',
            "clock = a int too long to show is refused",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, expected: str) -> None:
    message = refusal(text)
    assert expected in message
    assert "test.toml" in message
    assert "\n" not in message


def test_no_part_is_called_like_an_address_of_its_own() -> None:
    addresses = [address.split("/")[2:] for address in AddressTable([]).addresses]
    for words in addresses:
        assert "is refused" in refusal(f'[parts.{words[0]}]\nmodel = "x"')


def test_a_part_no_model_writes_is_named() -> None:
    preset = parse('[parts.solo]\nmodel = "trio_16bar"\nplays = "mellody"')
    with pytest.raises(PresetError, match=r"plays = 'mellody' is refused \(did you mean 'melody'\?\)"):
        preset.performance(INFOS)
    with pytest.raises(PresetError, match=r"parts.solo.model = 'trio_16bar' is refused"):
        preset.performance({})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trioo", rf"no preset 'trioo' \(did you mean 'trio'\?\); there are: {', '.join(SHIPPED)}"),
        ("nowhere/mine.toml", "no preset file nowhere/mine.toml"),
        ("a/b", "no preset file a/b"),
        ("x\0y", "no preset"),
        ("x" * 5000, "cannot be the name of a preset"),
        (".", "no preset"),
        ("", "no preset"),
    ],
)
def test_a_preset_that_is_not_there_is_named(name: str, expected: str) -> None:
    with pytest.raises(PresetError, match=expected):
        load_preset(name)


def test_a_file_that_is_no_preset_is_refused(tmp_path: Path) -> None:
    noise = tmp_path / "noise.toml"
    noise.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="not a text file"):
        load_preset(noise)
    noise.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PresetError, match="longer than"):
        load_preset(noise)


# --- properties -------------------------------------------------------------------------------


def _values(parameter: Parameter) -> st.SearchStrategy[ParameterValue]:
    if parameter.kind is Kind.CHOICE:
        return st.sampled_from(parameter.choices)
    if parameter.kind is Kind.TOGGLE:
        return st.booleans()
    if parameter.kind is Kind.INTEGER:
        return st.integers(int(parameter.low), int(parameter.high))
    return st.floats(parameter.low, parameter.high)


def _settings(
    table: tuple[Parameter, ...], without: tuple[str, ...] = ()
) -> st.SearchStrategy[dict[str, ParameterValue]]:
    rows = [p for p in table if p.kind is not Kind.TRIGGER and p.name not in without]
    return st.fixed_dictionaries({}, optional={p.name: _values(p) for p in rows})


def _toml(value: object) -> str:
    return json.dumps(value) if not isinstance(value, float) else repr(value)


@given(
    _settings(GLOBAL_PARAMETERS),
    st.dictionaries(
        st.sampled_from(["melody", "bass", "solo_2"]),
        _settings(PART_PARAMETERS, without=("register_low", "register_high")),
        min_size=1,
    ),
)
def test_every_value_in_range_comes_back(
    settings: dict[str, ParameterValue], parts: dict[str, dict[str, ParameterValue]]
) -> None:
    lines = ["[settings]", *(f"{key} = {_toml(value)}" for key, value in settings.items())]
    for name, table in parts.items():
        lines += [f"[parts.{name}]", 'model = "m"', *(f"{key} = {_toml(v)}" for key, v in table.items())]
    preset = parse("\n".join(lines))
    assert preset.settings == settings
    assert preset.parts == tuple(PartSpec(name, "m", name, table) for name, table in parts.items())
    performance = preset.performance({"m": ModelInfo("m", 2, tuple(parts))})
    assert isinstance(performance, Performance)


_JUNK: st.SearchStrategy[object] = st.recursive(
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    [
        "clock",
        "inference_ms",
        "description",
        "settings",
        "settings.tempo",
        "parts",
        "parts.a",
        "parts.a.model",
    ]
    + [f"parts.a.{p.name}" for p in PART_PARAMETERS]
    + [f"settings.{p.name}" for p in GLOBAL_PARAMETERS]
)


def _preset_or_refusal(text: str) -> None:
    try:
        preset = parse(text)
    except PresetError:
        return
    assert preset.parts


@given(st.text(max_size=200))
def test_any_text_is_a_preset_or_a_refusal(text: str) -> None:
    _preset_or_refusal(text)


@given(st.dictionaries(_KEYS, _JUNK, max_size=6))
def test_any_toml_is_a_preset_or_a_refusal(table: dict[str, object]) -> None:
    _preset_or_refusal("\n".join(f"{key} = {_toml(value)}" for key, value in table.items()))


KIT = """
[parts.drums]
model = "drums_2bar"
"""


def test_a_part_names_its_groove_model_and_its_drum_maps() -> None:
    own = "drum_map_out = '''\nkick C1\nsnare D1\n'''\n"
    preset = parse(KIT + "groove = 'groove_2bar'\ndrum_map_in = 'td11'\nunmapped = 'drop'\n" + own)
    assert preset.models == ("drums_2bar", "groove_2bar")
    (part,) = preset.performance(INFOS).parts
    assert part.groove == "groove_2bar"
    assert part.kit.reads.name == "td11"
    assert part.kit.plays is not None
    assert part.kit.plays.rows[:3] == ((36,), (38,), ())
    assert not part.kit.passes
    with pytest.raises(PresetError, match="a groove model that is loaded"):
        preset.performance({**INFOS, "groove_2bar": INFOS["drums_2bar"]})


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("drum_map_in = 'roland'", "takes one of gm, td11, ableton, or a map of your own"),
        ("drum_map_out = 3", "takes one of gm, td11, ableton"),
        ("drum_map_in = 'kick 36 300'", "parts.drums.drum_map_in: the drum map has the pitch '300'"),
        ("unmapped = 'lose'", "takes one of pass, drop"),
        ("groove = ''", "parts.drums.groove"),
        ("groove = 2", "parts.drums.groove"),
    ],
)
def test_a_wrong_kit_is_named(line: str, sentence: str) -> None:
    assert sentence in refusal(KIT + line)


def test_chords_are_written_in_bars() -> None:
    text = 'chords = "| Am | F G |"\n[parts.melody]\nmodel = "melody_2bar"\n'
    preset = parse_preset(text, "p", "p.toml")
    assert preset.chords == parse_progression("| Am | F G |")
    assert preset.performance(INFOS).chords == preset.chords
    for value, says in (('"| Am | Hm |"', "bar 2.*Hm"), ("3", "text"), ('""', "no chords")):
        with pytest.raises(PresetError, match=rf"p.toml: chords.*{says}"):
            parse_preset(text.replace('"| Am | F G |"', value), "p", "p.toml")
