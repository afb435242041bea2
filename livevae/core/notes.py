"""What a part plays: notes with musical positions and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livevae.units import TICKS_PER_BAR


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note of one part.

    onset_ticks: from the start of the window it belongs to; may be negative by up to
        half a step, because a downbeat is often played early.
    duration_ticks: at least 1.
    pitch: MIDI note number, 0-127.
    velocity: 1-127; never 0, which MIDI reads as a note-off.
    """

    onset_ticks: int
    duration_ticks: int
    pitch: int
    velocity: int

    def __post_init__(self) -> None:
        if self.duration_ticks < 1:
            raise ValueError(f"a note lasts at least one tick, not {self.duration_ticks}")
        if not 0 <= self.pitch <= 127:
            raise ValueError(f"pitch {self.pitch} is outside 0-127")
        if not 1 <= self.velocity <= 127:
            raise ValueError(f"velocity {self.velocity} is outside 1-127")

    def shifted(self, by_ticks: int) -> Note:
        """The same note, ``by_ticks`` later."""
        return Note(self.onset_ticks + by_ticks, self.duration_ticks, self.pitch, self.velocity)


Notes = tuple[Note, ...]
PartNotes = Mapping[str, Notes]


def window(notes: Iterable[Note], first_bar: int, bars: int, grace_ticks: int = 0) -> Notes:
    """The notes whose onsets fall in ``bars`` bars from ``first_bar``, relative to its bar line.

    grace_ticks: how far before a bar line an onset still belongs to the bar after it
        (half a step where players anticipate the downbeat); the same amount is cut from the end.
    """
    start = first_bar * TICKS_PER_BAR
    end = start + bars * TICKS_PER_BAR
    return tuple(
        sorted(n.shifted(-start) for n in notes if start - grace_ticks <= n.onset_ticks < end - grace_ticks)
    )
