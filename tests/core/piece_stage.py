"""A piece of sixteen-bar plans in virtual time: what the tests that bend one share."""

from __future__ import annotations

from dataclasses import replace

from livevae.core.effects import AskModel, BarDecided
from livevae.core.events import Event, NoteOff, NoteOn
from livevae.core.latents import ModelRequest
from livevae.core.notes import Notes
from livevae.core.parameters import ParameterValue
from livevae.core.performance import ModelInfo, Performance
from livevae.testing import Take, VirtualStage, tiny_performance
from tests.core.stage import BAR_NS, BEAT_NS, ready_stage

BARS = 16
PARTS = ("melody", "bass", "drums")
SONG = ModelInfo("tick-tock", BARS, PARTS, ("drums_density",), tells_bars=True, tells_parts=True)


def song(model: ModelInfo = SONG, clock: str = "internal", **settings: ParameterValue) -> Performance:
    """Three parts that play a model of sixteen bars, all with these settings."""
    parts = tuple(
        replace(part, settings={"phrase": BARS, **part.settings, **settings})
        for part in tiny_performance().parts
    )
    return tiny_performance(parts=parts, models=(model,), clock=clock)


def stage(performance: Performance) -> VirtualStage:
    """A stage that plays it, ready when play begins."""
    return ready_stage(performance).play()


def in_bar(bar: int) -> int:
    """The middle of a bar."""
    return bar * BAR_NS + BAR_NS // 2


def asked(take: Take) -> list[ModelRequest]:
    return [effect.request for effect in take.effects if isinstance(effect, AskModel)]


def decided(take: Take, part: str) -> dict[int, Notes]:
    """What a part last decided for each bar."""
    return {e.bar: e.notes for e in take.effects if isinstance(e, BarDecided) and e.part == part}


def sounded(
    take: Take, channel: int, first_bar: int, bars: int = 1, early_ns: int = 0
) -> list[tuple[int, int]]:
    """Times from the first of these bars, and pitches, of what sounded on a channel in them.

    early_ns: how much sooner than by the clock bars may begin.
    """
    start_ns = first_bar * BAR_NS - early_ns
    return [
        (note.start_ns - start_ns, note.pitch)
        for note in take.notes()
        if note.channel == channel and start_ns <= note.start_ns < start_ns + bars * BAR_NS
    ]


def phrase(first_bar: int, bars: int) -> list[tuple[int, Event]]:
    """A note on every beat of these bars, on channel 1."""
    events: list[tuple[int, Event]] = []
    for beat in range(first_bar * 4, (first_bar + bars) * 4):
        events.append((beat * BEAT_NS + 1000, NoteOn(1, 60 + beat % 5, 90)))
        events.append((beat * BEAT_NS + BEAT_NS // 2, NoteOff(1, 60 + beat % 5)))
    return events
