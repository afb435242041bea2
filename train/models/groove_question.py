"""Windows of drumming as tensors, and what a groove model is asked about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from livevae.codec import Codec
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import GrooveCodec

if TYPE_CHECKING:
    from train.groove_corpus import Grooves

DRUMS = len(DRUM_CLASSES)


@dataclass(frozen=True, slots=True)
class GrooveBatch:
    """Windows as tensors; tokens, velocity, offset (batch, steps, 18), tempo, style (batch,)."""

    tokens: Tensor
    velocity: Tensor
    offset: Tensor
    tempo: Tensor
    style: Tensor


def groove_batch(windows: Grooves) -> GrooveBatch:
    """The same windows as tensors."""
    arrays = (windows.tokens, windows.velocity, windows.offset, windows.tempo, windows.style)
    return GrooveBatch(*(torch.from_numpy(array) for array in arrays))


@dataclass(frozen=True, slots=True)
class Question:
    """Inputs of ``decode``, as livevae/groove_model.py describes them."""

    score: Tensor
    played_velocity: Tensor
    played_offset: Tensor
    open: Tensor
    taps: Tensor
    style: Tensor
    tempo: Tensor


def tapped(batch: GrooveBatch) -> Tensor:
    """Each step's loudest hit: struck, velocity, offset; (batch, steps, 3)."""
    loudest = batch.velocity.argmax(dim=-1, keepdim=True)
    offset = batch.offset.gather(-1, loudest).squeeze(-1)
    velocity = batch.velocity.amax(dim=-1)
    return torch.stack([(velocity > 0).float(), velocity, offset], dim=-1)


def plain_question(batch: GrooveBatch) -> Question:
    """Humanise: all hits, nothing of their feel."""
    count, steps, _ = batch.tokens.shape
    nothing = torch.zeros_like(batch.velocity)
    return Question(
        batch.tokens,
        nothing,
        nothing,
        torch.zeros(count, DRUMS),
        torch.zeros(count, steps, 3),
        batch.style,
        batch.tempo,
    )


def as_groove_codec(codec: Codec, kind: str) -> GrooveCodec:
    """The same codec; ValueError, naming the model's kind, for one that is not of grooves."""
    if not isinstance(codec, GrooveCodec):
        raise ValueError(f"model kind {kind!r} cannot learn codec {codec.name!r}, only 'groove'")
    return codec
