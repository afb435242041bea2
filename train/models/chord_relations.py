"""What every pitch is to the chords around it, told the same way in all twelve keys.

Each pitch class sees the chords from where it stands: the chord of the beat, the next beat's and the whole
window's tones, all turned so that the pitch class comes first. One small network reads all twelve views. What
it learns of a third over its root holds for every root.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.codec.chords import CHORD_FEATURES
from livevae.codec.lines import FIRST_ONSET, LINE_CLASSES, LOWEST_PITCH
from livevae.core.chords import OCTAVE

_VIEWS = 2 * CHORD_FEATURES + OCTAVE  # this beat's chord, the next one's, the window's tones


class ChordRelations(nn.Module):
    """A vector for every beat and pitch class. width: its size. inner: of the network that makes it."""

    def __init__(self, width: int, inner: int = 64) -> None:
        super().__init__()
        self.first = nn.Linear(_VIEWS, inner)
        self.last = nn.Linear(inner, width)
        classes = torch.arange(OCTAVE)
        # turned[k, j]: which feature stands in place j as seen from pitch class k
        turned = (classes[:, None] + classes) % OCTAVE
        self.register_buffer("turned", turned, persistent=False)

    def forward(self, chords: Tensor) -> Tensor:
        """(batch, beats, 24) -> (batch, beats, 12, width)."""
        assert isinstance(self.turned, Tensor)
        following = torch.cat([chords[:, 1:], chords[:, -1:]], dim=1)
        tones = chords[..., :OCTAVE].mean(dim=1, keepdim=True).expand(-1, chords.shape[1], -1)
        parts = [*chords.chunk(2, dim=-1), *following.chunk(2, dim=-1), tones]
        views = torch.cat([part[..., self.turned] for part in parts], dim=-1)  # (batch, beats, 12, _VIEWS)
        relations: Tensor = self.last(functional.relu(self.first(views)))
        return relations


def pitch_class_of_symbol() -> Tensor:
    """Pitch class of each of a line's 90 classes, shape (90,); 12, past the last, for hold and note-off."""
    symbols = torch.arange(LINE_CLASSES)
    pitch_class = (symbols - FIRST_ONSET + LOWEST_PITCH) % OCTAVE
    return torch.where(symbols < FIRST_ONSET, OCTAVE, pitch_class)
