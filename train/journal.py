"""What a run tells: a line for each quarter of a minute, and a line for each experiment with its outcome.

``log.jsonl`` in a run's folder has the figures on the way. ``experiments.jsonl`` beside the runs' folders has
for every start what was tried and how it ended; one without an end was killed.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

LOG = "log.jsonl"
EXPERIMENTS = "experiments.jsonl"

Figure = float | str | None


class Journal:
    """Writes both logs for one start of a run; used as a context, which tells the outcome.

    out: the run's folder. about: what is tried: name, config_sha, seed, … silent: writes nothing (another
    process of the same run does).
    """

    def __init__(self, out: Path, about: dict[str, Figure], silent: bool = False) -> None:
        self._out = out
        self._about = about
        self._silent = silent
        self._log: TextIO | None = None
        self._latest: dict[str, Figure] = {}

    def __enter__(self) -> Journal:
        if not self._silent:
            self._log = (self._out / LOG).open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            outcome = "finished"
        elif issubclass(kind, KeyboardInterrupt):
            outcome = "stopped"
        else:
            outcome = f"failed: {error}"
        self._experiment(outcome, **self._latest)
        if self._log is not None:
            self._log.close()

    def start(self, step: int, minutes: float) -> None:
        """It begins, or goes on, here."""
        self.write("start", step, minutes, **self._about)
        self._experiment("started", step=step, minutes=round(minutes, 3))

    def write(self, event: str, step: int, minutes: float, **figures: Figure) -> None:
        """One line of the run's log."""
        line = {"event": event, "step": step, "minutes": round(minutes, 3), **figures}
        if event in ("validate", "end"):
            self._latest = {key: value for key, value in line.items() if key != "event"}
        if self._log is not None:
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()

    def _experiment(self, outcome: str, **figures: Any) -> None:
        if self._silent:
            return
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        line = {"at": at, "run": self._out.name, "outcome": outcome, **self._about, **figures}
        with (self._out.parent / EXPERIMENTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
