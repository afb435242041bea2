"""The figures of bands, on answers that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from livevae.codec.band import DRUMS, SLOTS, BandCodec
from livevae.core.notes import Note
from livevae.units import TICKS_PER_BEAT, TICKS_PER_STEP
from tests.train.conftest import midi_bytes
from train.evaluate import main
from train.evaluation.band import _Known, _named, _overlaps, _structure
from train.evaluation.band_bars import BandBars
from train.evaluation.parts import Windows

FAKE = Path(__file__).parents[2] / "fixtures" / "fake_band.onnx"
CODEC = BandCodec()

pytestmark = pytest.mark.train


def bar(root: int = 48, guitar: str = "guitar:30") -> Windows:
    """A triad on the beats over its root, a kick with each bass note."""
    beats = [beat * TICKS_PER_BEAT for beat in range(4)]
    return CODEC.encode(
        {
            DRUMS: [Note(at, 100, 36, 90) for at in beats],
            "bass:33": [Note(at, TICKS_PER_BEAT, root - 12, 100) for at in beats],
            guitar: [Note(at, TICKS_PER_BEAT, root + i, 100) for at in beats for i in (0, 4, 7)],
        }
    )


def test_bars_are_taken_apart() -> None:
    bars = BandBars.of(bar()[None])
    plays = dict(zip((DRUMS, *SLOTS), bars.plays[0].tolist(), strict=True))
    assert [part for part, does in plays.items() if does] == [DRUMS, "guitar", "bass"]
    assert bars.onsets()[0, :, 0].sum() == 4
    sounding = bars.sounding()[0, SLOTS.index("guitar")]
    assert sounding.sum(axis=0).tolist() == [16, 0, 0, 0, 16, 0, 0, 16, 0, 0, 0, 0]


def test_the_same_bars_overlap_wholly_and_others_less() -> None:
    windows = np.stack([bar(), bar(50)])
    assert set(_overlaps(windows, windows).values()) == {1.0, 0.0}  # 0 of what nobody plays
    other = np.stack([bar(50, "guitar:27"), bar(50, "guitar:27")])
    found = _overlaps(windows, other)
    assert found["programs"] == 0.5
    assert 0 < found["pitch"] < 1
    assert found["density"] == 1.0


def test_what_fits_together_is_told_from_what_does_not() -> None:
    found = _structure(np.stack([bar(48), bar(49), bar(54)]))
    assert found["in_key"] == found["with_bass"] == 1.0
    assert found["with_bass_mismatched"] < 0.7
    assert found["bass_with_kick"] == 1.0
    assert found["players"] == 3.0


def test_passages_are_known_in_any_key_and_whole_bars_as_they_are() -> None:
    known = _Known()
    known.add(np.stack([bar(48)]))
    assert known.shares(np.stack([bar(53)]), 1)["guitar"] == 1.0
    assert known.shares(np.stack([bar(53)]), 5)["guitar"] == 0.0
    assert known.bars(np.stack([bar(48), bar(53)])) == 0.5
    arpeggio = CODEC.encode({"guitar": [Note(s * TICKS_PER_STEP, 100, 50 + s % 5, 90) for s in range(16)]})
    assert known.shares(arpeggio[None], 1)["guitar"] == 0.0


def test_bars_of_unknown_instruments_do_not_judge_where_others_can() -> None:
    windows = np.stack([bar(), bar(guitar="guitar")])
    assert np.array_equal(_named(windows), windows[:1])
    assert not (BandBars.of(_named(windows[1:])).program == 129).any()


def test_the_command_judges_bands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for song in range(4):
        (tmp_path / f"{song}.mid").write_bytes(midi_bytes(song))
    assert main(["--model", str(FAKE), "--data", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["task"] == "band"
    assert found["windows"] == 32
    assert set(found["reconstruction"]["parts"]) == set(CODEC.parts)
    assert set(found["structure"]) == {"held_out", "prior"}
    assert set(found["chords"]) == {"in_chord", "in_chord_bass", "untold", "untold_bass"}
    assert "verbatim" not in found["prior"]  # nothing is known of what it has learnt
