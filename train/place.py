"""Where a run computes: on the processor or a graphics card, alone or as one of several processes.

``torchrun`` starts the processes and tells each its rank; what they say to each other goes through PyTorch's
distributed package, gloo between processors and nccl between cards. Every process holds all weights and works
on its share of each batch; gradients are averaged before each step, so that all take the same one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, distributed, nn

from train.config import ConfigError

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Place:
    """One process of a run. device: it computes on. rank: its number. processes: how many there are."""

    device: torch.device
    rank: int = 0
    processes: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes, prints and judges."""
        return self.rank == 0

    def share(self, batch: Any) -> Any:
        """This process's part of a batch: every so-manieth row."""
        return batch[self.rank :: self.processes]

    def put(self, batch: Any) -> Any:
        """A batch on this process's device: tensors, and tuples and dataclasses of them."""
        return on_device(batch, self.device)

    def as_default(self) -> AbstractContextManager[Any]:
        """While it is entered, what models create without saying where is made on this process's device."""
        # On the processor it already is, and the context would cost time in every call of PyTorch.
        return nullcontext() if self.device.type == "cpu" else self.device

    def shared(self, value: float) -> float:
        """The first process's value."""
        if self.processes == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.broadcast(told, 0)
        return float(told)

    def wait_for_all(self) -> None:
        """Return when every process has come here."""
        if self.processes > 1:
            distributed.barrier()

    def average(self, module: nn.Module, figures: Iterable[Tensor]) -> list[float]:
        """Average gradients over the processes; returns the means of some scalars as well.

        The shares of a batch are equally large, so the mean of their means is the mean of the batch.
        """
        scalars = torch.stack([figure.detach().float().to(self.device) for figure in figures])
        if self.processes == 1:
            return [float(value) for value in scalars]
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        flat = torch.cat([*(gradient.flatten().float() for gradient in gradients), scalars])
        distributed.all_reduce(flat)
        flat /= self.processes
        first = 0
        for gradient in gradients:
            size = gradient.numel()
            gradient.copy_(flat[first : first + size].view_as(gradient))
            first += size
        return [float(value) for value in flat[first:]]

    def leave(self) -> None:
        """Say goodbye to the other processes."""
        if self.processes > 1:
            distributed.destroy_process_group()


def on_device(batch: Any, device: torch.device) -> Any:
    """Tensors, and tuples and dataclasses of them, moved to a device."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, tuple):
        return tuple(on_device(part, device) for part in batch)
    return replace(batch, **{f.name: on_device(getattr(batch, f.name), device) for f in fields(batch)})


def find_place(device: str = AUTO) -> Place:
    """This process's place; several processes are what ``torchrun`` has started.

    device: ``auto`` (a card if there is one, else the processor), ``cpu``, ``cuda`` or ``cuda:N``; of several
        processes with cards each takes its own. Raises ConfigError for a device that is not there.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    rank, local_rank = (int(os.environ.get(name, "0")) for name in ("RANK", "LOCAL_RANK"))
    chosen = _device(device, local_rank, processes)
    if processes > 1:
        if chosen.type == "cuda":
            torch.cuda.set_device(chosen)
        distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    return Place(chosen, rank, processes)


def _device(name: str, local_rank: int, processes: int) -> torch.device:
    has_card = torch.cuda.is_available()
    if name == AUTO:
        name = "cuda" if has_card else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"device {name!r}: expected auto, cpu, cuda or cuda:N") from error
    if device.type not in ("cpu", "cuda"):
        raise ConfigError(f"device {name!r}: expected auto, cpu, cuda or cuda:N")
    if device.type == "cpu":
        return device
    cards = torch.cuda.device_count() if has_card else 0
    index = local_rank if device.index is None else device.index
    if index >= cards:
        there = f"{cards} cards are here" if cards else "PyTorch finds no card here"
        wanted = f"process {local_rank} of {processes} wants" if processes > 1 else "you asked for"
        raise ConfigError(f"device {name!r}: {wanted} cuda:{index}, but {there}")
    return torch.device("cuda", index)
