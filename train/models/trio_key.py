"""The trio thinks in C: windows are moved there before they are heard, and back when they are played.

So the networks learn one key instead of twelve. The key is two dimensions of the latent, a place on the
circle of
fifths: its direction says which key, draws from N(0, I) take all keys alike, and a path between two songs
modulates through the keys between them. A major key and its relative minor share a place. Nothing here is
learnt.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from train.models.trio_bar import LINE_CLASSES

KEY_SIZE = 2  # dimensions of the latent that place the key
KEY_DISTANCE = 3.5  # from the middle: far enough out that small steps of *vary* do not modulate
KEY_SIGMA = 0.2

_OCTAVE = 12
_FIFTH = 7
_FIRST_PITCH_TOKEN, _LOWEST_PITCH = 2, 21
_LINES = 2
# How much a note speaks for C major or A minor: of the scale or not, and a little which degree, so that tunes
# of five notes find one key and not its neighbour.
SPEAKS_FOR_C = (1.2, 0.0, 1.0, 0.0, 1.1, 0.9, 0.0, 1.2, 0.0, 1.1, 0.0, 0.8)


class Key(nn.Module):
    """Finds keys, moves lines and places keys in the latent; has no weights."""

    speaks: Tensor
    to_c: Tensor
    places: Tensor

    def __init__(self) -> None:
        super().__init__()
        speaks = torch.zeros(LINE_CLASSES, _OCTAVE)  # token, key
        for token in range(_FIRST_PITCH_TOKEN, LINE_CLASSES):
            pitch = token - _FIRST_PITCH_TOKEN + _LOWEST_PITCH
            for key in range(_OCTAVE):
                speaks[token, key] = SPEAKS_FOR_C[(pitch - key) % _OCTAVE]
        keys = torch.arange(_OCTAVE)
        angles = (keys * _FIFTH % _OCTAVE) * (2 * math.pi / _OCTAVE)
        self.register_buffer("speaks", speaks, persistent=False)
        self.register_buffer("to_c", (_OCTAVE // 2 - keys) % _OCTAVE - _OCTAVE // 2, persistent=False)
        self.register_buffer("places", torch.stack([angles.cos(), angles.sin()], dim=1), persistent=False)

    def of(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The keys of windows (batch, steps, 11), 0 is C, and how much spoke for them; both (batch,)."""
        votes = nn.functional.embedding(x[..., :_LINES], self.speaks).sum(dim=(1, 2))  # (batch, keys)
        most, key = votes.max(dim=1)
        return key, most

    def in_c(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The windows in C, and their keys' places in the latent: mean and standard deviation, (batch, 2)."""
        key, votes = self.of(x)
        heard = (votes > 0).to(torch.float32).unsqueeze(1)  # drums alone are in any key
        mu = KEY_DISTANCE * heard * self.places[key]
        sigma = (1 - (1 - KEY_SIGMA) * heard).expand(-1, KEY_SIZE)
        return moved(x, self.to_c[key]), mu, sigma

    def from_c(self, place: Tensor) -> Tensor:
        """Semitones from C to the key at a place in the latent (batch, 2): (batch,), int64, -5 to 6."""
        return -self.to_c[(place @ self.places.T).argmax(dim=1)]


def moved(x: Tensor, semitones: Tensor) -> Tensor:
    """Both lines of (batch, steps, 11) moved by (batch,) semitones, and by octaves back into range."""
    lines = x[..., :_LINES]
    there = lines + semitones.reshape(-1, 1, 1)
    there = there + _OCTAVE * (there < _FIRST_PITCH_TOKEN).to(torch.int64)
    there = there - _OCTAVE * (there >= LINE_CLASSES).to(torch.int64)
    there = torch.where(lines >= _FIRST_PITCH_TOKEN, there, lines)
    return torch.cat([there, x[..., _LINES:]], dim=-1)
