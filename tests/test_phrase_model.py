"""Phrases bar by bar: windows fitted, ties kept, nothing decoded twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from livevae.codec import Manifest, codec_from
from livevae.codec.lines import HOLD, NOTE_OFF, class_of_pitch
from livevae.codec.manifest import Function, Golden, TensorSpec
from livevae.core.chords import Chord
from livevae.core.feel import Dynamics
from livevae.core.latents import Encoded, Near, Prior
from livevae.core.notes import Note
from livevae.latent import prior
from livevae.phrase_model import PhraseModel
from livevae.remembered_bars import RememberedBars
from livevae.units import (
    BEATS_PER_BAR,
    STEPS_PER_BAR,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
)

LATENT_SIZE = 4
MEMORY_INPUT = (TensorSpec("memory", ("batch", "beats_so_far", 1), "float32"),)
Arrays = Mapping[str, npt.NDArray[Any]]


class Scripted:
    """A model that always writes the same phrase, adds its noise to nothing, and counts what it is asked."""

    def __init__(
        self, task: str, phrase: npt.NDArray[np.int64], hierarchical: bool, memory: bool = False
    ) -> None:
        codec = codec_from(task, {"bars": len(phrase) // STEPS_PER_BAR})
        names = ("conduct", "decode_bar") if hierarchical else ("decode",)
        nothing = tuple((0,) * len(codec.columns) for _ in range(codec.steps))
        self.manifest = Manifest(
            name="scripted",
            task=task,
            codec=task,
            codec_args=codec.args(),
            latent_size=LATENT_SIZE,
            functions=tuple(
                Function(name, MEMORY_INPUT if memory and name == "decode_bar" else (), ())
                for name in ("encode", *names)
            ),
            bars=codec.bars,
            steps_per_bar=STEPS_PER_BAR,
            temperature=1.0,
            licence="",
            data=(),
            golden=Golden(nothing, (), 0.0, nothing),
        )
        self.phrase = phrase
        self.calls: Counter[str] = Counter()
        self.heard: list[npt.NDArray[np.int64]] = []
        self.noise: list[npt.NDArray[np.float32]] = []
        self.in_mind: list[list[float]] = []

    def run(self, function: str, feeds: Arrays) -> Arrays:
        self.calls[function] += 1
        match function:
            case "encode":
                self.heard.append(feeds["x"][0])
                mu = np.full((len(feeds["x"]), LATENT_SIZE), feeds["x"].sum(), dtype=np.float32)
                return {"mu": mu, "sigma": np.ones_like(mu)}
            case "conduct":  # a bar's embedding is its number
                bars = np.arange(self.manifest.bars, dtype=np.float32)
                return {"bars": np.tile(bars[None, :, None], (len(feeds["z"]), 1, 1))}
            case "decode_bar":
                self.noise.extend(feeds["noise"])
                by_bar = self.phrase.reshape(self.manifest.bars, STEPS_PER_BAR, -1)
                numbers = feeds["bar"][:, 0]
                if "memory" not in feeds:
                    return {"y": by_bar[numbers.astype(int)]}
                self.in_mind.append(feeds["memory"][0, ::BEATS_PER_BAR, 0].tolist())
                more = np.repeat(numbers[:, None, None], BEATS_PER_BAR, axis=1)
                return {"y": by_bar[numbers.astype(int)], "more": more}
            case "decode":
                self.noise.extend(feeds["noise"])
                return {"y": np.tile(self.phrase[None], (len(feeds["z"]), 1, 1))}
        raise AssertionError(function)


def line(text: str) -> npt.NDArray[np.int64]:
    """A melody in letters: ``x`` strikes middle C, ``-`` holds, ``.`` stops; spaces are for the eye."""
    classes = {"x": class_of_pitch(60), "-": HOLD, ".": NOTE_OFF}
    return np.array([classes[letter] for letter in text.replace(" ", "")], dtype=np.int64)[:, None]


HELD_OVER = line("x--- ---- ---- x------- --.- x--- --x----- ---- ---- ----.--- x--- ---- ----")


@pytest.fixture(params=["flat", "hierarchical", "in mind"])
def scripted(request: pytest.FixtureRequest) -> Scripted:
    return Scripted("melody", HELD_OVER, request.param != "flat", request.param == "in mind")


@pytest.fixture
def recalling() -> Scripted:
    """A model that hears the bars before."""
    return Scripted("melody", HELD_OVER, hierarchical=True, memory=True)


def z(seed: int = 0) -> npt.NDArray[np.float32]:
    return prior(seed, LATENT_SIZE)


def step_note(step: int, steps: int) -> Note:
    return Note(step * TICKS_PER_STEP, steps * TICKS_PER_STEP, 60, 84)


def test_notes_over_the_bar_line_are_cut_and_tied(scripted: Scripted) -> None:
    model = PhraseModel(scripted)
    bars = [model.bar(z(), bar, 1, 1.0)["melody"] for bar in range(4)]
    assert bars[0].notes == (step_note(0, 12), step_note(12, 4))
    assert bars[1].notes == (step_note(8, 6), step_note(14, 2))
    assert bars[2].notes == ()
    assert bars[3].notes == (step_note(4, 12),)
    assert [bar.tie_ticks // TICKS_PER_STEP for bar in bars] == [0, 6, 16, 0]


def test_leading_holds_of_a_phrase_are_silence() -> None:
    model = PhraseModel(Scripted("melody", line("---- x--- ---- ----"), hierarchical=False))
    assert model.bar(z(), 0, 1, 1.0)["melody"].tie_ticks == 0


def test_drums_are_never_tied() -> None:
    phrase = np.zeros((2 * STEPS_PER_BAR, 11), dtype=np.int64)
    phrase[0, :3] = class_of_pitch(72), class_of_pitch(40), 1
    bar = PhraseModel(Scripted("trio", phrase, hierarchical=True)).bar(z(), 1, 1, 1.0)
    assert {part: decoded.tie_ticks for part, decoded in bar.items()} == {
        "melody": TICKS_PER_BAR,
        "bass": TICKS_PER_BAR,
        "drums": 0,
    }


def test_a_flat_phrase_is_decoded_once_for_all_its_bars() -> None:
    scripted = Scripted("melody", HELD_OVER, hierarchical=False)
    model = PhraseModel(scripted)
    for bar in (0, 1, 2, 3, 0, 1):
        model.bar(z(), bar, 1, 1.0)
    assert scripted.calls == {"decode": 1}
    model.bar(z(), 0, 2, 1.0)
    model.bar(z(), 0, 1, 0.5)
    model.bar(z(1), 0, 1, 1.0)
    assert scripted.calls == {"decode": 4}


def test_a_hierarchical_phrase_is_conducted_once_and_decoded_just_in_time() -> None:
    scripted = Scripted("melody", HELD_OVER, hierarchical=True)
    model = PhraseModel(scripted)
    model.bar(z(), 2, 1, 1.0)
    assert scripted.calls == {"conduct": 1, "decode_bar": 1}
    for bar in (2, 3, 3, 2):
        model.bar(z(), bar, 1, 1.0)
    assert scripted.calls == {"conduct": 1, "decode_bar": 2}


def test_a_bar_has_the_same_noise_alone_and_in_its_phrase() -> None:
    scripted = Scripted("melody", HELD_OVER, hierarchical=True)
    model = PhraseModel(scripted)
    model.decode(z()[None], 5, 1.0)
    whole = list(scripted.noise)
    scripted.noise.clear()
    for bar in (3, 2, 1, 0):
        model.bar(z(), bar, 5, 1.0)
    assert np.array_equal(np.stack(whole), np.stack(scripted.noise[::-1]))


def test_bars_of_a_hierarchical_phrase_share_their_noise_so_that_themes_return() -> None:
    scripted = Scripted("melody", HELD_OVER, hierarchical=True)
    PhraseModel(scripted).decode(z()[None], 5, 1.0)
    assert len({noise.tobytes() for noise in scripted.noise}) == 1


def test_a_bar_hears_all_before_it_and_each_is_decoded_once(recalling: Scripted) -> None:
    model = PhraseModel(recalling)
    model.bar(z(), 2, 1, 1.0)
    assert recalling.in_mind == [[], [0.0], [0.0, 1.0]]
    for bar in (3, 0, 1, 2, 3):
        model.bar(z(), bar, 1, 1.0)
    assert recalling.in_mind[3:] == [[0.0, 1.0, 2.0]]
    assert recalling.calls == {"conduct": 1, "decode_bar": 4}


def test_a_decision_in_the_middle_decodes_the_bars_before_for_the_new_idea(recalling: Scripted) -> None:
    model = PhraseModel(recalling)
    for bar in range(2):
        model.bar(z(), bar, 1, 1.0)
    model.bar(z(), 2, 1, 0.5)  # another temperature: nothing of what was decoded holds
    assert recalling.calls == {"conduct": 1, "decode_bar": 5}
    assert recalling.in_mind[-1] == [0.0, 1.0]


def test_ideas_that_begin_alike_share_their_beginning(recalling: Scripted) -> None:
    model = PhraseModel(recalling)
    model.bar(z(1), 3, 1, 1.0)
    model.bar(z(2), 3, 1, 1.0)  # conducted alike by this model, whatever the point
    assert recalling.calls == {"conduct": 2, "decode_bar": 4}


def test_a_whole_phrase_is_what_its_bars_are(recalling: Scripted) -> None:
    model = PhraseModel(recalling)
    whole = model.decode(np.stack([z(1), z(2)]), 5, 1.0)
    assert recalling.in_mind == [[], [0.0], [0.0, 1.0], [0.0, 1.0, 2.0]]
    assert np.array_equal(whole, np.stack([HELD_OVER, HELD_OVER]))


def test_bars_that_hear_each_other_have_noises_of_their_own(recalling: Scripted) -> None:
    PhraseModel(recalling).decode(z()[None], 5, 1.0)
    assert len({noise.tobytes() for noise in recalling.noise}) == 4


def test_what_was_decoded_long_ago_is_decoded_again_alike(recalling: Scripted) -> None:
    remembered = RememberedBars(recalling.manifest, recalling.run, limit=4)
    bars = np.arange(4, dtype=np.float32)[:, None]
    noises = [np.full((STEPS_PER_BAR, 1), seed, dtype=np.float32) for seed in range(4)]
    first = remembered.last_of(bars, noises, 1.0)
    remembered.last_of(bars, noises, 0.5)
    assert np.array_equal(remembered.last_of(bars, noises, 1.0), first)
    assert recalling.calls["decode_bar"] == 12


def test_bars_of_a_flat_phrase_have_noises_of_their_own() -> None:
    scripted = Scripted("melody", HELD_OVER, hierarchical=False)
    PhraseModel(scripted).decode(z()[None], 5, 1.0)
    assert len({noise.tobytes() for noise in scripted.noise[0].reshape(4, STEPS_PER_BAR)}) == 4


def test_rows_of_a_batch_have_noises_of_their_own(scripted: Scripted) -> None:
    model = PhraseModel(scripted)

    def noises(rows: int, seed: int) -> set[bytes]:
        scripted.noise.clear()
        assert model.decode(np.stack([z()] * rows), seed, 1.0).shape == (rows, 4 * STEPS_PER_BAR, 1)
        return {bar.tobytes() for noise in scripted.noise for bar in noise.reshape(-1, STEPS_PER_BAR)}

    both, first, second = noises(2, 5), noises(1, 5), noises(1, 6)
    assert both == first | second
    assert not first & second


@pytest.mark.parametrize("bar", [-1, 4])
def test_a_bar_outside_the_phrase_is_refused(scripted: Scripted, bar: int) -> None:
    with pytest.raises(ValueError, match=f"bar {bar} of a phrase of 4 bars"):
        PhraseModel(scripted).bar(z(), bar, 1, 1.0)


def test_parts_nobody_played_are_heard_as_silence() -> None:
    scripted = Scripted("trio", np.zeros((2 * STEPS_PER_BAR, 11), dtype=np.int64), hierarchical=True)
    PhraseModel(scripted).encode_window(Encoded((("melody", (Note(0, TICKS_PER_BEAT, 60, 90),)),), bars=1))
    silence = codec_from("trio", {"bars": 2}).encode({})
    assert np.array_equal(scripted.heard[0][:, 1:], silence[:, 1:])
    assert scripted.heard[0][::STEPS_PER_BAR, 0].tolist() == [class_of_pitch(60)] * 2


def test_two_players_of_one_part_are_heard_as_one() -> None:
    scripted = Scripted("melody", line("x--- ---- ---- ----"), hierarchical=False)
    model = PhraseModel(scripted)
    model.encode_window(Encoded((("melody", (step_note(0, 4),)), ("melody", (step_note(8, 4),))), bars=1))
    model.encode_window(Encoded((("melody", (step_note(0, 4), step_note(8, 4))),), bars=1))
    assert np.array_equal(scripted.heard[0], scripted.heard[1])


def test_a_phrase_is_decoded_anew_for_other_chords_and_remembered_for_the_same() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    assert onnxruntime
    from livevae.adapters.onnx_model import OnnxModel

    model = PhraseModel(OnnxModel(Path(__file__).parent / "fixtures" / "fake_melody_chords.onnx"))
    assert model.info.wants_chords
    z = prior(1, model.manifest.latent_size)
    a, f = Chord(1 << 9, 9), Chord(1 << 5, 5)
    bars = [model.bar(z, 1, 3, 1.0, chords)["melody"].notes for chords in ((a,) * 8, (a,) * 4 + (f,) * 4, ())]
    assert [{note.pitch % 12 for note in notes} for notes in bars] == [{9}, {5}, {0}]
    here, there = (
        model.encode_window(Encoded((("melody", bars[0]),), 1, (chord,) * 4))[0] for chord in (a, f)
    )
    assert not np.array_equal(here, there)


def test_any_order_of_asking_gives_the_same_bars() -> None:
    pytest.importorskip("onnxruntime")
    from livevae.adapters.onnx_model import OnnxModel

    opened = OnnxModel(Path(__file__).parent / "fixtures" / "fake_song.onnx")
    point = prior(1, opened.manifest.latent_size)
    whole = PhraseModel(opened).decode(point[None], 3, 1.0)[0]
    for order in ((0, 1, 2, 3), (3, 1, 0, 2), (2, 2, 3, 0)):
        model = PhraseModel(opened)
        for bar in order:
            notes = model.codec.decode(whole[bar * STEPS_PER_BAR : (bar + 1) * STEPS_PER_BAR])
            decoded = model.bar(point, bar, 3, 1.0)
            assert {part: decoded[part].notes for part in decoded} == notes
    elsewhere = point.copy()
    elsewhere[3] += 1.0  # the drums of the first bar
    changed = PhraseModel(opened).decode(elsewhere[None], 3, 1.0)[0] != whole
    assert changed[:STEPS_PER_BAR, 2:].any()
    assert changed[STEPS_PER_BAR:, 2:].any()  # later bars have heard it
    assert not changed[:, :2].any()


def test_a_part_with_noise_of_its_own_is_drawn_anew_and_the_others_are_not() -> None:
    pytest.importorskip("onnxruntime")
    from livevae.adapters.onnx_model import OnnxModel

    for name in ("fake_song", "fake_trio"):
        model = PhraseModel(OnnxModel(Path(__file__).parent / "fixtures" / f"{name}.onnx"))
        point = prior(1, model.manifest.latent_size)
        before, after = (model.bar(point, 2, 3, 1.0, (), own) for own in ((), (("bass", 8),)))
        assert after["bass"].notes != before["bass"].notes
        assert after["drums"] == before["drums"]
        assert after["melody"] == before["melody"]


def test_a_bands_bar_says_what_plays_it_and_how_loud() -> None:
    codec = codec_from("band", {"bars": 1})
    notes = {
        "guitar:27": [Note(0, TICKS_PER_STEP, 60, 100)],
        "drums": [Note(0, TICKS_PER_STEP, 36, 40)],
    }
    bar = PhraseModel(Scripted("band", codec.encode(notes), hierarchical=False)).bar(
        np.zeros(LATENT_SIZE, dtype=np.float32), 0, 1, 1.0
    )
    assert {part: decoded.program for part, decoded in bar.items() if decoded.notes} == {
        "guitar": 27,
        "drums": None,
    }
    (struck,) = bar["guitar"].with_feel()
    assert (struck.note.velocity, struck.dynamics) == (100, Dynamics.FELT)
    assert bar["drums"].notes[0].velocity == 44


def test_what_lies_at_a_point_nobody_played_is_heard_once_before_moving_about_it() -> None:
    flat = Scripted("melody", HELD_OVER, hierarchical=False)
    model = PhraseModel(flat)
    home = Near(Prior(1), 0.2, 5)
    model.latents.evaluate(home)
    model.latents.evaluate(Near(Prior(1), 0.2, 6))
    assert flat.calls == {"decode": 1, "encode": 1}
    assert np.array_equal(flat.heard[0], HELD_OVER)
    model.latents.evaluate(Near(Prior(2), 1.0, 6))
    assert flat.calls == {"decode": 1, "encode": 1}  # as far as it gets: nothing to know
    bars = Scripted("melody", HELD_OVER, hierarchical=True)
    PhraseModel(bars).latents.evaluate(home)
    assert not bars.calls
