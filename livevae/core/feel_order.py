"""What is asked of a groove model: one bar, felt, in one request with whatever has to be decoded for it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from livevae.core.feel import FeltNotes
from livevae.core.latents import Latent
from livevae.core.notes import Note

if TYPE_CHECKING:
    from livevae.core.latents import ModelRequest

SOURCE_BARS = 2  # groove models hear two bars; the second is the one that is answered

TASK_OF_MODE = {"groove": "humanise", "tap": "tap", "hats": "hats"}
"""What each of the groove modes asks; whatever livevae itself writes is humanised."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One note that came in. note: with the pitch it goes out with. heard_as: the General MIDI drum it is."""

    note: Note
    heard_as: int


@dataclass(frozen=True, slots=True)
class FeelOrder:
    """How a bar is to be felt.

    model: name of the groove model. task: one of ``TASK_OF_MODE``'s. style: one of the parameter's choices.
    tempo_bpm: whole beats a minute.
    groove: the feel to lay on it, a point of the groove model; None for none in particular.
    seed: fixes everything that is drawn. temperature: None takes the model's own.
    source: what came in during ``SOURCE_BARS`` bars, the last of which is answered; None where the request's
        own model writes the notes.
    part: what ``source`` plays: ``drums``, or the name of a line.
    follows: for a line: the drums it goes with, felt, in General MIDI's pitches, or the request that felt
        them. None: those that the request's own model writes to it, or else a plain beat.
    """

    model: str
    task: str
    style: str
    tempo_bpm: int
    groove: Latent | None
    seed: int
    temperature: float | None
    source: tuple[Hit, ...] | None = None
    part: str = "drums"
    follows: FeltNotes | ModelRequest | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Hash its hundred notes once, for they are looked up several times in the timekeeper."""
        object.__setattr__(self, "_hash", 0)
        contents = tuple(getattr(self, each.name) for each in fields(self) if each.compare)
        object.__setattr__(self, "_hash", hash(contents))

    def __hash__(self) -> int:
        return self._hash
