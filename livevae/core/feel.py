"""Feel: a note as it came in, as the model would play it, and everything between and beyond.

The model is asked once a bar; how much of its answer is heard is decided note by note as the bar plays. So
each note carries both: what came in, and what the model makes of it. Three amounts say how far to go from the
one to the other: 0 is exactly what came in, 1 is the model, 1.5 goes half as far again. Timing and velocity
move notes along that line; density lets hits join that nobody played, the likeliest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from livevae.core.groove_parameters import MOST_FEEL
from livevae.core.notes import Note, Notes
from livevae.core.parameter import ParameterValue
from livevae.units import HALF_STEP_TICKS, TICKS_PER_STEP

EARLIEST_TICKS = TICKS_PER_STEP * 3 // 4
"""How far from its step a note may sound: half a sixteenth, all that models know, one and a half times."""

ALWAYS = 2.0  # above every amount
FLAM_TICKS = TICKS_PER_STEP // 8  # as near as two hits of one drum are moved together: 16 ms at 120 BPM


class Dynamics(Enum):
    """Whose a note's loudness is, and so whether the part's accent is added to it."""

    FLAT = "flat"  # livevae wrote it without any: the accent gives it some
    FELT = "felt"  # the groove's take the accent's place, as far as they are let
    PLAYED = "played"  # the player's own


@dataclass(frozen=True, slots=True, order=True)
class FeltNote:
    """One note with its feel.

    note: as it came in, onset relative to the bar line (from half a step before it). Of a hit that the model
        adds: plainly on the grid, at a middling velocity.
    onset_ticks: where it sounds at amount 1, within half a step of its grid step.
    velocity: how loud at amount 1, 1-127.
    from_density: 0 for what came in. An added hit has a number above 0, up to 1.5: it sounds from this
        density amount on. At 1 sounds what the model would play, so the likelier a hit is, the smaller its
        number.
    until_density: a note that came in and that the model would replace (a hat, a tap) falls silent from this
        amount on, above 0, unless the player's hits are kept; ``ALWAYS`` if never.
    stands_in: an added hit that replaces one that came in, so it is silent while the player's hits are kept.
    swing_ticks: what to add to ``onset_ticks`` where the source's own swing is kept, see ``with_swing``.
    dynamics: whose loudness ``note`` has.
    """

    note: Note
    onset_ticks: int
    velocity: int
    from_density: float = 0.0
    until_density: float = ALWAYS
    stands_in: bool = False
    swing_ticks: int = 0
    dynamics: Dynamics = field(default=Dynamics.FELT, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.velocity <= 127:
            raise ValueError(f"velocity {self.velocity} is outside 1-127")
        if not 0.0 <= self.from_density <= MOST_FEEL:
            raise ValueError(f"a hit joins at a density from 0 to {MOST_FEEL}, not {self.from_density}")
        if not self.until_density > 0.0:
            raise ValueError(f"what came in sounds at density 0, so not only until {self.until_density}")

    @property
    def is_plain(self) -> bool:
        """Whether no amount changes it."""
        moves = self.onset_ticks != self.note.onset_ticks or self.swing_ticks
        return not (moves or self.velocity != self.note.velocity or self.from_density) and (
            self.until_density == ALWAYS
        )

    @property
    def step(self) -> int:
        """The grid step it belongs to."""
        return (self.note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP

    def shifted(self, by_ticks: int) -> FeltNote:
        """The same note, ``by_ticks`` later (whole steps, so that it keeps its place on the grid)."""
        return FeltNote(  # the timekeeper shifts every note of a bar at once: ``replace`` takes twice as long
            self.note.shifted(by_ticks),
            self.onset_ticks + by_ticks,
            self.velocity,
            self.from_density,
            self.until_density,
            self.stands_in,
            self.swing_ticks,
            self.dynamics,
        )

    def at_pitch(self, pitch: int) -> FeltNote:
        """The same note at another pitch."""
        return self if pitch == self.note.pitch else replace(self, note=replace(self.note, pitch=pitch))

    def longer(self, by_ticks: int) -> FeltNote:
        """The same note, held ``by_ticks`` longer."""
        return replace(self, note=replace(self.note, duration_ticks=self.note.duration_ticks + by_ticks))


FeltNotes = tuple[FeltNote, ...]


@dataclass(frozen=True, slots=True)
class Feel:
    """How much of the model is heard. timing, velocity, density: 0 to 1.5.

    keep_hits: nothing that came in is replaced. keep_swing: offbeats stay as swung as they came in.
    """

    timing: float = 1.0
    velocity: float = 1.0
    density: float = 1.0
    keep_hits: bool = True
    keep_swing: bool = False

    @classmethod
    def of(cls, values: Mapping[str, ParameterValue]) -> Feel:
        """As a part's parameters say."""
        return cls(
            float(values["feel_timing"]),
            float(values["feel_velocity"]),
            float(values["feel_density"]),
            bool(values["keep_hits"]),
            values["swing"] == "keep",
        )


