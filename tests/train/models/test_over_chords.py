"""A melody model that is told its chords."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.chords import chord_features
from livevae.core.chords import Chord
from train.models import as_module, build
from train.models.chord_relations import ChordRelations, pitch_class_of_symbol
from train.models.objective import Objective
from train.models.over_chords import Config

pytestmark = pytest.mark.train

A_MINOR, F_MAJOR = Chord.of_pitches((45, 60, 64)), Chord.of_pitches((41, 57, 60))
TOLD = torch.from_numpy(chord_features([A_MINOR] * 4 + [F_MAJOR] * 4))[None]


@pytest.fixture
def model() -> Any:
    torch.manual_seed(2)
    made: Any = build("over_chords", codec_from("melody", {"bars": 2}), Config(8, 16, 8, 12), Objective(0.2))
    for parameter in as_module(made).parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    as_module(made).eval()
    return made


def transposed(chords: Any, semitones: int) -> Any:
    tones, bass = chords.chunk(2, dim=-1)
    return torch.cat([tones.roll(semitones, -1), bass.roll(semitones, -1)], dim=-1)


def test_every_pitch_class_sees_the_chords_from_where_it_stands() -> None:
    torch.manual_seed(0)
    relations = ChordRelations(6)
    here, there = relations(TOLD), relations(transposed(TOLD, 5))
    assert torch.allclose(here.roll(5, dims=2), there, atol=1e-6)
    assert not torch.allclose(here[:, 0], here[:, 4], atol=1e-2)  # another chord, other relations


def test_classes_know_their_pitch() -> None:
    classes = pitch_class_of_symbol()
    assert classes[:2].tolist() == [12, 12]
    assert classes[2 + 60 - 21] == 0
    assert len(classes) == 90


def test_chords_change_the_notes_and_the_point_heard(model: Any) -> None:
    z, noise = torch.randn(6, 8), torch.rand(6, 32, 1)
    here = model.decode(z, noise, torch.tensor(1.0), TOLD.expand(6, -1, -1))
    assert here.shape == (6, 32, 1)
    there = model.decode(z, noise, torch.tensor(1.0), transposed(TOLD, 1).expand(6, -1, -1))
    assert not torch.equal(here, there)
    means = [model.encode(here, chords.expand(6, -1, -1))[0] for chords in (TOLD, transposed(TOLD, 1))]
    assert not torch.allclose(*means)


def test_alone_or_in_a_batch_the_same_notes(model: Any) -> None:
    z, noise = torch.randn(3, 8), torch.rand(3, 32, 1)
    chords = torch.cat([TOLD, transposed(TOLD, 3), torch.zeros_like(TOLD)])
    together = model.decode(z, noise, torch.tensor(1.0), chords)
    one_by_one = [
        model.decode(z[i : i + 1], noise[i : i + 1], torch.tensor(1.0), chords[i : i + 1]) for i in range(3)
    ]
    assert torch.equal(together, torch.cat(one_by_one))


def test_it_learns_to_play_what_the_chords_say() -> None:
    """Melodies that play each beat's bass, in any key: a latent of no use, so only the chords can tell."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    config = Config(2, 24, 8, 12, (1,), (1,), 48, token_dropout=0.0, chord_dropout=0.0, bass_dropout=0.0)
    model: Any = build(
        "over_chords", codec_from("melody", {"bars": 2}), config, Objective(1.0, beta_rate=0.0)
    )
    optimiser = torch.optim.Adam(as_module(model).parameters(), lr=5e-3)

    def batch(count: int) -> tuple[Any, Any]:
        bass = random.integers(0, 12, (count, 8))
        tokens = np.zeros((count, 8, 4), dtype=np.int64)
        tokens[:, :, 0] = 2 + 60 - 21 + bass
        rows = [chord_features([Chord(1 << int(b), int(b)) for b in row]) for row in bass]
        return torch.from_numpy(tokens.reshape(count, 32, 1)), torch.from_numpy(np.stack(rows))

    as_module(model).train()
    for step in range(150):
        tokens, chords = batch(32)
        loss = model.loss(tokens, step, chords)
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
    as_module(model).eval()
    tokens, chords = batch(32)
    with torch.no_grad():
        heard = model.decode(torch.randn(32, 2), torch.rand(32, 32, 1), torch.tensor(0.0), chords)
    assert (heard == tokens).float().mean() > 0.95


def test_only_lines_are_played_over_chords() -> None:
    with pytest.raises(ValueError, match="drums"):
        build("over_chords", codec_from("drums", {"bars": 2}), Config(), Objective())
