"""``python -m train``: train a model, judge one, look at what it plays."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from train.config import ConfigError, read_config
from train.loop import fit
from train.place import AUTO, find_place
from train.preparation import available_processes

DATA_VARIABLE = "LIVEVAE_DATA"


def parser() -> argparse.ArgumentParser:
    """The command line; ``evaluate`` has a parser of its own."""
    root = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    fitting = commands.add_parser("fit", help="train a model from a config; goes on where it stopped")
    fitting.add_argument("config", help="a TOML file, or the name of one in train/configs")
    fitting.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get(DATA_VARIABLE, "data")),
        help=f"folder of the training collections (default: ${DATA_VARIABLE}, else ./data)",
    )
    fitting.add_argument("--out", type=Path, help="folder of this run (default: runs/NAME)")
    fitting.add_argument(
        "--begin",
        type=Path,
        help="run of the same model, or model file (.onnx), whose weights a new run begins with",
    )
    fitting.add_argument("--minutes", type=float, help="how long to train (default: the config's)")
    fitting.add_argument("--steps", type=int, help="train for so many optimiser steps instead of minutes")
    fitting.add_argument("--seed", type=int, default=0)
    fitting.add_argument("--threads", type=int, default=1, help="processor threads to use (default: 1)")
    fitting.add_argument(
        "--device", default=AUTO, help="auto, cpu, cuda or cuda:N (default: a card if there is one)"
    )
    fitting.add_argument(
        "--processes",
        type=int,
        default=available_processes(),
        help="processes to prepare songs with (default: %(default)s); torchrun starts those that train",
    )
    commands.add_parser(
        "evaluate", help="every figure of an exported model on held-out music", add_help=False
    )
    commands.add_parser("picture", help="samples of an exported model as piano rolls", add_help=False)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["evaluate"]:
        from train.evaluate import main as evaluate

        return int(evaluate(given[1:]) or 0)
    if given[:1] == ["picture"]:
        from train.picture import main as picture

        return picture(given[1:])
    chosen = parser().parse_args(given)
    torch.set_num_threads(chosen.threads)
    place = None
    try:
        place = find_place(chosen.device)
        text, path = read_config(chosen.config)
        out = chosen.out or Path("runs") / path.stem
        fit(
            text,
            str(path),
            chosen.data,
            out,
            minutes=chosen.minutes,
            steps=chosen.steps,
            seed=chosen.seed,
            place=place,
            processes=chosen.processes,
            begin=chosen.begin,
        )
    except ConfigError as error:
        if place is None or place.is_first:
            print(f"train: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 130
    finally:
        if place is not None:
            place.leave()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
