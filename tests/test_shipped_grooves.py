"""The groove models that come with livevae play as drummers do: not alike, not wildly, and in style."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import livevae
from livevae.adapters.onnx_file import read_manifest
from livevae.core.notes import Note
from livevae.groove_model import FeltHit, GrooveModel
from livevae.places import shipped_folder
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_STEP

FILES = [
    path
    for path in sorted(shipped_folder().glob("*.onnx"))
    if read_manifest(path).info().grooves and read_manifest(path).bars == 2
]
KICK, SNARE, HAT = 36, 38, 42
STEPS = 2 * STEPS_PER_BAR
MS_PER_TICK_AT_100 = 600.0 / 96_000


@pytest.fixture(scope="module", params=[pytest.param(path, id=path.stem) for path in FILES])
def model(request: pytest.FixtureRequest) -> GrooveModel:
    return livevae.load_groove_model(request.param)


def rock(late_snare_ticks: int = 0, velocity: Callable[[int], int] = lambda step: 90) -> list[Note]:
    """Eighths on the hat, kick and snare in turn."""
    hats = [Note(step * TICKS_PER_STEP, 1_000, HAT, velocity(step)) for step in range(0, STEPS, 2)]
    kicks = [Note(step * TICKS_PER_STEP, 1_000, KICK, velocity(step)) for step in range(0, STEPS, 8)]
    snares = [
        Note(step * TICKS_PER_STEP + late_snare_ticks, 1_000, SNARE, velocity(step))
        for step in range(4, STEPS, 8)
    ]
    return sorted(hats + kicks + snares)


def late_ms(hit: FeltHit) -> float:
    return (hit.onset_ticks - hit.note.onset_ticks) * MS_PER_TICK_AT_100


def added(felt: tuple[FeltHit, ...], pitch: int) -> list[FeltHit]:
    return [hit for hit in felt if 0.0 < hit.from_density <= 1.0 and hit.note.pitch == pitch]


def test_a_beat_is_played_loosely_but_in_time(model: GrooveModel) -> None:
    draws = [model.play(rock(), style="rock", tempo_bpm=100.0, seed=seed) for seed in range(12)]
    given = [[hit for hit in felt if hit.from_density == 0.0] for felt in draws]
    assert all(sorted(hit.note for hit in hits) == rock() for hits in given)
    late = np.array([[late_ms(hit) for hit in hits] for hits in given])
    assert 3.0 < np.std(late) < 30.0
    assert np.abs(late).max() <= HALF_STEP_TICKS * MS_PER_TICK_AT_100
    loudness = np.array([[hit.velocity for hit in hits] for hits in given])
    assert np.std(loudness, axis=0).min() > 3.0  # no hit is always equally loud
    assert len(set(draws)) == len(draws)


def test_a_backbeat_is_louder_than_the_hats(model: GrooveModel) -> None:
    felt = model.play(rock(), style="rock", tempo_bpm=100.0, temperature=0.0)
    loudness = {
        pitch: np.mean([h.velocity for h in felt if h.note.pitch == pitch and h.from_density == 0.0])
        for pitch in (SNARE, HAT)
    }
    assert loudness[SNARE] > loudness[HAT] + 10


def test_a_late_snare_is_taken_over_from_bars_that_were_played(model: GrooveModel) -> None:
    def snare_ms(late_ticks: int) -> float:
        source = rock(late_ticks)
        feel, manner = model.encode(source, 100.0), model.manner(source, 100.0)
        felt = model.play(rock(), z=feel, tempo_bpm=100.0, temperature=0.0, manner=manner)
        return float(np.mean([late_ms(h) for h in felt if h.note.pitch == SNARE and h.from_density == 0.0]))

    early, late = snare_ms(-4_000), snare_ms(4_000)  # 25 ms either way
    assert 35.0 < late - early < 55.0


def test_playing_behind_the_beat_is_taken_over(model: GrooveModel) -> None:
    def kit_ms(late_ticks: int) -> float:
        feel = model.encode([note.shifted(late_ticks) for note in rock()], tempo_bpm=100.0)
        felt = model.play(rock(), z=feel, tempo_bpm=100.0, temperature=0.0)
        return float(np.mean([late_ms(hit) for hit in felt if hit.from_density == 0.0]))

    ahead, behind = kit_ms(-3_000), kit_ms(3_000)  # 19 ms either way
    assert behind > ahead + 12.0


def test_loud_playing_is_taken_over_too(model: GrooveModel) -> None:
    def loudness(velocity: int) -> float:
        feel = model.encode(rock(velocity=lambda step: velocity), tempo_bpm=100.0)
        return float(np.mean([h.velocity for h in model.play(rock(), z=feel, temperature=0.0)]))

    assert loudness(115) > loudness(45) + 15


def test_hats_are_added_to_kick_and_snare(model: GrooveModel) -> None:
    bare = [note for note in rock() if note.pitch != HAT]
    counts = [len(added(model.play(bare, task="hats", tempo_bpm=100.0, seed=seed), HAT)) for seed in range(8)]
    assert 4 <= np.median(counts) <= STEPS


def test_taps_become_a_kit(model: GrooveModel) -> None:
    taps = [
        Note(step * TICKS_PER_STEP, 1_000, 60, 120 if step % 8 == 4 else 70) for step in range(0, STEPS, 2)
    ]
    kits = [model.play(taps, task="tap", style="rock", tempo_bpm=100.0, seed=seed) for seed in range(8)]
    for pitch in (KICK, SNARE):
        assert np.mean([len(added(kit, pitch)) for kit in kits]) >= 1
    hits = [sum(0.0 < hit.from_density <= 1.0 for hit in kit) for kit in kits]
    assert 10 <= np.mean(hits) <= 60
