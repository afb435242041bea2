"""What was played, fitted to the length a model listens to."""

from __future__ import annotations

from livevae.core.chords import BeatChords
from livevae.core.notes import Note, Notes, PartNotes, window
from livevae.units import BEATS_PER_BAR, HALF_STEP_TICKS, TICKS_PER_BAR


def fitted_window(parts: PartNotes, bars: int, model_bars: int) -> dict[str, Notes]:
    """``bars`` bars of notes made as long as the model listens.

    A shorter window is repeated until the model's is full, as a loop would be; of a longer one the newest
    bars count. Notes end where their window does.
    """
    first = max(0, bars - model_bars)
    length = min(bars, model_bars) * TICKS_PER_BAR
    kept = {
        part: window(notes, first, min(bars, model_bars), HALF_STEP_TICKS) for part, notes in parts.items()
    }
    starts = range(0, model_bars * TICKS_PER_BAR, length)
    return {
        part: tuple(_ending_by(note, length).shifted(start) for start in starts for note in notes)
        for part, notes in kept.items()
    }


def fitted_chords(chords: BeatChords, model_bars: int) -> BeatChords:
    """The chord of every beat of what the model hears or plays, fitted as its notes are."""
    beats = model_bars * BEATS_PER_BAR
    newest = chords[-beats:] or (None,)
    return tuple(newest[beat % len(newest)] for beat in range(beats))


def _ending_by(note: Note, end_ticks: int) -> Note:
    if note.onset_ticks + note.duration_ticks <= end_ticks:
        return note
    return Note(note.onset_ticks, max(1, end_ticks - note.onset_ticks), note.pitch, note.velocity)
