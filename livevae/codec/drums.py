"""The drum codec: nine drums, a yes-or-no column each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livevae.codec.base import Column, Tokens, checked_tokens, velocity_of
from livevae.codec.drum_hits import DRUM_COLUMNS, decode_hits, encode_hits
from livevae.codec.drum_maps import drum_map
from livevae.codec.grid import DrumWindow
from livevae.core.notes import Note


@dataclass(frozen=True, slots=True)
class DrumsCodec(DrumWindow):
    """A drum part read and played with the map ``drum_map`` (see drum_maps), ``bars`` bars long."""

    drum_map: str = "gm"

    def __post_init__(self) -> None:
        drum_map(self.drum_map)  # an unknown map is refused here, not in the middle of a performance

    @property
    def name(self) -> str:
        return "drums"

    @property
    def columns(self) -> tuple[Column, ...]:
        return DRUM_COLUMNS

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Shape (steps, 9), int64; see ``Codec.encode``."""
        return encode_hits(notes.get("drums", ()), self.steps, self.drum_map)

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """See ``Codec.decode``."""
        hits = checked_tokens(tokens, self.columns)
        return {"drums": decode_hits(hits, velocity_of("drums", velocity), self.drum_map)}
