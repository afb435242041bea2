"""Songs are made ready by several processes as by one, and take no more memory the more there are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.core.notes import Note
from livevae.units import TICKS_PER_BEAT
from train import preparation
from train.config import ConfigError, DataConfig
from train.corpus import Corpus, build_corpus, load_corpus
from train.drops import MOST_REASONS, OTHER_REASONS, DropCounts
from train.preparation import AT_ONCE, FEW, WAITING, in_order
from train.songs import Dropped, Song
from train.sources import SOURCES

pytestmark = pytest.mark.train

MELODY = codec_from("melody", {"bars": 2})
SONGS = DataConfig(sources=("made_up",))


def squared(number: int) -> int:
    return number * number


def refused(number: int) -> int:
    raise ValueError(f"not {number}")


def song(number: int) -> Song | Dropped:
    if number % 7 == 0:
        return Dropped(f"song {number}", "it is every seventh")
    notes = tuple(Note(beat * TICKS_PER_BEAT, 1, 40 + (number * beat) % 50, 80) for beat in range(32))
    return Song(f"song {number}", f"group {number}", {"melody": notes}, number % 5 == 0)


def made_up(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setitem(SOURCES, "made_up", lambda data: (song(number) for number in range(count)))


def test_several_processes_give_what_one_gives_in_order() -> None:
    numbers = range(FEW + 5 * AT_ONCE + 3)
    assert list(in_order(squared, numbers, processes=2)) == [number * number for number in numbers]
    assert list(in_order(squared, numbers, processes=1)) == [number * number for number in numbers]
    assert list(in_order(squared, [], processes=2)) == []


def test_things_are_read_only_a_little_ahead() -> None:
    read = 0

    def things() -> Iterator[int]:
        nonlocal read
        for number in range(FEW * 40):
            read += 1
            yield number

    results = in_order(squared, things(), processes=2)
    for done in range(1, FEW * 4):
        next(results)
        assert read <= max(done, FEW) + (2 * WAITING + 1) * AT_ONCE
    results.close()  # type: ignore[attr-defined]


def test_what_goes_wrong_in_another_process_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not 0"):
        list(in_order(refused, range(FEW * 2), processes=2))


def test_a_corpus_is_the_same_by_one_process_or_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(preparation, "FEW", 20)
    made_up(monkeypatch, 60)
    one, two = (build_corpus(tmp_path, SONGS, MELODY, tmp_path / f"by {n}", processes=n) for n in (1, 2))
    assert np.array_equal(one.tokens, two.tokens)
    for side in ("train", "valid"):
        assert len(getattr(one, side)) > 0
        for about in ("starts", "source", "lift", "song"):
            assert np.array_equal(getattr(getattr(one, side), about), getattr(getattr(two, side), about))
    assert one.drops.counts == two.drops.counts == {"it is every seventh": 9}
    listed = (tmp_path / "by 2" / "dropped.jsonl").read_text().splitlines()
    assert len(listed) == 9
    assert "song 7" in listed[1]


def test_a_window_knows_its_song(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made_up(monkeypatch, 12)
    corpus = build_corpus(tmp_path, SONGS, MELODY, tmp_path / "corpus", processes=1)
    for windows in (corpus.train, corpus.valid):
        assert (windows.starts // (8 * 16) == windows.song).all()  # every song has eight bars
    assert not set(corpus.train.song) & set(corpus.valid.song)


def peak_bytes(tmp_path: Path, name: str) -> int:
    tracemalloc.start()
    build_corpus(tmp_path, SONGS, MELODY, tmp_path / name, processes=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_ten_times_the_songs_take_the_same_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made_up(monkeypatch, FEW)
    peak_bytes(tmp_path, "warm")
    once = peak_bytes(tmp_path, "once")
    made_up(monkeypatch, 10 * FEW)
    assert peak_bytes(tmp_path, "ten times") < 1.2 * once


def test_a_corpus_is_made_once_and_again_when_its_files_change(music_zip: Path, tmp_path: Path) -> None:
    config = DataConfig(sources=("own_files",))
    cache = tmp_path / "cache"

    def corpora() -> list[str]:
        return sorted(path.name for path in cache.iterdir())

    first: Corpus = load_corpus(music_zip, config, MELODY, cache)
    assert load_corpus(music_zip, config, MELODY, cache).tokens.shape == first.tokens.shape
    assert len(corpora()) == 1
    music_zip.write_bytes(music_zip.read_bytes() + b"\0")
    load_corpus(music_zip, config, MELODY, cache)
    assert len(corpora()) == 2
    assert not any("partial" in name for name in corpora())


def test_nothing_is_left_of_a_corpus_that_came_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    with pytest.raises(ConfigError, match="nothing to train on"):
        load_corpus(tmp_path / "music", DataConfig(sources=("own_files",)), MELODY, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_many_different_reasons_are_counted_together() -> None:
    drops = DropCounts()
    assert str(drops) == "every file was used"
    for number in range(500):
        drops.add(f"file {number}", f"reason {number}")
    drops.add("one more", "reason 3")
    assert drops.total == 501
    assert len(drops.counts) == MOST_REASONS + 1
    assert drops.counts["reason 3"] == 2
    assert drops.counts[OTHER_REASONS] == 500 - MOST_REASONS
    assert "501 files were not used" in str(drops)
