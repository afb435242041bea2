"""How well the transport follows, in figures: `python -m tests.core.follower_figures`.

Prints them, and writes them into docs/TRANSPORT.md.

Virtual time and fixed seeds, so every run prints the same. Each row is a master's clock: its ideal
times, and what jitter or damage does to them on the way. The columns, in microseconds of error
against the ideal clock:

    sounding   when notes sound: every position between two pulses' arrivals is taken at the time
               the timeline in force gives it (48 positions a beat); rms, 99 % and worst
    at pulse   the timeline just after each pulse, at that pulse's position; rms
    beat on    the timeline just after each pulse, one beat later; rms (for a master whose tempo
               changes, that is foretelling the future: only for steady rows)
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from livevae.core.events import ClockPulse, ClockStart
from livevae.core.transport import Transport, TransportState
from livevae.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S, PULSES_PER_BEAT, TICKS_PER_PULSE

Tempo = Callable[[float], float]  # beats since the start -> BPM
Damage = Callable[[random.Random, float], float]  # ideal ns -> ns of arrival

DOCUMENT = Path(__file__).parents[2] / "docs" / "TRANSPORT.md"
FIGURES_BEGIN = "<!-- the figures are written by tests/core/follower_figures.py -->"
FIGURES_END = "<!-- end of the figures -->"
_BEGIN_NS = 1000 * NS_PER_S
_SETTLED_PULSES = 2 * PULSES_PER_BEAT


@dataclass(frozen=True)
class Figures:
    """Errors in microseconds."""

    sounding_rms: float
    sounding_p99: float
    sounding_worst: float
    at_pulse_rms: float
    beat_on_rms: float


def ideal_times_ns(tempo: Tempo, pulses: int) -> list[float]:
    """When each pulse of a master at ``tempo`` is due; the tempo is held for each pulse."""
    times, at_ns = [], float(_BEGIN_NS)
    for index in range(pulses):
        times.append(at_ns)
        at_ns += NS_PER_MINUTE / (tempo((index + 0.5) / PULSES_PER_BEAT) * PULSES_PER_BEAT)
    return times


def measure(
    tempo: Tempo, damage: Damage, pulses: int, *, preset_bpm: float, settled: bool, seed: int = 1
) -> Figures:
    """Play ``pulses`` pulses; leave out the first two beats if ``settled``."""
    rng = random.Random(seed)
    ideal = ideal_times_ns(tempo, pulses + PULSES_PER_BEAT)
    arrivals = sorted(round(damage(rng, at_ns)) for at_ns in ideal[:pulses])
    transport = Transport("midi", preset_bpm)
    transport.receive(ClockStart(), arrivals[0] - NS_PER_MS)
    sounding: list[float] = []
    at_pulse: list[float] = []
    beat_on: list[float] = []
    first = _SETTLED_PULSES if settled else 0

    def due_ns(half_pulse: int) -> float:
        index, odd = divmod(half_pulse, 2)
        return (ideal[index] + ideal[index + 1]) / 2 if odd else ideal[index]

    half_pulse = 0
    for index, at_ns in enumerate(arrivals):
        if transport.state is TransportState.PLAYING:
            while (sounds_ns := transport.timeline.time_ns(half_pulse * TICKS_PER_PULSE // 2)) <= at_ns:
                if half_pulse >= 2 * first and half_pulse // 2 + 1 < len(ideal):
                    sounding.append(sounds_ns - due_ns(half_pulse))
                half_pulse += 1
        transport.receive(ClockPulse(), at_ns)
        if index >= first:
            at_pulse.append(transport.timeline.time_ns(index * TICKS_PER_PULSE) - ideal[index])
            beat = index + PULSES_PER_BEAT
            beat_on.append(transport.timeline.time_ns(beat * TICKS_PER_PULSE) - ideal[beat])
    ordered = sorted(abs(error) for error in sounding)
    return Figures(
        _rms(sounding) / 1000,
        ordered[int(0.99 * (len(ordered) - 1))] / 1000,
        ordered[-1] / 1000,
        _rms(at_pulse) / 1000,
        _rms(beat_on) / 1000,
    )


def _rms(errors: list[float]) -> float:
    return math.sqrt(sum(error * error for error in errors) / len(errors))


def steady(tempo_bpm: float) -> Tempo:
    return lambda beat: tempo_bpm


def ramp(from_bpm: float, to_bpm: float, from_beat: float, beats: float) -> Tempo:
    """Linear in beats."""
    return lambda beat: from_bpm + (to_bpm - from_bpm) * min(1.0, max(0.0, (beat - from_beat) / beats))


def step(from_bpm: float, to_bpm: float, at_beat: float) -> Tempo:
    return lambda beat: from_bpm if beat < at_beat else to_bpm


def exact(rng: random.Random, at_ns: float) -> float:
    return at_ns


def frames(count: int) -> Damage:
    """Heard at the next multiple of ``count`` frames of 48 kHz (less the half of it that is the mean)."""
    period_ns = count * NS_PER_S / 48_000

    def whole(rng: random.Random, at_ns: float) -> float:
        periods: int = math.ceil(at_ns / period_ns)
        return periods * period_ns - period_ns / 2

    return whole


def uniform(jitter_ms: float) -> Damage:
    return lambda rng, at_ns: at_ns + rng.uniform(-jitter_ms, jitter_ms) * NS_PER_MS


def daw(rng: random.Random, at_ns: float) -> float:
    """Mostly within 1 ms, one pulse in fifty 4-6 ms off, as Ableton's own MIDI tests have it."""
    if rng.random() < 0.02:
        return at_ns + rng.choice((-1, 1)) * rng.uniform(4.0, 6.0) * NS_PER_MS
    return at_ns + rng.gauss(0.0, 0.4) * NS_PER_MS


