"""What the player did in the last bars, as it was played: onsets, durations, velocities, microtiming."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from livevae.core.notes import Note, Notes
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, bar_start_ticks

MAX_NOTES = 8192  # bounds memory against a flood; sixteen bars of anything playable fit many times over


@dataclass(frozen=True, slots=True)
class _Heard:
    onset_ticks: int
    end_ticks: int | None  # None while the key is still down
    channel: int
    pitch: int
    velocity: int


class Capture:
    """A ring of the notes that came in while the song was running, in song position.

    Bars are cut half a sixteenth before their bar line, because a downbeat is often played
    early: of the Groove recordings' first-step hits, two thirds are.
    """

    def __init__(self, bars: int = 16) -> None:
        self._kept_ticks = (bars + 1) * TICKS_PER_BAR
        self._heard: deque[_Heard] = deque(maxlen=MAX_NOTES)
        self._down: dict[tuple[int, int], tuple[int, int]] = {}

    def note_on(self, position_ticks: int, channel: int, pitch: int, velocity: int) -> None:
        """A key went down at this song position."""
        self.note_off(position_ticks, channel, pitch)
        self._down[channel, pitch] = (position_ticks, velocity)
        while self._heard and self._heard[0].onset_ticks < position_ticks - self._kept_ticks:
            self._heard.popleft()

    def note_off(self, position_ticks: int, channel: int, pitch: int) -> None:
        """A key came up; without a matching note-on nothing happens."""
        down = self._down.pop((channel, pitch), None)
        if down is not None:
            onset_ticks, velocity = down
            self._heard.append(_Heard(onset_ticks, position_ticks, channel, pitch, velocity))

    def release_all(self, position_ticks: int) -> None:
        """End every held note: the port or the song stopped."""
        for channel, pitch in list(self._down):
            self.note_off(position_ticks, channel, pitch)

    def forget(self) -> None:
        """Drop everything: the song jumped, so positions no longer follow each other."""
        self._heard.clear()
        self._down.clear()

    def jumped(self, from_ticks: int, to_ticks: int) -> None:
        """The song jumped. Where the place in the bar stays, as in a loop, what was heard precedes it still.

        Anywhere else positions no longer follow each other, and everything is forgotten.
        """
        bars = round((to_ticks - from_ticks) / TICKS_PER_BAR)
        by_ticks = bars * TICKS_PER_BAR
        if abs(to_ticks - from_ticks - by_ticks) > HALF_STEP_TICKS:
            self.forget()
            return
        self.release_all(from_ticks)
        for _ in range(len(self._heard)):
            heard = self._heard.popleft()
            end_ticks = None if heard.end_ticks is None else heard.end_ticks + by_ticks
            self._heard.append(replace(heard, onset_ticks=heard.onset_ticks + by_ticks, end_ticks=end_ticks))

    def window(self, first_bar: int, bars: int, channel: int, now_ticks: int) -> Notes:
        """The notes of ``bars`` bars from ``first_bar``, relative to its bar line.

        channel: 1-16, or 0 for any. Notes still held last until ``now_ticks``. An onset up to half
        a sixteenth before the window's bar line is in it (with a negative onset).
        """
        start = bar_start_ticks(first_bar)
        earliest, latest = start - HALF_STEP_TICKS, start + bars * TICKS_PER_BAR - HALF_STEP_TICKS
        held = (
            _Heard(onset, None, channel_, pitch, velocity)
            for (channel_, pitch), (onset, velocity) in self._down.items()
        )
        chosen = (
            heard
            for source in (self._heard, held)
            for heard in source
            if earliest <= heard.onset_ticks < latest and channel in (0, heard.channel)
        )
        return tuple(
            sorted(
                Note(
                    heard.onset_ticks - start,
                    max(1, (now_ticks if heard.end_ticks is None else heard.end_ticks) - heard.onset_ticks),
                    heard.pitch,
                    heard.velocity,
                )
                for heard in chosen
            )
        )
