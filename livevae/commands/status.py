"""The live status line: where the music is, what each part does, how punctual it was."""

from __future__ import annotations

from collections import deque

from livevae.core.snapshot import PartSnapshot
from livevae.timekeeper.messages import Picture
from livevae.units import TICKS_PER_BEAT, bar_of_tick, bar_start_ticks

_LATENESS_WINDOW = 1_000  # notes: about two minutes of a trio
_LEADERS = {"midi": "your clock", "internal": "own clock"}


class Status:
    """Pictures in, one line of text out."""

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._lateness_ns: deque[int] = deque(maxlen=_LATENESS_WINDOW)

    def update(self, picture: Picture) -> None:
        """Take in the newest picture."""
        self._picture = picture
        self._lateness_ns.extend(picture.lateness_ns)

    def line(self) -> str:
        """Transport, tempo, bar and beat, parts, lateness, missed bars."""
        if self._picture is None:
            return "starting"
        song = self._picture.performer
        pieces = [
            f"{song.state:<7}  bar {self.position()}  {song.tempo_bpm:5.1f} BPM ({_LEADERS[song.leader]})",
            " | ".join(map(_of_part, song.parts)),
            f"late {self.lateness()}",
            f"missed {self.missed_bars}",
        ]
        return "  ".join(pieces)

    def key(self) -> tuple[object, ...]:
        """What must change for a new line to be worth printing where lines cannot be overwritten."""
        if self._picture is None:
            return ()
        song = self._picture.performer
        parts = tuple((part.mode, part.muted) for part in song.parts)
        return (song.state, song.leader, parts, self.missed_bars, bar_of_tick(song.position_ticks) // 8)

    def position(self) -> str:
        """Bar and beat as people count, both from 1."""
        if self._picture is None:
            return "1.1"
        ticks = self._picture.performer.position_ticks
        bar = bar_of_tick(ticks)
        return f"{bar + 1}.{(ticks - bar_start_ticks(bar)) // TICKS_PER_BEAT + 1}"

    @property
    def missed_bars(self) -> int:
        """Bars for which the model's answer came too late, of all parts."""
        return sum(part.bars_missed for part in self._picture.performer.parts) if self._picture else 0

    def lateness(self) -> str:
        """Median and 99th percentile of how late the last notes left."""
        if not self._lateness_ns:
            return "-"
        ordered = sorted(self._lateness_ns)
        p50, p99 = (ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 99))
        return f"{max(0, p50) / 1000:.0f}/{max(0, p99) / 1000:.0f} µs"

    def summary(self) -> str:
        """How the session went, in one sentence."""
        bars = self._picture.performer.bars_played if self._picture else 0
        return (
            f"{bars} bars played, {self.missed_bars} missed; notes late by {self.lateness()} (median/99 %)."
        )


def _of_part(part: PartSnapshot) -> str:
    remarks = [word for word, holds in (("muted", part.muted), ("listening", part.listening)) if holds]
    return f"{part.name} {part.mode}" + (f" ({', '.join(remarks)})" if remarks else "")
