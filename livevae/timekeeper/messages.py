"""What is said over the pipe between the timekeeper and the main process.

Every message is one small immutable object, pickled. To the timekeeper go the core's events and the
few orders below; from it come batches (tuples) of what the musician should see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livevae.adapters.midi.port import PortHealth, PortNames
from livevae.core.effects import Effect
from livevae.core.events import Event
from livevae.core.performance import Performance
from livevae.core.snapshot import NoteSeen, PerformerSnapshot
from livevae.inference_messages import DrawMap, LoadModels, MapDrawn, ModelsLoaded

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Job:
    """What the timekeeper is started with.

    backend: any of ``livevae.adapters.midi.choose.BACKENDS``.
    in_name, out_name, controls_name, chords_name: ports of other programs to connect with.
    client_name: the name other programs see.
    recording: whether to report every note that is sent.
    spin_ns: how long before a deadline to stop sleeping and watch the clock.
    """

    performance: Performance
    backend: str = "auto"
    in_name: str | None = None
    out_name: str | None = None
    client_name: str = "livevae"
    recording: bool = False
    spin_ns: int = 500_000
    controls_name: str | None = None
    chords_name: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Report every note as it comes and goes from now on, or no longer: somebody is looking, or nobody is."""

    on: bool


@dataclass(frozen=True, slots=True)
class NewInference:
    """Ask this pipe's process from now on: the one before has gone."""

    pipe: Connection


ToTimekeeper = Event | Watch | NewInference | LoadModels | DrawMap


@dataclass(frozen=True, slots=True)
class Ready:
    """The ports are open and the first note could be played. backend: the one that ``auto`` found."""

    backend: str
    ports: PortNames


@dataclass(frozen=True, slots=True)
class Refused:
    """The timekeeper could not start; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotePlayed:
    """A note-on (velocity 1-127) or note-off (velocity 0) that was sent.

    at_ns: its ideal time. position_ticks, tempo_bpm: of the song then.
    """

    at_ns: int
    position_ticks: int
    tempo_bpm: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class ProgramPlayed:
    """A program change that was sent, 0-127. position_ticks: of the song then."""

    position_ticks: int
    channel: int
    program: int


@dataclass(frozen=True, slots=True)
class NotesSeen:
    """What came in and what was sent in one cycle, for whoever watches."""

    notes: tuple[NoteSeen, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """How things are, some ten times a second.

    lateness_ns: for every note-on sent since the picture before, how much after its ideal time it left.
    played: every note and program change since the picture before, where that was asked for.
    inference_ns: what the last answers of the model took, each.
    garbled: incoming messages so far that were no MIDI. dropped: messages to the screen that were left out.
    """

    at_ns: int
    performer: PerformerSnapshot
    ports: PortNames
    health: PortHealth
    lateness_ns: tuple[int, ...] = ()
    played: tuple[NotePlayed | ProgramPlayed, ...] = ()
    inference_ns: tuple[int, ...] = ()
    garbled: int = 0
    dropped: int = 0


FromTimekeeper = Ready | Refused | Picture | NotesSeen | ModelsLoaded | MapDrawn | Effect
"""Of the core's effects, notes and questions to the model stay in the timekeeper."""