ROWS: tuple[tuple[str, Tempo, Damage, int, float, bool], ...] = (
    # name, tempo, damage, pulses, preset BPM, whether the first two beats are left out
    ("120 BPM, exact", steady(120), exact, 2400, 120, False),
    ("97.3 BPM, exact", steady(97.3), exact, 2400, 120, True),
    ("121 BPM, whole frames of 48 kHz", steady(121), frames(1), 2400, 120, True),
    ("133 BPM, whole frames of 48 kHz", steady(133), frames(1), 2400, 120, True),
    ("120 BPM, +-1 ms", steady(120), uniform(1.0), 2400, 120, True),
    ("60 BPM, +-1 ms", steady(60), uniform(1.0), 2400, 60, True),
    ("240 BPM, +-1 ms", steady(240), uniform(1.0), 2400, 240, True),
    ("120 BPM, DAW with outliers", steady(120), daw, 2400, 120, True),
    ("240 BPM, DAW with outliers", steady(240), daw, 2400, 120, True),
    ("121 BPM, periods of 256 frames", steady(121), frames(256), 2400, 120, True),
    ("133 BPM, periods of 256 frames", steady(133), frames(256), 2400, 120, True),
    ("first 4 beats at 120, preset 120, +-1 ms", steady(120), uniform(1.0), 96, 120, False),
    ("first 4 beats at 140, preset 120, exact", steady(140), exact, 96, 120, False),
    ("first 4 beats at 140, preset 120, +-1 ms", steady(140), uniform(1.0), 96, 120, False),
    ("120 -> 126 at once, exact", step(120, 126, 8), exact, 480, 120, True),
    ("120 -> 126 at once, +-1 ms", step(120, 126, 8), uniform(1.0), 480, 120, True),
    ("120 -> 60 at once, exact", step(120, 60, 8), exact, 480, 120, True),
    ("ramp 40 -> 240 in 8 bars, exact", ramp(40, 240, 4, 32), exact, 960, 40, True),
    ("ramp 40 -> 240 in 8 bars, +-1 ms", ramp(40, 240, 4, 32), uniform(1.0), 960, 40, True),
    ("ramp 240 -> 40 in 8 bars, exact", ramp(240, 40, 4, 32), exact, 960, 240, True),
    ("ramp 240 -> 40 in 8 bars, +-1 ms", ramp(240, 40, 4, 32), uniform(1.0), 960, 240, True),
    ("ramp 100 -> 130 in 8 bars, DAW", ramp(100, 130, 4, 32), daw, 960, 100, True),
)


def rows() -> Iterator[tuple[str, Figures]]:
    for name, tempo, damage, pulses, preset_bpm, settled in ROWS:
        yield name, measure(tempo, damage, pulses, preset_bpm=preset_bpm, settled=settled)


def table(figures: dict[str, Figures]) -> str:
    """The figures as a Markdown table."""
    lines = ["| Master | rms | 99 % | worst | at pulse, rms | beat on, rms |", "| --- |" + " ---: |" * 5]
    for name, row in figures.items():
        steady_tempo = "->" not in name
        cells = [f"{figure:,.1f}" if figure < 100 else f"{figure:,.0f}" for figure in astuple(row)]
        lines.append(
            f"| {name.replace('->', '→').replace('+-', '±')} | "
            + " | ".join(cells if steady_tempo else [*cells[:-1], ""])
            + " |"
        )
    return "\n".join(lines)


def document_with_figures(text: str, figures: dict[str, Figures]) -> str:
    """``text`` of the document with the table of figures as it is now."""
    before, _, rest = text.partition(FIGURES_BEGIN)
    _, end, after = rest.partition(FIGURES_END)
    assert end, f"{DOCUMENT.name} has lost the marks of its figures"
    return f"{before}{FIGURES_BEGIN}\n\n{table(figures)}\n\n{FIGURES_END}{after}"


def main() -> None:
    figures = dict(rows())
    print(table(figures))
    DOCUMENT.write_text(
        document_with_figures(DOCUMENT.read_text(encoding="utf-8"), figures), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
