"""A training run learns, survives being killed, and goes on where it stopped."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.__main__ import main
from train.checkpoint import CHECKPOINT, Checkpoint, load_checkpoint, load_model
from train.config import ConfigError, FitConfig
from train.journal import EXPERIMENTS, LOG
from train.loop import fit, learning_rate
from train.validation import Validation

pytestmark = pytest.mark.train

TINY = """
name = "tiny"
task = "melody"
[codec]
name = "melody"
bars = 2
[data]
sources = ["own_files"]
transpose_semitones = 2
[model]
kind = "lookback"
latent_size = 8
channels = 16
encoder_dilations = [1, 4]
decoder_dilations = [4, 1]
width = 24
lookback = 4
token_width = 6
[objective]
max_beta = 0.1
[fit]
batch_size = 16
"""


def events(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / LOG).read_text().splitlines()]


def test_it_learns_and_goes_on_where_it_stopped(music_zip: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = fit(TINY, "tiny", music_zip, out, steps=10, seed=1, quiet=True)
    assert load_checkpoint(out).step == 10
    second = fit(TINY, "tiny", music_zip, out, steps=40, seed=1, quiet=True)
    assert load_checkpoint(out).step == 40
    assert second.reconstruction_nats < first.reconstruction_nats
    starts = [event for event in events(out) if event["event"] == "start"]
    assert [event["step"] for event in starts] == [0, 10]
    experiments = [json.loads(line) for line in (tmp_path / EXPERIMENTS).read_text().splitlines()]
    assert [line["outcome"] for line in experiments] == ["started", "finished"] * 2
    assert {line["run"] for line in experiments} == {"run"}
    assert experiments[-1]["step"] == 40
    assert experiments[-1]["sampled"] == pytest.approx(second.figures()["sampled"])


def test_how_a_run_ended_is_written_down_whatever_stopped_it(
    music_zip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_hand(*_: object) -> None:
        raise FloatingPointError("the loss became nan")

    monkeypatch.setattr("train.loop._follow", out_of_hand)
    with pytest.raises(FloatingPointError):
        fit(TINY, "tiny", music_zip, tmp_path / "run", steps=3, quiet=True)
    experiments = [json.loads(line) for line in (tmp_path / EXPERIMENTS).read_text().splitlines()]
    assert [line["outcome"] for line in experiments] == ["started", "failed: the loss became nan"]


def test_never_is_more_than_a_minute_without_a_checkpoint(
    music_zip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    saved_at_s = []

    def later() -> float:
        nonlocal now_s
        now_s += 1.7  # a slow machine: about five seconds go by with every step
        return now_s

    def save(checkpoint: Checkpoint, folder: Path) -> None:
        saved_at_s.append(now_s)

    def validated(*_: object) -> Validation:
        nonlocal now_s
        now_s += 20
        return Validation(0.5, 0.5, 1.0, 1.0, 1, 1.0)

    monkeypatch.setattr("train.loop.time.monotonic", later)
    monkeypatch.setattr("train.material.validate", validated)
    monkeypatch.setattr(Checkpoint, "save", save)
    fit(TINY, "tiny", music_zip, tmp_path / "run", minutes=15, quiet=True)
    assert now_s > 14 * 60
    assert len(saved_at_s) > 10
    assert max(b - a for a, b in itertools.pairwise([0.0, *saved_at_s])) < 60


def test_a_killed_run_leaves_a_whole_checkpoint(music_zip: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(TINY)
    out = tmp_path / "run"
    command = [sys.executable, "-m", "train", "fit", str(config), "--data", str(music_zip), "--out", str(out)]
    fit(TINY, str(config), music_zip, out, steps=3, quiet=True)
    before = load_checkpoint(out).step
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    running = subprocess.Popen(
        [*command, "--minutes", "60"],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert running.stdout is not None
        while b"going on from step" not in running.stdout.readline():
            assert running.poll() is None, running.communicate()[1].decode()
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert load_checkpoint(out).step >= before
    model, _ = load_model(out)
    assert model.latent_size == 8


def test_a_run_is_not_continued_with_another_config(music_zip: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    fit(TINY, "tiny", music_zip, out, steps=1, quiet=True)
    with pytest.raises(ConfigError, match="another config"):
        fit(TINY.replace("width = 24", "width = 32"), "tiny", music_zip, out, steps=2, quiet=True)


def test_too_little_music_is_refused_with_numbers(music_zip: Path, tmp_path: Path) -> None:
    greedy = TINY.replace("batch_size = 16", "batch_size = 5000")
    with pytest.raises(ConfigError, match=r"(?s)cannot fill one batch of 5000.*3/4"):
        fit(greedy, "tiny", music_zip, tmp_path / "run", steps=1, quiet=True)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(ConfigError, match="not a livevae checkpoint"):
        load_checkpoint(tmp_path)
    with pytest.raises(ConfigError, match="there is no checkpoint"):
        load_checkpoint(tmp_path / "nowhere.pt")


def test_the_command_line_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "no_such_config", "--data", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    assert "melody_2bar" in capsys.readouterr().err


def test_the_learning_rate_warms_up_and_falls() -> None:
    settings = FitConfig(learning_rate=1.0, final_learning_rate=0.1, warmup_steps=10)
    assert learning_rate(settings, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(settings, 100, 0.0) == pytest.approx(1.0)
    assert learning_rate(settings, 100, 0.5) == pytest.approx(0.55)
    assert learning_rate(settings, 100, 1.0) == learning_rate(settings, 100, 3.0) == pytest.approx(0.1)


def test_another_stage_begins_with_the_weights_of_the_one_before(music_zip: Path, tmp_path: Path) -> None:
    fit(TINY, "tiny", music_zip, tmp_path / "one", steps=6, seed=1, quiet=True)
    trained = load_checkpoint(tmp_path / "one").average
    fit(TINY, "tiny", music_zip, tmp_path / "two", steps=0, seed=2, begin=tmp_path / "one", quiet=True)
    begun = load_checkpoint(tmp_path / "two").average
    assert all(torch.equal(begun[name], weights) for name, weights in trained.items())
    other = TINY.replace("channels = 16", "channels = 24")
    with pytest.raises(ConfigError, match="its model is not the config's"):
        fit(other, "tiny", music_zip, tmp_path / "three", steps=0, begin=tmp_path / "one", quiet=True)
