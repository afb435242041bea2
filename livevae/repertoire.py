"""A preset made ready to play: its models found on this computer and its performance drawn up.

Only the models' metadata is read here, so that this takes milliseconds; opening them is the inference
process's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from livevae.adapters.model_store import find_model
from livevae.adapters.onnx_file import read_manifest
from livevae.codec.manifest import Manifest
from livevae.core.parameters import find_parameter
from livevae.core.performance import PartSpec, Performance
from livevae.errors import ParameterError
from livevae.preset import Preset


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the engine needs: a performance, and the files of the models it names."""

    performance: Performance
    model_paths: tuple[Path, ...]


def prepare(preset: Preset) -> Prepared:
    """Find the preset's models and draw up its performance.

    A part whose temperature the preset leaves open gets the one its model's makers recommend.
    Raises ModelError for a model that is missing or damaged, PresetError where a part does not fit its model.
    """
    paths = {name: find_model(name) for name in preset.models}
    manifests = {name: read_manifest(path) for name, path in paths.items()}
    performance = preset.performance({name: manifest.info() for name, manifest in manifests.items()})
    by_name = {manifest.name: manifest for manifest in manifests.values()}
    parts = tuple(_at_its_models_temperature(part, by_name) for part in performance.parts)
    return Prepared(replace(performance, parts=parts), tuple(dict.fromkeys(paths.values())))


def _at_its_models_temperature(part: PartSpec, manifests: Mapping[str, Manifest]) -> PartSpec:
    try:
        temperature = find_parameter(part.name, "temperature").check(manifests[part.model].temperature)
    except ParameterError:
        return part  # a recommendation nobody can set
    return replace(part, settings={"temperature": temperature} | dict(part.settings))
