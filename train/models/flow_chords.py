"""What the chords of a window say to a melody: in which key it is, and in that key something to every beat.

Where chords are known the melody is read and written in the key they speak for, and its own number in the
latent has nothing to say: so a phrase moves with its chords. Two bars of chords often leave two keys open, a
fifth apart; what matters is that the chords alone decide, the same way for whoever hears and whoever plays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec.chords import CHORD_FEATURES
from livevae.core.chords import OCTAVE
from train.models.keys import SPEAKS_FOR_C

_VIEWS = 3 * CHORD_FEATURES + OCTAVE  # this beat's chord, the last and the next, the tones of all
# Whole votes, whose sums are the same on every processor. Of keys that the tones speak for alike the bass
# decides: how much it speaks for C, or A minor, degree by degree.
_TONES = 1000
_BASS_SPEAKS_FOR_C = (12, 0, 8, 0, 7, 9, 0, 10, 0, 11, 0, 6)


@dataclass(frozen=True, slots=True)
class Over:
    """What chords say, beat by beat.

    known: whether there are any, (batch,). key: the number of theirs, (batch,), int64. says: to each beat,
    (batch, beats, width).
    """

    known: Tensor
    key: Tensor
    says: Tensor


class Harmony(nn.Module):
    """Hears chords. keys: tonics, 0 (C) to 11, in the order they are numbered. width: of what it says."""

    speaks: Tensor
    turned: Tensor

    def __init__(self, keys: Sequence[int], width: int) -> None:
        super().__init__()
        self.hears = nn.Linear(_VIEWS, width)
        order = torch.tensor(keys)
        votes = torch.tensor([SPEAKS_FOR_C, _BASS_SPEAKS_FOR_C]) * torch.tensor([[_TONES], [1.0]])
        classes = torch.arange(OCTAVE)
        turned = (classes + order[:, None]) % OCTAVE  # (keys, pitch classes): from which each comes, in C
        degrees = (classes[:, None] - order) % OCTAVE  # (pitch classes, keys)
        self.register_buffer("speaks", votes[:, degrees].flatten(0, 1).round().double(), persistent=False)
        self.register_buffer("turned", torch.cat([turned, turned + OCTAVE], dim=1), persistent=False)

    def forward(self, chords: Tensor) -> Over:
        """chords: (batch, beats, 24), float32, see ``livevae.codec.chords``; all 0 where none are known."""
        votes = chords.sum(dim=1).double() @ self.speaks  # half precision, in training, has no room for them
        key = votes.argmax(dim=1)
        in_c = chords.gather(2, self.turned[key][:, None].expand(-1, chords.shape[1], -1))
        around = functional.pad(in_c, (0, 0, 1, 1))
        all_tones = in_c[..., :OCTAVE].mean(dim=1, keepdim=True).expand(-1, chords.shape[1], -1)
        views = torch.cat([in_c, around[:, :-2], around[:, 2:], all_tones], dim=2)
        return Over(chords.amax(dim=(1, 2)) > 0, key, functional.relu(self.hears(views)))


def withheld(chords: Tensor, all_of_it: float, bass: float) -> Tensor:
    """Chords (batch, beats, 24) with a share of the windows' taken away, and of some only the bass."""
    chance = torch.rand(chords.shape[0], 1, 1, device=chords.device)
    told, low = torch.split(chords, OCTAVE, dim=2)
    return torch.cat([told * (chance >= all_of_it), low * (chance >= all_of_it + bass)], dim=2)
