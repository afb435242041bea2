"""What somebody on the network can ask for: the performer's events, and what the desk answers itself."""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.events import (
    Drop,
    Forget,
    Halt,
    Keep,
    Learn,
    Panic,
    Play,
    PlayChord,
    Rename,
    SetParameter,
    StopLearning,
    TapTempo,
    Undo,
    WriteChords,
)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Tell this program every change from now on.

    reply_port: where it listens, if not where it sends from; so for the other requests too.
    """

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """No more of it."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskState:
    """Tell all values."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskCapabilities:
    """Tell what there is to turn."""

    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class AskValue:
    """Tell one parameter's value."""

    part: str | None
    name: str


@dataclass(frozen=True, slots=True)
class KeepFile:
    """Keep what a MIDI file on this computer plays. path: as the sender wrote it."""

    part: str
    slot: int
    path: str
    name: str


Request = Subscribe | Unsubscribe | AskState | AskCapabilities | AskValue | KeepFile
ForPerformer = (
    SetParameter
    | Play
    | Halt
    | TapTempo
    | Panic
    | PlayChord
    | WriteChords
    | Keep
    | Drop
    | Rename
    | Undo
    | Learn
    | StopLearning
    | Forget
)
Command = ForPerformer | Request
