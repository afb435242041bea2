"""``livevae bench``: how well this computer keeps time and how fast it thinks."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import Any

from livevae.bench.report import measure
from livevae.bench.timing import DEFAULT_BARS

_ROWS = (
    ("infer_2bar_ms", "two bars played in, two bars out (ms)"),
    ("first_trio_bar_ms", "first bar of a trio (ms)"),
    ("middle_trio_bar_ms", "a bar in the middle of a trio, for a new idea (ms)"),
    ("trio_16bar_ms", "sixteen bars of a trio (ms)"),
    ("ready_s", "from the command to ready (s)"),
    ("lateness_us", "how late notes leave (µs)"),
    ("floor_us", "the least this computer is capable of (µs)"),
    ("late_bars", "bars that came too late"),
    ("bars", "bars played"),
    ("rss_mb", "memory of all processes (MiB)"),
)


def main(arguments: Namespace) -> int:
    """Measure and print. Raises LivevaeError where the preset cannot be played."""
    report = measure(
        arguments.preset,
        arguments.bars or DEFAULT_BARS,
        lambda what: print(f"measuring {what} ...", file=sys.stderr, flush=True),
    )
    print(json.dumps(report) if arguments.json else in_words(report))
    return 0


def in_words(report: dict[str, Any]) -> str:
    """The figures as a table for people."""
    return "\n".join(f"{label:<45} {_in_words(report[key])}" for key, label in _ROWS if key in report)


def _in_words(figure: Any) -> str:
    if isinstance(figure, dict):
        return "  ".join(f"{name} {value}" for name, value in figure.items())
    return str(figure)
