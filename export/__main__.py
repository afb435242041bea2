"""``python -m export CHECKPOINT --out FILE.onnx``: write a trained model as the stage plays it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from export.describe import Release
from export.graph import ExportError
from export.write import export_checkpoint
from livevae.errors import LivevaeError
from train.config import ConfigError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    root.add_argument("checkpoint", type=Path, help="a run's folder, or its checkpoint.pt")
    root.add_argument("--out", type=Path, required=True, help="the model file to write")
    root.add_argument(
        "--figures", type=Path, help="JSON of measured figures, as `python -m train evaluate` writes"
    )
    root.add_argument(
        "--no-directions",
        action="store_true",
        help="do not look for the directions of musical attributes, which the faders need",
    )
    root.add_argument("--temperature", type=float, default=1.0, help="recommended live (default: 1.0)")
    root.add_argument(
        "--latent-scale",
        type=float,
        default=1.0,
        help="narrow the prior to this width, 0 to 1 (default: 1.0)",
    )
    return root


def flat_figures(record: Any, prefix: str = "") -> dict[str, float]:
    """The numbers of a nested JSON object under dotted names; lists and texts are left out."""
    found: dict[str, float] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found |= flat_figures(value, f"{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    try:
        figures = flat_figures(json.loads(chosen.figures.read_text("utf-8"))) if chosen.figures else {}
        release = Release(figures, chosen.temperature, chosen.latent_scale)
        manifest = export_checkpoint(chosen.checkpoint, chosen.out, release, not chosen.no_directions)
    except (ExportError, ConfigError, LivevaeError, OSError, ValueError) as error:
        print(f"export: {error}; nothing was written", file=sys.stderr)
        return 2
    size_mb = chosen.out.stat().st_size / 1e6
    print(f"{chosen.out}: {manifest.name}, {size_mb:.1f} MB, equal to the trained model on every input tried")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
