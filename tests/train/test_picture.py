"""Every kind of model can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="pictures need matplotlib")
pytest.importorskip("torch", reason="training needs PyTorch")

from train.__main__ import main

FIXTURES = Path(__file__).parents[1] / "fixtures"

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore:.*Glyph.*")]


@pytest.mark.parametrize("name", ["fake_melody", "fake_drums", "fake_trio"])
def test_samples_of_a_model_become_a_picture(name: str, tmp_path: Path) -> None:
    out = tmp_path / "samples.png"
    assert (
        main(["picture", "--model", str(FIXTURES / f"{name}.onnx"), "--out", str(out), "--samples", "3"]) == 0
    )
    assert out.read_bytes().startswith(b"\x89PNG")


def test_grooves_are_drawn_beside_what_drummers_did(groove_zip: Path, tmp_path: Path) -> None:
    out = tmp_path / "grooves.png"
    model = str(FIXTURES / "fake_groove.onnx")
    assert main(["picture", "--model", model, "--data", str(groove_zip), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert main(["picture", "--model", model, "--data", str(tmp_path / "none"), "--out", str(out)]) == 2
