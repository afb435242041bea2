"""The measurement itself, against a clock that the test winds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from livevae.bench.inference import Clock, Spread, measure_inference, played, spread
from livevae.places import shipped_folder
from livevae.units import NS_PER_MS, NS_PER_S

FAKES = Path(__file__).parent.parent / "fixtures"


class WoundClock:
    """Time passes when a task or a sleep says so."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.slept_s: list[float] = []

    def sleep(self, duration_s: float) -> None:
        self.slept_s.append(duration_s)
        self.now_ns += round(duration_s * NS_PER_S)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now_ns, self.sleep)


def test_percentiles_are_of_calls_now_and_then_and_in_a_tight_loop() -> None:
    wound = WoundClock()

    def task(call: int) -> None:  # after a rest the first 20 counted calls take 1 … 20 ms, the others 1 ms
        counted = call - 3
        wound.now_ns += NS_PER_MS * (1 + counted if 0 <= counted < 20 else 1)

    assert spread(task, calls=20, every_ms=200, clock=wound.clock) == Spread(10.0, 19.0, 1.0, 1.0)


def test_calls_start_evenly_whatever_they_take() -> None:
    wound = WoundClock()
    starts = []

    def task(call: int) -> None:
        starts.append(wound.now_ns)
        wound.now_ns += (7 + call) * NS_PER_MS

    spread(task, calls=4, every_ms=100, clock=wound.clock)
    counted = starts[3:7]
    assert [b - a for a, b in pairwise(counted)] == [100 * NS_PER_MS] * 3
    assert len(wound.slept_s) == 4


@pytest.mark.parametrize("name", ["melody", "drums", "trio", "song", "groove", "beats"])
def test_every_kind_of_model_is_measured(name: str) -> None:
    times = measure_inference(
        FAKES / f"fake_{name}.onnx", calls=3, every_ms=200, clock=Clock(sleep_s=lambda _: None)
    )
    assert times.model == f"fake_{name}"
    assert (times.middle_bar is None) == (name in ("melody", "drums", "groove", "beats"))
    for measured in (times.reply, times.first_bar, times.phrase, times.middle_bar or times.phrase):
        assert 0 < measured.p50 <= measured.p95
        assert 0 < measured.tight_p50 <= measured.tight_p95


def test_a_drummer_that_answers_no_taps_is_measured() -> None:
    path = shipped_folder() / "groove_4bar.onnx"
    times = measure_inference(path, calls=1, every_ms=200, clock=Clock(sleep_s=lambda _: None))
    assert times.model == "groove_4bar"
    assert times.phrase.p50 > 0


def test_every_call_brings_something_new() -> None:
    assert len({played(("melody",), 2, variant) for variant in range(200)}) == 200
