"""What every codec offers: notes of named parts to a step-by-column array of classes, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP

Tokens = npt.NDArray[np.int64]

DEFAULT_VELOCITY: Mapping[str, int] = {"melody": 84, "bass": 88, "drums": 96}
"""Velocity a part is decoded with when the caller names none; the 2-bar and trio models know no dynamics."""


@dataclass(frozen=True, slots=True)
class Column:
    """One categorical column of a codec's array.

    name: unique within the codec. part: whose notes it describes. classes: tokens run 0 … classes - 1.
    """

    name: str
    part: str
    classes: int


@runtime_checkable
class Codec(Protocol):
    """Turns a window of notes into tokens and back.

    Laws (tests/codec): notes on the grid and in range survive decode(encode(notes)) exactly;
    ``encode(decode(array))`` is the canonical form of ``array``, and canonical arrays survive it exactly.
    """

    @property
    def name(self) -> str:
        """Key in the registry."""
        ...

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts it encodes, in column order."""
        ...

    @property
    def bars(self) -> int:
        """Length of a window in 4/4 bars."""
        ...

    @property
    def steps(self) -> int:
        """Length of a window in sixteenths."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each column of the array means."""
        ...

    def args(self) -> dict[str, Any]:
        """JSON-able arguments; ``codec_from(name, args)`` builds an equal codec."""
        ...

    def encode(self, notes: Mapping[str, Sequence[Note]]) -> Tokens:
        """Quantise a window's notes to the grid.

        notes: per part, positions from the window's first bar line; onsets from half a step before it
            until half a step before its end are in the window, all others are left out. Parts the codec
            does not know are left out, parts not given are silent.
        Returns shape (steps, columns), int64.
        """
        ...

    def decode(
        self, tokens: Tokens, velocity: Mapping[str, int] | None = None
    ) -> dict[str, tuple[Note, ...]]:
        """Notes of every part, on the grid, in onset order.

        tokens: shape (any number of steps, columns), int64; classes out of range raise ValueError.
        velocity: per part 1-127; parts not named get ``DEFAULT_VELOCITY``.
        A note held at the end of the array ends there.
        """
        ...


def step_of_onset(onset_ticks: int) -> int:
    """The nearest grid step; exactly half a step before a step belongs to that step.

    So a downbeat anticipated by up to half a sixteenth is step 0 of its own window
    (FACTS: most Groove downbeats are played before the bar line).
    """
    return (onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP


def checked_tokens(tokens: Tokens, columns: Sequence[Column]) -> Tokens:
    """The same array once its shape and classes are known to fit; ValueError says what does not."""
    array = np.asarray(tokens)
    if array.ndim != 2 or array.shape[1] != len(columns):
        raise ValueError(f"tokens have shape {array.shape}, expected (steps, {len(columns)})")
    for index, column in enumerate(columns):
        values = array[:, index]
        if values.size and not (int(values.min()) >= 0 and int(values.max()) < column.classes):
            raise ValueError(f"column {column.name!r} holds classes outside 0-{column.classes - 1}")
    return array.astype(np.int64, copy=False)


def velocity_of(part: str, velocity: Mapping[str, int] | None) -> int:
    """The velocity a part is decoded with."""
    chosen = None if velocity is None else velocity.get(part)
    return DEFAULT_VELOCITY.get(part, 84) if chosen is None else chosen
