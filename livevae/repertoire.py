"""A preset made ready to play: its models found on this computer and its performance drawn up.

Only the models' metadata is read here, so that this takes milliseconds; opening them is the inference
process's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livevae.adapters.model_store import find_model, model_info
from livevae.core.performance import Performance
from livevae.preset import Preset


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the engine needs: a performance, and the files of the models it names."""

    performance: Performance
    model_paths: tuple[Path, ...]


def prepare(preset: Preset) -> Prepared:
    """Find the preset's models and draw up its performance.

    Raises ModelError for a model that is missing or damaged, PresetError where a part does not fit its model.
    """
    paths = {name: find_model(name) for name in preset.models}
    infos = {name: model_info(path) for name, path in paths.items()}
    return Prepared(preset.performance(infos), tuple(dict.fromkeys(paths.values())))
