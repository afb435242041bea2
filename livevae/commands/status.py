"""The live status line: where the music is, what each part does, how punctual it was."""

from __future__ import annotations

from livevae.core.snapshot import PartSnapshot
from livevae.snapshot import Lateness, Snapshot
from livevae.units import TICKS_PER_BEAT, bar_start_ticks

_LEADERS = {"midi": "your clock", "internal": "own clock"}
_BARS_A_LINE = 8


def status_line(snapshot: Snapshot) -> str:
    """Transport, bar and beat, tempo, parts, lateness, missed bars, and what else is amiss."""
    pieces = [
        f"{snapshot.state:<7}  bar {position(snapshot):<6} {snapshot.tempo_bpm:5.1f} BPM",
        _LEADERS.get(snapshot.leader, snapshot.leader),
        " | ".join(map(_of_part, snapshot.parts)),
        *([f"chord {snapshot.chord}"] if snapshot.chord else []),
        f"late {_of_lateness(snapshot.lateness)}",
        f"missed {snapshot.bars_missed}",
    ]
    if snapshot.health.dropouts:
        pieces.append(f"dropouts {snapshot.health.dropouts}")
    if snapshot.health.lost:
        pieces.append("MIDI system gone")
    return "  ".join(pieces)


def status_key(snapshot: Snapshot) -> tuple[object, ...]:
    """What must change for a new line to be worth printing where lines cannot be overwritten."""
    parts = tuple((part.mode, part.muted) for part in snapshot.parts)
    lost = snapshot.health.lost
    return (snapshot.state, snapshot.leader, parts, snapshot.bars_missed, lost, snapshot.bar // _BARS_A_LINE)


def summary(snapshot: Snapshot) -> str:
    """How the session went, in one sentence."""
    lateness = snapshot.lateness
    notes = f"the last {lateness.notes} notes left late by {_of_lateness(lateness)} (median/99 %)"
    return f"Ended in bar {position(snapshot)}; {snapshot.bars_missed} bars missed; {notes}."


def position(snapshot: Snapshot) -> str:
    """Bar and beat as people count, both from 1."""
    beat = (snapshot.position_ticks - bar_start_ticks(snapshot.bar)) // TICKS_PER_BEAT
    return f"{snapshot.bar + 1}.{beat + 1}"


def _of_lateness(lateness: Lateness) -> str:
    if not lateness.notes:
        return "-"
    return f"{max(0.0, lateness.p50_us):.0f}/{max(0.0, lateness.p99_us):.0f} µs"


def _of_part(part: PartSnapshot) -> str:
    remarks = [word for word, holds in (("muted", part.muted), ("listening", part.listening)) if holds]
    return f"{part.name} {part.mode}" + (f" ({', '.join(remarks)})" if remarks else "")
