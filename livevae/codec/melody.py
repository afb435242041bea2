"""The melody codec: one monophonic line, one column of 90 classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livevae.codec.base import Column, Tokens, checked_tokens, velocity_of
from livevae.codec.grid import GridWindow
from livevae.codec.lines import LINE_CLASSES, decode_line, encode_line
from livevae.core.notes import Note


@dataclass(frozen=True, slots=True)
class MelodyCodec(GridWindow):
    """One line named ``part``, ``bars`` bars long."""

    part: str = "melody"

    @property
    def name(self) -> str:
        return "melody"

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.part,)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (Column(self.part, self.part, LINE_CLASSES),)

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Shape (steps, 1), int64; see ``Codec.encode``."""
        return encode_line(notes.get(self.part, ()), self.steps)[:, None]

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """See ``Codec.decode``."""
        line = checked_tokens(tokens, self.columns)[:, 0]
        return {self.part: decode_line(line, velocity_of(self.part, velocity))}
