"""What keeps time carries nothing that could hold it up."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "onnxruntime", "mido", "pythonosc", "aiohttp", "rich", "asyncio", "sqlite3", "argparse")
REPORT = f"import sys, livevae.timekeeper.process; print(*(m for m in {HEAVY!r} if m in sys.modules))"


def test_the_timekeeper_imports_nothing_heavy() -> None:
    loaded = subprocess.run([sys.executable, "-c", REPORT], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
