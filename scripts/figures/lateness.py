"""How late notes are beside an open page and beside floods, against the same without:

    python -m scripts.figures.lateness [--preset trio] [--rounds 3] [--bars 50] [--json FILE]

Every round plays four times: alone, with the page open in Chromium with its sound on, beside a flood of OSC,
and beside a flood down the page's line; the order turns by one each round, so that nothing that drifts
favours one. cyclictest runs beside all of them at the timekeeper's own priority: what it finds is this
computer's floor. Prints one JSON object: percentiles over all rounds in microseconds, and their ratios to
those alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from livevae.bench.floor import spread_of_counts, start_floor
from scripts.figures.flood import Flood
from scripts.figures.session import TEMPO_BPM, Session
from tests.page.browser_rig import Page, open_browser

ARMS = ("alone", "page", "osc flood", "web flood")
_BEATS_PER_BAR = 4
_QUANTILES = ("p50", "p99", "p999")


class Rig:
    """Plays, with something beside it."""

    def __init__(self, folder: Path, preset: str, bars: int) -> None:
        self._folder, self._preset, self._bars = folder, preset, bars
        self._browser: Any = None

    def play(self, arm: str) -> dict[str, Any]:
        """One run: how late each note was, the floor beside it, messages sent."""
        seconds = self._bars * _BEATS_PER_BAR * 60.0 / TEMPO_BPM
        session = Session(self._folder, self._preset, self._bars)
        floor = start_floor(seconds)
        sent = 0
        if arm == "page":
            self._open_page(session.address)
        if arm.endswith("flood"):
            kind = arm.split()[0]
            port = session.osc_port if kind == "osc" else session.page_port
            sent = Flood(kind, port, seconds - 2.0).sent()
        result = session.wait()
        self._close_page()
        return {
            "lateness_us": result.lateness_us,
            "missed": result.missed,
            "floor": floor.result(),
            "sent": sent,
        }

    def _open_page(self, address: str) -> None:
        self._browser = open_browser(self._folder / "profile")
        page = Page(self._browser, address)
        page.open()
        page.press("Sound in the browser")

    def _close_page(self) -> None:
        if self._browser is not None:
            self._browser.quit()
            self._browser = None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="trio")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bars", type=int, default=50, help="of each run; one lasts a second")
    parser.add_argument("--json", type=Path, help="also write every note's lateness here")
    arguments = parser.parse_args()
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), arguments.preset, arguments.bars)
        for number in range(arguments.rounds):
            for place in range(len(ARMS)):
                arm = ARMS[(number + place) % len(ARMS)]
                runs[arm].append(rig.play(arm))
                spread = spread_of(runs[arm][-1]["lateness_us"])
                print(f"round {number + 1}, {arm}: {spread}", file=sys.stderr, flush=True)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(runs, default=asdict), encoding="utf-8")
    print(json.dumps(report(runs), indent=1))


def report(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Percentiles of each arm over all its runs, against those alone."""
    alone = spread_of([late for run in runs["alone"] for late in run["lateness_us"]])
    figures: dict[str, Any] = {}
    for arm, done in runs.items():
        spread = spread_of([late for run in done for late in run["lateness_us"]])
        figures[arm] = {
            "lateness_us": spread,
            "against_alone": {q: round(spread[q] / alone[q], 2) for q in _QUANTILES if alone[q] > 0},
            "floor_us": {q: [round(asdict(run["floor"])[q], 1) for run in done] for q in _QUANTILES},
            "notes": sum(len(run["lateness_us"]) for run in done),
            "missed_bars": sum(run["missed"] for run in done),
            "messages_sent": sum(run["sent"] for run in done),
        }
    return figures


def spread_of(lateness_us: list[float]) -> dict[str, float]:
    """p50, p99 and p999."""
    return asdict(spread_of_counts((late, 1) for late in sorted(lateness_us)))


if __name__ == "__main__":
    main()
