"""How a line goes with the drums: the rule by which melody and bass are felt.

No data set says how bass players and singers place their notes against a drummer of these grooves, but it is
known what bands do: the bass sits with the kick, and everybody else with what the drummer plays at the same
moment. So a note is as late as the drums on its sixteenth, the bass as late as the kick where there is one.
On a sixteenth without drums it is as late as the drums are on others like it (on the beat, on the eighth
between, on the sixteenths between those), which is how swing carries over. It is louder where the drums are
accented, by half as much as they are, for a line has a shape of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from livevae.core.drum_kit import DRUMS, GM
from livevae.core.feel import Dynamics, Feel, FeltNote, FeltNotes, sounds
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_STEP

ACCENT_SHARE = 0.5  # how much of the drums' accents a line takes on

_KICK = DRUMS.index("kick")
_AS_THE_MODEL = Feel()
_LEVELS = {0: "beat", 2: "eighth"}  # by step of the beat; the others are sixteenths


@dataclass(frozen=True, slots=True)
class _Moment:
    """The drums on one step: how late, in ticks, and how loud against the bar's average."""

    late_ticks: float
    loudness: float


def follow(notes: Iterable[Note], drums: FeltNotes, *, is_bass: bool, dynamics: Dynamics) -> FeltNotes:
    """A line felt as the drums of its bar are.

    notes: of one bar, from its bar line. drums: of the same bar, in General MIDI's pitches. dynamics: whose
    the line's loudness is.
    """
    heard = [felt for felt in drums if sounds(felt, _AS_THE_MODEL)]
    everybody = _moments(heard)
    kick = _moments([felt for felt in heard if GM.drum_of(felt.note.pitch) == _KICK]) if is_bass else {}
    return tuple(_following(note, kick, everybody, dynamics) for note in notes)


def _following(
    note: Note, kick: Mapping[int, _Moment], everybody: Mapping[int, _Moment], dynamics: Dynamics
) -> FeltNote:
    step = (note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP
    moment = kick.get(step) or everybody.get(step) or _like(step, everybody)
    late_ticks = max(-HALF_STEP_TICKS, min(HALF_STEP_TICKS, round(moment.late_ticks)))
    loudness = 1.0 + ACCENT_SHARE * (moment.loudness - 1.0)
    velocity = min(127, max(1, round(note.velocity * loudness)))
    return FeltNote(note, step * TICKS_PER_STEP + late_ticks, velocity, dynamics=dynamics)


def _moments(drums: Sequence[FeltNote]) -> dict[int, _Moment]:
    """Step -> what the drums do there: their mean lateness, and the loudest of them."""
    by_step: dict[int, list[FeltNote]] = {}
    for felt in drums:
        by_step.setdefault(felt.step, []).append(felt)
    loudest = {step: max(felt.velocity for felt in there) for step, there in by_step.items()}
    average = sum(loudest.values()) / len(loudest) if loudest else 1.0
    return {
        step: _Moment(
            sum(felt.onset_ticks - step * TICKS_PER_STEP for felt in there) / len(there),
            loudest[step] / average,
        )
        for step, there in by_step.items()
    }


def _like(step: int, everybody: Mapping[int, _Moment]) -> _Moment:
    """What the drums do on average on steps like this one; nothing where they have none."""
    alike = [moment for other, moment in everybody.items() if _level(other) == _level(step)]
    if not alike:
        return _Moment(0.0, 1.0)
    return _Moment(
        sum(moment.late_ticks for moment in alike) / len(alike),
        sum(moment.loudness for moment in alike) / len(alike),
    )


def _level(step: int) -> str:
    return _LEVELS.get(step % 4, "sixteenth")


def plain_beat(bars: int) -> tuple[Note, ...]:
    """What a line follows where there are no drums: kick, backbeat, and hats on every sixteenth."""
    kick, snare, closed_hat = (GM.rows[DRUMS.index(drum)][0] for drum in ("kick", "snare", "closed_hat"))
    notes = []
    for step in range(bars * STEPS_PER_BAR):
        on = {0: kick, 4: snare, 8: kick, 12: snare}.get(step % STEPS_PER_BAR)
        for pitch in (closed_hat,) if on is None else (on, closed_hat):
            notes.append(Note(step * TICKS_PER_STEP, TICKS_PER_STEP, pitch, 90))
    return tuple(sorted(notes))
