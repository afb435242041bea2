"""What controllers are told of the palette: which slots are filled, and with what.

/livevae/<part>/slot      i: slot, i: 1 if it is filled, s: its name
/livevae/<part>/slot/<n>  f: 1 if it is filled, s: its name; a light or a label for each slot
"""

from __future__ import annotations

from livevae.adapters.osc.addresses import SLOT, address_of, slot_address
from livevae.adapters.osc.packets import write_message
from livevae.core.effects import SlotChanged
from livevae.core.performance import PartSpec


class Slots:
    """Remembers the names of all filled slots, for programs that ask later."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, int], str] = {}

    def changed(self, change: SlotChanged) -> None:
        """A slot was filled or emptied."""
        if change.latent is None:
            self._names.pop((change.model, change.slot), None)
        else:
            self._names[change.model, change.slot] = change.name

    def messages(self, part: PartSpec, slot: int) -> tuple[bytes, bytes]:
        """Datagrams that tell of one slot of a part."""
        name = self._names.get((part.model, slot))
        is_filled = name is not None
        return (
            write_message(address_of(part.name, SLOT), slot, int(is_filled), name or ""),
            write_message(slot_address(part.name, slot), float(is_filled), name or ""),
        )

    def filled(self, part: PartSpec) -> list[int]:
        """The slots of a part that hold something."""
        return [slot for model, slot in self._names if model == part.model]
