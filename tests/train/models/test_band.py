"""What a band's model promises beside what every flow does (test_flow.py): chords are obeyed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec.band import ANY_PROGRAM, DRUMS, FIELDS, SLOTS, USUAL_PROGRAM, BandCodec
from livevae.codec.chord_shapes import SHAPES
from livevae.codec.chords import chord_features
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.core.chord_symbols import parse_chord
from livevae.core.notes import Note
from livevae.units import TICKS_PER_BEAT
from tests.train.models.test_flow import FLOWS
from train.models.band import BandModel
from train.models.band_bar import Reader
from train.models.chord_guess import QUALITIES, ChordGuess
from train.models.flow_melody import FIFTHS

pytestmark = pytest.mark.train

CODEC = BandCodec()
COLUMNS = len(CODEC.columns)
PITCHES = [place for place, column in enumerate(CODEC.columns) if column.name.endswith("_pitch")]


@pytest.fixture
def model() -> BandModel:
    made = FLOWS["band"].untrained()
    assert isinstance(made, BandModel)
    return made


def noise(batch: int) -> Any:
    return torch.rand(batch, 16, COLUMNS)


def heat(temperature: float) -> Any:
    return torch.tensor(temperature)


def canonical(tokens: Any) -> Any:
    """As the codec would write it: a player whose every chord is out of reach, say, rests."""
    rows = []
    for one in tokens.numpy():
        notes = CODEC.decode(one)
        for slot, program in CODEC.programs(one).items():
            notes[f"{slot}:{program}"] = notes.pop(slot)
        rows.append(CODEC.encode(notes))
    return torch.from_numpy(np.stack(rows))


def test_what_it_would_never_draw_comes_back_too(model: BandModel) -> None:
    classes = torch.tensor([column.classes for column in CODEC.columns])
    tokens = (torch.rand(20, 16, COLUMNS) * classes).long()
    tokens[torch.rand(tokens.shape) < 0.6] = 0
    tokens[:, :, len(DRUM_CLASSES) :: len(FIELDS)] = 31
    tokens = canonical(tokens)
    keeps = [slot for slot in SLOTS if slot in ("guitar", "guitar_2", "extra")]  # whose programs 30 is among
    for slot in SLOTS:
        column = len(DRUM_CLASSES) + SLOTS.index(slot) * len(FIELDS)
        if slot not in keeps:
            tokens[:, 0, column] = torch.where(tokens[:, 0, column] > 0, 1 + USUAL_PROGRAM[slot], 0)
    assert torch.equal(model.decode(model.encode(tokens)[0], noise(20), heat(0.0)), tokens)


def test_a_player_whose_instrument_nobody_named_has_the_usual_one(model: BandModel) -> None:
    tokens = CODEC.encode({"lead": (Note(0, TICKS_PER_BEAT, 72, 90),), DRUMS: (Note(0, 1, 36, 90),)})
    column = len(DRUM_CLASSES) + SLOTS.index("lead") * len(FIELDS)
    assert tokens[0, column] == ANY_PROGRAM
    back = model.decode(model.encode(torch.from_numpy(tokens)[None])[0], noise(1), heat(0.0))[0].numpy()
    assert CODEC.programs(back) == {"lead": USUAL_PROGRAM["lead"]}
    assert CODEC.decode(back) == CODEC.decode(tokens)


def test_who_plays_has_an_instrument_and_who_rests_has_none_however_far_out_the_latent(
    model: BandModel,
) -> None:
    for scale in (0.0, 1.0, 30.0):
        for temperature in (0.0, 1.0, 100.0):
            drawn = model.decode(torch.randn(3, model.latent_size) * scale, noise(3), heat(temperature))
            for bar in drawn.numpy():
                playing = set(CODEC.programs(bar))
                assert playing == {slot for slot in SLOTS if CODEC.decode(bar)[slot]}


def but_pitches(bars: Any) -> Any:
    """What all but the pitches are."""
    rest = bars.clone()
    rest[:, :, PITCHES] = 0
    return rest


def above(one: Any, other: Any) -> set[int]:
    """How much higher the other's pitches are, octaves left aside."""
    begun = one[:, :, PITCHES] > 0
    return set(((other - one)[:, :, PITCHES][begun] % 12).tolist())


