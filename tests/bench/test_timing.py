"""The bench plays in earnest: every note is timed, every bar is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from livevae.adapters.model_store import model_info
from livevae.bench import timing
from livevae.bench.floor import Spread
from livevae.core.performance import PartSpec, Performance

DRUMS = Path(__file__).parent.parent / "fixtures" / "fake_drums.onnx"


class StillFloor:
    """A floor that is known beforehand."""

    method = "known"
    was_cancelled = False

    def result(self) -> Spread:
        return Spread(1.0, 2.0, 3.0)

    def cancel(self) -> None:
        self.was_cancelled = True


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch) -> StillFloor:
    floor = StillFloor()
    monkeypatch.setattr(timing, "start_floor", lambda seconds: floor)
    monkeypatch.setattr(timing, "choose_backend", lambda: "none")
    monkeypatch.setattr(timing, "TEMPO_BPM", 400.0)
    return floor


def performance() -> Performance:
    info = model_info(DRUMS)
    return Performance("p", (PartSpec("drums", info.name, "drums"),), (info,), clock="internal")


def test_notes_and_bars_are_counted(floor: StillFloor) -> None:
    measured = timing.measure_timing(performance(), [DRUMS], bars=3)
    assert measured.bars >= 3
    assert measured.notes >= 3 * 4, "the fake model strikes on every beat"
    assert measured.floor == Spread(1.0, 2.0, 3.0)
    assert measured.backend == "none"


def test_an_interrupted_bench_leaves_nothing_running(
    floor: StillFloor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(timing._Watch, "see", interrupt)
    with pytest.raises(KeyboardInterrupt):
        timing.measure_timing(performance(), [DRUMS], bars=3)
    assert floor.was_cancelled
