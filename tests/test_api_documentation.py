"""The examples of docs/API.md run, top to bottom, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from livevae import api
from livevae.adapters import model_store

ROOT = Path(__file__).parent.parent
FAKE_OF = {
    "melody_chords_2bar": "fake_melody_chords",
    "melody_2bar": "fake_melody",
    "trio_16bar": "fake_trio",
    "groove_2bar": "fake_groove",
    "band_1bar": "fake_band",
}


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fake(name: str) -> Path:
        return ROOT / "tests" / "fixtures" / f"{FAKE_OF[name]}.onnx"

    monkeypatch.setattr(api, "find_model", fake)
    monkeypatch.setattr(model_store, "find_model", fake)
    page = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(examples) >= 5
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "docs/API.md", "exec"), names)
    assert "fake_melody" in capsys.readouterr().out
    assert [note.pitch for note in names["notes"]["melody"]] == [60, 64, 67, 72]
