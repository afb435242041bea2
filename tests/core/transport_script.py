"""Reads, plays and documents the numbered transport cases of tests/core/transport_cases/*.txt.

A case is a heading, `START-1: what a musician expects`, and indented lines, each of them

    TIME what happens -> what the transport says

TIME is in milliseconds from the first line's, or `+N`: N after the line before. What happens:

    clock auto|midi|internal at BPM    the set-up, once and first (without a time)
    start | continue | stop | play | play on | halt | tap | wait
    tempo BPM                          the tempo fader
    song N                             song position, in sixteenths
    pulse                              one clock pulse
    pulses N at BPM [to BPM]           the first now, the others behind it (steady, or a ramp)
    taps N at BPM
    playing|armed|stopped ...          nothing: checks state, then any of
                                       `beat N[+P]` (position; P pulses past the beat),
                                       `BPM bpm`, `led by midi|internal`

What it says (all of it, in order, Retimed left out; nothing where `->` is missing):
`began 4`, `halted 4+6`, `located 8` (waiting there), `jumped 8` (while playing), `lost`, `found`.
Positions are in beats and pulses. ``python -m tests.core.transport_script`` writes the table into
docs/TRANSPORT.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livevae.core import events
from livevae.core.transport import (
    Began,
    ClockFound,
    ClockLost,
    Halted,
    Located,
    Retimed,
    Transport,
    TransportChange,
)
from livevae.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S, PULSES_PER_BEAT, TICKS_PER_BEAT, TICKS_PER_PULSE

CASES_FOLDER = Path(__file__).parent / "transport_cases"
DOCUMENT = Path(__file__).parents[2] / "docs" / "TRANSPORT.md"
TABLE_BEGINS = "<!-- the table below is written by tests/core/transport_script.py -->"
_BEGIN_NS = 1000 * NS_PER_S
_BPM_TOLERANCE = 0.02
_POSITION_TOLERANCE_TICKS = TICKS_PER_PULSE // 10

_SIMPLE: dict[str, object] = {
    "start": events.ClockStart(),
    "continue": events.ClockContinue(),
    "stop": events.ClockStop(),
    "play": events.Play(from_start=True),
    "play on": events.Play(from_start=False),
    "halt": events.Halt(),
    "tap": events.TapTempo(),
    "pulse": events.ClockPulse(),
}


@dataclass(frozen=True)
class Case:
    """One row of the table. number: "START-1"; sentence: what a musician expects; lines: its script."""

    number: str
    sentence: str
    lines: tuple[str, ...]


def read_cases() -> list[Case]:
    """All cases, in the order of the files and of their headings."""
    cases: list[Case] = []
    for path in sorted(CASES_FOLDER.glob("*.txt")):
        for block in re.split(r"\n(?=[A-Z]+-\d+: )", "\n" + path.read_text(encoding="utf-8").strip()):
            if not block.strip():
                continue
            heading, *lines = block.strip().splitlines()
            number, sentence = heading.split(": ", 1)
            while lines and lines[0] and not lines[0].startswith("    "):
                sentence += " " + lines.pop(0).strip()
            cases.append(Case(number, sentence, tuple(line.strip() for line in lines if line.strip())))
    return cases


def play(case: Case) -> None:
    """Play a case's script; AssertionError, naming the line, where the transport says otherwise."""
    set_up = re.fullmatch(r"clock (\w+) at ([\d.]+)", case.lines[0])
    assert set_up, f"{case.number}: a case begins with its clock, not {case.lines[0]!r}"
    transport = Transport(set_up[1], float(set_up[2]))
    now_ms = 0.0
    for line in case.lines[1:]:
        does, _, expected = (text.strip() for text in line.partition("->"))
        time_text, what = does.split(" ", 1)
        now_ms = now_ms + float(time_text) if time_text.startswith("+") else float(time_text)
        said: list[TransportChange] = []
        for at_ms, happening in _happenings(what.strip(), now_ms):
            now_ms = at_ms
            at_ns = _BEGIN_NS + round(at_ms * NS_PER_MS)
            if happening is None:
                said += transport.advance(at_ns)
            elif isinstance(happening, float):
                said += transport.set_tempo(happening, at_ns)
            elif isinstance(happening, str):
                said += transport.advance(at_ns)
                _check(transport, happening, at_ns, f"{case.number}, line {line!r}")
            else:
                said += transport.receive(happening, at_ns)
        told = ", ".join(in_words(change) for change in said if not isinstance(change, Retimed))
        assert told == expected, f"{case.number}, line {line!r}: the transport said {told!r}"


