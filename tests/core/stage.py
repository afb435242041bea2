"""A stage at 120 beats a minute that is ready when play begins: what tests of the performer share."""

from __future__ import annotations

from livevae.core.events import ClockPulse, ClockStart, NoteOff
from livevae.core.performance import Performance
from livevae.testing import SoundedNote, Take, VirtualStage, tiny_performance

BEAT_NS = 500_000_000  # 120 BPM
BAR_NS = 4 * BEAT_NS
PULSE_NS = BEAT_NS // 24


def ready_stage(performance: Performance | None = None) -> VirtualStage:
    """A stage that has time to decide the first bar before anything else happens."""
    return VirtualStage(performance or tiny_performance()).at(-BAR_NS, NoteOff(16, 0))


def daw_stage(performance: Performance | None = None) -> VirtualStage:
    """The same, about to follow an outside clock: its start has come in, and no pulse yet."""
    return ready_stage(performance or tiny_performance(clock="midi")).at(-1000, ClockStart())


def pulses(first_ns: int, count: int) -> list[tuple[int, ClockPulse]]:
    """Pulses of an outside clock."""
    return [(first_ns + n * PULSE_NS, ClockPulse()) for n in range(count)]


def notes_on(take: Take, channel: int) -> list[SoundedNote]:
    """What sounded on a channel."""
    return [note for note in take.notes() if note.channel == channel]


def bars_of(notes: list[SoundedNote], count: int) -> list[list[tuple[int, int]]]:
    """Times from the bar line, and pitches, of what began in each of the first bars."""
    return [
        [(n.start_ns - bar * BAR_NS, n.pitch) for n in notes if n.start_ns // BAR_NS == bar]
        for bar in range(count)
    ]
