"""The drummer that comes with livevae plays beats a drummer would, and hears those that were played."""

from __future__ import annotations

import numpy as np
import pytest

import livevae
from livevae.core.notes import Note
from livevae.groove_model import GrooveModel
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_BAR, TICKS_PER_STEP

KICK, SNARE, HAT = 36, 38, 42
CYMBALS = {HAT, 46, 49, 51}
BARS = 4
SEEDS = range(24)


@pytest.fixture(scope="module")
def model() -> GrooveModel:
    return livevae.load_groove_model("groove_4bar")


def beat(model: GrooveModel, seed: int, density: float = 1.0, style: str = "any") -> list[Note]:
    """Four bars from nothing, as they sound."""
    felt = model.play((), style=style, tempo_bpm=100.0, seed=seed, hit_temperature=0.0)
    return [
        Note(hit.onset_ticks, TICKS_PER_STEP, hit.note.pitch, hit.velocity)
        for hit in felt
        if hit.from_density <= density
    ]


def steps_of(notes: list[Note]) -> list[int]:
    return [(note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP for note in notes]


def test_beats_are_beats(model: GrooveModel) -> None:
    beats = [beat(model, seed) for seed in SEEDS]
    hits = [len(notes) for notes in beats]
    assert 40 <= np.median(hits) <= 110
    assert min(hits) >= 8
    assert len({tuple(notes) for notes in beats}) == len(beats)
    downbeats = [
        any(n.pitch == KICK for n, step in zip(notes, steps_of(notes), strict=True) if step == 0)
        for notes in beats
    ]
    assert np.mean(downbeats) > 0.5
    assert np.mean([bool(CYMBALS & {note.pitch for note in notes}) for notes in beats]) > 0.9
    second_like_first = [
        len(first & second) / len(first | second)
        for notes in beats
        for cells in [set(zip(steps_of(notes), (n.pitch for n in notes), strict=True))]
        for first in [{c for c in cells if c[0] < 2 * STEPS_PER_BAR}]
        for second in [{(s - 2 * STEPS_PER_BAR, p) for s, p in cells if s >= 2 * STEPS_PER_BAR}]
    ]
    assert 0.3 < np.mean(second_like_first) < 0.8


def test_it_plays_as_loosely_as_drummers(model: GrooveModel) -> None:
    notes = [note for seed in SEEDS for note in beat(model, seed)]
    early = np.array(
        [s * TICKS_PER_STEP - n.onset_ticks for n, s in zip(notes, steps_of(notes), strict=True)]
    )
    assert 0.1 < np.std(early) / HALF_STEP_TICKS < 0.45
    assert min(n.onset_ticks for n in notes) < 0  # a downbeat before the bar line
    assert {n.velocity for n in notes} <= set(range(1, 128))
    assert np.std([n.velocity for n in notes if n.pitch == SNARE]) > 15  # backbeats and ghost notes


def test_less_is_the_same_beat_with_fewer_hits(model: GrooveModel) -> None:
    for seed in range(6):
        counts = [len(beat(model, seed, density)) for density in (0.0, 0.3, 0.7, 1.0, 1.5)]
        assert counts[0] == 0
        assert counts == sorted(counts)
        assert 0 < counts[2] < counts[3]


def test_what_was_played_comes_back_as_it_was(model: GrooveModel) -> None:
    played = [
        Note(bar * TICKS_PER_BAR + step * TICKS_PER_STEP + shift, TICKS_PER_STEP, pitch, velocity)
        for bar in range(BARS)
        for step, shift, pitch, velocity in (
            (0, -2_000, KICK, 100), (4, 3_000, SNARE, 110), (7, 500, SNARE, 30), (8, -1_000, KICK, 90),
            (12, 3_000, SNARE, 112), *((s, -500, HAT, 60 + s) for s in range(0, 16, 2)),
        )
    ]  # fmt: skip
    z = model.encode(played, tempo_bpm=100.0)
    felt = model.play((), tempo_bpm=100.0, z=z, temperature=0.0)
    back = sorted((h.note.pitch, h.onset_ticks, h.velocity) for h in felt if h.from_density <= 1.0)
    expected = sorted((n.pitch, n.onset_ticks, n.velocity) for n in played)
    assert [pitch for pitch, *_ in back] == [pitch for pitch, *_ in expected]
    assert [onset for _, onset, _ in back] == pytest.approx([onset for _, onset, _ in expected], abs=200)
    assert [loud for *_, loud in back] == pytest.approx([loud for *_, loud in expected], abs=2)


def test_styles_differ(model: GrooveModel) -> None:
    def rides(style: str) -> float:
        notes = [note for seed in SEEDS for note in beat(model, seed, style=style)]
        return sum(note.pitch == 51 for note in notes) / len(notes)

    assert rides("jazz") > 1.5 * rides("hiphop")


def test_it_answers_no_taps(model: GrooveModel) -> None:
    with pytest.raises(ValueError, match="task = 'tap', expected humanise"):
        model.play((), task="tap")
