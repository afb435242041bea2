"""The groove model learns, keeps what it is told, and draws what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT, STRUCK, GrooveCodec
from train.checkpoint import load_model
from train.groove_corpus import groove_corpus
from train.loop import fit
from train.models.groove import Config, GrooveModel, build
from train.models.groove_practice import Shares, practise
from train.models.groove_question import GrooveBatch, groove_batch, plain_question
from train.models.objective import Objective

pytestmark = pytest.mark.train

CODEC = GrooveCodec(bars=2, drum_map="gm", styles="funk,jazz")
HAT = DRUM_CLASSES.index("closed_hat")
TINY = """
name = "tiny_groove"
task = "groove"
[codec]
name = "groove"
bars = 2
styles = "funk,jazz"
[data]
sources = ["groove"]
[model]
kind = "groove"
latent_size = 4
channels = 32
layers = 1
encoder_channels = 16
encoder_layers = 1
heads = 2
[model.shares]
fill_in = 0.1
[objective]
max_beta = 0.5
[fit]
batch_size = 16
learning_rate = 4e-3
"""


@pytest.fixture
def batch(groove_zip: Path) -> GrooveBatch:
    torch.manual_seed(0)
    return groove_batch(groove_corpus(groove_zip, CODEC, 1).train)


@pytest.fixture
def model() -> GrooveModel:
    torch.manual_seed(0)
    return build(CODEC, Config(latent_size=4, channels=32, layers=1, encoder_channels=16), Objective()).eval()


def test_it_learns_when_a_snare_is_late(groove_zip: Path, tmp_path: Path) -> None:
    """In half of the takes the snare is late; the table's style says which."""
    out = tmp_path / "run"
    first = fit(TINY, "tiny", groove_zip, out, steps=4, seed=1, quiet=True).figures()
    last = fit(TINY, "tiny", groove_zip, out, steps=160, seed=1, quiet=True).figures()
    assert last["timing_mae_ms"] < 0.7 * first["timing_mae_ms"]
    assert last["velocity_mae"] < first["velocity_mae"]
    trained, record = load_model(out)
    assert record.figures["timing_mae_ms"] == last["timing_mae_ms"]
    assert isinstance(trained, GrooveModel)


def test_what_is_known_is_played_as_it_was(model: GrooveModel, batch: GrooveBatch) -> None:
    question = plain_question(batch)
    half = torch.arange(batch.velocity.shape[1])[:, None] < 16
    question = replace(question, played_velocity=batch.velocity * half, played_offset=batch.offset * half)
    noise = torch.rand(*batch.tokens.shape[:2], 36)
    with torch.no_grad():
        hit, velocity, offset, offset_mean = model.draw(
            question, torch.zeros(len(batch.tokens), 4), noise, torch.tensor(1.0)
        )
    known = (batch.velocity * half) > 0
    for played, told in ((velocity, batch.velocity), (offset, batch.offset)):
        assert torch.equal(played[known], told[known])
    unknown = (batch.velocity > 0) & ~known
    assert (offset[unknown] - offset_mean[unknown]).abs().max() > 0.05  # drawn, not meant
    assert not velocity[batch.velocity == 0].any()
    assert ((hit > 0) & (hit < 1)).all()
    assert (offset.abs() <= 1).all()
    assert (offset_mean.abs() <= 1).all()


def test_each_input_matters(model: GrooveModel, batch: GrooveBatch) -> None:
    usual = plain_question(batch)
    z = torch.zeros(len(batch.tokens), 4)
    noise = torch.full((*batch.tokens.shape[:2], 36), 0.5)
    still = torch.tensor(0.0)

    def hit(z: Any = z, **changed: Any) -> Any:
        with torch.no_grad():
            return model.draw(replace(usual, **changed), z, noise, still)[0]

    before = hit()
    for name, value in (
        ("score", torch.zeros_like(usual.score)),
        ("open", torch.ones_like(usual.open)),
        ("taps", torch.ones_like(usual.taps)),
        ("style", 3 - usual.style),
        ("tempo", torch.full_like(usual.tempo, 200.0)),
        ("played_velocity", batch.velocity),
        ("played_offset", batch.offset),
    ):
        assert not torch.allclose(before, hit(**{name: value})), name
    assert not torch.allclose(before, hit(z + 1.0))


def test_games_ask_for_what_they_do_not_give(batch: GrooveBatch) -> None:
    torch.manual_seed(1)
    many = GrooveBatch(
        *(getattr(batch, name).repeat(8, *[1] * (getattr(batch, name).dim() - 1)) for name in batch.__slots__)
    )
    struck = many.tokens != SILENT
    question, hit_asked, feel_asked = practise(many, Shares())
    given = question.score != SILENT
    assert (given <= struck).all()
    assert not (hit_asked & given).any()
    assert (feel_asked <= given).all()
    assert not ((question.played_velocity > 0) & feel_asked).any()
    missing = struck & ~given
    assert missing.any()
    assert (missing <= hit_asked).all()  # whatever was taken away can be asked for
    open_cells = question.open.repeat(1, 2)[:, None].bool().expand_as(struck)
    assert torch.equal(hit_asked, open_cells & ~given)
    assert (question.style == 0).any()
    assert (question.tempo == 0).any()
    assert (question.score == STRUCK).any()
    taps = question.taps[..., 0].sum(dim=1) > 0
    assert 0.1 < taps.float().mean() < 0.3


def test_only_hats_are_open_when_hats_are_asked(batch: GrooveBatch) -> None:
    question, _, feel_asked = practise(batch, Shares(humanise=0.0, tap=0.0, hats=1.0, fill_in=0.0))
    assert question.open[:, HAT].any()
    assert not question.open[:, [drum for drum in range(9) if drum != HAT]].any()
    heard = question.played_velocity > 0
    assert heard.any()
    assert not heard[..., [HAT, HAT + 9]].any()
    assert feel_asked.any()


def test_another_codec_is_refused() -> None:
    from livevae.codec import codec_from

    with pytest.raises(ValueError, match="cannot learn codec 'drums'"):
        build(codec_from("drums", {"bars": 2}), Config(), Objective())
