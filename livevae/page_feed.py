"""The engine's news, passed on to the page."""

from __future__ import annotations

from livevae.adapters.page.server import PageServer
from livevae.adapters.page.wire import Message, beats, milliseconds
from livevae.engine import News
from livevae.inference_messages import MapDrawn, ModelsLoaded
from livevae.snapshot import Snapshot
from livevae.timekeeper.messages import NotesSeen


class PageFeed:
    """Tells an open ``PageServer`` everything it shows. Thread-safe: yes."""

    def __init__(self, server: PageServer) -> None:
        self._server = server

    def report(self, news: News) -> None:
        """Pass one report on. Never waits."""
        match news:
            case Snapshot():
                self._server.now(now_message(news))
            case NotesSeen(notes):
                self._server.notes(notes)
            case ModelsLoaded() | MapDrawn():
                pass  # maps go by way of ``livevae.latent_map``
            case _:
                self._server.told(news)


def now_message(snapshot: Snapshot) -> Message:
    """Transport, parts and meters, some ten times a second."""
    lateness = snapshot.lateness
    return {
        "is": "now",
        "at": milliseconds(snapshot.at_ns),
        "state": snapshot.state,
        "leader": snapshot.leader,
        "bpm": round(snapshot.tempo_bpm, 2),
        "beat": beats(snapshot.position_ticks),
        "bars": snapshot.bars_played,
        "chord": snapshot.chord,
        "parts": [
            {
                "name": part.name,
                "mode": part.mode,
                "muted": part.muted,
                "listening": part.listening,
                "heard": part.heard,
                "missed": part.bars_missed,
            }
            for part in snapshot.parts
        ],
        "late_p50_us": round(lateness.p50_us, 1),
        "late_p99_us": round(lateness.p99_us, 1),
        "late_notes": lateness.notes,
        "inference_ms": round(snapshot.inference_ms, 2),
        "jitter_us": round(snapshot.pulse_jitter_us, 1),
        "missed": snapshot.bars_missed,
        "dropouts": snapshot.health.dropouts,
        "lost": snapshot.health.lost,
        "garbled": snapshot.garbled,
        "midi": snapshot.ports.system,
        "inputs": snapshot.ports.inputs,
        "outputs": snapshot.ports.outputs,
    }
