"""Which chord sounds: a root and one of a few qualities, from how much each pitch class sounds.

The likeliest is the chord whose tones, all alike, point most nearly where the pitch classes do (cosine), the
bass speaking for itself as root. Chord symbols are understood the same way as music is, so that a model
trained on guesses knows what it is told.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.models.flow_melody import FIFTHS

QUALITIES: dict[str, tuple[int, ...]] = {
    "fifth": (0, 7),
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "seventh": (0, 4, 7, 10),
    "minor seventh": (0, 3, 7, 10),
    "diminished": (0, 3, 6),
}
_OCTAVE = 12
_BASS = 0.25  # of a perfect likeness: what a root in the bass is worth


class ChordGuess(nn.Module):
    """See the module's docstring; it learns nothing."""

    tones: Tensor
    roots: Tensor

    def __init__(self) -> None:
        super().__init__()
        rows = torch.zeros(len(FIFTHS), len(QUALITIES), _OCTAVE)
        for place, root in enumerate(FIFTHS):
            for index, intervals in enumerate(QUALITIES.values()):
                for interval in intervals:
                    rows[place, index, (root + interval) % _OCTAVE] = len(intervals) ** -0.5
        roots = torch.zeros(_OCTAVE, len(FIFTHS), len(QUALITIES))
        for place, root in enumerate(FIFTHS):
            roots[root, place] = _BASS
        self.register_buffer("tones", rows.flatten(0, 1).T.contiguous(), persistent=False)
        self.register_buffer("roots", roots.flatten(1).contiguous(), persistent=False)

    def forward(self, sounding: Tensor, bass: Tensor) -> tuple[Tensor, Tensor]:
        """Root, as a place on the circle of fifths, and quality, (…) each, int64.

        sounding, bass: weight of each pitch class from C upwards, (…, 12), at least 0; silence is the first
        of both.
        """
        length = sounding.square().sum(dim=-1, keepdim=True).sqrt().clamp(min=1e-6)
        share = bass / bass.sum(dim=-1, keepdim=True).clamp(min=1e-6)
        best = ((sounding / length) @ self.tones + share @ self.roots).argmax(dim=-1)
        return best // len(QUALITIES), best % len(QUALITIES)
