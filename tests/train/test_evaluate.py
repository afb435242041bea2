"""The command as a whole, on a model that is no good and on music that is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="train imports PyTorch")
pytest.importorskip("onnxruntime", reason="evaluates the exported model")

import numpy as np

from livevae.codec import codec_from
from train.evaluate import main
from train.evaluation import reconstruction
from train.evaluation.parts import Windows
from train.evaluation.reconstruction import Posterior

pytestmark = pytest.mark.train

FAKES = Path(__file__).parent.parent / "fixtures"


def report_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("fake_melody", {"melody"}),
        ("fake_drums", {"drums"}),
        ("fake_trio", {"melody", "bass", "drums"}),
        ("fake_song", {"melody", "bass", "drums"}),
    ],
)
def test_one_json_object_with_every_figure_that_applies(
    model: str, parts: set[str], music_zip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", str(FAKES / f"{model}.onnx"), "--data", str(music_zip), "--windows", "40"]
    found = report_of(arguments, capsys)
    assert set(found) >= {"model", "task", "windows", "kl_nats", "active_dims", "reconstruction", "prior"}
    assert set(found["reconstruction"]["parts"]) == parts
    for figures in (found["reconstruction"], *found["reconstruction"]["parts"].values()):
        assert 0 <= figures["sampled"] <= 1
        assert 0 <= figures["argmax_mean"] <= 1
    assert found["prior"]["cost_ratio"] > 0
    assert "verbatim_share" not in found["prior"]  # nobody said what it was trained on
    assert len(found["interpolation"]["hamming"]) == 9
    assert found["interpolation"]["hamming"][0] == 0
    assert found["interpolation"]["pairs"] == 1024
    assert found["interpolation"]["baseline"]["monotonic"]
    assert found["prior"]["samples"] == 1024
    assert "half of these songs" in found["prior"]["language_model"]
    kinds = {"melody": {"density", "pitch_class", "interval", "duration"}, "drums": {"density", "class"}}
    wanted = {f"{part}_{kind}" for part in parts for kind in kinds["drums" if part == "drums" else "melody"]}
    assert set(found["prior"]["overlap"]) == wanted
    assert set(found["structure"]) == {"held_out", "prior", "mismatched", "prior_to_held_out"}
    assert report_of(arguments, capsys) == found  # the same seed
    short = report_of([*arguments, "--skip", "interpolation", "attributes"], capsys)
    assert short == {key: value for key, value in found.items() if key not in ("interpolation", "attributes")}


def test_a_model_over_chords_is_judged_by_them_too(
    music_zip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(FAKES / "fake_melody_chords.onnx")
    found = report_of(["--model", model, "--data", str(music_zip), "--windows", "20"], capsys)
    assert set(found["chords"]) == {"held_out", "prior", "moved"}
    assert found["chords"]["moved"]["notes_changed"] > 0  # the fake plays what the chords' bass is
    assert found["chords"]["moved"]["rhythm_kept"] == 1  # on every beat


def test_a_model_that_predicts_is_judged_with_the_truth_before_each_step() -> None:
    class Knows:
        """A model that is right wherever the truth is a rest."""

        codec = codec_from("melody", {"bars": 2})

        def decode(self, doing: str, z: object, heat: float, rng: object) -> Windows:
            return np.full((4, 32, 1), 5)

        def predict(self, z: object, windows: Windows) -> Windows:
            return np.zeros_like(windows)

    truth = np.where(np.arange(32)[None, :, None] < 8, 41, 0) * np.ones((4, 1, 1), dtype=np.int64)
    posterior = Posterior(np.zeros((4, 2), dtype=np.float32), np.ones((4, 2), dtype=np.float32))
    found = reconstruction.report(Knows(), truth, posterior, np.random.default_rng(0))  # type: ignore[arg-type]
    assert found["teacher_forced"] == found["parts"]["melody"]["teacher_forced"] == 0.75
    assert found["sampled"] == 0.0


def test_for_people_it_prints_lines_and_what_was_left_out(
    music_zip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", str(FAKES / "fake_drums.onnx"), "--data", str(music_zip), "--windows", "8"]) == 0
    said = capsys.readouterr().out
    assert "damaged.mid" in said
    assert "kl_nats" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "no_such_model"], "no_such_model"),
        (["--model", str(FAKES / "fake_drums.onnx"), "--data", "no_such_folder"], "no_such_folder"),
        (["--model", str(FAKES / "fake_drums.onnx"), "--config", "no_such_config"], "no_such_config"),
    ],
)
def test_what_cannot_be_judged_is_said_in_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
