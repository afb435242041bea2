"""Keys are found, moved to C and back, and kept in the latent."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from train.models import build
from train.models.objective import Objective
from train.models.trio import Config, TrioModel
from train.models.trio_key import KEY_SIZE, Key, moved

pytestmark = pytest.mark.train

STEPS = 64
C_MAJOR = (60, 64, 67, 65, 69, 62, 67, 60)


def song(transposed_by: int) -> Any:
    """A tune in C over its bass, moved."""
    window = torch.zeros(1, STEPS, 11, dtype=torch.int64)
    for index in range(STEPS // 4):
        pitch = C_MAJOR[index % len(C_MAJOR)] + transposed_by
        window[0, 4 * index, 0] = pitch - 19
        window[0, 4 * index, 1] = pitch - 19 - 24
        window[0, 4 * index, 2] = 1
    return window


@pytest.mark.parametrize("key", range(12))
def test_every_key_is_found_and_found_again_in_the_latent(key: int) -> None:
    sense = Key()
    window = song(key)
    assert int(sense.of(window)[0]) == key
    in_c, place, sigma = sense.in_c(window)
    assert int(sense.of(in_c)[0]) == 0
    assert torch.equal(moved(in_c, sense.from_c(place)), window)
    assert (sense.from_c(place + sigma * 2.5) == sense.from_c(place)).all()


def test_fifths_are_neighbours() -> None:
    places = Key().places
    c, g, f_sharp = places[0], places[7], places[6]
    assert (c - g).norm() < 0.6
    assert (c - f_sharp).norm() == pytest.approx(2.0)


def test_drums_alone_are_in_any_key() -> None:
    drums = torch.zeros(1, STEPS, 11, dtype=torch.int64)
    drums[..., 2::3] = 1
    in_c, place, sigma = Key().in_c(drums)
    assert torch.equal(in_c, drums)
    assert place.tolist() == [[0.0, 0.0]]
    assert sigma.tolist() == [[1.0, 1.0]]


def test_notes_that_would_leave_the_piano_move_by_octaves() -> None:
    window = torch.zeros(1, STEPS, 11, dtype=torch.int64)
    window[0, :4, 0] = torch.tensor([2, 89, 1, 0])
    assert moved(window, torch.tensor([-1]))[0, :4, 0].tolist() == [13, 88, 1, 0]
    assert moved(window, torch.tensor([1]))[0, :4, 0].tolist() == [3, 78, 1, 0]


@pytest.mark.parametrize("semitones", [-5, 1, 6])
def test_the_same_song_in_another_key_differs_in_the_key_alone(semitones: int) -> None:
    torch.manual_seed(2)
    small = Config(
        latent_size=8,
        bar_size=8,
        channels=8,
        hidden=8,
        width=8,
        heads=2,
        layers=1,
        couplings=2,
        coupling_width=8,
    )
    model = build("trio", codec_from("trio", {"bars": 4}), small, Objective())
    assert isinstance(model, TrioModel)
    model.eval()
    with torch.no_grad():
        mu, sigma = model.encode(torch.cat([song(0), song(semitones)]))
        assert torch.equal(mu[0, KEY_SIZE:], mu[1, KEY_SIZE:])
        assert torch.equal(sigma[0], sigma[1])
        noise = torch.rand(1, STEPS, 11).expand(2, -1, -1)
        played = model.decode(mu, noise, torch.tensor(1.0))
    assert torch.equal(moved(played[:1], torch.tensor([semitones])), played[1:])
