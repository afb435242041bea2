"""The groove model as the stage asks it, on a fake model that is untrained but hears every input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livevae.adapters.onnx_model import OnnxModel
from livevae.core.notes import Note
from livevae.errors import ModelError
from livevae.groove_model import HATS, HUMANISE, MOST_DENSITY, TAP, FeltHit, GrooveModel, densities, tapped
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_STEP

FAKES = Path(__file__).parent / "fixtures"
KICK, SNARE, CLOSED_HAT, UNKNOWN = 36, 38, 42, 3


@pytest.fixture(scope="module")
def model() -> GrooveModel:
    return GrooveModel(OnnxModel(FAKES / "fake_groove.onnx"))


def beat(*pitches: int, velocity: int = 90) -> list[Note]:
    """Every pitch on every beat of two bars."""
    return [Note(beat * 4 * TICKS_PER_STEP, 1_000, pitch, velocity) for beat in range(8) for pitch in pitches]


def came_in(felt: tuple[FeltHit, ...]) -> list[FeltHit]:
    return [hit for hit in felt if hit.from_density == 0.0]


def added(felt: tuple[FeltHit, ...]) -> list[FeltHit]:
    return [hit for hit in felt if hit.from_density > 0.0]


def test_every_hit_comes_back_once_with_a_feel_of_its_own(model: GrooveModel) -> None:
    notes = beat(KICK, SNARE, UNKNOWN)
    felt = came_in(model.play(notes, seed=1))
    assert sorted(hit.note for hit in felt) == sorted(notes)
    moved = [hit for hit in felt if hit.note.pitch != UNKNOWN]
    assert len({hit.onset_ticks - hit.note.onset_ticks for hit in moved}) > 8
    assert len({hit.velocity for hit in moved}) > 4
    assert all(abs(hit.onset_ticks - hit.note.onset_ticks) <= HALF_STEP_TICKS for hit in moved)
    assert all(1 <= hit.velocity <= 127 for hit in moved)


def test_what_no_drum_claims_stays_as_it_is(model: GrooveModel) -> None:
    felt = [hit for hit in model.play(beat(UNKNOWN), seed=1) if hit.note.pitch == UNKNOWN]
    assert [(hit.onset_ticks, hit.velocity) for hit in felt] == [(n.onset_ticks, 90) for n in beat(UNKNOWN)]


def test_no_hit_is_lost_when_three_share_a_cell(model: GrooveModel) -> None:
    roll = [Note(tick, 500, SNARE, 60 + index) for index, tick in enumerate((-6_000, 0, 6_000))]
    felt = came_in(model.play(roll, seed=1))
    assert sorted(hit.note for hit in felt) == sorted(roll)
    third = next(hit for hit in felt if hit.note.velocity == 60)  # the softest has no slot
    assert (third.onset_ticks, third.velocity) == (-6_000, 60)


def test_the_same_arguments_give_the_same_hits_and_any_other_others(model: GrooveModel) -> None:
    notes = beat(KICK, SNARE)
    usual = model.play(notes, style="funk", tempo_bpm=100.0, seed=1)
    assert model.play(notes, style="funk", tempo_bpm=100.0, seed=1) == usual
    assert model.play(notes, style="jazz", tempo_bpm=100.0, seed=1) != usual
    assert model.play(notes, style="funk", tempo_bpm=200.0, seed=1) != usual
    assert model.play(notes, style="funk", tempo_bpm=100.0, seed=2) != usual


def test_at_temperature_0_the_seed_does_not_matter(model: GrooveModel) -> None:
    notes = beat(KICK, SNARE)
    assert model.play(notes, temperature=0.0, seed=1) == model.play(notes, temperature=0.0, seed=2)


def test_density_says_which_added_hits_sound(model: GrooveModel) -> None:
    found = added(model.play(beat(KICK), seed=3))
    assert found
    assert all(0.0 < hit.from_density <= MOST_DENSITY for hit in found)
    assert any(hit.from_density > 1.0 for hit in found)
    assert all(hit.note.onset_ticks % TICKS_PER_STEP == 0 for hit in found)


def test_taps_are_answered_with_a_kit_and_give_way_to_it(model: GrooveModel) -> None:
    taps = [Note(step * TICKS_PER_STEP - 3_000, 1_000, 60, 100) for step in (0, 6, 20)]
    felt = model.play(taps, task=TAP, temperature=0.0)
    kicks = {hit.note.onset_ticks // TICKS_PER_STEP for hit in added(felt) if hit.note.pitch == KICK}
    assert {0, 6, 20} <= kicks
    assert sorted(hit.note for hit in came_in(felt)) == taps
    for tap in came_in(felt):
        assert 0.0 < tap.until_density <= 1.0
        assert (tap.onset_ticks, tap.velocity) == (tap.note.onset_ticks, tap.note.velocity)
    assert all(hit.stands_in for hit in added(felt))


def test_hats_are_added_and_everything_else_is_left_alone(model: GrooveModel) -> None:
    notes = beat(KICK, SNARE)
    felt = model.play(notes, task=HATS, seed=4)
    assert {hit.note.pitch for hit in added(felt)} == {CLOSED_HAT}
    assert sorted((h.note, h.onset_ticks, h.velocity) for h in came_in(felt)) == sorted(
        (n, n.onset_ticks, n.velocity) for n in notes
    )
    assert not any(hit.stands_in for hit in felt)


def test_hats_that_were_there_are_replaced(model: GrooveModel) -> None:
    felt = model.play(beat(KICK, CLOSED_HAT), task=HATS, seed=4)
    old = [hit for hit in came_in(felt) if hit.note.pitch == CLOSED_HAT]
    assert len(old) == 8
    assert all(0.0 < hit.until_density <= 1.0 for hit in old)
    assert all(hit.stands_in for hit in added(felt))


def test_a_groove_taken_from_bars_is_laid_on_other_hits(model: GrooveModel) -> None:
    straight, late = beat(KICK), [note.shifted(8_000) for note in beat(KICK)]
    feels = [model.encode(notes, tempo_bpm=100.0) for notes in (straight, late)]
    assert feels[0].shape == (model.manifest.latent_size,)
    assert np.abs(feels[0] - feels[1]).max() > 1e-3
    answers = [model.play(beat(SNARE), z=z, temperature=0.0) for z in feels]
    assert answers[0] != answers[1]


def test_what_it_does_not_know_is_named_with_what_it_knows(model: GrooveModel) -> None:
    assert model.styles == ("any", "funk", "jazz")
    with pytest.raises(ValueError, match="style = 'polka', expected any, funk, jazz"):
        model.play([], style="polka")
    with pytest.raises(ValueError, match="task = 'dance', expected humanise, tap, hats"):
        model.play([], task="dance")
    with pytest.raises(ModelError, match="'fake_drums' is for drums, not for grooves"):
        GrooveModel(OnnxModel(FAKES / "fake_drums.onnx"))


def test_silence_is_an_answerable_question(model: GrooveModel) -> None:
    for task in (HUMANISE, TAP, HATS):
        assert came_in(model.play([], task=task, seed=5)) == []


def test_taps_of_one_loudness_say_nothing_of_it() -> None:
    even = tapped([Note(0, 1, 60, 80), Note(2 * TICKS_PER_STEP, 1, 60, 80)], 32)
    assert even[:, 0].sum() == 2
    assert even[:, 1].sum() == 0
    free = tapped([Note(0, 1, 60, 127), Note(-6_000, 1, 62, 50), Note(2 * TICKS_PER_BAR, 1, 60, 80)], 32)
    assert free[0].tolist() == pytest.approx([1.0, 1.0, 0.0])  # the louder of two, the one outside left out


def test_at_density_1_a_cell_is_struck_as_often_as_the_model_says() -> None:
    noise = (np.arange(1_000) + 0.5) / 1_000
    for probability in (0.1, 0.5, 0.8):
        found = densities(np.full(1_000, probability), noise, 1.0)
        assert np.mean(found <= 1.0) == pytest.approx(probability, abs=2e-3)
        assert np.mean(found <= 1.5) == pytest.approx(probability ** (1 / 1.5), abs=2e-3)
        still = densities(np.full(1_000, probability), noise, 0.0)
        assert (still <= 1.0).all() == (probability >= 0.5)
