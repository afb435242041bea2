"""``python -m train picture``: look at a model before a figure is believed.

Samples of the prior and ways between them are drawn as piano rolls, and what attribute vectors do as the
matrix of MusicVAE's figure 4.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")  # no screen needed

from matplotlib import pyplot

from livevae.adapters.model_store import find_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.groove import GrooveCodec
from livevae.errors import LivevaeError
from livevae.latent import slerp
from train.attribute_picture import draw_matrices
from train.config import ConfigError
from train.evaluation.attribute_matrix import report
from train.evaluation.exported import ExportedModel, Latents
from train.groove_picture import SHOWN, draw_grooves
from train.piano_rolls import draw_window

COLUMNS = 4
POINTS = 7  # of a way, both ends included
_INCHES = (5.0, 2.3)
_DPI = 60


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m train picture", description=__doc__)
    root.add_argument("--model", required=True, help="an exported model file, or the name of a model")
    root.add_argument("--out", type=Path, required=True, help="the PNG to write")
    root.add_argument(
        "--of",
        choices=("samples", "interpolation", "attributes"),
        default="samples",
        help="samples, ways between two samples, or what the attribute vectors change (default: %(default)s)",
    )
    root.add_argument("--samples", type=int, help="how many samples (16), or ways between two (4)")
    root.add_argument("--temperature", type=float, help="default: the model's own; of ways 0")
    root.add_argument("--seed", type=int, default=0)
    root.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("LIVEVAE_DATA", "data")),
        help="for a groove model: the Groove MIDI Dataset, drawn beside what the model makes of its hits",
    )
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    try:
        opened = OnnxModel(find_model(chosen.model))
        codec = opened.manifest.build_codec()
        if isinstance(codec, GrooveCodec):
            figure, said = _grooves(opened, codec, chosen.data, chosen.seed)
        else:
            model = ExportedModel(opened.manifest, opened.run)
            draw = {"samples": _samples, "interpolation": _ways, "attributes": _attributes}[chosen.of]
            figure, said = draw(model, chosen.samples, chosen.temperature, np.random.default_rng(chosen.seed))
    except (ConfigError, LivevaeError) as error:
        print(f"picture: {error}", file=sys.stderr)
        return 2
    figure.suptitle(f"{opened.manifest.name}: {said}")
    figure.tight_layout()
    figure.savefig(chosen.out, dpi=_DPI)
    pyplot.close(figure)
    print(f"{chosen.out}: {opened.manifest.name}, {said}")
    return 0


def _grid(rows: int, columns: int) -> tuple[Any, Any]:
    return pyplot.subplots(
        rows, columns, figsize=(_INCHES[0] * columns, _INCHES[1] * rows), squeeze=False, sharey="row"
    )


def _draws(model: ExportedModel, count: int, rng: np.random.Generator) -> Latents:
    draws: Latents = rng.standard_normal((count, model.manifest.latent_size), dtype=np.float32)
    return draws


def _samples(
    model: ExportedModel, count: int | None, temperature: float | None, rng: np.random.Generator
) -> tuple[Any, str]:
    heat = model.manifest.temperature if temperature is None else temperature
    windows = model.decode("sampling", _draws(model, count or 16, rng), heat, rng)
    figure, grid = _grid(-(-len(windows) // COLUMNS), COLUMNS)
    for axes, tokens in zip(grid.flat, windows, strict=False):
        draw_window(axes, model.codec, tokens)
    return figure, f"samples of the prior at temperature {heat:g}"


def _ways(
    model: ExportedModel, count: int | None, temperature: float | None, rng: np.random.Generator
) -> tuple[Any, str]:
    """A row for each way: both ends, and points between them along the spherical path."""
    rows, heat = count or 4, temperature or 0.0
    starts, ends = _draws(model, rows, rng), _draws(model, rows, rng)
    figure, grid = _grid(rows, POINTS)
    for index in range(POINTS):
        fraction = index / (POINTS - 1)
        z = np.stack([slerp(a, b, fraction) for a, b in zip(starts, ends, strict=True)])
        for axes, tokens in zip(grid[:, index], model.decode("", z, heat, rng), strict=True):
            draw_window(axes, model.codec, tokens, f"{fraction:.0%} of the way")
    return figure, f"ways between samples of the prior at temperature {heat:g}"


def _attributes(
    model: ExportedModel, count: int | None, temperature: float | None, rng: np.random.Generator
) -> tuple[Any, str]:
    heat = model.manifest.temperature if temperature is None else temperature
    found = report(model, heat, rng)
    if found is None:
        raise ConfigError(f"{model.manifest.name} has no attribute vectors; see python -m export.directions")
    return draw_matrices(
        found
    ), f"change of attributes over {found['samples']} samples of the prior, per cent"


def _grooves(model: OnnxModel, codec: GrooveCodec, data: Path, seed: int) -> tuple[Any, str]:
    figure, grid = pyplot.subplots(4, len(SHOWN), figsize=(_INCHES[0] * len(SHOWN), _INCHES[1] * 4))
    draw_grooves(grid, codec, model.run, model.manifest, data, seed)
    return figure, "by sixteenth of the bar, drummers and samples of the same hits"
