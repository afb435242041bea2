"""Training configs are read strictly, and every shipped one can be read."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec.manifest import FEELING
from train.config import CONFIGS, ConfigError, load_config, parse_config
from train.sources import SOURCES

pytestmark = pytest.mark.train

GOOD = """
name = "m"
task = "melody"
[codec]
name = "melody"
bars = 2
[model]
kind = "lookback"
[data]
sources = ["own_files"]
"""


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.toml")))
def test_every_shipped_config_is_usable(name: str) -> None:
    config = load_config(name)
    codec = config.build_codec().name
    tasks = {"percussion": ("drums",), "groove": FEELING}
    assert config.task in tasks.get(codec, (codec,))
    assert set(config.data.sources) <= set(SOURCES)
    assert config.sha


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('task = "melody"', "task = 3", "task = 3, expected text"),
        ("[data]", "[data]\nsorces = 1", "data.sorces: unknown key"),
        ('kind = "lookback"', 'kind = "gan"', "model.kind = 'gan', expected one of"),
        ('kind = "lookback"', 'kind = "lookback"\nwidth = "wide"', "model.width = 'wide', expected int"),
        ('sources = ["own_files"]', 'sources = "own_files"', "data.sources = 'own_files', expected a list"),
        ('name = "m"', 'name = "m"\ncolour = "red"', "unknown key 'colour'"),
        ("bars = 2", "bars = 2\n=", "not TOML"),
    ],
)
def test_wrong_keys_and_values_are_named(old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(GOOD.replace(old, new, 1), "x.toml")


def test_a_config_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ConfigError, match="melody_2bar"):
        load_config("no_such")
