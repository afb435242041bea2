"""What a new run may begin with: the weights of another run, or those a model file was exported with.

A model file holds each of them as an initialiser called ``weights/`` and its name in the model
(export/weights.py writes them).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from livevae.adapters.onnx_file import metadata_of, read_model_file
from livevae.codec import Codec
from livevae.codec.manifest import Manifest
from livevae.errors import ModelError
from train.checkpoint import load_checkpoint
from train.config import ConfigError, TrainConfig

WEIGHTS = "weights/"
"""Before the name of a weight in a model file."""
_MODEL_FILE = ".onnx"


def begin_with(path: Path, config: TrainConfig, module: nn.Module) -> None:
    """Give ``module`` the averaged weights of a run, or those of a model file.

    path: a run's folder, its checkpoint, or a file ending in .onnx. config: what ``module`` was built from.
    Raises ConfigError if there is nothing to begin with, or if it is not of the config's model.
    """
    weights = _exported(path, config) if path.suffix == _MODEL_FILE else load_checkpoint(path).average
    misfit = _misfit(weights, module.state_dict())
    if misfit:
        raise ConfigError(
            f"{path}: its model is not the config's: {misfit}; begin with the [model] of the config it was "
            f"trained with"
        )
    module.load_state_dict(weights)


def exported_weights(path: Path) -> tuple[dict[str, Tensor], Manifest]:
    """The weights in a model file, by their names in the model, and what the file says about itself.

    Raises ConfigError if the file is none of livevae's, or holds too little to go on with.
    """
    try:
        data = read_model_file(path)
    except ModelError as error:
        raise ConfigError(str(error)) from error  # it names the file
    try:
        manifest = Manifest.from_metadata(metadata_of(data))
    except ModelError as error:
        raise ConfigError(f"{path}: {error}") from error
    graph = onnx.load_model_from_string(data).graph
    weights = {
        weight.name.removeprefix(WEIGHTS): torch.from_numpy(numpy_helper.to_array(weight).copy())
        for weight in graph.initializer
        if weight.name.startswith(WEIGHTS)
    }
    if not weights:
        raise ConfigError(
            f"{path}: this model can be played, not trained further: it was exported before model files kept "
            f"all of their weights; take a newer file, or begin with the run it came from"
        )
    return weights, manifest


def _exported(path: Path, config: TrainConfig) -> dict[str, Tensor]:
    weights, manifest = exported_weights(path)
    theirs, mine = manifest.build_codec(), config.build_codec()
    if (theirs.name, theirs.args()) != (mine.name, mine.args()):
        raise ConfigError(
            f"{path}: it plays {_described(theirs)}, the config is for {_described(mine)}; begin with the "
            f"[codec] and [model] of the config {manifest.name!r}, which it was trained with"
        )
    return weights


def _described(codec: Codec) -> str:
    arguments = ", ".join(f"{name} = {value}" for name, value in codec.args().items())
    return f"{codec.name!r} ({arguments})"


def _misfit(weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """The first thing in which weights are not those wanted; empty if they are."""
    for name, weight in wanted.items():
        if name not in weights:
            return f"it has no {name!r}"
        if weights[name].shape != weight.shape:
            return f"its {name!r} is {_size(weights[name])}, the config's {_size(weight)}"
    return next((f"the config's has no {name!r}" for name in weights if name not in wanted), "")


def _size(weight: Tensor) -> str:
    return " x ".join(map(str, weight.shape)) or "one number"
