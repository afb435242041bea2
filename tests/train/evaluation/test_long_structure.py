"""Structure of long pieces whose form is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livevae.codec import codec_from
from train.evaluation import long_structure
from train.evaluation.parts import Windows
from train.evaluation.self_similarity import likeness_at, mean_likeness, part_likeness, returns
from train.evaluation.structure import structure

pytestmark = pytest.mark.train

TRIO = codec_from("trio", {"bars": 8})
BARS = 8


def pieces(form: str, count: int = 12, seed: int = 0) -> Windows:
    """Trios whose bars go as ``form`` says, every letter a bar of its own; each piece in a key of its own."""
    rng = np.random.default_rng(seed)
    windows = np.zeros((count, BARS * 16, 11), dtype=np.int64)
    for window in windows:
        root = rng.integers(0, 12)
        scale = np.array([0, 2, 4, 5, 7, 9, 11])
        bars: dict[str, Windows] = {}
        for letter in form:
            bar = np.zeros((16, 11), dtype=np.int64)
            steps = rng.choice(16, 5, replace=False)
            bar[steps, 0] = 45 + root + rng.choice(scale, 5)
            bar[steps[:3], 1] = 20 + root + rng.choice(scale, 3)
            bar[steps[:3], 2] = 1  # the kick where the bass is
            bar[rng.choice(16, 4, replace=False), 4] = 1
            bars.setdefault(letter, bar)
        window[:] = np.concatenate([bars[letter] for letter in form])
    return windows


def test_a_form_is_seen_where_its_bars_come_back() -> None:
    likeness = part_likeness(TRIO, pieces("ABABABAB"))["melody"]
    assert likeness_at(likeness, 2) == pytest.approx(1.0)
    assert likeness_at(likeness, 1).mean() < 0.3
    assert returns(likeness).mean() > 6 / 7 - 1e-9
    assert returns(part_likeness(TRIO, pieces("ABCDEFGH"))["melody"]).mean() < 0.1


def test_the_diagonal_does_not_count() -> None:
    likeness = part_likeness(TRIO, pieces("ABCDEFGH"))["drums"]
    assert np.diagonal(likeness, axis1=1, axis2=2) == pytest.approx(1.0)
    assert mean_likeness(likeness).max() < 1.0


def test_beats_that_stay_where_they_are_are_steady() -> None:
    steady, wandering = (structure(TRIO, pieces(form)) for form in ("AAAAAAAA", "ABCDEFGH"))
    assert steady["melody_metre_steadiness"] == pytest.approx(1.0)
    assert wandering["melody_metre_steadiness"] < 0.6


def test_pieces_taken_apart_lose_all_but_their_style() -> None:
    music = pieces("AAAABBBB", count=40)
    apart = long_structure.mismatched(TRIO, music, np.random.default_rng(0))
    assert apart.shape == music.shape
    assert np.array_equal(np.sort(apart, axis=0), np.sort(music, axis=0))  # every bar is somebody's
    whole, mixed = structure(TRIO, music), structure(TRIO, apart)
    for name in (
        "key_kept",
        "melody_metre_steadiness",
        "melody_bar_likeness_1_apart",
        "drums_returns",
        "bass_with_kick",
    ):
        assert mixed[name] < whole[name] - 0.1, name
    assert mixed["melody_silent_bars"] == whole["melody_silent_bars"]


def test_samples_are_set_beside_music() -> None:
    music = pieces("ABABABAB")
    found = long_structure.report(TRIO, music, pieces("ABCDEFGH", seed=1), np.random.default_rng(0))
    assert found["prior_to_held_out"]["melody_returns"] < 0.2
    same = long_structure.report(TRIO, music, music, np.random.default_rng(0))
    assert set(same["prior_to_held_out"].values()) == {1.0}
    lines = long_structure.table(found).splitlines()
    (line,) = (line for line in lines if line.split()[0] == "melody_returns")
    assert line.endswith("*")
    assert not any(line.endswith("*") for line in long_structure.table(same).splitlines())


def test_both_kinds_of_music_are_drawn_side_by_side(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    from train.structure_picture import draw_structure

    paths = draw_structure(TRIO, pieces("ABABABAB"), pieces("ABCDEFGH", 2), "trio", tmp_path / "new")
    assert [path.name for path in paths] == ["trio_self_similarity.png", "trio_pieces.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
