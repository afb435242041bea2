"""A checkpoint to a sealed model file, or nothing at all if the two do not agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from export.describe import Release, describe
from export.graph import build_graph
from export.narrow import narrowed
from export.parity import check_parity
from livevae.adapters.onnx_file import seal
from livevae.adapters.onnx_functions import function_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.adapters.onnx_runtime import CPU, import_runtime, open_session
from livevae.codec.golden import Arrays, Run
from livevae.codec.manifest import AttributeVector, Function, Manifest
from train.attributes import attribute_vectors
from train.checkpoint import load_model
from train.config import TrainConfig
from train.corpus import load_corpus
from train.models import Model

ATTRIBUTE_WINDOWS = 8192  # training windows the directions are taken from; more move them by nothing audible


def export_checkpoint(checkpoint: Path, out: Path, release: Release, data: Path | None = None) -> Manifest:
    """Write the model of a checkpoint to ``out`` and return what the file says about itself.

    release: without figures, those of the training's last validation are stated.
    data: folder of the collections it was trained on, to find the directions of attributes in; none without.
    Raises ConfigError for an unusable checkpoint, ExportError if the graph does not answer as the model does.
    """
    model, record = load_model(checkpoint)
    config = record.config()
    release = replace(release, figures=release.figures or record.figures)
    if data is not None:
        release = replace(release, attributes=_attributes(model, config, data, checkpoint))
    return export_model(model, config, out, release)


def _attributes(
    model: Model, config: TrainConfig, data: Path, checkpoint: Path
) -> tuple[AttributeVector, ...]:
    run = checkpoint if checkpoint.is_dir() else checkpoint.parent
    corpus = load_corpus(data, config.data, model.codec, run.parent)
    chosen = np.random.default_rng(0).permutation(len(corpus.train))[:ATTRIBUTE_WINDOWS]
    places = corpus.train.where(chosen)
    windows = corpus.cut(places)
    heard: list[npt.NDArray[Any]] = [windows, *corpus.given(places)]
    batches = zip(*(np.array_split(part, 64) for part in heard), strict=True)
    with torch.no_grad():
        means = [model.encode(*map(torch.from_numpy, batch))[0].numpy() for batch in batches]
    vectors = attribute_vectors(model.codec, windows, np.concatenate(means))
    return tuple(AttributeVector(name, tuple(np.round(v, 5).tolist())) for name, v in vectors.items())


def export_model(model: Model, config: TrainConfig, out: Path, release: Release) -> Manifest:
    """As ``export_checkpoint``, for a model in memory."""
    torch.set_num_threads(1)
    sources = narrowed(model.functions(), release.latent_scale)
    graph, functions = build_graph(sources)
    run = _runner(graph.SerializeToString(), functions)
    check_parity(sources, run, model.codec)
    manifest = describe(config, functions, run, release)
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
