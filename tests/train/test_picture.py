"""Every kind of model can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="pictures need matplotlib")
pytest.importorskip("torch", reason="training needs PyTorch")

import numpy as np

from livevae.codec import codec_from
from train.__main__ import main
from train.attribute_picture import draw_matrices
from train.piano_rolls import draw_window

FIXTURES = Path(__file__).parents[1] / "fixtures"

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore:.*Glyph.*")]


@pytest.mark.parametrize("name", ["fake_melody", "fake_drums", "fake_trio"])
def test_samples_of_a_model_become_a_picture(name: str, tmp_path: Path) -> None:
    out = tmp_path / "samples.png"
    assert (
        main(["picture", "--model", str(FIXTURES / f"{name}.onnx"), "--out", str(out), "--samples", "3"]) == 0
    )
    assert out.read_bytes().startswith(b"\x89PNG")


def test_ways_between_samples_become_a_picture(tmp_path: Path) -> None:
    out = tmp_path / "ways.png"
    asked = ["--of", "interpolation", "--samples", "2", "--out", str(out)]
    assert main(["picture", "--model", str(FIXTURES / "fake_melody.onnx"), *asked]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_a_whole_kit_has_its_rows() -> None:
    from matplotlib import pyplot

    codec = codec_from("percussion", {"bars": 2})
    tokens = np.zeros((32, len(codec.columns)), dtype=np.int64)
    tokens[8, 9] = 1
    figure, axes = pyplot.subplots()
    draw_window(axes, codec, tokens)
    (hits,) = (line for line in axes.lines if line.get_marker() == "s")
    assert np.array_equal(hits.get_xydata(), [[2.0, 9 - len(codec.columns)]])
    pyplot.close(figure)


def test_matrices_show_every_change_and_frame_a_vector_s_own() -> None:
    changes = {"density": {"density": 60.0, "interval": -7.0}}
    before = {"density": 0.3, "interval": 4.0}
    figure = draw_matrices({"amount": 1.5, "before": before, "added": changes, "subtracted": changes})
    for axes in figure.axes:
        assert [text.get_text() for text in axes.texts] == ["+60", "-7"]
        assert len(axes.patches) == 1


def test_a_model_without_attribute_vectors_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--of", "attributes", "--out", str(tmp_path / "matrix.png")]
    assert main(["picture", "--model", str(FIXTURES / "fake_melody.onnx"), *asked]) == 2
    assert "no attribute vectors" in capsys.readouterr().err
    assert main(["picture", "--model", "no_such_model", *asked]) == 2


def test_grooves_are_drawn_beside_what_drummers_did(groove_zip: Path, tmp_path: Path) -> None:
    out = tmp_path / "grooves.png"
    model = str(FIXTURES / "fake_groove.onnx")
    assert main(["picture", "--model", model, "--data", str(groove_zip), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert main(["picture", "--model", model, "--data", str(tmp_path / "none"), "--out", str(out)]) == 2
