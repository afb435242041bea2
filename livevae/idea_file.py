"""A kept idea that comes from a MIDI file: its first bars, shared out to the parts of one model."""

from __future__ import annotations

from pathlib import Path

from livevae.adapters.midi_file import Score, Track, read_midi, read_midi_file
from livevae.core.chords import BeatChords, chords_of_notes
from livevae.core.latents import Encoded
from livevae.core.notes import Notes, window
from livevae.core.parameters import PART_PARAMETERS, defaults
from livevae.core.performance import PartSpec, Performance
from livevae.errors import MessageError, ParameterError
from livevae.units import BEATS_PER_BAR, HALF_STEP_TICKS, TICKS_PER_BAR

_DRUM_CHANNEL = 10  # General MIDI
_DRUMS = "drums"


def idea_from_file(path: Path, performance: Performance, part: str) -> Encoded:
    """What the file plays to the parts that share ``part``'s model, from its first bar that has a note in it.

    A track goes to the part of its name, else to the part that plays on its channel; otherwise General MIDI's
    drum channel is for drums and every other track for ``part``, as drums only where nothing is on the drum
    channel. As many bars are taken as the model spans. For a model that wants chords, tracks
    with *chord* in their names are the chords.

    Raises MessageError where the file cannot be read or has nothing for these parts, ParameterError where
    there is no such part.
    """
    return _idea(read_midi_file(path), str(path), performance, part)


def idea_from_midi(content: bytes, name: str, performance: Performance, part: str) -> Encoded:
    """The same from a file in memory. name: what to call it in a complaint."""
    return _idea(read_midi(content, name), name, performance, part)


def _idea(score: Score, name: str, performance: Performance, part: str) -> Encoded:
    wanted = next((spec for spec in performance.parts if spec.name == part), None)
    if wanted is None:
        playing = ", ".join(spec.name for spec in performance.parts)
        raise ParameterError(f"there is no part {part!r}: playing are {playing}")
    model = next(model for model in performance.models if model.name == wanted.model)
    bars = model.bars
    chords = [track for track in score.tracks if model.wants_chords and "chord" in track.name.casefold()]
    others = [track for track in score.tracks if track not in chords]
    heard = _shared_out(others, [spec for spec in performance.parts if spec.model == wanted.model], wanted)
    if not heard:
        raise MessageError(f"{name} has no notes for {part}")
    first_bar = min(
        (note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_BAR for notes in heard.values() for note in notes
    )
    cut = {name: window(notes, first_bar, bars, HALF_STEP_TICKS) for name, notes in heard.items()}
    under = _held(chords, first_bar, bars) if chords else ()
    return Encoded(tuple(sorted((name, notes) for name, notes in cut.items() if notes)), bars, under)


def _held(tracks: list[Track], first_bar: int, bars: int) -> BeatChords:
    """What the tracks hold on every beat of these bars."""
    notes = tuple(sorted(note for track in tracks for note in track.notes))
    return chords_of_notes(notes, (first_bar + bars) * BEATS_PER_BAR)[first_bar * BEATS_PER_BAR :]


def _shared_out(tracks: list[Track], family: list[PartSpec], wanted: PartSpec) -> dict[str, Notes]:
    """Model part -> notes."""
    heard: dict[str, Notes] = {}
    has_drums = any(track.channel == _DRUM_CHANNEL for track in tracks)
    for track in tracks:
        spec = _owner(track, family, wanted, has_drums=has_drums)
        if spec is not None:
            heard[spec.model_part] = tuple(sorted((*heard.get(spec.model_part, ()), *track.notes)))
    return heard


def _owner(track: Track, family: list[PartSpec], wanted: PartSpec, *, has_drums: bool) -> PartSpec | None:
    for spec in family:
        if track.name.casefold() == spec.name.casefold():
            return spec
    for spec in family:
        if track.channel == (defaults(PART_PARAMETERS) | dict(spec.settings))["channel"]:
            return spec
    if track.channel == _DRUM_CHANNEL:
        return next((spec for spec in family if spec.model_part == _DRUMS), None)
    return None if has_drums and wanted.model_part == _DRUMS else wanted
