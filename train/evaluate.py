"""``python -m train evaluate``: every figure of an exported model, on any music.

What runs is the ONNX file, through livevae's own runtime: the figures are those of what is played.
Definitions stand in the modules of ``train.evaluation``; what does not apply to a model is absent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from livevae.errors import LivevaeError
from train.config import ConfigError, load_config
from train.evaluation.exported import ExportedModel, Latents, no_progress
from train.evaluation.histograms import overlaps
from train.evaluation.interpolation import Interpolation, interpolate
from train.evaluation.music import Music, held_out_music, midi_music
from train.evaluation.parts import Windows
from train.evaluation.prior import Listener
from train.evaluation.reconstruction import Posterior, steps_right, whole
from train.evaluation.structure import structure
from train.evaluation.verbatim import TrainingIndex

Report = dict[str, Any]

MOST_WINDOWS = 1024
MOST_PAIRS = 256
_INDEXED_AT_ONCE = 4096  # training windows whose passages are fingerprinted in one go
_DATA_VARIABLE = "LIVEVAE_DATA"


def evaluate(model: ExportedModel, music: Music, temperature: float, seed: int) -> Report:
    """All figures that apply, as DESIGN §6 names them.

    temperature: of the samples from the prior. seed: of all draws; equal seeds give equal figures.
    """
    rng = np.random.default_rng(seed)
    windows = music.windows
    posterior = model.encode(windows)
    samples = model.decode(
        "sampling the prior", _normal(rng, len(windows), posterior.mu.shape[1]), temperature, rng
    )
    listener = Listener.of(model.codec, windows)
    prior: Report = {
        "temperature": temperature,
        "cost_ratio": listener.cost_ratio(samples),
        "overlap": overlaps(model.codec, samples, windows),
    }
    if music.learnt is not None:
        prior |= _verbatim(music, samples)
    pairs = posterior.mu[: 2 * MOST_PAIRS]
    return {
        "model": model.manifest.name,
        "task": model.manifest.task,
        "windows": len(windows),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "posterior_sigma": float(np.median(posterior.sigma)),
        "reconstruction": _reconstruction(model, windows, posterior, rng),
        "prior": prior,
        "interpolation": _interpolation(interpolate(model, pairs, listener.language, rng)),
        "structure": {
            "held_out": structure(model.codec, windows),
            "prior": structure(model.codec, samples),
        },
    }


def _normal(rng: np.random.Generator, count: int, size: int) -> Latents:
    draw: Latents = rng.standard_normal((count, size), dtype=np.float32)
    return draw


def _reconstruction(
    model: ExportedModel, windows: Windows, posterior: Posterior, rng: np.random.Generator
) -> Report:
    """sampled: at temperature 1 from z ~ q(z|x). argmax_mean: at temperature 0 from the posterior mean."""
    heard = {
        "sampled": model.decode("reconstructing, sampled", posterior.sample(rng), 1.0, rng),
        "argmax_mean": model.decode("reconstructing, argmax", posterior.mu, 0.0, rng),
    }
    by_part = {name: steps_right(model.codec, windows, found) for name, found in heard.items()}
    return {
        **{name: whole(parts) for name, parts in by_part.items()},
        "parts": {part: {name: by_part[name][part] for name in by_part} for part in model.codec.parts},
    }


def _verbatim(music: Music, samples: Windows) -> Report:
    """verbatim_share: of the part that repeats its training most. verbatim: every part, and real music's."""
    assert music.learnt is not None
    index = TrainingIndex(music.learnt.codec)
    learnt = music.learnt.train
    for first in range(0, len(learnt), _INDEXED_AT_ONCE):
        index.add(
            music.learnt.cut(learnt.where(np.arange(first, min(first + _INDEXED_AT_ONCE, len(learnt)))))
        )
    shares = {"prior": index.verbatim_share(samples), "held_out": index.verbatim_share(music.windows)}
    return {"verbatim_share": max(shares["prior"].values()), "verbatim": shares}


def _interpolation(found: Interpolation) -> Report:
    return {
        "monotonic": found.monotonic,
        "monotonic_share": found.monotonic_share,
        "cost_ratio_max": found.cost_ratio_max,
        "cost_ratio": list(found.cost_ratio),
        "hamming": list(found.hamming),
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(
        prog="python -m train evaluate", description=(__doc__ or "").split("\n\n")[0]
    )
    root.add_argument("--model", required=True, help="an ONNX file, or the name of a model livevae has")
    root.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get(_DATA_VARIABLE, "data")),
        help="a zip or folder of MIDI files, all used; with --config the folder of the collections",
    )
    root.add_argument(
        "--config",
        help="judge on the held-out songs of this training config, and look samples up in its training songs",
    )
    root.add_argument(
        "--windows", type=int, default=MOST_WINDOWS, help="at most so many (default: %(default)s)"
    )
    root.add_argument("--temperature", type=float, help="of prior samples (default: the model's own)")
    root.add_argument("--seed", type=int, default=0)
    root.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    rng = np.random.default_rng(chosen.seed)
    with tqdm(disable=chosen.json or not sys.stderr.isatty(), leave=False) as bar:

        def progress(doing: str, done: int, of: int) -> None:
            bar.set_description(doing, refresh=False)
            bar.total, bar.n = of, done
            bar.refresh()

        try:
            model = open_model(chosen.model, no_progress if bar.disable else progress)
            if chosen.config:
                config = load_config(chosen.config)
                music = held_out_music(chosen.data, config, Path("runs"), chosen.windows, rng)
            else:
                music = midi_music(chosen.data, model.codec, chosen.windows, rng)
        except (ConfigError, LivevaeError, OSError) as error:
            print(f"evaluate: {error}", file=sys.stderr)
            return 2
        temperature = model.manifest.temperature if chosen.temperature is None else chosen.temperature
        report = evaluate(model, music, temperature, chosen.seed)
    if chosen.json:
        print(json.dumps(report))
    else:
        print(music.report)
        print("\n".join(_lines(report)))
    return 0


def open_model(name_or_path: str, progress: Any = no_progress) -> ExportedModel:
    """A model of livevae's by name, or any ONNX file, checked as it is before it plays. Raises ModelError."""
    from livevae.adapters.model_store import find_model
    from livevae.adapters.onnx_model import OnnxModel

    model = OnnxModel(find_model(name_or_path))
    return ExportedModel(model.manifest, model.run, progress)


def _lines(report: Report, indent: str = "") -> list[str]:
    """The report as indented lines, numbers to four digits."""
    lines = []
    for key, value in report.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{key}  " + " ".join(f"{item:.3f}" for item in value))
        else:
            lines.append(f"{indent}{key}  " + (f"{value:.4f}" if type(value) is float else str(value)))
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
