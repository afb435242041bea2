"""Which numbers of a latent point say something about which bars, and which parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from livevae.codec.fields import Fields
from livevae.errors import ModelError

Ranges = tuple[tuple[int, int], ...]
"""Places in z, each from the first to just before the second."""


@dataclass(frozen=True, slots=True)
class LatentLayout:
    """How a model's z is divided, as far as it is.

    bars: of every bar of the phrase, the numbers that are about it. parts: by name, the numbers that are
    about it. A number in no bar's ranges is about the whole phrase, one in no part's about all parts, one in
    several parts' about those together. Empty where the model does not tell them apart.
    """

    bars: tuple[Ranges, ...] = ()
    parts: Mapping[str, Ranges] = field(default_factory=dict)

    def chosen(
        self, latent_size: int, parts: Sequence[str] | None = None, from_bar: int = 0
    ) -> npt.NDArray[np.bool_]:
        """Where z may change so that only these parts do, from this bar on; shape (latent_size,), bool.

        parts: None for all of them, and what they share. from_bar: 0 for the whole phrase, and what its bars
        share. A layout that does not tell what is asked apart chooses everything.
        """
        whole = np.ones(latent_size, dtype=np.bool_)
        if from_bar > 0 and self.bars:
            whole &= _marked(latent_size, (r for ranges in self.bars[from_bar:] for r in ranges))
        if parts is not None and self.parts:
            whole &= self.touching(latent_size, parts)
            whole &= ~self.touching(latent_size, [part for part in self.parts if part not in parts])
        return whole

    def touching(self, latent_size: int, parts: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which numbers say something about any of these parts, be it with others; (latent_size,), bool.

        Not those that are about all parts; everything, of a layout that does not tell parts apart.
        """
        if not self.parts:
            return np.ones(latent_size, dtype=np.bool_)
        return _marked(latent_size, (r for part in parts for r in self.parts.get(part, ())))

    def check(self, bars: int, parts: Sequence[str], latent_size: int) -> None:
        """Silent if it fits a model of that size; ModelError says what does not."""
        if self.bars and len(self.bars) != bars:
            raise ModelError(f"manifest: layout names {len(self.bars)} bars, the model has {bars}")
        unknown = sorted(set(self.parts) - set(parts))
        if unknown:
            raise ModelError(f"manifest: layout names {unknown[0]!r}, the model writes {', '.join(parts)}")
        for ranges in (*self.bars, *self.parts.values()):
            for first, end in ranges:
                if not 0 <= first < end <= latent_size:
                    raise ModelError(f"manifest: layout holds [{first}, {end}), latent_size = {latent_size}")

    @classmethod
    def read(cls, fields: Fields) -> LatentLayout:
        """From the object of a manifest."""
        parts = fields.record("parts")
        return cls(fields.range_lists("bars"), {name: parts.ranges(name) for name in parts.names()})


NO_LAYOUT = LatentLayout()
"""Of a model all of whose numbers are about everything."""


def _marked(latent_size: int, ranges: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    marked = np.zeros(latent_size, dtype=np.bool_)
    for first, end in ranges:
        marked[first:end] = True
    return marked
