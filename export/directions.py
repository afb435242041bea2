"""``python -m export.directions FILE.onnx``: give a model file the directions of its attributes, anew.

The weights stay as they are: directions are part of what a file says about itself.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from livevae.adapters.onnx_file import read_model_file, seal
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.manifest import Manifest
from livevae.errors import LivevaeError
from train.directions import find_directions
from train.evaluation.exported import ExportedModel

_SEED = 11


def give_directions(path: Path, out: Path | None = None) -> Manifest:
    """Find a model file's directions and write them into it; returns what it says about itself then.

    out: another file to write; None writes the same one. Raises ModelError for a file that is no sound model.
    """
    model = OnnxModel(path)
    rng = np.random.default_rng(_SEED)
    found = find_directions(ExportedModel(model.manifest, model.run), rng)
    manifest = replace(model.manifest, attributes=found)
    graph = onnx.load_model_from_string(read_model_file(path))
    del graph.metadata_props[:]
    onnx.helper.set_model_props(graph, manifest.to_metadata())
    target = path if out is None else out
    partial = target.with_suffix(".partial.onnx")
    partial.write_bytes(seal(graph.SerializeToString()))
    try:
        OnnxModel(partial)  # opens it as the stage will
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    root = argparse.ArgumentParser(prog="python -m export.directions", description=__doc__)
    root.add_argument("model", type=Path, help="a model file")
    root.add_argument("--out", type=Path, help="another file to write (default: the same one)")
    chosen = root.parse_args(arguments)
    try:
        manifest = give_directions(chosen.model, chosen.out)
    except (LivevaeError, OSError) as error:
        print(f"export.directions: {error}; nothing was written", file=sys.stderr)
        return 2
    names = ", ".join(attribute.name for attribute in manifest.attributes) or "none"
    print(f"{chosen.out or chosen.model}: directions for {names}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
