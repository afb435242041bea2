"""Models for programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import livevae
from livevae import Model, Note
from livevae.core.chords import Chord
from livevae.errors import ModelError, ParameterError
from livevae.units import STEPS_PER_BAR, TICKS_PER_BAR, TICKS_PER_BEAT

FAKES = Path(__file__).parent / "fixtures"
LATENT_SIZE = 8


@pytest.fixture(scope="module", params=["melody", "drums", "trio"])
def model(request: pytest.FixtureRequest) -> Model:
    return livevae.load_model(FAKES / f"fake_{request.param}.onnx")


@pytest.fixture(scope="module")
def trio() -> Model:
    return livevae.load_model(str(FAKES / "fake_trio.onnx"))


def test_a_model_says_what_it_is(trio: Model) -> None:
    assert repr(trio) == "<livevae model 'fake_trio': melody, bass, drums; 4 bars, 8 latent dimensions>"
    assert (trio.name, trio.bars, trio.shape, trio.latent_size) == ("fake_trio", 4, (64, 11), LATENT_SIZE)
    assert trio.parts == ("melody", "bass", "drums")
    assert trio.manifest.licence == "Apache-2.0"


def test_a_model_over_chords_plays_what_they_say() -> None:
    model = livevae.load_model(FAKES / "fake_melody_chords.onnx")  # it plays each beat's bass
    phrases = model.sample(3, seed=1, chords="| Am | F G |")
    pitches = [[note.pitch % 12 for note in model.notes(phrase)["melody"]] for phrase in phrases]
    assert pitches == [[9, 9, 9, 9, 5, 5, 7, 7]] * 3
    z = model.prior(seed=1)
    assert np.array_equal(
        model.decode(z, 0.0, chords="Am"), model.decode(z, 0.0, chords=[Chord.of_pitches((45, 60))])
    )
    assert not np.array_equal(model.encode(phrases, chords="Am")[0], model.encode(phrases)[0])
    with pytest.raises(ValueError, match="empty"):
        model.sample(chords=[])
    with pytest.raises(ParameterError, match="Hm"):
        model.sample(chords="| Hm |")
    with pytest.raises(ValueError, match="takes no chords"):
        livevae.load_model(FAKES / "fake_melody.onnx").sample(chords="Am")


def test_points_move_along_attributes_as_the_faders_move_them(trio: Model) -> None:
    z = trio.prior(2, seed=1)
    direction = trio.attributes["brightness"]
    assert np.allclose(trio.move(z, brightness=-1.5), z - 1.5 * direction)
    assert np.array_equal(trio.move(z[0]), z[0])
    with pytest.raises(ValueError, match=r"no attribute 'loudness'; it has brightness"):
        trio.move(z, loudness=1.0)


def test_attributes_are_directions_to_add(trio: Model) -> None:
    directions = trio.attributes
    assert list(directions) == ["brightness"]
    assert directions["brightness"].shape == (LATENT_SIZE,)
    assert directions["brightness"].dtype == np.float32
    assert trio.decode(trio.prior() + 1.5 * directions["brightness"]).shape == trio.shape


def test_samples_are_phrases_fixed_by_their_seed(model: Model) -> None:
    phrases = model.sample(3, temperature=1.0, seed=10)
    assert phrases.shape == (3, *model.shape)
    assert phrases.dtype == np.int64
    assert np.array_equal(phrases, model.sample(3, temperature=1.0, seed=10))
    assert np.array_equal(phrases[2], model.sample(1, temperature=1.0, seed=12)[0])
    assert len({phrase.tobytes() for phrase in phrases}) == 3
    assert model.sample(0).shape == (0, *model.shape)


def test_large_batches_are_the_same_as_small_ones(model: Model) -> None:
    phrases = model.sample(150, temperature=1.0, seed=0)
    assert np.array_equal(phrases[130:132], model.sample(2, temperature=1.0, seed=130))
    mu, _ = model.encode(phrases)
    assert np.allclose(mu[140], model.encode(phrases[140])[0], atol=1e-5)
    assert model.encode(phrases[:0])[0].shape == (0, LATENT_SIZE)


def test_a_numpy_integer_is_a_seed_too(model: Model) -> None:
    assert np.array_equal(model.sample(1, seed=np.int64(5)), model.sample(1, seed=5))  # type: ignore[arg-type]


def test_the_recommended_temperature_is_the_default(model: Model) -> None:
    assert np.array_equal(
        model.sample(1, seed=3), model.sample(1, temperature=model.manifest.temperature, seed=3)
    )


def test_one_in_one_out_and_a_batch_in_a_batch_out(model: Model) -> None:
    phrases = model.sample(2, seed=1)
    mu, sigma = model.encode(phrases)
    assert mu.shape == sigma.shape == (2, LATENT_SIZE)
    one_mu, one_sigma = model.encode(phrases[1])
    assert np.allclose(one_mu, mu[1], atol=1e-5)
    assert np.allclose(one_sigma, sigma[1], atol=1e-5)
    assert (sigma > 0).all()
    assert model.decode(mu).shape == (2, *model.shape)
    assert np.array_equal(model.decode(mu[0], 0.0), model.decode(mu, 0.0)[0])


def test_notes_go_in_and_come_out(model: Model) -> None:
    phrase = model.sample(1, seed=4)[0]
    notes = model.notes(phrase)
    assert tuple(notes) == model.parts
    assert all(0 <= note.onset_ticks < model.bars * TICKS_PER_BAR for part in notes.values() for note in part)
    again = model.tokens(notes)
    assert model.notes(again) == notes
    assert np.allclose(model.encode(notes)[0], model.encode(again)[0])


def test_velocities_are_the_callers(trio: Model) -> None:
    notes = trio.notes(trio.sample(1)[0], velocity={"bass": 33})
    assert {note.velocity for note in notes["bass"]} == {33}
    assert {note.velocity for note in notes["drums"]} != {33}


def test_parts_left_out_are_silent(trio: Model) -> None:
    tokens = trio.tokens({"melody": [Note(0, TICKS_PER_BEAT, 60, 90)]})
    assert tokens.shape == (4 * STEPS_PER_BAR, 11)
    assert np.count_nonzero(tokens[:, 1:]) == 0


def test_interpolation_meets_both_ends(model: Model) -> None:
    a, b = model.prior(seed=1), model.prior(seed=2)
    path = model.interpolate(a, b, 5)
    assert path.shape == (5, LATENT_SIZE)
    assert path.dtype == np.float32
    assert np.array_equal(path[0], a)
    assert np.array_equal(path[-1], b)
    assert model.decode(path).shape == (5, *model.shape)


def test_near_is_a_variation(model: Model) -> None:
    z = model.prior(seed=1)
    assert np.array_equal(model.near(z, 0.0), z)
    assert not np.array_equal(model.near(z, 0.2, seed=1), model.near(z, 0.2, seed=2))


def test_the_stage_and_a_script_hear_the_same_point(trio: Model) -> None:
    from livevae.core.events import ModelAnswer
    from livevae.core.latents import ModelRequest, Prior
    from livevae.inference import Inference

    request = ModelRequest(1, "fake_trio", Prior(6), bar_in_plan=2, noise_seed=9, temperature=1.0)
    answer = Inference([FAKES / "fake_trio.onnx"]).answer(request)
    assert isinstance(answer, ModelAnswer)
    whole = trio.notes(trio.decode(trio.prior(seed=6), 1.0, seed=9))
    start = 2 * TICKS_PER_BAR
    for part in answer.parts:
        heard = [note for note in whole[part.part] if start <= note.onset_ticks < start + TICKS_PER_BAR]
        assert [note.shifted(start) for note in part.notes] == heard


@given(st.integers(-(2**70), 2**70))
def test_any_integer_is_a_seed(seed: int) -> None:
    model = livevae.load_model(FAKES / "fake_drums.onnx")
    assert model.sample(1, seed=seed).shape == (1, *model.shape)


def test_what_does_not_fit_is_named(trio: Model) -> None:
    phrase = trio.sample(1)[0]
    with pytest.raises(ValueError, match=r"z has shape \(7,\), expected \(batch, 8\)"):
        trio.decode(np.zeros(7, dtype=np.float32))
    with pytest.raises(ValueError, match="temperature = -1"):
        trio.decode(trio.prior(), temperature=-1)
    with pytest.raises(ValueError, match="temperature = nan"):
        trio.decode(trio.prior(), temperature=float("nan"))
    with pytest.raises(ValueError, match=r"tokens have shape \(32, 11\)"):
        trio.encode(phrase[:32])
    with pytest.raises(ValueError, match="tokens are float64"):
        trio.encode(phrase.astype(np.float64))
    with pytest.raises(ValueError, match="column 'kick' holds classes outside 0-1"):
        trio.encode(phrase + 2)
    with pytest.raises(ValueError, match="notes are of one phrase at a time"):
        trio.notes(phrase[None])
    with pytest.raises(ValueError, match="has no part 'tuba'; it has melody, bass, drums"):
        trio.encode({"tuba": ()})
    with pytest.raises(ValueError, match="steps = 1, expected at least 2"):
        trio.interpolate(trio.prior(), trio.prior(), 1)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ModelError, match="no model 'nobody'"):
        livevae.load_model("nobody")


def test_importing_livevae_is_light_and_its_names_are_found() -> None:
    program = (
        "import sys, livevae; print([m for m in ('numpy', 'onnxruntime', 'mido') if m in sys.modules]); "
        "print(livevae.Note(0, 1, 60, 1).pitch, sorted(set(livevae.__all__) - set(dir(livevae))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "60 []"]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'load_modle'"):
        _ = livevae.load_modle


def test_a_bands_parts_say_what_they_play_on() -> None:
    band = livevae.load_model(FAKES / "fake_band.onnx")
    beat = Note(0, 1000, 60, 90)
    tokens = band.tokens({"guitar:27": [beat], "lead": [beat], "drums": [Note(0, 1000, 36, 90)]})
    assert band.programs(tokens) == {"guitar": 27, "lead": 81}
    assert band.notes(tokens)["guitar"][0].velocity == 92
    with pytest.raises(ValueError, match="no part 'oboe'"):
        band.tokens({"oboe:68": [beat]})
    with pytest.raises(ValueError, match="one phrase at a time"):
        band.programs(band.sample(2))
    melody = livevae.load_model(FAKES / "fake_melody.onnx")
    assert melody.programs(melody.sample(1)[0]) == {}
    with pytest.raises(ValueError, match="no part"):
        melody.tokens({"melody:3": [beat]})
