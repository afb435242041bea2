"""A snapshot to show, with whatever a test wants different."""

from __future__ import annotations

from livevae.adapters.midi.port import PortHealth, PortNames
from livevae.core.snapshot import PartSnapshot
from livevae.snapshot import Lateness, Snapshot
from livevae.units import TICKS_PER_BAR


def snapshot(*, state: str = "playing", bar: float = 0.0, **changes: object) -> Snapshot:
    whole: dict[str, object] = {
        "at_ns": 0,
        "state": state,
        "leader": "internal",
        "tempo_bpm": 120.0,
        "position_ticks": round(bar * TICKS_PER_BAR),
        "bars_played": 3,
        "parts": (PartSnapshot("drums", "vary", muted=True, listening=False, heard=False, bars_missed=2),),
        "lateness": Lateness(12.0, 80.0, 90.0, 40),
        "inference_ms": 1.0,
        "pulse_jitter_us": 0.0,
        "ports": PortNames("none"),
        "health": PortHealth(),
        "garbled": 0,
    }
    return Snapshot(**(whole | changes))  # type: ignore[arg-type]
