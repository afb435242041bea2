"""Several processes train as one would, and only one of them writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from torch import nn

from tests.train.test_fit import TINY
from train.checkpoint import load_checkpoint
from train.config import ConfigError
from train.journal import EXPERIMENTS, LOG
from train.loop import fit
from train.place import Place, find_place, on_device

pytestmark = pytest.mark.train

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")

# A net without noise: what it learns depends on nothing but the batches.
EXACT = """
import sys
import torch
from train.place import find_place

here = find_place("cpu")
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 1))
unused = torch.nn.Linear(2, 2)  # gets no gradient, as parts of a model do in some phases
both = torch.nn.ModuleList([net, unused])
optimiser = torch.optim.AdamW(both.parameters(), lr=0.1)
losses = []
for step in range(5):
    torch.manual_seed(100 + step)
    x = torch.randn(8, 5)
    loss = net(here.share(x)).square().mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    losses += here.average(both, [loss])
    optimiser.step()
minutes = here.shared(3.5 + here.rank)
if here.is_first:
    torch.save({"losses": losses, "minutes": minutes, "weights": both.state_dict()}, sys.argv[1])
here.leave()
"""


def run(processes: int, *command: str) -> str:
    """Output of a Python command run by so many processes; torchrun starts several."""
    many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: PLW1510 - what it said is shown where it fails
        [sys.executable, *(many if processes > 1 else []), *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_two_processes_take_the_steps_that_one_takes(tmp_path: Path) -> None:
    script = tmp_path / "exact.py"
    script.write_text(EXACT)
    results = []
    for processes in (1, 2):
        run(processes, str(script), str(tmp_path / f"{processes}.pt"))
        results.append(torch.load(tmp_path / f"{processes}.pt", weights_only=True))
    one, two = results
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    assert one["losses"][-1] < one["losses"][0]
    assert two["minutes"] == 3.5  # the first process's clock is everybody's
    for name, weight in one["weights"].items():
        assert torch.allclose(two["weights"][name], weight, atol=1e-5), name


def test_a_run_of_two_processes_learns_as_much_and_writes_once(music_zip: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(TINY)
    two = tmp_path / "runs" / "two"
    fitting = ["fit", str(config), "--data", str(music_zip), "--out", str(two), "--device", "cpu"]
    said = run(2, "-m", "train", *fitting, "--steps", "60", "--processes", "1")
    assert said.count("windows to train on") == 1
    alone = fit(TINY, "tiny", music_zip, tmp_path / "alone" / "one", steps=60, quiet=True)
    record = load_checkpoint(two)
    assert record.step == 60
    assert record.figures["reconstruction_nats"] == pytest.approx(alone.reconstruction_nats, rel=0.1)
    starts = [json.loads(line) for line in (two / LOG).read_text().splitlines()]
    assert (starts[0]["event"], starts[0]["processes"]) == ("start", 2)
    assert len((two.parent / EXPERIMENTS).read_text().splitlines()) == 2
    fit(TINY, "tiny", music_zip, two, steps=61, quiet=True)  # and one process goes on with it
    assert load_checkpoint(two).step == 61


def test_shares_are_disjoint_and_make_the_whole() -> None:
    batch = list(range(12))
    shares = [Place(CPU, rank, 3).share(batch) for rank in range(3)]
    assert sorted(row for share in shares for row in share) == batch
    assert {len(share) for share in shares} == {4}


def test_a_batch_that_cannot_be_shared_evenly_is_refused(music_zip: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="batch_size = 16 cannot be shared evenly by 3 processes"):
        fit(TINY, "tiny", music_zip, tmp_path / "run", steps=1, place=Place(CPU, 0, 3), quiet=True)


def test_alone_nothing_is_averaged() -> None:
    net = nn.Linear(2, 1)
    net(torch.ones(3, 2)).sum().backward()
    before = [torch.clone(p.grad) for p in net.parameters() if p.grad is not None]
    assert Place(CPU).average(net, [torch.tensor(2.0), torch.tensor(4.0)]) == [2.0, 4.0]
    assert all(torch.equal(a, p.grad) for a, p in zip(before, net.parameters(), strict=True))
    assert Place(CPU).shared(1.25) == 1.25


@pytest.mark.parametrize("device", ["gpu", "cuda:17", "meta", "mps"])
def test_a_device_that_is_not_there_is_refused(device: str) -> None:
    with pytest.raises(ConfigError, match=f"device '{device}'"):
        find_place(device)
    assert find_place("cpu") == Place(CPU)


def test_batches_are_moved_whole() -> None:
    moved = on_device((torch.ones(2), (torch.zeros(1),)), torch.device("meta"))
    assert [moved[0].device.type, moved[1][0].device.type] == ["meta", "meta"]
