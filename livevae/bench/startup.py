"""How soon after the command is typed livevae could play, and how much memory it lives in."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from livevae.errors import SetupError

_READY = "Ctrl-C ends"
_PLAYING = "playing"
_KIB_PER_MIB = 1024
_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Startup:
    """ready_s: median over the runs. rss_mb: all processes together while playing, shared pages counted in
    each; None where the system does not tell. pss_mb: the same with shared pages counted once.
    """

    ready_s: float
    runs: int
    rss_mb: float | None
    pss_mb: float | None


def measure_startup(preset: str, runs: int = 3) -> Startup:
    """Start ``livevae run`` ``runs`` times, wait until it plays, and end it.

    Raises SetupError with what it printed if it does not come to play.
    """
    times_s: list[float] = []
    memory: tuple[float, float] | None = None
    for _ in range(runs):
        began_s = time.perf_counter()
        command = [sys.executable, "-m", "livevae", "run", "--preset", preset, "--clock", "internal"]
        process = subprocess.Popen(
            [*command, "--backend", "none", "--osc", "off", "--no-page"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            _read_until(process, _READY)
            times_s.append(time.perf_counter() - began_s)
            _read_until(process, _PLAYING)
            memory = memory_of(process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_LIMIT_S)
    rss_mb, pss_mb = memory or (None, None)
    return Startup(sorted(times_s)[len(times_s) // 2], runs, rss_mb, pss_mb)


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line or line.startswith(words):
            return
    raise SetupError(f"livevae run ended before it played: {''.join(lines).strip()}")


def memory_of(pid: int) -> tuple[float, float] | None:
    """Resident and proportional memory of a process and all it started, in MiB; None outside Linux."""
    if sys.platform != "linux":
        return None
    rss_kib = pss_kib = 0
    for member in [pid, *_descendants(pid)]:
        rollup = Path(f"/proc/{member}/smaps_rollup").read_text(encoding="ascii")
        sizes = {line.split(":")[0]: line.split()[1] for line in rollup.splitlines() if line.endswith(" kB")}
        rss_kib += int(sizes["Rss"])
        pss_kib += int(sizes["Pss"])
    return rss_kib / _KIB_PER_MIB, pss_kib / _KIB_PER_MIB


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found += [int(child), *_descendants(int(child))]
    return found
