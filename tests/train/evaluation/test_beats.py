"""The figures of beats from nothing, on answers that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.train.evaluation.test_groove import CODEC
from train.evaluate import main
from train.evaluation.beats import _compared, _likeness
from train.evaluation.groove_measures import Played, struck_cells
from train.groove_corpus import groove_corpus

FAKE = Path(__file__).parents[2] / "fixtures" / "fake_beats.onnx"

pytestmark = pytest.mark.train


def test_the_drummers_own_bars_are_right_and_alike(groove_zip: Path) -> None:
    windows = groove_corpus(groove_zip, CODEC, 1).valid
    struck, played = struck_cells(windows, both_slots=True), Played(windows.velocity, windows.offset)
    right = _compared(windows, struck, played)
    assert right == {"steps_right": 1.0, "hits_f1": 1.0, "timing_mae_ms": 0.0, "velocity_mae": 0.0}
    alike = _likeness(windows, struck, played)
    assert set(alike["overlap"].values()) == {1.0}
    assert alike["timing_kl"] == alike["velocity_kl"] == 0.0
    assert alike["kits"]["prior"] == alike["kits"]["drummers"]


def test_every_missing_hit_and_every_late_one_counts(groove_zip: Path) -> None:
    windows = groove_corpus(groove_zip, CODEC, 1).valid
    struck = struck_cells(windows, both_slots=True)
    late = Played(windows.velocity, (windows.offset - 0.5).astype(np.float32))
    fewer = struck & (np.arange(struck.shape[2]) % 9 != 0)  # without kicks
    found = _compared(windows, fewer, late)
    assert found["steps_right"] < 1.0
    assert 0.0 < found["hits_f1"] < 1.0
    assert found["timing_mae_ms"] == pytest.approx(np.mean(0.25 * 15_000 / windows.tempo), rel=0.2)
    assert _likeness(windows, fewer, late)["overlap"]["class"] < 1.0
    assert _likeness(windows, fewer, late)["timing_kl"] > 0.1


def test_the_command_judges_beats(groove_zip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(FAKE), "--data", str(groove_zip), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["task"] == "beats"
    assert set(found) >= {"windows", "kl_nats", "active_dims", "reconstruction", "prior"}
    assert set(found["reconstruction"]) == {"argmax_mean", "sampled"}
