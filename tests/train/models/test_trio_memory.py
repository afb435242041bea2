"""Remembered codes are the encoder's, and each bar is encoded once."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train.models import trio_memory
from train.models.trio_memory import BarMemory

pytestmark = pytest.mark.train


class Encoder:
    """A bar's code is its sum; counts the bars it was asked for."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self, bars: Any) -> Any:
        self.heard += len(bars)
        return bars.sum(dim=(1, 2)).float().unsqueeze(1)


def bars(*first_tokens: int) -> Any:
    made = torch.zeros(len(first_tokens), 16, 11, dtype=torch.int64)
    made[:, 0, 0] = torch.tensor(first_tokens)
    return made


def test_each_bar_is_encoded_once() -> None:
    encoder = Encoder()
    memory = BarMemory(encoder)
    assert memory.codes(bars(5, 6, 5)).flatten().tolist() == [5, 6, 5]
    assert memory.codes(bars(6, 7)).flatten().tolist() == [6, 7]
    assert encoder.heard == len(memory) == 3


def test_a_full_memory_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trio_memory, "MOST_BARS", 2)
    encoder = Encoder()
    memory = BarMemory(encoder)
    for batch in ((1, 2), (3, 1), (3, 2)):
        assert memory.codes(bars(*batch)).flatten().tolist() == list(batch)
        assert len(memory) <= 2
