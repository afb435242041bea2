"""What a drummer promises before it has learnt anything, that it learns, and that its file plays the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.drums import DrumsCodec
from livevae.codec.groove import SILENT, STRUCK, GrooveCodec
from tests.train.models.untrained import PLACING, untrained
from train.config import DataConfig
from train.corpus import build_corpus
from train.drummer_validation import validate_drummer
from train.groove_corpus import groove_corpus
from train.loop import fit
from train.material import DrummerMaterial
from train.models import as_module, build
from train.models.drummer import Config, DrummerModel
from train.models.drummer_hits import HitsConfig, before
from train.models.drummer_network import FeelConfig
from train.models.groove_question import GrooveBatch
from train.models.objective import Objective

pytestmark = pytest.mark.train

CODEC = GrooveCodec(bars=2, drum_map="gm", styles="funk,jazz")
DRUMS = len(DRUM_CLASSES)
TINY = """
name = "tiny_drummer"
task = "beats"
[codec]
name = "groove"
bars = 1
styles = "funk,jazz"
[data]
sources = ["groove"]
[model]
kind = "drummer"
[model.hits]
width = 24
inner = 16
token_width = 8
gist_width = 8
beat_width = 4
[model.feel]
channels = 16
layers = 1
heads = 2
width = 16
inner = 16
token_width = 8
cell = 8
hidden = 12
[objective]
max_beta = 0.03
[fit]
batch_size = 16
"""
HITS = HitsConfig(width=24, inner=16, token_width=8, gist_width=8, beat_width=4)
FEEL = FeelConfig(channels=16, layers=1, heads=2, width=16, inner=16, token_width=8, cell=8, hidden=12)


@pytest.fixture
def model() -> DrummerModel:
    made = untrained("drummer", CODEC, Config(HITS, FEEL), spread=0.2)
    assert isinstance(made, DrummerModel)
    return made


def drawn(model: DrummerModel, z: Any, heat: float = 0.0, noise: Any = None, **told: Any) -> tuple[Any, ...]:
    """What points say, all drums open, nothing there."""
    count, steps, columns = len(z), model.codec.steps, len(model.codec.columns)
    inputs = {
        "score": torch.zeros(count, steps, columns, dtype=torch.int64),
        "opened": torch.ones(count, DRUMS),
        "style": torch.zeros(count, dtype=torch.int64),
        "tempo": torch.full((count,), 100.0),
    } | told
    uniform = torch.full((count, steps, 2 * columns), 0.5) if noise is None else noise
    with torch.no_grad():
        return model.draw(**inputs, z=z, noise=uniform, temperature=torch.tensor(heat))


def heard(answer: tuple[Any, ...]) -> GrooveBatch:
    """What was drawn, as if it had been played."""
    probability, velocity, offset, _ = answer
    struck = probability > 0.5
    tempo = torch.full((len(struck),), 100.0)
    return GrooveBatch(struck.long() * STRUCK, velocity, offset, tempo, torch.zeros(len(struck)).long())


def any_bars(model: DrummerModel, count: int) -> GrooveBatch:
    """Bars no drummer would play: anything anywhere, each second hit beside a first."""
    shape = (count, model.codec.steps, DRUMS)
    first = torch.rand(shape) < 0.3
    struck = torch.cat([first, first & (torch.rand(shape) < 0.3)], dim=2)
    velocity = struck * (0.05 + 0.9 * torch.rand(struck.shape))
    offset = struck * (1.9 * torch.rand(struck.shape) - 0.95)
    tokens = torch.where(struck, STRUCK, SILENT)
    return GrooveBatch(tokens, velocity, offset, torch.full((count,), 100.0), torch.zeros(count).long())


def test_whatever_it_draws_it_hears_as_it_was(model: DrummerModel) -> None:
    first = heard(drawn(model, torch.randn(20, model.latent_size)))
    mu, sigma = model.encode(first)
    assert mu.shape == sigma.shape == (20, model.latent_size)
    assert ((sigma > 0) & (sigma <= 1.5)).all()
    again = heard(drawn(model, mu))
    assert torch.equal(again.tokens, first.tokens)
    louder = (first.tokens != SILENT)[..., :DRUMS]
    for one, other in ((first.velocity, again.velocity), (first.offset, again.offset)):
        assert (one - other)[..., :DRUMS][louder].abs().max() < 0.02
    assert len({window.numpy().tobytes() for window in first.tokens}) == 20


def test_what_no_drummer_would_play_comes_back_too(model: DrummerModel) -> None:
    bars = any_bars(model, 20)
    back = heard(drawn(model, model.encode(bars)[0]))
    assert torch.equal(back.tokens, bars.tokens)
    louder = (bars.tokens != SILENT)[..., :DRUMS]
    assert (bars.offset - back.offset)[..., :DRUMS][louder].abs().median() < 0.01


def test_silence_comes_back_as_silence(model: DrummerModel) -> None:
    bars = any_bars(model, 1)
    nothing = torch.zeros_like(bars.velocity)
    silent = GrooveBatch(torch.zeros_like(bars.tokens), nothing, nothing, bars.tempo, bars.style)
    answer = drawn(model, model.encode(silent)[0])
    assert not (answer[0] > 0.5).any()
    assert not answer[1].any()


def test_hits_that_are_there_are_played_and_closed_drums_left_alone(model: DrummerModel) -> None:
    bars = any_bars(model, 4)
    z = torch.randn(4, model.latent_size)
    kept = drawn(model, z, score=bars.tokens, opened=torch.zeros(4, DRUMS))
    assert torch.equal(kept[1] > 0, bars.tokens != SILENT)
    joined = drawn(model, z, score=bars.tokens)
    said = (drawn(model, z)[0] > 0.5)[..., :DRUMS]
    assert torch.equal((joined[1] > 0)[..., :DRUMS], (bars.tokens != SILENT)[..., :DRUMS] | said)


def test_only_a_little_is_left_to_chance_and_at_temperature_0_nothing_of_first_hits(
    model: DrummerModel,
) -> None:
    z = torch.randn(6, model.latent_size)
    one, other = (torch.rand(6, model.codec.steps, 36) for _ in range(2))
    cold = [drawn(model, z, 0.0, noise) for noise in (one, other)]
    warm = [drawn(model, z, 1.0, noise) for noise in (one, other)]
    assert torch.equal(cold[0][2][..., :DRUMS], cold[1][2][..., :DRUMS])
    assert torch.equal(cold[0][0][..., :DRUMS], warm[0][0][..., :DRUMS])  # what is struck is never left to it
    apart = (warm[0][2] - warm[1][2])[..., :DRUMS][(warm[0][0] > 0.5)[..., :DRUMS]].abs()
    assert 0.0 < apart.mean() < 0.3


def test_another_style_is_another_beat(model: DrummerModel) -> None:
    z = torch.randn(8, model.latent_size)
    anyone, jazz = (drawn(model, z, style=torch.full((8,), number)) for number in (0, 2))
    assert not torch.equal(anyone[0], jazz[0])


def test_the_beats_before_are_heard_oldest_first() -> None:
    told = torch.arange(1.0, 4.0).view(1, 3, 1)
    assert before(told, 2).tolist() == [[[0, 0], [0, 1], [1, 2]]]


def test_it_learns_from_performances_and_songs(groove_zip: Path, music_zip: Path, tmp_path: Path) -> None:
    performed = groove_corpus(groove_zip, CODEC, 1)
    songs = DataConfig(sources=("own_files",), min_onsets=2)
    written = build_corpus(music_zip, songs, DrumsCodec(2), tmp_path / "corpus")
    material = DrummerMaterial(performed, written)
    torch.manual_seed(0)
    model = build("drummer", CODEC, Config(HITS, FEEL), PLACING)
    assert isinstance(model, DrummerModel)
    module = as_module(model)
    optimiser = torch.optim.Adam(module.parameters(), lr=3e-2)
    first = material.validate(model)
    random = np.random.default_rng(0)
    for step in range(40):
        batch = material.batch(random.integers(0, material.windows, 16), random)
        optimiser.zero_grad()
        model.loss(batch[0], step, batch[1]).total.backward()
        optimiser.step()
    last = validate_drummer(model, performed.valid)
    assert last.reconstruction_nats < 0.6 * first.reconstruction_nats
    assert last.likeliest == 1.0
    assert last.timing_off < 0.01
    assert "steps right" in str(last)


def test_a_run_needs_no_songs(groove_zip: Path, tmp_path: Path) -> None:
    last = fit(TINY, "test", groove_zip, tmp_path / "run", steps=3, quiet=True)
    assert last.reconstruction_nats > 0
    assert set(last.figures()) >= {"hits_nats", "feel_nats"}


def test_other_codecs_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot learn codec 'drums'"):
        build("drummer", DrumsCodec(4), Config(), Objective())
