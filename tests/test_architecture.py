"""The import rules of pyproject.toml hold: a pure core, a light timekeeper, playing without training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE_S = 240.0


def test_the_import_rules_hold() -> None:
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("livevae", {"numpy", "onnxruntime", "torch"}),
        (
            "livevae.timekeeper.process",
            {"numpy", "onnxruntime", "torch", "mido", "pythonosc", "socketserver"},
        ),
        ("livevae.core.performer", {"numpy", "socket", "asyncio", "threading"}),
        ("livevae.engine", {"numpy", "onnxruntime", "torch"}),
        ("livevae.api", {"torch", "onnx"}),
    ],
)
def test_what_is_loaded_with_it(module: str, unwanted: set[str]) -> None:
    """The rules above see what is written; this sees what really happens when a process starts."""
    script = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    ).stdout.split()
    assert not unwanted & set(loaded)
