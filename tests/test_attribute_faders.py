"""A fader that is turned up is heard: more of its attribute in what shipped models play, in every mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("onnxruntime", reason="plays the shipped models")

from livevae.adapters.model_store import find_model, model_info
from livevae.core.attributes import faders_of
from livevae.core.events import ModelAnswer
from livevae.core.latents import Encoded, ModelRequest
from livevae.core.notes import Note, Notes
from livevae.core.parameters import ParameterValue
from livevae.core.part import Part
from livevae.core.performance import PartSpec
from livevae.core.planner import Decode, plan_bar
from livevae.inference import Inference
from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP

MODES = ("sample", "vary", "interpolate", "pad", "walk")
PHRASES = 12
HEARD = tuple(Note(beat * TICKS_PER_BEAT, TICKS_PER_BEAT // 2, 60 + beat % 5, 90) for beat in range(8))
PLAYERS = (
    ("melody_2bar", "melody"),
    ("drums_2bar", "drums"),
    ("percussion_2bar", "drums"),
    ("trio_16bar", "melody"),
    ("trio_16bar", "bass"),
    ("trio_16bar", "drums"),
)
GM_KICKS = (35, 36)


@pytest.fixture(scope="module")
def inference() -> Inference:
    return Inference([find_model(name) for name in dict(PLAYERS)])


def played(inference: Inference, model: str, plays: str, **settings: ParameterValue) -> Iterator[Notes]:
    """Bars as the stage plays them: a plan for a bar, a request, the answer's notes of the part."""
    info = model_info(find_model(model))
    temperature = {"temperature": 0.8}
    part = Part.of(PartSpec(plays, model, plays, temperature | settings), info)
    part.heard = Encoded(((plays, HEARD),), 2)
    for phrase in range(PHRASES):
        plan = plan_bar(part, phrase * 8 + 1, set_seed=phrase)
        assert isinstance(plan, Decode)
        request = ModelRequest(
            phrase, model, plan.latent, plan.bar_in_plan, plan.noise_seed, plan.temperature
        )
        answer = inference.answer(request)
        assert isinstance(answer, ModelAnswer)
        yield next(decoded.notes for decoded in answer.parts if decoded.part == plays)


def struck_steps(bars: Iterator[Notes]) -> float:
    return sum(len({note.onset_ticks // TICKS_PER_STEP for note in notes}) for notes in bars) / (
        PHRASES * STEPS_PER_BAR
    )


def kicks_on_beats(bars: Iterator[Notes]) -> float:
    on_beats = 0
    for notes in bars:
        kicks = {note.onset_ticks for note in notes if note.pitch in GM_KICKS}
        on_beats += sum(beat * TICKS_PER_BEAT in kicks for beat in range(BEATS_PER_BAR))
    return on_beats / (PHRASES * BEATS_PER_BAR)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("model", "plays"), PLAYERS)
def test_more_density_is_heard_in_every_mode(inference: Inference, model: str, plays: str, mode: str) -> None:
    assert "attr_density" in faders_of(model_info(find_model(model)), plays)
    low, rest, high = (
        struck_steps(played(inference, model, plays, mode=mode, attr_density=amount))
        for amount in (-1.5, 0.0, 1.5)
    )
    assert max(low, rest) < high
    assert high > 1.15 * rest


def test_a_regular_kick_is_heard(inference: Inference) -> None:
    rest, high = (
        kicks_on_beats(played(inference, "drums_2bar", "drums", attr_kick=amount)) for amount in (0.0, 1.5)
    )
    assert high > 1.3 * rest
