"""What is installed: the wheel holds the presets and models it needs, and nothing of training."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE_S = 240.0
MAX_MODELS_MB = 90  # PyPI takes files of up to 100 MB


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True,
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_livevae_with_its_presets_and_models(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "presets").iterdir():
        assert f"livevae/presets/{path.name}" in names
    assert "livevae/presets/trio.toml" in names
    assert "livevae/py.typed" in names
    for path in filter(Path.is_file, (ROOT / "livevae" / "web").rglob("*")):
        assert path.relative_to(ROOT).as_posix() in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("livevae")} == set()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_every_preset_finds_its_models_in_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Unpacked far from this source tree, as pip would."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    script = (
        "from livevae.preset_files import load_preset, preset_files\n"
        "from livevae.repertoire import prepare\n"
        "for name in preset_files(): print(name, *prepare(load_preset(name)).model_paths)"
    )
    environment = {"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    lines = done.stdout.splitlines()
    assert {line.split()[0] for line in lines} >= {"drums", "melody", "trio"}
    assert all(str(tmp_path) in line for line in lines)


def test_every_model_has_a_card_and_all_are_small_enough_to_ship() -> None:
    models = list((ROOT / "presets").glob("*.onnx"))
    assert all(model.with_suffix(".md").is_file() for model in models)
    assert sum(model.stat().st_size for model in models) <= MAX_MODELS_MB * 1e6
