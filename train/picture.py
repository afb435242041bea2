"""``python -m train picture``: samples of a model as piano rolls, to look at before a figure is believed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt

matplotlib.use("Agg")  # no screen needed

from matplotlib import pyplot

from livevae.adapters.onnx_model import OnnxModel
from livevae.codec import Codec
from livevae.codec.drum_maps import DRUM_CLASSES, DRUM_MAPS
from livevae.codec.groove import GrooveCodec
from livevae.core.notes import Note
from livevae.units import BEATS_PER_BAR, TICKS_PER_BEAT
from train.config import ConfigError
from train.groove_picture import SHOWN, draw_grooves

COLUMNS = 4
_INCHES = (5.0, 2.3)
_PITCH_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_NAMES_SHOWN = 16


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m train picture", description=__doc__)
    root.add_argument("--model", type=Path, required=True, help="an exported model file")
    root.add_argument("--out", type=Path, required=True, help="the PNG to write")
    root.add_argument("--samples", type=int, default=16)
    root.add_argument("--temperature", type=float, help="default: the model's own")
    root.add_argument("--seed", type=int, default=0)
    root.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("LIVEVAE_DATA", "data")),
        help="for a groove model: the Groove MIDI Dataset, drawn beside what the model makes of its hits",
    )
    return root


def prior_samples(model: OnnxModel, count: int, temperature: float, seed: int) -> npt.NDArray[np.int64]:
    """Windows decoded from z ~ N(0, I): shape (count, steps, columns), int64."""
    manifest, codec = model.manifest, model.manifest.build_codec()
    random = np.random.default_rng(seed)
    z = random.standard_normal((count, manifest.latent_size), dtype=np.float32)
    noise = random.random((count, codec.steps, len(codec.columns)), dtype=np.float32)
    heat = np.array(temperature, dtype=np.float32)
    if manifest.has_function("decode"):
        return model.run("decode", {"z": z, "noise": noise, "temperature": heat})["y"]
    bars = model.run("conduct", {"z": z})["bars"].reshape(count * manifest.bars, -1)
    bar_noise = noise.reshape(count * manifest.bars, manifest.steps_per_bar, -1)
    y = model.run("decode_bar", {"bar": bars, "noise": bar_noise, "temperature": heat})["y"]
    return y.reshape(count, codec.steps, len(codec.columns))


def draw_window(axes: Any, codec: Codec, tokens: npt.NDArray[np.int64]) -> None:
    """One window: lines at their pitches, named in the title; drums as rows below them, kick lowest."""
    rows_below = 0
    for part, notes in codec.decode(tokens).items():
        if part == "drums":
            classes = DRUM_MAPS[codec.args()["drum_map"]]
            rows = [classes[note.pitch] - len(DRUM_CLASSES) for note in notes]
            rows_below = len(DRUM_CLASSES)
            lowest = min((note.pitch for note in _lines(codec, tokens)), default=0)
            axes.plot(
                [n.onset_ticks / TICKS_PER_BEAT for n in notes], [lowest + row for row in rows], "ks", ms=3
            )
        else:
            for note in notes:
                start = note.onset_ticks / TICKS_PER_BEAT
                axes.plot([start, start + 0.9 * note.duration_ticks / TICKS_PER_BEAT], [note.pitch] * 2, lw=3)
            names = [_PITCH_NAMES[note.pitch % 12] for note in notes[:_NAMES_SHOWN]]
            axes.set_title(" ".join(names), fontsize=7)
    beats = codec.bars * BEATS_PER_BAR
    for beat in range(beats + 1):
        axes.axvline(beat - 0.02, lw=0.8 if beat % BEATS_PER_BAR == 0 else 0.2, color="tab:red")
    axes.set_xlim(-0.1, beats)
    axes.tick_params(labelsize=6)
    if rows_below and len(codec.parts) == 1:
        axes.set_yticks(range(-rows_below, 0), DRUM_CLASSES)


def _lines(codec: Codec, tokens: npt.NDArray[np.int64]) -> list[Note]:
    return [note for part, notes in codec.decode(tokens).items() if part != "drums" for note in notes]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    model = OnnxModel(chosen.model)
    codec = model.manifest.build_codec()
    if isinstance(codec, GrooveCodec):
        return _grooves(model, codec, chosen.data, chosen.out, chosen.seed)
    temperature = model.manifest.temperature if chosen.temperature is None else chosen.temperature
    windows = prior_samples(model, chosen.samples, temperature, chosen.seed)
    rows = -(-chosen.samples // COLUMNS)
    figure, grid = pyplot.subplots(
        rows, COLUMNS, figsize=(_INCHES[0] * COLUMNS, _INCHES[1] * rows), squeeze=False
    )
    for axes, tokens in zip(grid.flat, windows, strict=False):
        draw_window(axes, codec, tokens)
    figure.suptitle(f"{model.manifest.name}: samples of the prior at temperature {temperature:g}")
    figure.tight_layout()
    figure.savefig(chosen.out, dpi=60)
    pyplot.close(figure)
    print(f"{chosen.out}: {chosen.samples} samples of {model.manifest.name}")
    return 0


def _grooves(model: OnnxModel, codec: GrooveCodec, data: Path, out: Path, seed: int) -> int:
    figure, grid = pyplot.subplots(4, len(SHOWN), figsize=(_INCHES[0] * len(SHOWN), _INCHES[1] * 4))
    try:
        draw_grooves(grid, codec, model.run, model.manifest.latent_size, data, seed)
    except ConfigError as error:
        print(f"picture: {error}", file=sys.stderr)
        return 2
    figure.suptitle(f"{model.manifest.name}: by sixteenth of the bar, drummers and samples of the same hits")
    figure.tight_layout()
    figure.savefig(out, dpi=60)
    pyplot.close(figure)
    print(f"{out}: what drummers do and what {model.manifest.name} does")
    return 0
