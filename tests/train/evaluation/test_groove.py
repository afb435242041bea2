"""Figures of grooves: what a perfect drummer, the grid, and made-up data are said to be worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="train imports PyTorch")
pytest.importorskip("onnxruntime", reason="evaluates the exported model")

from livevae.adapters.onnx_file import read_manifest
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import GrooveCodec
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_STEP
from train.evaluate import main
from train.evaluation.groove import report_of
from train.evaluation.groove_baselines import linear, nearest, quantised
from train.evaluation.groove_measures import (
    Played,
    best_threshold,
    distance,
    histogram_kl,
    hits_found,
    kit_figures,
    struck_cells,
)
from train.evaluation.groove_tasks import GrooveFile, hats, hits_only, taps_of
from train.groove_corpus import Grooves, groove_corpus, windows_of
from train.sources.groove import Take

pytestmark = pytest.mark.train

FAKE = Path(__file__).parent.parent.parent / "fixtures" / "fake_groove.onnx"
CODEC = GrooveCodec(bars=2, drum_map="gm", styles="funk,jazz")
HAT = DRUM_CLASSES.index("closed_hat")


def windows(*notes: Note, tempo_bpm: float = 100.0) -> Grooves:
    last = Note(2 * TICKS_PER_BAR - TICKS_PER_STEP, 1, 36, 64)
    return windows_of([Take("t", "funk", "validation", tempo_bpm, (*notes, last))], CODEC, 2)


def test_a_hit_a_quarter_step_late_is_37_5_ms_at_100_beats_a_minute() -> None:
    late = windows(Note(4 * TICKS_PER_STEP + HALF_STEP_TICKS // 2, 1, 38, 100))
    found = distance(late, quantised(late, late), struck_cells(late))
    assert found.hits == 2
    assert found.timing_mae_ms == pytest.approx(37.5 / 2)  # the other hit is on the grid
    assert found.timing_mse_16ths2 == pytest.approx(0.25**2 / 2)
    assert found.velocity_mae == pytest.approx(18.0)  # 100 and 64, and the mean of both
    slower = windows(Note(4 * TICKS_PER_STEP + HALF_STEP_TICKS // 2, 1, 38, 100), tempo_bpm=50.0)
    assert distance(slower, quantised(slower, slower), struck_cells(slower)).timing_mae_ms == pytest.approx(
        37.5
    )


def test_the_published_grid_judges_the_louder_of_two() -> None:
    flam = windows(Note(0, 1, 38, 100), Note(3_000, 1, 38, 40))
    assert struck_cells(flam).sum() == 2
    assert struck_cells(flam, both_slots=True).sum() == 3


def test_squared_errors_are_taken_of_means_and_absolute_ones_of_medians() -> None:
    late = windows(Note(4 * TICKS_PER_STEP + HALF_STEP_TICKS // 2, 1, 38, 100))
    played = Played(late.velocity, late.offset, np.zeros_like(late.offset))
    found = distance(late, played, struck_cells(late))
    assert found.timing_mae_ms == 0
    assert found.timing_mse_16ths2 == pytest.approx(0.25**2 / 2)


def test_a_histogram_costs_nothing_against_itself_and_something_against_others() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0.0, 0.2, 5_000).astype(np.float32)
    assert histogram_kl(values, values, -1, 1, 32) == 0
    again = rng.normal(0.0, 0.2, 5_000).astype(np.float32)
    shifted = again + 0.2
    assert histogram_kl(values, again, -1, 1, 32) < 0.01
    assert histogram_kl(values, shifted, -1, 1, 32) > 0.2


def test_hits_are_found_where_the_probability_reaches_the_threshold() -> None:
    struck = np.array([True, True, False, False])
    probability = np.array([0.9, 0.4, 0.6, 0.1], dtype=np.float32)
    found = hits_found(probability, struck, 0.5)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert hits_found(probability, struck, 0.95).f1 == 0.0
    assert hits_found(probability, struck, best_threshold(probability, struck)).f1 >= found.f1


def test_kits_are_counted_and_their_halves_compared() -> None:
    struck = np.zeros((1, 32, 18), dtype=bool)
    struck[0, [0, 4, 16], 0] = True
    struck[0, 0, 9] = True  # a flam is one hit of a kit
    assert kit_figures(struck) == {"hits": 3.0, "drums": 1.0, "halves_alike": 0.5}


def test_the_linear_model_and_the_neighbours_learn_what_the_hits_tell(groove_zip: Path) -> None:
    corpus = groove_corpus(groove_zip, CODEC, 1)
    cells = struck_cells(corpus.valid)
    grid = distance(corpus.valid, quantised(corpus.train, corpus.valid), cells)
    for baseline in (linear, nearest):
        found = distance(corpus.valid, baseline(corpus.train, corpus.valid), cells)
        assert found.timing_mse_16ths2 < 0.8 * grid.timing_mse_16ths2
        assert found.velocity_mae < grid.velocity_mae


def perfect(asked: Grooves) -> Any:
    """Plays exactly what the drummers played, whatever it is told."""

    def run(function: str, feeds: Any) -> Any:
        count = len(feeds["x" if function == "encode" else "score"])
        rows = slice(run.first, run.first + count)  # type: ignore[attr-defined]
        run.first = (rows.stop) % len(asked)  # type: ignore[attr-defined]
        if function == "encode":
            return {"mu": np.zeros((count, 2), np.float32), "sigma": np.ones((count, 2), np.float32)}
        part = asked.where(rows)
        return {
            "hit": (part.tokens > 0).astype(np.float32),
            "velocity": part.velocity,
            "offset": part.offset,
            "offset_mean": part.offset,
        }

    run.first = 0  # type: ignore[attr-defined]
    return run


def test_a_perfect_drummer_is_off_by_nothing(groove_zip: Path) -> None:
    corpus = groove_corpus(groove_zip, CODEC, 1)
    file = GrooveFile(perfect(corpus.valid), replace(read_manifest(FAKE), latent_size=2))
    report, table = report_of(
        file, corpus.valid, corpus.train, 1.0, np.random.default_rng(0), lambda doing: None
    )
    groove = report["groove"]
    assert groove["timing_mae_ms"] == groove["timing_mse_16ths2"] == groove["velocity_mae"] == 0
    assert groove["timing_kl"] == groove["velocity_kl"] == 0
    assert groove["hits_f1"] == 1
    assert groove["baseline"]["timing_mae_ms"] > 5
    assert set(groove["baselines"]) == {"quantised", "linear", "nearest neighbours"}
    assert "humanise: guess" in table


def test_what_is_taken_away_is_gone(groove_zip: Path) -> None:
    asked = groove_corpus(groove_zip, CODEC, 1).valid
    plain = hits_only(asked)
    assert plain.score.max() == 1
    assert not plain.score[..., 9:].any()
    assert not plain.style.any()
    question = hats(asked)
    assert not question.score[..., HAT].any()
    assert question.played is not None
    assert not question.played[0][..., HAT].any()
    assert np.array_equal(question.played[0][..., 0], asked.velocity[..., 0])
    taps = taps_of(asked, velocity=False)
    assert np.array_equal(taps[..., 0] > 0, (asked.tokens > 0).any(axis=2))
    assert not taps[..., 1].any()
    assert taps[..., 2].any()


def test_the_command_judges_a_split_of_a_data_set(
    groove_zip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", str(FAKE), "--data", str(groove_zip)]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["task"] == "groove"
    assert found["split"] == "validation"
    assert found["windows"] == 12
    wanted = {"baseline", "timing_mae_ms", "timing_mse_16ths2", "velocity_mae", "velocity_kl", "timing_kl"}
    assert set(found["groove"]) >= wanted | {"hits_f1", "humanise", "tap", "hats"}
    assert main([*arguments, "--split", "train", "--windows", "8"]) == 0
    assert "humanise: linear" in capsys.readouterr().out
    assert main([*arguments, "--split", "test"]) == 2
    assert "0 windows of split 'test'; splits with takes: train, validation" in capsys.readouterr().err
