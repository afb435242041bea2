"""The models that come with livevae: whole, small enough, attributed, and worth hearing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import livevae
from livevae import Model
from livevae.adapters.onnx_file import read_manifest
from livevae.adapters.onnx_model import OnnxModel
from livevae.core.chord_symbols import parse_chord
from livevae.core.latents import Encoded
from livevae.core.notes import Note
from livevae.phrase_model import PhraseModel
from livevae.places import shipped_folder
from livevae.preset_files import load_preset
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

MOST_BYTES_IN_ALL = 90_000_000  # PyPI takes wheels of up to 100 MB
FILES = sorted(shipped_folder().glob("*.onnx"))
PHRASES = [path for path in FILES if not read_manifest(path).info().grooves]
PRESETS = sorted(shipped_folder().glob("*.toml"))


@pytest.fixture(scope="module", params=[pytest.param(path, id=path.stem) for path in PHRASES])
def model(request: pytest.FixtureRequest) -> Model:
    """Opening checks the seal, the interface and the golden vector."""
    return livevae.load_model(request.param)


def test_all_models_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FILES) <= MOST_BYTES_IN_ALL


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_preset_finds_its_models(path: Path) -> None:
    shipped = {file.stem for file in FILES}
    assert set(load_preset(path).models) <= shipped


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_model_says_its_name_and_what_it_was_made_from(path: Path) -> None:
    manifest = read_manifest(path)
    assert manifest.name == path.stem
    assert manifest.licence
    assert manifest.data
    assert all(data.name and data.licence and data.attribution for data in manifest.data)
    assert manifest.licence in path.with_suffix(".md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_model_says_nothing_of_the_machine_it_was_made_on(path: Path) -> None:
    """PyTorch's exporter notes the source line of every node, with the whole path."""
    data = path.read_bytes()
    assert b"stack_trace" not in data
    assert b"site-packages" not in data


def test_new_phrases_are_neither_silent_nor_all_the_same(model: Model) -> None:
    phrases = model.sample(16, seed=1)
    assert len({phrase.tobytes() for phrase in phrases}) >= 15
    heard = [model.notes(phrase) for phrase in phrases]
    for part in model.parts:
        assert np.mean([len(notes[part]) / model.bars for notes in heard]) >= 1  # notes a bar


def test_a_phrase_survives_the_way_there_and_back(model: Model) -> None:
    """A model can hear what it plays: the likeliest phrase at its posterior mean is that phrase again."""
    phrases = model.sample(16, temperature=0.5, seed=2)
    mu, _ = model.encode(phrases)
    assert np.mean(model.decode(mu, temperature=0.0) == phrases) > 0.8


def test_a_variation_drifts_from_same_to_far(model: Model) -> None:
    phrases = model.sample(24, temperature=0.5, seed=3)
    mu, _ = model.encode(phrases)
    shares = []
    for amount in (0.0, 0.4, 1.0):
        moved = np.stack([model.near(z, amount, seed=index) for index, z in enumerate(mu)])
        shares.append(np.mean(model.decode(moved, temperature=0.0) == phrases))
    assert shares == sorted(shares, reverse=True)


def test_notes_stay_inside_the_phrase(model: Model) -> None:
    for phrase in model.sample(8, seed=4):
        for notes in model.notes(phrase).values():
            assert all(
                0 <= n.onset_ticks < n.onset_ticks + n.duration_ticks <= model.bars * TICKS_PER_BAR
                for n in notes
            )


def test_a_melody_over_chords_follows_them() -> None:
    model = livevae.load_model("melody_chords_2bar")
    phrases = model.sample(32, seed=5, chords="| Am | F |")
    chords = [parse_chord("Am"), parse_chord("F")]

    def fitting(semitones: int) -> float:
        notes = [note for phrase in phrases for note in model.notes(phrase)["melody"]]
        under = [chords[note.onset_ticks // TICKS_PER_BAR] for note in notes]
        fits = [
            c is not None and c.transposed(semitones).holds(n.pitch)
            for c, n in zip(under, notes, strict=True)
        ]
        return float(np.mean(fits))

    assert fitting(0) > 0.45
    assert fitting(0) > fitting(1) + 0.2  # the same notes judged by other chords
    elsewhere = model.sample(32, seed=5, chords="| F#m | D |")
    assert np.mean(phrases != elsewhere) > 0.1


@pytest.mark.parametrize("name", ["trio_16bar", "house_16bar"])
def test_a_melody_alone_is_kept_and_the_others_play_to_it(name: str) -> None:
    scale = (60, 62, 64, 65, 67, 65, 64, 62)
    tune = tuple(Note(i * TICKS_PER_BEAT, TICKS_PER_BEAT, pitch, 90) for i, pitch in enumerate(scale))
    model = PhraseModel(OnnxModel(shipped_folder() / f"{name}.onnx"))
    mu, _ = model.encode_window(Encoded((("melody", tune),), 2))
    notes = model.codec.decode(model.decode(mu[None], 0, 0.0)[0])
    melody = [(note.onset_ticks, note.pitch) for note in notes["melody"]]
    bars = model.codec.bars
    played = [(note.onset_ticks, note.pitch) for note in tune]
    loop = [(onset + turn * 2 * TICKS_PER_BAR, pitch) for turn in range(bars // 2) for onset, pitch in played]
    assert len(set(melody) & set(loop)) >= 0.9 * len(loop)
    assert len(notes["bass"]) >= 2 * bars
    assert len(notes["drums"]) >= 4 * bars
