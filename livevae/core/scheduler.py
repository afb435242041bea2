"""Notes waiting to sound and to end, in song position.

The scheduler knows positions only; the performer asks what is next, turns positions into times
with the transport's timeline, and so a change of tempo moves everything that waits at no cost.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from livevae.core.ledger import NoteToken
from livevae.core.notes import Note


@dataclass(frozen=True, slots=True)
class NoteStart:
    """``note`` of ``part`` is to sound; its onset is a song position here."""

    position_ticks: int
    part: str
    note: Note


@dataclass(frozen=True, slots=True)
class NoteEnd:
    """The sounding that ``token`` names is to end."""

    position_ticks: int
    part: str
    token: NoteToken


Due = NoteStart | NoteEnd
_END, _START = 0, 1  # at one position, ends come before starts, so that a repeated note is heard twice


class Scheduler:
    """A queue of starts and ends, ordered by song position."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, int, Due]] = []
        self._ties: dict[tuple[str, int], int] = {}
        self._order = 0

    def add_note(self, part: str, note: Note) -> None:
        """Queue a note whose onset is a song position."""
        self._push(_START, NoteStart(note.onset_ticks, part, note))

    def add_end(self, part: str, token: NoteToken, position_ticks: int) -> None:
        """Queue the end of a note that now sounds."""
        self._push(_END, NoteEnd(position_ticks, part, token))

    def tie(self, part: str, bar_line_ticks: int, by_ticks: int) -> None:
        """Let notes of ``part`` that would end on this bar line go on ``by_ticks`` further."""
        self._ties[part, bar_line_ticks] = by_ticks

    def next_position_ticks(self) -> int | None:
        """Where the next thing is due."""
        return self._queue[0][0] if self._queue else None

    def pop(self) -> Due | None:
        """Take the next due thing, or None where it was an end that a tie has put off."""
        _, _, _, due = heapq.heappop(self._queue)
        if isinstance(due, NoteEnd):
            extra = self._ties.get((due.part, due.position_ticks), 0)
            if extra > 0:
                self.add_end(due.part, due.token, due.position_ticks + extra)
                return None
        return due

    def drop_starts_before(self, position_ticks: int) -> None:
        """Forget notes whose time has passed unheard; those sounding will still end."""
        self._queue = [
            entry
            for entry in self._queue
            if not (isinstance(entry[3], NoteStart) and entry[0] < position_ticks)
        ]
        heapq.heapify(self._queue)

    def forget_ties_before(self, position_ticks: int) -> None:
        """Drop ties whose bar line has passed."""
        self._ties = {k: v for k, v in self._ties.items() if k[1] >= position_ticks}

    def clear(self) -> None:
        """Forget everything; the ledger ends what sounds."""
        self._queue.clear()
        self._ties.clear()

    def _push(self, kind: int, due: Due) -> None:
        self._order += 1
        heapq.heappush(self._queue, (due.position_ticks, kind, self._order, due))
