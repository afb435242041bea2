"""What a model can be asked: functions of named arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass

from livevae.codec.chords import CHORD_INPUTS
from livevae.codec.fields import Fields

PREDICT = "predict"
"""What a model may offer to judges: the likeliest of each step given the true ones before it."""
PREDICT_LATENT, PREDICT_TOKENS, LIKELIEST = "predict_z", "predict_x", "likeliest"

MEMORY, MORE = "memory", "more"
"""Input and output of ``decode_bar`` where it hears the bars before, see ``livevae.codec.phrases``."""
COMPLETE = "complete_bar"
"""What a model may offer that can play along with parts it is given, see ``livevae.codec.completion``."""
COMPLETE_BAR_MEANT, COMPLETE_MEMORY, KNOWN, GIVEN = "meant", "complete_memory", "known", "given"
COMPLETED, COMPLETE_MORE = "completed", "complete_more"
MEMORIES = (MEMORY, COMPLETE_MEMORY)

BEATS_SO_FAR = "beats_so_far"
"""The free axis of a memory: four rows a bar, none before the first."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A named input or output of the graph.

    shape: sizes, or a name where the size is free (``batch``). dtype: a numpy dtype name.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: str

    @property
    def shape_of_one(self) -> tuple[int, ...]:
        """The shape with every free size 1."""
        return tuple(size if isinstance(size, int) else 1 for size in self.shape)

    @property
    def size_of_one(self) -> int:
        """How many numbers that is."""
        return math.prod(self.shape_of_one)

    @classmethod
    def read(cls, fields: Fields) -> TensorSpec:
        return cls(fields.text("name"), fields.shape("shape"), fields.text("dtype"))


@dataclass(frozen=True, slots=True)
class Function:
    """One thing the model can do: feed ``inputs``, fetch ``outputs``; nothing else in the graph runs."""

    name: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @property
    def chords_input(self) -> TensorSpec | None:
        """Where it wants to be told the chords (see ``livevae.codec.chords``); None if it does not."""
        return next((spec for spec in self.inputs if spec.name in CHORD_INPUTS), None)

    @property
    def memory_input(self) -> TensorSpec | None:
        """Where it is given what was decoded before; None if it does not listen."""
        return next((spec for spec in self.inputs if spec.name in MEMORIES), None)

    @classmethod
    def read(cls, fields: Fields) -> Function:
        return cls(
            fields.text("name"),
            tuple(TensorSpec.read(t) for t in fields.records("inputs")),
            tuple(TensorSpec.read(t) for t in fields.records("outputs")),
        )
