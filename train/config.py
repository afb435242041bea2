"""A training run as one TOML file, read strictly: an unknown or wrong key is refused by name."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livevae.codec import Codec, codec_from
from train.models import KINDS, kind_module
from train.models.objective import Objective

CONFIGS = Path(__file__).parent / "configs"


class ConfigError(ValueError):
    """A training config cannot be used; the message names file, key, value and what would do."""


@dataclass(frozen=True, slots=True)
class DataConfig:
    """What is trained on.

    sources: keys of ``train.sources.SOURCES``; one named twice is learnt from twice as often. stride_bars:
    between training windows (validation windows never overlap). min_onsets: notes each part must start in a
    window. max_silent_bars: bars in which a part may be silent. min_kicks_on_beats: share of the beats that
    must have a kick, of drums: 1 is four on the floor. transpose_semitones: lines are moved by up to this
    much either way. lift_below_pitch: songs whose melody has a lower median are bass lines, and are lifted by
    octaves to at least this pitch with probability lift_probability; 0 leaves them. chords: whether the model
    is told the chords too; in windows whose songs have none it is told so.
    """

    sources: tuple[str, ...]
    stride_bars: int = 1
    min_onsets: int = 2
    max_silent_bars: int = 1
    min_kicks_on_beats: float = 0.0
    transpose_semitones: int = 0
    lift_below_pitch: int = 48
    lift_probability: float = 0.0
    chords: bool = False


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How it is trained. The learning rate warms up, then falls along a cosine over the run's minutes.

    begun_learning_rate: the rate of a run that begins with another model's weights, which it would soon
    forget at the usual one; None for the usual one.
    """

    minutes: float = 30.0
    batch_size: int = 256
    learning_rate: float = 1e-3
    begun_learning_rate: float | None = None
    final_learning_rate: float = 2e-5
    warmup_steps: int = 100
    gradient_norm: float = 1.0
    weight_average: float = 0.998
    weight_decay: float = 1e-2
    bfloat16: bool = False


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One trained model: its name and task, codec, network, data and training."""

    name: str
    task: str
    codec_name: str
    codec_args: dict[str, Any]
    kind: str
    model: Any
    data: DataConfig
    objective: Objective
    fit: FitConfig
    sha: str = field(default="", compare=False)

    def build_codec(self) -> Codec:
        return codec_from(self.codec_name, self.codec_args)


def read_config(name_or_path: str) -> tuple[str, Path]:
    """The TOML of a file, or of one shipped in train/configs by name, and its path. Raises ConfigError."""
    path = Path(name_or_path)
    if not path.suffix:
        path = CONFIGS / f"{name_or_path}.toml"
    try:
        return path.read_text(encoding="utf-8"), path
    except OSError as error:
        shipped = ", ".join(sorted(p.stem for p in CONFIGS.glob("*.toml")))
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); shipped configs: {shipped}") from error


def load_config(name_or_path: str) -> TrainConfig:
    """The config in a file, or one shipped in train/configs by its name. Raises ConfigError."""
    text, path = read_config(name_or_path)
    return parse_config(text, str(path))


def parse_config(text: str, source: str) -> TrainConfig:
    """A config from TOML. source: named in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML: {error}") from error
    codec = dict(_pop_table(table, "codec", source))
    model = dict(_pop_table(table, "model", source))
    kind = model.pop("kind", None)
    if kind not in KINDS:
        raise ConfigError(f"{source}: model.kind = {kind!r}, expected one of {', '.join(KINDS)}")
    config = TrainConfig(
        name=_pop_text(table, "name", source),
        task=_pop_text(table, "task", source),
        codec_name=str(codec.pop("name", "")),
        codec_args=codec,
        kind=kind,
        model=dataclass_from(kind_module(kind).Config, model, f"{source}: model"),
        data=dataclass_from(DataConfig, _pop_table(table, "data", source), f"{source}: data"),
        objective=dataclass_from(Objective, _pop_table(table, "objective", source), f"{source}: objective"),
        fit=dataclass_from(FitConfig, _pop_table(table, "fit", source), f"{source}: fit"),
        sha=hashlib.sha256(text.encode()).hexdigest()[:16],
    )
    if table:
        raise ConfigError(f"{source}: unknown key {next(iter(table))!r}")
    config.build_codec()
    return config


def _pop_table(table: dict[str, Any], key: str, source: str) -> dict[str, Any]:
    value = table.pop(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{source}: {key} = {value!r}, expected a table")
    return value


def _pop_text(table: dict[str, Any], key: str, source: str) -> str:
    value = table.pop(key, None)
    if not isinstance(value, str):
        raise ConfigError(f"{source}: {key} = {value!r}, expected text")
    return value


def dataclass_from(cls: Any, table: dict[str, Any], path: str) -> Any:
    """An instance of dataclass ``cls`` from a TOML table; wrong keys and kinds raise ConfigError."""
    hints = typing.get_type_hints(cls)
    names = [f.name for f in dataclasses.fields(cls) if f.init]
    for key in table:
        if key not in names:
            raise ConfigError(f"{path}.{key}: unknown key; known: {', '.join(names)}")
    values = {key: _checked(value, hints[key], f"{path}.{key}") for key, value in table.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{path}: {error}") from error


def _checked(value: Any, hint: Any, path: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return dataclass_from(hint, value, path)
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{path} = {value!r}, expected a list")
        item = typing.get_args(hint)[0]
        return tuple(_checked(v, item, path) for v in value)
    if origin in (typing.Union, types.UnionType):
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint:
        raise ConfigError(f"{path} = {value!r}, expected {hint.__name__}")
    return value
