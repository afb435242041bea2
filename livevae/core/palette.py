"""The palette: ideas worth coming back to, in numbered slots."""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.latents import Latent
from livevae.core.parameters import SLOTS
from livevae.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Slot:
    """One kept idea and what the player calls it."""

    latent: Latent
    name: str


class Palette:
    """Slots 1-16 for each model: parts of one model share them, for a point means nothing elsewhere."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, int], Slot] = {}

    def latent(self, model: str, slot: int) -> Latent | None:
        """The idea in a slot; None if it is empty."""
        kept = self._slots.get((model, slot))
        return kept.latent if kept else None

    def get(self, model: str, slot: int) -> Slot | None:
        """The slot's content; None if it is empty."""
        return self._slots.get((model, slot))

    def put(self, model: str, slot: int, content: Slot | None) -> None:
        """Fill a slot, or empty it. Raises ParameterError for a number that is no slot."""
        if not 1 <= slot <= SLOTS:
            raise ParameterError(f"slot {slot} does not exist: slots are 1 to {SLOTS}")
        if content is None:
            self._slots.pop((model, slot), None)
        else:
            self._slots[model, slot] = content
