"""Drums that come in, and what is heard of them, in virtual time: what the tests of grooving share."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from livevae.core.drum_kit import DrumKit
from livevae.core.events import (
    Event,
    ModelAnswer,
    ModelFailed,
    NoteOff,
    NoteOn,
    Play,
    SetParameter,
)
from livevae.core.latents import ModelRequest
from livevae.core.parameters import ParameterValue
from livevae.testing import Take, VirtualStage, groove_performance, leaning
from livevae.units import (
    NS_PER_MS,
    TICKS_PER_BAR,
    TICKS_PER_STEP,
    ns_per_beat_of_bpm,
    ns_to_ticks,
    ticks_to_ns,
)

UNFELT: dict[str, Any] = {"feel_timing": 0.0, "feel_velocity": 0.0, "feel_density": 0.0}
KICK, SNARE, RIM, HAT = 36, 38, 37, 42
SIXTEENTH_NS = 125 * NS_PER_MS  # at 120 BPM
BAR_NS = 16 * SIXTEENTH_NS
Hits = list[tuple[float, int, int]]  # step of the song (fractions are microtiming), pitch, velocity
BEAT: Hits = [(0, KICK, 100), (4, SNARE, 100), (8, KICK, 100), (10, KICK, 80), (12, SNARE, 100)]


def played(hits: Hits, bpm: float = 120.0, channel: int = 10) -> list[tuple[int, Event]]:
    """Hits as they come in, each a 32nd long."""
    beat_ns = ns_per_beat_of_bpm(bpm)
    events: list[tuple[int, Event]] = []
    for step, pitch, velocity in hits:
        onset = round(step * TICKS_PER_STEP)
        events.append((ticks_to_ns(onset, beat_ns), NoteOn(channel, pitch, velocity)))
        events.append((ticks_to_ns(onset + TICKS_PER_STEP // 2, beat_ns), NoteOff(channel, pitch)))
    return sorted(events, key=lambda event: (event[0], isinstance(event[1], NoteOn)))


def grooving(
    hits: Hits, bpm: float = 120.0, kit: DrumKit | None = None, **values: ParameterValue
) -> VirtualStage:
    performance = groove_performance(**({"kit": kit} if kit else {}), **values)  # type: ignore[arg-type]
    stage = VirtualStage(performance, answer=leaning)
    stage.at(0, SetParameter(None, "tempo", bpm)).at(0, Play())
    stage.script += played(hits, bpm)
    return stage


def heard(take: Take, bpm: float = 120.0) -> Hits:
    beat_ns = ns_per_beat_of_bpm(bpm)
    return [(ns_to_ticks(n.start_ns, beat_ns) / TICKS_PER_STEP, n.pitch, n.velocity) for n in take.notes()]


def assert_near(back: Hits, expected: Hits) -> None:
    """The same hits, each within a thousandth of a sixteenth."""
    assert [hit[1:] for hit in back] == [hit[1:] for hit in expected]
    assert [step for step, *_ in back] == pytest.approx([step for step, *_ in expected], abs=1e-3)


def bars_long(bars: int, bpm: float = 120.0) -> int:
    return ticks_to_ns(bars * TICKS_PER_BAR, ns_per_beat_of_bpm(bpm)) - 1


@st.composite
def some_bars(draw: st.DrawFn) -> Hits:
    """Three bars of drums, onsets within half a sixteenth of the grid, none of a pitch upon another."""
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 47), st.sampled_from([KICK, SNARE, RIM, HAT, 46, 51])),
            unique=True,
            max_size=24,
        )
    )
    aside = st.floats(-0.24, 0.24).map(lambda x: round(x, 3))
    return sorted((max(0.0, step + draw(aside)), pitch, draw(st.integers(1, 127))) for step, pitch in cells)


def asked(stage: VirtualStage) -> list[ModelRequest]:
    """What the models are asked in a run of the same script."""
    requests: list[ModelRequest] = []

    def listening(request: ModelRequest) -> ModelAnswer | ModelFailed:
        requests.append(request)
        return leaning(request)

    VirtualStage(stage.performance, listening, stage.answer_after_ns, list(stage.script)).run(bars=3)
    return requests
