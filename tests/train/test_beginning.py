"""A shipped model can be made one's own; a file that does not do is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")
onnx = pytest.importorskip("onnx", reason="reads model files with onnx")
pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
pytest.importorskip("onnxruntime", reason="the exported file is played by ONNX Runtime")

from export.describe import Release
from export.write import export_checkpoint
from livevae.adapters.onnx_file import seal
from livevae.places import shipped_folder
from tests.train.test_fit import TINY
from train.__main__ import main
from train.beginning import begin_with
from train.checkpoint import load_checkpoint
from train.config import ConfigError, load_config, parse_config
from train.loop import fit
from train.models import as_module, build

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]

FIXTURES = Path(__file__).parent.parent / "fixtures"


def refusal(path: Path, config_text: str = TINY) -> str:
    config = parse_config(config_text, "tiny")
    module = as_module(build(config.kind, config.build_codec(), config.model, config.objective))
    with pytest.raises(ConfigError) as refused:
        begin_with(path, config, module)
    return str(refused.value)


def test_a_run_begins_with_the_weights_of_a_model_file(music_zip: Path, tmp_path: Path) -> None:
    fit(TINY, "tiny", music_zip, tmp_path / "one", steps=6, seed=1, quiet=True)
    file = tmp_path / "one.onnx"
    export_checkpoint(tmp_path / "one", file, Release(latent_scale=0.8))
    trained = load_checkpoint(tmp_path / "one").average
    fit(TINY, "tiny", music_zip, tmp_path / "two", steps=0, seed=2, begin=file, quiet=True)
    begun = load_checkpoint(tmp_path / "two")
    for weights in (begun.weights, begun.average):
        assert weights.keys() == trained.keys()
        assert all(torch.equal(weights[name], weight) for name, weight in trained.items())
    wider = refusal(file, TINY.replace("channels = 16", "channels = 24"))
    assert "its model is not the config's" in wider
    assert " x " in wider
    longer = refusal(file, TINY.replace("bars = 2", "bars = 4"))
    assert "it plays 'melody' (bars = 2, part = melody), the config is for 'melody' (bars = 4" in longer
    assert "the config 'tiny'" in longer


@pytest.mark.parametrize(("rate", "moves"), [("0.0", False), ("1e-3", True)])
def test_a_run_that_begins_with_others_weights_may_go_on_at_a_rate_of_its_own(
    music_zip: Path, tmp_path: Path, rate: str, moves: bool
) -> None:
    fit(TINY, "tiny", music_zip, tmp_path / "one", steps=2, seed=1, quiet=True)
    gentle = f"{TINY}\nbegun_learning_rate = {rate}\nfinal_learning_rate = 0.0\nweight_decay = 0.0\n"
    fit(gentle, "gentle", music_zip, tmp_path / "two", steps=3, seed=2, begin=tmp_path / "one", quiet=True)
    before, after = (load_checkpoint(tmp_path / run) for run in ("one", "two"))
    same = all(torch.equal(before.average[name], weight) for name, weight in after.weights.items())
    assert same is not moves


def test_a_file_without_weights_says_that_it_can_be_played_only() -> None:
    assert "can be played, not trained further" in refusal(FIXTURES / "fake_melody.onnx")


def test_files_from_elsewhere_are_refused_by_name(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    assert "there is no model file" in refusal(elsewhere)
    node = onnx.helper.make_node("Identity", ["a"], ["b"])
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "ab"]
    graph = onnx.helper.make_model(onnx.helper.make_graph([node], "g", value[:1], value[1:]))
    for data in (b"RIFF not a model", graph.SerializeToString(), seal(graph.SerializeToString())):
        elsewhere.write_bytes(data)
        said = refusal(elsewhere)
        assert said.startswith(str(elsewhere))
        assert "\n" not in said


def test_a_wrong_file_is_told_before_any_song_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(TINY)
    file = FIXTURES / "fake_melody.onnx"
    command = ["fit", str(config), "--begin", str(file), "--data", str(tmp_path / "nowhere")]
    assert main([*command, "--out", str(tmp_path / "run")]) == 2
    assert "can be played, not trained further" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(shipped_folder().glob("*.onnx")), ids=lambda path: path.stem)
def test_every_shipped_model_can_be_made_ones_own(path: Path) -> None:
    """Whoever renames a weight of a model breaks what ships: give the file's weights the new name, too."""
    config = load_config(path.stem)
    module = as_module(build(config.kind, config.build_codec(), config.model, config.objective))
    before = {name: weight.clone() for name, weight in module.state_dict().items()}
    begin_with(path, config, module)
    assert any(not torch.equal(before[name], weight) for name, weight in module.state_dict().items())


@pytest.mark.parametrize("name", ["melody_2bar", "drums_2bar"])
def test_configs_for_own_music_go_on_from_shipped_models(name: str) -> None:
    config = load_config(f"own_{name}")
    module = as_module(build(config.kind, config.build_codec(), config.model, config.objective))
    begin_with(shipped_folder() / f"{name}.onnx", config, module)
