"""A taught groove model comes to answer as its teacher does, and knows what nobody plays."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.codec.groove import SILENT, GrooveCodec
from train.checkpoint import load_model
from train.config import ConfigError
from train.groove_corpus import groove_corpus
from train.loop import fit
from train.models.groove import GrooveModel
from train.models.groove_question import GrooveBatch, groove_batch, plain_question
from train.models.groove_taught import Config, TaughtGrooveModel, build, varied
from train.models.objective import Objective

pytestmark = pytest.mark.train

CODEC = GrooveCodec(bars=2, drum_map="gm", styles="funk,jazz")
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
kind = "{kind}"
latent_size = 4
channels = 32
layers = 1
encoder_channels = 16
encoder_layers = 1
heads = 2
{more}
[fit]
batch_size = 16
learning_rate = 4e-3
weight_average = 0.9
"""


@pytest.fixture
def batch(groove_zip: Path) -> GrooveBatch:
    torch.manual_seed(0)
    return groove_batch(groove_corpus(groove_zip, CODEC, 1).train)


def test_it_comes_to_guess_what_its_teacher_guesses_on_average(
    groove_zip: Path, tmp_path: Path, batch: GrooveBatch
) -> None:
    teacher, out = tmp_path / "teacher", tmp_path / "taught"
    plain = TINY.format(kind="groove", more="dropout = 0.5")
    fit(plain, "tiny", groove_zip, teacher, steps=60, seed=1, quiet=True)
    text = TINY.format(kind="groove_taught", more=f'dropout = 0.0\nteacher = "{teacher}"')
    fit(text, "tiny", groove_zip, out, steps=150, begin=teacher, quiet=True)

    question = plain_question(batch)
    where = (question.score != SILENT).nonzero(as_tuple=True)
    none = torch.zeros(len(batch.tokens), 4)
    before, after = (load_model(run)[0] for run in (teacher, out))
    assert isinstance(before, GrooveModel)
    assert isinstance(after, GrooveModel)
    torch.manual_seed(0)
    with torch.no_grad():
        single, learnt = (model.shares_of(question, none, where)[2] for model in (before, after))
        feel = before.encode(batch)[0]
        before.train()
        wanted = sum(before.shares_of(question, none, where)[2] for _ in range(100)) / 100
        assert (learnt - wanted).abs().sum() < 0.7 * (single - wanted).abs().sum()
        assert torch.equal(after.encode(batch)[0], feel)  # who hears a feel learns nothing


def test_a_teacher_is_no_part_of_what_is_saved(groove_zip: Path, tmp_path: Path, batch: GrooveBatch) -> None:
    run = tmp_path / "run"
    fit(TINY.format(kind="groove", more=""), "tiny", groove_zip, run, steps=2, quiet=True)
    plain, record = load_model(run)
    config = record.config().model
    who = Config(**{name: getattr(config, name) for name in config.__slots__}, teacher=str(run))
    model = build(CODEC, who, Objective())
    model.load_state_dict(record.average)
    loss = model.loss(batch, 0)
    loss.total.backward()
    assert set(model.state_dict()) == set(record.average)
    assert isinstance(plain, GrooveModel)
    assert float(loss.kl_nats) == 0.0
    assert model.bins.weight.grad is not None
    assert all(parameter.grad is None for parameter in model.encoder.parameters())


def test_varied_hits_are_mostly_not_those_that_were_played() -> None:
    torch.manual_seed(3)
    shape = (200, CODEC.steps, 18)
    tokens = (torch.rand(shape) < 0.1).long()
    many = GrooveBatch(
        tokens, 0.5 * tokens, torch.zeros(shape), torch.full((200,), 100.0), torch.ones(200).long()
    )
    new = varied(many)
    struck, before = new.tokens != SILENT, tokens != SILENT
    assert 0.5 < (struck != before).any(dim=2).any(dim=1).float().mean() < 0.95
    assert 0.8 < struck.sum() / before.sum() < 1.0
    assert (new.tempo == 0).any()
    assert (new.style == 0).any()


def test_what_cannot_teach_or_be_taught_is_refused(tmp_path: Path, batch: GrooveBatch) -> None:
    with pytest.raises(ValueError, match="cannot learn codec 'drums'"):
        build(codec_from("drums", {"bars": 2}), Config(teacher="run"), Objective())
    with pytest.raises(ValueError, match="name the run"):
        build(CODEC, Config(), Objective())
    model = build(CODEC, Config(teacher=str(tmp_path / "nothing")), Objective())
    assert isinstance(model, TaughtGrooveModel)
    with pytest.raises(ConfigError, match="there is no checkpoint"):
        model.loss(batch, 0)
