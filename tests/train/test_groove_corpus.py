"""Windows of performed drums are those of the takes, with what the table says of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec.groove import GrooveCodec
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_STEP
from train.config import ConfigError
from train.groove_corpus import groove_corpus, kept_shares, load_groove_corpus, read_takes, windows_of
from train.sources.groove import STYLES, Take

pytestmark = pytest.mark.train

CODEC = GrooveCodec(bars=2, drum_map="gm", styles="funk,jazz")


def test_the_tables_own_split_decides(groove_zip: Path) -> None:
    corpus = groove_corpus(groove_zip, CODEC, stride_bars=1)
    assert len(corpus.train) == 8 * 5  # six bars, a window every bar
    assert len(corpus.valid) == 4 * 3  # side by side
    assert "its meter is 3-4" in corpus.drop_report()
    assert set(corpus.train.style.tolist()) == {1, 2}
    assert set(corpus.valid.tempo.tolist()) == {102.0, 105.0, 108.0, 111.0}


@pytest.mark.parametrize("where", ["zip", "folder with the zip", "folder"])
def test_the_data_set_is_found_however_it_is_kept(groove_zip: Path, tmp_path: Path, where: str) -> None:
    data = groove_zip if where == "zip" else groove_zip.parent
    if where == "folder":
        data = tmp_path / "unpacked"
        with zipfile.ZipFile(groove_zip) as archive:
            archive.extractall(data)
    found, _ = read_takes(data)
    assert len(found) == 12
    assert {take.style for take in found} == {"funk", "jazz"}


def test_no_data_set_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read from .*No such file.*info\.csv"):
        read_takes(tmp_path)


def test_a_window_is_what_encoding_its_notes_gives(groove_zip: Path) -> None:
    found, _ = read_takes(groove_zip)
    codec = GrooveCodec(bars=2, drum_map="td11", styles="funk,jazz")
    windows = windows_of(found[:1], codec, 1)
    for bar in range(len(windows)):
        start = bar * TICKS_PER_BAR
        alone = codec.performed([n.shifted(-start) for n in found[0].notes])
        assert np.array_equal(windows.tokens[bar], alone.tokens)
        assert np.array_equal(windows.velocity[bar], alone.velocity)
        assert np.array_equal(windows.offset[bar], alone.offset)


def test_an_early_downbeat_belongs_to_the_bar_it_opens() -> None:
    early = Note(2 * TICKS_PER_BAR - 1_000, 1, 36, 90)
    later = Note(4 * TICKS_PER_BAR - HALF_STEP_TICKS - 1, 1, 38, 90)
    take = Take("t", "funk", "train", 100.0, (early, later))
    windows = windows_of([take], CODEC, 2)
    assert len(windows) == 1  # the first two bars are silent
    assert windows.tokens[0, 0].any()
    assert windows.offset[0, 0, 0] == pytest.approx(1_000 / HALF_STEP_TICKS)


def test_notes_that_share_a_cell_are_counted() -> None:
    roll = tuple(Note(tick, 1, 38, 50 + tick // 1_000) for tick in (0, 3_000, 6_000))
    take = Take("t", "funk", "train", 100.0, (*roll, Note(4 * TICKS_PER_STEP, 1, 36, 90)))
    assert kept_shares([take]) == (2 / 4, 3 / 4)


def test_the_second_time_it_comes_from_the_cache(groove_zip: Path, tmp_path: Path) -> None:
    first = load_groove_corpus(groove_zip, CODEC, 1, tmp_path / "cache")
    groove_zip.write_bytes(b"gone")
    second = load_groove_corpus(groove_zip, CODEC, 1, tmp_path / "cache")
    assert np.array_equal(first.train.offset, second.train.offset)
    assert first.dropped == second.dropped


def test_the_shipped_config_knows_the_sets_styles() -> None:
    from train.config import load_config

    codec = load_config("groove_2bar").build_codec()
    assert isinstance(codec, GrooveCodec)
    assert codec.style_names == STYLES