def test_told_another_chord_it_plays_the_same_elsewhere(model: BandModel) -> None:
    z, chance = torch.randn(8, model.latent_size), noise(8)

    def over(*symbols: str) -> Any:
        rows = chord_features([parse_chord(symbols[beat * len(symbols) // 4]) for beat in range(4)])
        return model.decode(z, chance, heat(0.0), torch.from_numpy(rows).expand(8, -1, -1))

    first, other = over("Am"), over("Cm")
    assert above(first, other) == {3}
    assert torch.equal(but_pitches(first), but_pitches(other))
    half = over("Am", "Cm")
    assert torch.equal(half[:, :8], first[:, :8])
    assert not torch.equal(half, first)
    untold = model.decode(z, chance, heat(0.0), torch.zeros(8, 4, 24))
    assert torch.equal(untold, model.decode(z, chance, heat(0.0)))


def test_turning_the_root_transposes_and_does_nothing_else(model: BandModel) -> None:
    z = torch.randn(6, model.latent_size)
    z[:, :2] = torch.tensor([2.0, 0.1])
    turned = z.clone()
    turned[:, :2] = torch.stack([torch.tensor([2.0 * math.cos(a), 2.0 * math.sin(a)]) for a in [2.1] * 6])
    one, other = (model.decode(each, noise(6), heat(0.0)) for each in (z, turned))
    assert torch.equal(but_pitches(one), but_pitches(other))
    assert len(above(one, other)) == 1
    assert above(one, other) != {0}


def test_what_a_collection_does_not_know_teaches_nothing() -> None:
    """Programs nobody named, at Lakh's one velocity: neither who plays what nor how loud is learnt."""
    notes = {"bass": (Note(0, TICKS_PER_BEAT, 40, 80),), "keys": (Note(0, TICKS_PER_BEAT, 64, 80),)}
    named = {"bass:33": notes["bass"], "keys:0": notes["keys"]}
    reader = Reader()
    unnamed, known = (reader.read(torch.from_numpy(CODEC.encode(n))[None]) for n in (notes, named))
    assert bool(known.known.all())
    assert bool(known.knows_loudness.all())
    assert not bool(unnamed.known[0, 2:11].any())
    assert not bool(unnamed.knows_loudness.any())
    assert bool(unnamed.known[0, :2].all())
    assert bool(unnamed.known[0, 11:].all())
    assert torch.equal(unnamed.levels, known.levels)


def test_its_file_is_told_chords_for_playing_and_hears_them_by_itself(model: BandModel) -> None:
    encode, decode = model.functions()
    assert list(encode.inputs) == ["x"]
    assert list(decode.inputs) == ["z", "noise", "temperature", "chords"]
    mu, _ = encode.module(*encode.inputs.values())
    assert mu.shape == decode.inputs["z"].shape
    (y,) = (decode.module(*decode.inputs.values()),)
    assert y.shape == encode.inputs["x"].shape


def test_every_part_has_numbers_of_its_own(model: BandModel) -> None:
    layout = model.layout
    layout.check(1, CODEC.parts, model.latent_size)
    z = torch.randn(4, model.latent_size)
    for index, part in enumerate(CODEC.parts):
        chosen = torch.from_numpy(layout.chosen(model.latent_size, [part]))
        other = torch.where(chosen, torch.randn(4, model.latent_size), z)
        assert int(chosen.sum()) == 2 + 4 * (18 if index == 0 else 14)
        one, again = (model.decode(each, noise(4), heat(0.0)) for each in (z, other))
        mine = [place for place, column in enumerate(CODEC.columns) if column.part == part]
        assert not torch.equal(one[:, :, mine], again[:, :, mine])


@pytest.mark.parametrize("quality", list(QUALITIES))
def test_a_plain_chord_is_known(quality: str) -> None:
    guess = ChordGuess()
    for root in range(12):
        sounding = torch.zeros(1, 12)
        sounding[0, [(root + interval) % 12 for interval in QUALITIES[quality]]] = 1.0
        bass = torch.nn.functional.one_hot(torch.tensor([root]), 12).float()
        place, found = guess(sounding, bass)
        assert (FIFTHS[int(place)], list(QUALITIES)[int(found)]) == (root, quality)


def test_the_chord_of_a_bar_is_what_sounds_longest_over_its_bass() -> None:
    minor = SHAPES.index((0, 3, 7))
    notes = [Note(0, 4 * TICKS_PER_BEAT, 57 + interval, 90) for interval in SHAPES[minor]]
    bar = Reader().read(
        torch.from_numpy(CODEC.encode({"keys": notes, "bass": [Note(0, TICKS_PER_BEAT, 33, 90)]}))[None]
    )
    assert FIFTHS[int(bar.levels[0, 0])] == 9
    assert list(QUALITIES)[int(bar.levels[0, 1])] == "minor"
