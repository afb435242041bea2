"""Notes waiting to sound and to end, in song position.

The scheduler knows positions only; the performer asks what is next, turns positions into times
with the transport's timeline, and so a change of tempo moves everything that waits at no cost.
A change of feel moves what waits too: each note knows where it sounds at which amount.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from livevae.core.feel import Feel, FeltNote, felt_onset, in_order
from livevae.core.ledger import NoteToken


@dataclass(frozen=True, slots=True)
class NoteStart:
    """``felt`` of ``part`` is to sound here, if it sounds at all; its onsets are song positions."""

    position_ticks: int
    part: str
    felt: FeltNote


@dataclass(frozen=True, slots=True)
class NoteEnd:
    """The sounding that ``token`` names is to end. written_ticks: where it would, had feel not moved it."""

    position_ticks: int
    part: str
    token: NoteToken
    written_ticks: int


Due = NoteStart | NoteEnd
_END, _START = 0, 1  # at one position, ends come before starts, so that a repeated note is heard twice


class Scheduler:
    """A queue of starts and ends, ordered by song position."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, int, Due]] = []
        self._ties: dict[tuple[str, int], int] = {}
        self._heard: dict[str, dict[int, tuple[int, int]]] = {}  # what each part's pitches sounded last
        self._order = 0

    def add_notes(self, part: str, notes: Iterable[FeltNote], feel: Feel, earliest_ticks: int) -> None:
        """Queue notes whose onsets are song positions, but none that sounds before ``earliest_ticks``."""
        waiting = self._take(lambda due: due.part == part)
        placed = self._placed(part, [*waiting, *notes], feel)
        known = {id(felt) for felt in waiting}
        for position_ticks, felt in placed:
            if id(felt) in known or position_ticks >= earliest_ticks:
                self._push(_START, NoteStart(position_ticks, part, felt))

    def refeel(self, part: str, feel: Feel, now_ticks: int) -> None:
        """Move what waits of ``part`` to where these amounts have it: at once, if that has just passed."""
        if all(due.felt.is_plain for due in self._starts() if due.part == part):
            return
        waiting = self._take(lambda due: due.part == part)
        for position_ticks, felt in self._placed(part, waiting, feel):
            self._push(_START, NoteStart(max(now_ticks, position_ticks), part, felt))

    def drop_steps(self, part: str, first: int, end: int) -> None:
        """Forget what waits of ``part`` on the song's steps from ``first`` to before ``end``."""
        self._take(lambda due: due.part == part and first <= due.felt.step < end)

    def add_end(self, part: str, token: NoteToken, position_ticks: int, written_ticks: int) -> None:
        """Queue the end of a note that now sounds."""
        self._push(_END, NoteEnd(position_ticks, part, token, written_ticks))

    def take_ends_written_by(self, part: str, written_ticks: int) -> list[NoteToken]:
        """Take the ends of ``part`` that were written to be before this, but that feel has moved past it."""
        over = [
            entry[3]
            for entry in self._queue
            if isinstance(entry[3], NoteEnd)
            and entry[3].part == part
            and entry[3].written_ticks <= written_ticks
        ]
        if over:
            gone = {id(end) for end in over}
            self._queue = [entry for entry in self._queue if id(entry[3]) not in gone]
            heapq.heapify(self._queue)
        return [end.token for end in over]

    def is_heard(self, start: NoteStart) -> bool:
        """Whether this pitch of the part was struck at this very position already."""
        source_and_place = self._heard.get(start.part, {}).get(start.felt.note.pitch)
        return source_and_place is not None and source_and_place[1] == start.position_ticks

    def sounded(self, start: NoteStart) -> None:
        """A note was heard: none of its pitch that came in later will overtake it."""
        heard = self._heard.setdefault(start.part, {})
        heard[start.felt.note.pitch] = (start.felt.note.onset_ticks, start.position_ticks)

    def tie(self, part: str, bar_line_ticks: int, by_ticks: int) -> None:
        """Let notes of ``part`` written to end on this bar line go on ``by_ticks`` further."""
        self._ties[part, bar_line_ticks] = by_ticks

    def next_position_ticks(self) -> int | None:
        """Where the next thing is due."""
        return self._queue[0][0] if self._queue else None

    def pop(self) -> Due | None:
        """Take the next due thing, or None where it was an end that a tie has put off."""
        _, _, _, due = heapq.heappop(self._queue)
        if isinstance(due, NoteEnd):
            extra = self._ties.get((due.part, due.written_ticks), 0)
            if extra > 0:
                self.add_end(due.part, due.token, due.position_ticks + extra, due.written_ticks + extra)
                return None
        return due

    def drop_starts_before(self, position_ticks: int) -> None:
        """Forget notes whose time has passed unheard; those sounding will still end."""
        self._take(lambda due: due.position_ticks < position_ticks)

    def forget_ties_before(self, position_ticks: int) -> None:
        """Drop ties whose bar line has passed."""
        self._ties = {k: v for k, v in self._ties.items() if k[1] >= position_ticks}

    def clear(self) -> None:
        """Forget everything; the ledger ends what sounds."""
        self._queue.clear()
        self._ties.clear()
        self._heard.clear()

    def _starts(self) -> list[NoteStart]:
        return [entry[3] for entry in self._queue if isinstance(entry[3], NoteStart)]

    def _take(self, wanted: Callable[[NoteStart], bool]) -> list[FeltNote]:
        """Remove the starts that are ``wanted``."""
        taken: list[FeltNote] = []
        kept = []
        for entry in self._queue:
            due = entry[3]
            if isinstance(due, NoteStart) and wanted(due):
                taken.append(due.felt)
            else:
                kept.append(entry)
        if taken:
            self._queue = kept
            heapq.heapify(self._queue)
        return taken

    def _placed(self, part: str, notes: list[FeltNote], feel: Feel) -> list[tuple[int, FeltNote]]:
        """Where each note sounds; and those that do not at this density, where they would."""
        placed = in_order(notes, feel, self._heard.get(part, {}))
        sounding = {id(felt) for _, felt in placed}
        return placed + [(felt_onset(felt, feel), felt) for felt in notes if id(felt) not in sounding]

    def _push(self, kind: int, due: Due) -> None:
        self._order += 1
        heapq.heappush(self._queue, (due.position_ticks, kind, self._order, due))
