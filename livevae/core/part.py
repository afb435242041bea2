"""One playing part: its settings, what it has heard, what it has decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from livevae.core.feel import FeltNotes
from livevae.core.groove_parameters import AMOUNTS, GROOVE_MODES
from livevae.core.latents import Encoded, Latent
from livevae.core.notes import Notes
from livevae.core.parameters import PART_PARAMETERS, ParameterValue, defaults, find_parameter
from livevae.core.performance import ModelInfo, PartSpec
from livevae.units import TICKS_PER_BAR

REMEMBERED_BARS = 16  # the longest freeze loop


@dataclass(slots=True)
class Part:
    """State of one part; changed only by the performer.

    values: what sounds now. wanted: changes waiting for the quantum.
    heard: the last phrase the player gave it, as a latent; None until somebody played. heard_until: the bar
        that followed it.
    mode_since_bar: the bar in which the present mode took effect (origin of morphs and loops).
    rerolls: how many times the player asked for another idea.
    redrawn: how many times each of its model's parts had been re-rolled when it was itself: what it hears of
        the others, if the model tells its parts apart.
    endpoints: where each leg of an interpolation begins, by the seed it is drawn with.
    played: the last bars it decided, by number, oldest first.
    ideas: the points those bars were decoded from, where they were decoded.
    program: the program of General MIDI, 0-127, that its model has it play; None where that knows of none.
    frozen: the bars that were sounding when ``freeze`` began, oldest first.
    bars_missed: how often the model was late.
    """

    spec: PartSpec
    model: ModelInfo
    values: dict[str, ParameterValue]
    wanted: dict[str, ParameterValue] = field(default_factory=dict)
    heard: Encoded | None = None
    mode_since_bar: int = 0
    heard_until: int = 0
    rerolls: int = 0
    redrawn: tuple[tuple[str, int], ...] = ()
    endpoints: dict[tuple[int, int], Latent] = field(default_factory=dict)
    played: dict[int, FeltNotes] = field(default_factory=dict)
    ideas: dict[int, Latent] = field(default_factory=dict)
    program: int | None = None
    frozen: tuple[FeltNotes, ...] = ()
    bars_missed: int = 0

    @classmethod
    def of(cls, spec: PartSpec, model: ModelInfo) -> Part:
        """A part at its preset's settings."""
        values = defaults(PART_PARAMETERS)
        if model.only_answers:
            values["mode"] = GROOVE_MODES[0]
        for name, value in spec.settings.items():
            values[name] = find_parameter(spec.name, name).check(value)
        return cls(spec, model, values)

    @property
    def name(self) -> str:
        """As the player calls it."""
        return self.spec.name

    @property
    def is_drum(self) -> bool:
        """Whether pitches name instruments, so that keys and registers do not apply."""
        return self.spec.model_part == "drums"

    @property
    def groove_model(self) -> str:
        """The model that gives it feel; "" for none."""
        return self.model.name if self.model.grooves else self.spec.groove

    @property
    def has_feel(self) -> bool:
        """Whether its feel is turned up in any way."""
        return any(float(self.values[name]) > 0.0 for name in AMOUNTS)

    @property
    def answers(self) -> bool:
        """Whether it answers what came in instead of playing ideas; a model without ideas can do no other."""
        return self.values["mode"] in GROOVE_MODES or self.model.only_answers

    @property
    def sounding_program(self) -> int | None:
        """The program of General MIDI, 0-127, it plays on; None where nobody chose one, or none is to be
        told."""
        chosen = self.number("program")
        if chosen == 0:
            return self.program
        return chosen - 1 if chosen > 0 else None

    @property
    def instrument(self) -> str:
        """What its model calls it, with the program if there is one: ``guitar:30``."""
        program = self.sounding_program
        return self.spec.model_part if program is None else f"{self.spec.model_part}:{program}"

    def number(self, name: str) -> int:
        """An integer setting."""
        return int(self.values[name])

    def adopt_wanted(self, bar: int) -> bool:
        """Let waiting changes take effect from ``bar`` on; whether it was re-rolled."""
        is_rerolled = self.wanted.pop("reroll", None) is not None
        if is_rerolled:
            self.rerolls += 1
            self.redrawn = ((self.spec.model_part, self.rerolls),)
        has_new_mode = self._changes("mode")
        if has_new_mode:
            self.frozen = self._run_of_bars_before(bar)
        has_new_way = self._changes("morph_from") or self._changes("morph_to")
        self.values.update(self.wanted)
        self.wanted.clear()
        if has_new_mode or (has_new_way and self.values["mode"] == "interpolate"):
            self.mode_since_bar = bar
            self.endpoints.clear()
        return is_rerolled

    def foreseen(self) -> Part:
        """A copy to plan with, which leaves this part as it is."""
        return replace(
            self, values=dict(self.values), wanted=dict(self.wanted), endpoints=dict(self.endpoints)
        )

    def _changes(self, name: str) -> bool:
        return self.wanted.get(name, self.values[name]) != self.values[name]

    def remember_idea(self, bar: int, idea: Latent) -> None:
        """Keep which point ``bar`` is decoded from."""
        self.ideas.pop(bar, None)
        self.ideas[bar] = idea
        while len(self.ideas) > REMEMBERED_BARS:
            del self.ideas[next(iter(self.ideas))]

    def remember(self, bar: int, notes: FeltNotes, tie_ticks: int = 0) -> None:
        """Keep what was decided for ``bar``; a tie lengthens the note that the bar before ended on."""
        if tie_ticks and bar - 1 in self.played:
            self.played[bar - 1] = tuple(
                felt.longer(tie_ticks)
                if felt.note.onset_ticks + felt.note.duration_ticks == TICKS_PER_BAR
                else felt
                for felt in self.played[bar - 1]
            )
        self.played.pop(bar, None)
        self.played[bar] = notes
        while len(self.played) > REMEMBERED_BARS:
            del self.played[next(iter(self.played))]

    def played_in(self, first_bar: int, bars: int) -> list[Notes]:
        """What it decided for some bars, as it is written, from the first one's bar line; a bar an entry."""
        return [
            tuple(felt.note.shifted((bar - first_bar) * TICKS_PER_BAR) for felt in self.played.get(bar, ()))
            for bar in range(first_bar, first_bar + bars)
        ]

    def _run_of_bars_before(self, bar: int) -> tuple[FeltNotes, ...]:
        first = bar
        while first - 1 in self.played:
            first -= 1
        return tuple(self.played[b] for b in range(first, bar))
