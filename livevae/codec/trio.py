"""The trio codec: a melody line, a bass line and nine drums side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livevae.codec.base import Column, Tokens, checked_tokens, velocity_of
from livevae.codec.drum_hits import DRUM_COLUMNS, decode_hits, encode_hits
from livevae.codec.drum_maps import drum_map
from livevae.codec.grid import GridWindow
from livevae.codec.lines import LINE_CLASSES, decode_line, encode_line
from livevae.core.notes import Note

_COLUMNS = (Column("melody", "melody", LINE_CLASSES), Column("bass", "bass", LINE_CLASSES), *DRUM_COLUMNS)


@dataclass(frozen=True, slots=True)
class TrioCodec(GridWindow):
    """Melody, bass and drums over ``bars`` bars; column 0 melody, 1 bass, 2-10 drums."""

    bars: int = 16
    drum_map: str = "gm"

    def __post_init__(self) -> None:
        drum_map(self.drum_map)

    @property
    def name(self) -> str:
        return "trio"

    @property
    def parts(self) -> tuple[str, ...]:
        return ("melody", "bass", "drums")

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Shape (steps, 11), int64; see ``Codec.encode``."""
        lines = [encode_line(notes.get(part, ()), self.steps)[:, None] for part in ("melody", "bass")]
        return np.concatenate(
            [*lines, encode_hits(notes.get("drums", ()), self.steps, self.drum_map)], axis=1
        )

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """See ``Codec.decode``; a single bar of 16 steps decodes as well as the whole window."""
        array = checked_tokens(tokens, self.columns)
        return {
            "melody": decode_line(array[:, 0], velocity_of("melody", velocity)),
            "bass": decode_line(array[:, 1], velocity_of("bass", velocity)),
            "drums": decode_hits(array[:, 2:], velocity_of("drums", velocity), self.drum_map),
        }