def plain(notes: Iterable[Note], dynamics: Dynamics = Dynamics.FLAT) -> FeltNotes:
    """Notes that have no feel of their own: no amount changes them."""
    return tuple(FeltNote(note, note.onset_ticks, note.velocity, dynamics=dynamics) for note in notes)


def sounds(felt: FeltNote, feel: Feel) -> bool:
    """Whether it is heard at all."""
    if felt.from_density > 0.0:
        return felt.from_density <= feel.density and not (felt.stands_in and feel.keep_hits)
    return feel.keep_hits or feel.density < felt.until_density


def felt_velocity(felt: FeltNote, amount: float) -> int:
    """How loud it is, 1-127; at amount 0 as loud as it came in."""
    source = felt.note.velocity
    return min(127, max(1, round(source + amount * (felt.velocity - source))))


def felt_onset(felt: FeltNote, feel: Feel) -> int:
    """Where it sounds, within ``EARLIEST_TICKS`` of its step; at timing 0 exactly where it came in."""
    source = felt.note.onset_ticks
    goal = felt.onset_ticks + (felt.swing_ticks if feel.keep_swing else 0)
    if goal == source:
        return source
    grid = felt.step * TICKS_PER_STEP
    goal = _near(goal, grid, HALF_STEP_TICKS)
    return _near(source + round(feel.timing * (goal - source)), grid, EARLIEST_TICKS)


def _came_in(felt: FeltNote) -> tuple[int, int, float]:
    """Order of coming in; comparing whole notes would take most of the time it takes to place them."""
    return felt.note.onset_ticks, felt.note.pitch, felt.from_density


Heard = Mapping[int, tuple[int, int]]
"""Pitch -> where its last hit came in, and where it sounded."""


def in_order(
    notes: Iterable[FeltNote], feel: Feel, heard: Heard = MappingProxyType({})
) -> list[tuple[int, FeltNote]]:
    """The notes that sound, each with its onset, in the order in which they came in.

    Of one pitch none overtakes another, nor what was ``heard`` before: where exaggeration would let it, it
    waits for the other, and a flam stays two hits.
    """
    last = dict(heard)
    placed: list[tuple[int, FeltNote]] = []
    for felt in sorted(notes, key=_came_in):
        if not sounds(felt, feel):
            continue
        onset, source, pitch = felt_onset(felt, feel), felt.note.onset_ticks, felt.note.pitch
        if pitch in last:
            source_before, onset_before = last[pitch]
            onset = max(onset, onset_before + min(source - source_before, FLAM_TICKS))
        last[pitch] = source, onset
        placed.append((onset, felt))
    return placed


def with_feel(notes: Iterable[FeltNote], feel: Feel) -> Notes:
    """The notes as they sound at these amounts, by onset."""
    return tuple(
        sorted(
            replace(felt.note, onset_ticks=onset, velocity=felt_velocity(felt, feel.velocity))
            for onset, felt in in_order(notes, feel)
        )
    )


def with_swing(notes: Sequence[FeltNote]) -> FeltNotes:
    """The same notes, each knowing what to add where the swing that came in is kept.

    Swing is how much later the odd sixteenths are than the even ones, on average. The model's is taken away
    and the source's put in its place; what else the model does stays. Where nothing came in on odd
    sixteenths, or on even ones, there is no swing to keep.
    """
    came_in = [felt for felt in notes if felt.from_density == 0.0]
    by_parity = [[felt for felt in came_in if felt.step % 2 == parity] for parity in (0, 1)]
    if not all(by_parity):
        return tuple(notes)
    even, odd = ([_late_by(f.note.onset_ticks, f) for f in side] for side in by_parity)
    model_even, model_odd = ([_late_by(f.onset_ticks, f) for f in side] for side in by_parity)
    difference = round((_mean(odd) - _mean(even)) - (_mean(model_odd) - _mean(model_even)))
    return tuple(replace(felt, swing_ticks=difference) if felt.step % 2 else felt for felt in notes)


def _late_by(onset_ticks: int, felt: FeltNote) -> int:
    return onset_ticks - felt.step * TICKS_PER_STEP


def _near(onset_ticks: int, grid_ticks: int, reach_ticks: int) -> int:
    """``onset_ticks``, but no further than ``reach_ticks`` from its place on the grid."""
    return min(grid_ticks + reach_ticks, max(grid_ticks - reach_ticks, onset_ticks))


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
