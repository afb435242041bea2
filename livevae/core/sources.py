"""What came in for the bars that answer it: read by the part's drum map, and told apart from what is new.

A bar is decided before the one it answers has quite gone by, so that its early hits are in time. What comes
in after that is on the last sixteenths: the bar's own last ones, and far from sounding yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from livevae.core.capture import Capture
from livevae.core.feel import Dynamics, FeltNote, FeltNotes, plain
from livevae.core.feel_order import SOURCE_BARS, Hit
from livevae.core.notes import Note, Notes, window
from livevae.core.part import Part
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_BAR, TICKS_PER_STEP

_REMEMBERED_BARS = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What one bar answers.

    heard: the bar that came in, from its bar line, as it was played. hits: it and the bar before it, from
        that bar's line, as far as they are drums of the part's map (of a line or taps: all). untouched: what
        the map does not know and the preset lets through. unknown: pitches the map does not know.
    """

    heard: Notes
    hits: tuple[Hit, ...] = ()
    untouched: Notes = ()
    unknown: tuple[int, ...] = ()

    @property
    def unfelt(self) -> FeltNotes:
        """The bar as it came in, with the pitches that go out."""
        hits = window((hit.note for hit in self.hits), SOURCE_BARS - 1, 1, HALF_STEP_TICKS)
        return plain((*hits, *self.untouched), Dynamics.PLAYED)

    def new_since(self, earlier: Source | None) -> int | None:
        """The first step with a note that ``earlier`` did not have; None if there is none."""
        known = {_name(note) for note in earlier.heard} if earlier else set()
        steps = [_step(note) for note in self.heard if _name(note) not in known]
        return max(0, min(steps)) if steps else None


def _name(note: Note) -> tuple[int, int, int]:
    """A note that is still held has no length yet, so its length does not tell it from others."""
    return note.onset_ticks, note.pitch, note.velocity


def _step(note: Note) -> int:
    return min(STEPS_PER_BAR - 1, (note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP)


@dataclass(slots=True)
class Sources:
    """The sources of the bars decided lately. capture: what comes in."""

    capture: Capture
    _known: dict[tuple[str, int], Source] = field(default_factory=dict)

    def of(self, part: Part, bar: int) -> Source | None:
        """What ``bar`` of ``part`` answers, as last read."""
        return self._known.get((part.name, bar))

    def read(self, part: Part, bar: int, source_bar: int, now_ticks: int) -> Source:
        """What came in during ``source_bar``, for ``bar`` to answer."""
        before, heard = (
            self.capture.window(b, 1, part.number("in_channel"), now_ticks)
            for b in (source_bar - 1, source_bar)
        )
        source = _read(part, heard, before or heard)
        self._known[part.name, bar] = source
        self._known = {k: v for k, v in self._known.items() if abs(k[1] - bar) <= _REMEMBERED_BARS}
        return source


def _read(part: Part, heard: Notes, before: Notes) -> Source:
    """The model is given two bars: where only one came in, that one twice."""
    two_bars = (*before, *(note.shifted((SOURCE_BARS - 1) * TICKS_PER_BAR) for note in heard))
    if not part.is_drum or part.values["mode"] == "tap":  # a tap may have any pitch
        return Source(heard, tuple(Hit(note, note.pitch) for note in two_bars))
    kit = part.spec.kit
    hits = []
    for note in two_bars:
        understood, goes_out = kit.understood(note.pitch), kit.returned(note.pitch)
        if understood is not None and goes_out is not None:
            hits.append(Hit(note if goes_out == note.pitch else replace(note, pitch=goes_out), understood))
    unknown = kit.unknown(heard)
    passing = tuple(note for note in heard if note.pitch in unknown) if kit.passes else ()
    return Source(heard, tuple(hits), passing, unknown)


def in_general_midi(notes: FeltNotes, part: Part) -> FeltNotes:
    """Notes that go out from a drum part, in General MIDI's pitches; what is no drum is left out."""
    kit = part.spec.kit
    reader = replace(kit, reads=kit.plays or kit.reads)
    found: list[FeltNote] = []
    for felt in notes:
        pitch = reader.understood(felt.note.pitch)
        if pitch is not None:
            found.append(felt.at_pitch(pitch))
    return tuple(found)
