"""How late notes leave, in a real performance in real time, beside the floor of this computer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from livevae.adapters.midi.choose import choose_backend
from livevae.bench.floor import Spread, spread_of_counts, start_floor
from livevae.core.effects import BarMissed
from livevae.core.events import Play, SetParameter
from livevae.core.performance import Performance
from livevae.engine import Engine, News
from livevae.snapshot import Snapshot
from livevae.units import BEATS_PER_BAR

TEMPO_BPM = 240.0  # as fast as anybody plays
DEFAULT_BARS = 60  # a minute; a thousand take 17
_NS_PER_US = 1000
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Timing:
    """lateness: of note-ons, in microseconds. floor: of a loop in C that ran beside (see ``bench.floor``).

    backend: where the notes went; ``none`` times them up to the place where a port would take them.
    """

    lateness: Spread
    floor: Spread
    floor_method: str
    late_bars: int
    bars: int
    notes: int
    backend: str


def measure_timing(performance: Performance, model_paths: Sequence[Path], bars: int) -> Timing:
    """Play ``bars`` bars at ``TEMPO_BPM`` and time every note.

    Through JACK nothing would be late by design, so there the system's own clock is timed without a port.
    Raises what ``Engine.start`` raises.
    """
    backend = choose_backend()
    watch = _Watch()
    seconds = bars * BEATS_PER_BAR * 60.0 / TEMPO_BPM
    with Engine(performance, model_paths, backend="none" if backend == "jack" else backend) as engine:
        engine.send(SetParameter(None, "tempo", TEMPO_BPM))
        floor = start_floor(seconds)
        try:
            engine.send(Play())
            while watch.bars < bars:
                watch.see(engine.poll(_POLL_S))
        except BaseException:  # Ctrl-C too: the loop must not outlive us
            floor.cancel()
            raise
        backend = engine.backend
    lateness = spread_of_counts((late_ns / _NS_PER_US, 1) for late_ns in sorted(watch.lateness_ns))
    return Timing(
        lateness,
        floor.result(),
        floor.method,
        watch.late_bars,
        watch.bars,
        len(watch.lateness_ns),
        backend,
    )


class _Watch:
    """Counts while the music plays. bars: that were played to their end."""

    def __init__(self) -> None:
        self.lateness_ns: list[int] = []
        self.late_bars = 0
        self.bars = 0

    def see(self, news: Sequence[News]) -> None:
        for item in news:
            if isinstance(item, Snapshot):
                self.lateness_ns += item.new_lateness_ns
                if item.state == "playing":
                    self.bars = max(self.bars, item.bar)
            elif isinstance(item, BarMissed):
                self.late_bars += 1