def _happenings(what: str, at_ms: float) -> Iterator[tuple[float, object]]:
    if what in _SIMPLE:
        yield at_ms, _SIMPLE[what]
    elif what == "wait":
        yield at_ms, None
    elif series := re.fullmatch(r"(pulses|taps) (\d+) at ([\d.]+)(?: to ([\d.]+))?", what):
        count, from_bpm = int(series[2]), float(series[3])
        to_bpm = float(series[4] or from_bpm)
        per_beat = PULSES_PER_BEAT if series[1] == "pulses" else 1
        event = events.ClockPulse() if series[1] == "pulses" else events.TapTempo()
        for nth in range(count):
            yield at_ms, event
            bpm = from_bpm + (to_bpm - from_bpm) * (nth + 0.5) / count
            at_ms += NS_PER_MINUTE / NS_PER_MS / (bpm * per_beat)
    elif tempo := re.fullmatch(r"tempo ([\d.]+)", what):
        yield at_ms, float(tempo[1])
    elif song := re.fullmatch(r"song (\d+)", what):
        yield at_ms, events.SongPosition(int(song[1]))
    elif re.match(r"playing|armed|stopped", what):
        yield at_ms, what
    else:
        raise AssertionError(f"nothing is called {what!r}")


def _check(transport: Transport, what: str, at_ns: int, where: str) -> None:
    playing = transport.timeline.position_ticks(at_ns)
    position_ticks = playing if what.startswith("playing") else transport.position_ticks
    shown = (
        f"{transport.state.value} beat {position_ticks / TICKS_PER_BEAT:.4f} {transport.tempo_bpm:.4f} bpm"
        f" led by {transport.leader}"
    )
    assert what.split()[0] == transport.state.value, f"{where}: shows {shown}"
    if beat := re.search(r"beat (\d+)(?:\+([\d.]+))?", what):
        wanted = int(beat[1]) * TICKS_PER_BEAT + float(beat[2] or 0) * TICKS_PER_PULSE
        assert abs(position_ticks - wanted) <= _POSITION_TOLERANCE_TICKS, f"{where}: shows {shown}"
    if bpm := re.search(r"([\d.]+) bpm", what):
        assert abs(transport.tempo_bpm - float(bpm[1])) <= _BPM_TOLERANCE, f"{where}: shows {shown}"
    if leader := re.search(r"led by (\w+)", what):
        assert transport.leader == leader[1], f"{where}: shows {shown}"


def in_words(change: TransportChange) -> str:
    """A change as the scripts write it."""
    match change:
        case Began(_, position_ticks):
            return f"began {_beats(position_ticks)}"
        case Halted(_, position_ticks):
            return f"halted {_beats(position_ticks)}"
        case Located(_, position_ticks, playing):
            return f"{'jumped' if playing else 'located'} {_beats(position_ticks)}"
        case ClockLost():
            return "lost"
        case ClockFound():
            return "found"
    return "retimed"


def _beats(position_ticks: int) -> str:
    beats, pulses = divmod(round(position_ticks / TICKS_PER_PULSE, 2), PULSES_PER_BEAT)
    return f"{beats:g}" + (f"+{pulses:g}" if pulses else "")


def table(cases: list[Case]) -> str:
    """The Markdown table of the cases."""
    rows = [f"| {case.number} | {case.sentence} |" for case in cases]
    return "\n".join(["| Case | What a musician can expect |", "| --- | --- |", *rows]) + "\n"


def document_with_table(text: str, cases: list[Case]) -> str:
    """``text`` of the document with everything after its mark replaced by the table."""
    before, mark, _ = text.partition(TABLE_BEGINS)
    assert mark, f"{DOCUMENT.name} has lost its mark: {TABLE_BEGINS}"
    return f"{before}{mark}\n\n{table(cases)}"


if __name__ == "__main__":
    DOCUMENT.write_text(
        document_with_table(DOCUMENT.read_text(encoding="utf-8"), read_cases()), encoding="utf-8"
    )
