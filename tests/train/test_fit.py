"""A training run learns, survives being killed, and goes on where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.__main__ import main
from train.checkpoint import CHECKPOINT, load_checkpoint, load_model
from train.config import ConfigError, FitConfig
from train.loop import LOG, fit, learning_rate

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
