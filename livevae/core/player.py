"""Sounding what was decided: the scheduler's positions become effects, through the ledger."""

from __future__ import annotations

from collections.abc import Callable

from livevae.core.chords import Chord
from livevae.core.composer import Placed
from livevae.core.effects import Effect, SendProgram
from livevae.core.events import NoteOff, NoteOn
from livevae.core.feel import Feel, sounds
from livevae.core.ledger import NoteLedger, NoteToken
from livevae.core.part import Part
from livevae.core.scheduler import NoteEnd, Scheduler
from livevae.core.shaping import shaped_pitch, shaped_velocity
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_STEP, bar_start_ticks

_PROGRAMS_REMEMBERED = 64  # parts times bars that are decided and have not sounded: sixteen parts, four bars


class Player:
    """Holds the notes to come and ends every note it sounds. chord_at: the chord at a position in ticks."""

    def __init__(self, chord_at: Callable[[int], Chord | None]) -> None:
        self._chord_at = chord_at
        self.scheduler = Scheduler()
        self._ledger = NoteLedger()
        self._passing: dict[str, int] = {}
        self._passed: dict[tuple[str, int, int], NoteToken] = {}
        self._programs: dict[tuple[str, int], int] = {}  # (part, bar) -> what is to play it
        self._told: dict[int, int] = {}  # channel -> the program it was last told

    def place(self, placed: Placed, part: Part, now_ticks: int) -> None:
        """Queue a decided bar. What should have sounded over half a sixteenth ago is left out."""
        bar_line = bar_start_ticks(placed.bar)
        if placed.program is not None:
            self._programs.pop((placed.part, placed.bar), None)
            self._programs[placed.part, placed.bar] = placed.program
            while len(self._programs) > _PROGRAMS_REMEMBERED:
                del self._programs[next(iter(self._programs))]
        if placed.tie_ticks:
            self.scheduler.tie(placed.part, bar_line, placed.tie_ticks)
        first_step = placed.bar * STEPS_PER_BAR
        if placed.from_step:
            self.scheduler.drop_steps(part.name, first_step + placed.from_step, first_step + STEPS_PER_BAR)
        notes = [felt.shifted(bar_line) for felt in placed.notes if felt.step >= placed.from_step]
        self.scheduler.add_notes(placed.part, notes, Feel.of(part.values), now_ticks - HALF_STEP_TICKS)

    def refeel(self, part: Part, now_ticks: int) -> None:
        """The part's feel has changed: notes that wait move."""
        self.scheduler.refeel(part.name, Feel.of(part.values), now_ticks)

    def sound_next(self, at_ns: int, parts: dict[str, Part]) -> list[Effect]:
        """Do what is due next: start a note or end one. A part that is gone or muted starts nothing."""
        due = self.scheduler.pop()
        if due is None:
            return []
        if isinstance(due, NoteEnd):
            return self._ledger.note_off(at_ns, due.token)
        part = parts.get(due.part)
        if part is None or part.values["mute"] or not sounds(due.felt, Feel.of(part.values)):
            return []
        if self.scheduler.is_heard(due):
            return []  # two of one pitch at one moment are one
        note = due.felt.note
        step = due.felt.step
        chord = self._chord_at(step * TICKS_PER_STEP)
        pitch = shaped_pitch(note.pitch, part.values, is_drum=part.is_drum, chord=chord, step=step)
        velocity = shaped_velocity(due.felt, part.values)
        effects = self._tell_program(at_ns, part, step // STEPS_PER_BAR)
        if not part.is_drum:  # a line whose notes did not overlap as written does not as felt
            for over in self.scheduler.take_ends_written_by(part.name, note.onset_ticks):
                effects += self._ledger.note_off(at_ns, over)
        token, started = self._ledger.note_on(at_ns, part.name, part.number("channel"), pitch, velocity)
        effects += started
        self.scheduler.sounded(due)
        length = note.duration_ticks
        self.scheduler.add_end(part.name, token, due.position_ticks + length, note.onset_ticks + length)
        return effects

    def _tell_program(self, at_ns: int, part: Part, bar: int) -> list[Effect]:
        """Have the part's channel play what the bar was written for, unless it does."""
        chosen, channel = part.number("program"), part.number("channel")
        program = self._programs.get((part.name, bar)) if chosen == 0 else chosen - 1
        if program is None or program < 0 or self._told.get(channel) == program:
            return []
        self._told[channel] = program
        return [SendProgram(at_ns, channel, program)]

    def silence(self, at_ns: int) -> list[Effect]:
        """End every note and forget those to come. Programs will be told again: others may choose
        meanwhile."""
        self._told.clear()
        self.scheduler.clear()
        self._passing.clear()
        self._passed.clear()
        return self._ledger.release_all(at_ns)

    def end_all(self, at_ns: int) -> list[Effect]:
        """End every note; those to come will still sound."""
        return self._ledger.release_all(at_ns)

    def end_part(self, at_ns: int, part: str) -> list[Effect]:
        """End every note of one part."""
        return self._ledger.release_part(at_ns, part)

    def port_lost(self, at_ns: int) -> list[Effect]:
        """The instrument may be gone with its notes on."""
        return self._ledger.port_lost(at_ns)

    def port_found(self, at_ns: int) -> list[Effect]:
        """End again what the instrument may not have heard end, and tell it what to play on."""
        self._told.clear()
        return self._ledger.port_found(at_ns)

    def pass_through(self, part: str, bar: int) -> None:
        """Let the player's own notes sound as ``part`` during ``bar``."""
        self._passing[part] = bar

    def played_in(
        self, at_ns: int, bar: int, event: NoteOn | NoteOff, parts: dict[str, Part]
    ) -> list[Effect]:
        """A note came in: sound it for the parts that pass the player's notes through."""
        effects: list[Effect] = []
        if isinstance(event, NoteOff):
            for name in parts:
                token = self._passed.pop((name, event.channel, event.pitch), None)
                if token is not None:
                    effects += self._ledger.note_off(at_ns, token)
            return effects
        for name, passing_bar in self._passing.items():
            part = parts.get(name)
            if part is None or passing_bar != bar or part.number("in_channel") not in (0, event.channel):
                continue
            token, started = self._ledger.note_on(
                at_ns, name, part.number("channel"), event.pitch, event.velocity
            )
            self._passed[name, event.channel, event.pitch] = token
            effects += started
        return effects

    def at_least_from(self, position_ticks: int) -> None:
        """Playing begins here: earlier notes are dropped, just-early ones will sound at once."""
        self.scheduler.drop_starts_before(position_ticks - HALF_STEP_TICKS)
