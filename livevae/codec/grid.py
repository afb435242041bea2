"""What codecs of whole windows share: so many bars of sixteenths, and their fields as arguments."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from livevae.units import STEPS_PER_BAR


@dataclass(frozen=True, slots=True)
class GridWindow:
    """``bars`` bars of sixteenths, described by nothing but the fields of its dataclass."""

    bars: int = 2

    @property
    def steps(self) -> int:
        """Length in sixteenths."""
        return self.bars * STEPS_PER_BAR

    def args(self) -> dict[str, Any]:
        """See ``Codec.args``."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class DrumWindow(GridWindow):
    """A window of drums and nothing else."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The one part."""
        return ("drums",)
