"""``python -m train evaluate``: every figure of an exported model, on any music.

What runs is the ONNX file, through livevae's own runtime: the figures are those of what is played.
Definitions stand in the modules of ``train.evaluation``; what does not apply to a model is absent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from livevae.errors import LivevaeError
from train.config import ConfigError, load_config
from train.evaluation.band import band_figures
from train.evaluation.beats import beat_figures
from train.evaluation.exported import ExportedModel, no_progress
from train.evaluation.groove import groove_figures
from train.evaluation.question import MOST_WINDOWS, SKIPPABLE, Answer, Question, Report
from train.evaluation.token_figures import token_figures
from train.sources.groove import SPLITS, VALIDATION

_DATA_VARIABLE = "LIVEVAE_DATA"

Judge = Callable[[ExportedModel, Question], Answer]

JUDGES: dict[str, Judge] = {"groove": groove_figures, "beats": beat_figures, "band": band_figures}
"""Task -> who judges models of it; all others are models of token windows."""


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
        "--windows", type=int, help=f"at most so many (default: {MOST_WINDOWS}; of grooves all there are)"
    )
    grooves = root.add_argument_group("groove models")
    grooves.add_argument(
        "--split", choices=SPLITS, default=VALIDATION, help="part of the Groove MIDI Dataset to judge on"
    )
    grooves.add_argument(
        "--learn",
        type=Path,
        help="data set whose training part the baselines learn from (default: the one judged on)",
    )
    root.add_argument(
        "--skip", nargs="+", choices=SKIPPABLE, default=(), help="leave these out: they take longest"
    )
    root.add_argument("--temperature", type=float, help="of prior samples (default: the model's own)")
    root.add_argument("--seed", type=int, default=0)
    root.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="also draw how alike the bars of held-out pieces and of samples are, and some pieces",
    )
    root.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    with tqdm(disable=chosen.json or not sys.stderr.isatty(), leave=False) as bar:

        def progress(doing: str, done: int, of: int) -> None:
            bar.set_description(doing, refresh=False)
            bar.total, bar.n = of, done
            bar.refresh()

        try:
            model = open_model(chosen.model, no_progress if bar.disable else progress)
            question = Question(
                chosen.data,
                load_config(chosen.config) if chosen.config else None,
                chosen.windows,
                chosen.temperature,
                chosen.seed,
                split=chosen.split,
                learn=chosen.learn,
                skip=frozenset(chosen.skip),
            )
            found = JUDGES.get(model.manifest.task, token_figures)(model, question)
            for path in found.pictures(chosen.pictures) if chosen.pictures and found.pictures else ():
                print(path, file=sys.stderr)
        except (ConfigError, LivevaeError, OSError) as error:
            print(f"evaluate: {error}", file=sys.stderr)
            return 2
    if chosen.json:
        print(json.dumps(found.report))
    else:
        print(found.files)
        print(_in_words(found))
    return 0


def _in_words(found: Answer) -> str:
    """The figures that are in no table, a line each, and then the table."""
    if found.table and found.tabled is None:
        return found.table
    left = {name: figure for name, figure in found.report.items() if name not in (found.tabled or ())}
    return "\n".join([*_lines(left), *([found.table] if found.table else [])])


def open_model(name_or_path: str, progress: Any = no_progress) -> ExportedModel:
    """A model of livevae's by name, or any ONNX file, checked as it is before it plays. Raises ModelError."""
    from livevae.adapters.model_store import find_model
    from livevae.adapters.onnx_model import OnnxModel

    model = OnnxModel(find_model(name_or_path), for_study=True)
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
