"""A checkpoint to a sealed model file, or nothing at all if the two do not agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx
import torch

from export.describe import Release, describe
from export.directions import give_directions
from export.graph import build_graph
from export.narrow import narrowed
from export.parity import check_parity
from export.weights import name_weights
from livevae.adapters.onnx_file import seal
from livevae.adapters.onnx_functions import function_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.adapters.onnx_runtime import CPU, import_runtime, open_session
from livevae.codec.golden import Arrays
from livevae.codec.layout import NO_LAYOUT
from livevae.codec.manifest import Function, Manifest
from livevae.codec.phrases import Run
from train.checkpoint import load_model
from train.config import TrainConfig
from train.models import LaidOut, Model, as_module


def export_checkpoint(checkpoint: Path, out: Path, release: Release, directions: bool = False) -> Manifest:
    """Write the model of a checkpoint to ``out`` and return what the file says about itself.

    release: without figures, those of the training's last validation are stated.
    directions: whether to find the directions of its attributes (a minute or two for a large model).
    Raises ConfigError for an unusable checkpoint, ExportError if the graph does not answer as the model does.
    """
    model, record = load_model(checkpoint)
    config = record.config()
    release = replace(release, figures=release.figures or record.figures)
    manifest = export_model(model, config, out, release)
    return give_directions(out) if directions else manifest


def export_model(model: Model, config: TrainConfig, out: Path, release: Release) -> Manifest:
    """As ``export_checkpoint``, for a model in memory."""
    torch.set_num_threads(1)
    sources = narrowed(model.functions(), release.latent_scale)
    graph, functions = build_graph(sources)
    name_weights(graph, as_module(model).state_dict())
    run = _runner(graph.SerializeToString(), functions)
    check_parity(sources, run, model.codec)
    layout = model.layout if isinstance(model, LaidOut) else NO_LAYOUT
    manifest = describe(config, functions, run, release, layout)
    onnx.helper.set_model_props(graph, manifest.to_metadata())
    graph.producer_name, graph.producer_version = "livevae", ""
    graph.doc_string = ""
    partial = out.with_suffix(".partial.onnx")
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(seal(graph.SerializeToString()))
    try:
        OnnxModel(partial)  # opens it as the stage will: seal, manifest, interface, golden vector
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _runner(data: bytes, functions: tuple[Function, ...]) -> Run:
    """Runs functions cut out of the graph, as the stage does."""
    runtime = import_runtime()
    outputs = {function.name: [spec.name for spec in function.outputs] for function in functions}
    sessions: dict[str, Any] = {
        name: open_session(runtime, function_model(data, names), CPU) for name, names in outputs.items()
    }

    def run(function: str, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        names = outputs[function]
        return dict(zip(names, sessions[function].run(names, dict(feeds)), strict=True))

    return run
