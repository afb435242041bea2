"""A melody model that is told its chords."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.chords import CHORD_FEATURES, chord_features
from livevae.core.chords import Chord
from tests.train.models.test_flow import COLD, FLOWS
from train.models import as_module, build
from train.models.flow import Config
from train.models.flow_chords import Harmony, withheld
from train.models.objective import Objective

pytestmark = pytest.mark.train

A_MINOR, F_MAJOR = Chord.of_pitches((45, 60, 64)), Chord.of_pitches((41, 57, 60))
TOLD = torch.from_numpy(chord_features([A_MINOR] * 4 + [F_MAJOR] * 4))[None]
SILENT = torch.zeros_like(TOLD)
OVER_CHORDS = FLOWS["over chords"]


@pytest.fixture
def model() -> Any:
    return OVER_CHORDS.untrained()


def transposed(chords: Any, semitones: int) -> Any:
    tones, bass = chords.chunk(2, dim=-1)
    return torch.cat([tones.roll(semitones, -1), bass.roll(semitones, -1)], dim=-1)


def over(chords: Any, count: int) -> Any:
    return chords.expand(count, -1, -1)


def noise(count: int) -> Any:
    return torch.rand(count, 32, 1)


def rhythm(tokens: Any) -> Any:
    return tokens.clamp(max=2)


def test_the_same_point_over_other_chords_has_other_notes_of_the_same_rhythm(model: Any) -> None:
    z = torch.randn(12, model.latent_size)
    here = model.decode(z, noise(12), COLD, over(TOLD, 12))
    for chords in (SILENT, TOLD.flip(1), torch.rand_like(TOLD).round()):
        there = model.decode(z, noise(12), COLD, over(chords, 12))
        assert not torch.equal(here, there)
        assert torch.equal(rhythm(here), rhythm(there))


@pytest.mark.parametrize("semitones", [1, 2, 5, 11])
def test_a_phrase_moves_with_its_chords(model: Any, semitones: int) -> None:
    z = torch.randn(12, model.latent_size)
    here = model.decode(z, noise(12), COLD, over(TOLD, 12))
    there = model.decode(z, noise(12), COLD, over(transposed(TOLD, semitones), 12))
    notes = here > 1
    assert ((there - here)[notes] % 12 == semitones).all()


def test_its_own_key_counts_only_where_no_chords_say_one(model: Any) -> None:
    z = torch.randn(12, model.latent_size)
    turned = torch.cat([-z[:, :2], z[:, 2:]], dim=1)
    for chords, alike in ((TOLD, True), (SILENT, False)):
        both = [model.decode(point, noise(12), COLD, over(chords, 12)) for point in (z, turned)]
        assert torch.equal(*both) == alike
    mu, sigma = model.encode(both[0], over(TOLD, 12))
    assert (mu[:, :2] == 0).all()
    assert (sigma[:, :2] == 1).all()


def test_chords_are_heard_from_the_key_they_speak_for() -> None:
    torch.manual_seed(0)
    keys = tuple(range(12))
    harmony = Harmony(keys, 6)
    here = harmony(TOLD)
    for semitones in keys:
        there = harmony(transposed(TOLD, semitones))
        assert there.key == (here.key + semitones) % 12
        assert torch.allclose(here.says, there.says, atol=1e-6)
    assert here.known.all()
    assert not harmony(SILENT).known.any()


def test_some_chords_and_some_basses_are_withheld() -> None:
    torch.manual_seed(0)
    left = withheld(over(TOLD, 4000), 0.1, 0.2)
    tones, bass = (part.amax(dim=(1, 2)) for part in left.split(CHORD_FEATURES // 2, dim=2))
    assert 1 - tones.mean() == pytest.approx(0.1, abs=0.02)
    assert 1 - bass.mean() == pytest.approx(0.3, abs=0.03)
    assert not (bass > tones).any()


def test_it_learns_to_play_what_the_chords_say() -> None:
    """Melodies that play each beat's bass, in any key: the latent does not know them, only the chords can."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    config = Config(48, 32, 8, 12, 8, 32, dropout=0.0, chord_width=32, chord_dropout=0.0, bass_dropout=0.0)
    model: Any = build("flow", codec_from("melody", {"bars": 2}), config, Objective(0.02, 0.0))
    optimiser = torch.optim.Adam(as_module(model).parameters(), lr=5e-3)

    def batch(count: int) -> tuple[Any, Any]:
        bass = random.integers(0, 12, (count, 8))
        tokens = np.zeros((count, 8, 4), dtype=np.int64)
        tokens[:, :, 0] = 2 + 60 - 21 + bass
        rows = [chord_features([Chord(1 << int(b), int(b)) for b in row]) for row in bass]
        return torch.from_numpy(tokens.reshape(count, 32, 1)), torch.from_numpy(np.stack(rows))

    as_module(model).train()
    for step in range(200):
        tokens, chords = batch(32)
        loss = model.loss(tokens, step, chords)
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
    as_module(model).eval()
    tokens, chords = batch(32)
    with torch.no_grad():
        heard = model.decode(torch.randn(32, model.latent_size), noise(32), COLD, chords)
    assert torch.equal(rhythm(heard), rhythm(tokens))
    notes = tokens > 1
    assert ((heard - tokens)[notes] % 12 == 0).float().mean() > 0.9


def test_only_melodies_are_played_over_chords() -> None:
    with pytest.raises(ValueError, match="drums"):
        build("flow", codec_from("drums", {"bars": 2}), OVER_CHORDS.config, Objective())
