"""``livevae render``: a performance in virtual time, from a MIDI file to a MIDI file.

The same performer and the same models as on stage, with time jumping instead of passing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from livevae.adapters.midi_file import Score, TempoChange, Track
from livevae.core.effects import Effect, Notice, SendNoteOff, SendNoteOn, SendProgram
from livevae.core.events import Event, NoteOff, NoteOn, Play, StopAt
from livevae.core.notes import Note
from livevae.core.performance import Performance
from livevae.core.performer import Performer
from livevae.core.timeline import Timeline
from livevae.units import TICKS_PER_BAR, ns_per_beat_of_bpm
from livevae.virtual_time import Answer, drive

_BEFORE_PLAY_NS = 1_000_000_000  # room to decide the first bar before its downbeat


def render(
    performance: Performance,
    answer: Answer,
    *,
    bars: int,
    tempo_bpm: float,
    played: Score | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Score:
    """Play ``performance`` for ``bars`` bars to the notes of ``played`` and return what it answers.

    performance: with ``clock`` "internal". answer: runs the models. played: notes by channel; its
    own tempo is left aside, its bars are played at ``tempo_bpm``.
    tell: is given what the musician should know.
    """
    timeline = Timeline(0, 0, ns_per_beat_of_bpm(tempo_bpm))
    end_ns = timeline.time_ns(bars * TICKS_PER_BAR)
    script: list[tuple[int, Event]] = [(0, StopAt(bars * TICKS_PER_BAR)), (0, Play())]
    script += events_of(played, timeline) if played else []
    performer = Performer(performance)
    effects = drive(performer, [(-_BEFORE_PLAY_NS, SILENCE), *script], answer, end_ns)
    for effect in effects:
        if isinstance(effect, Notice):
            tell(effect.text)
    return score_of(effects, timeline, performance, tempo_bpm)


SILENCE = NoteOff(16, 0)  # a note-off of nothing: gives the performer a moment before the song begins


def events_of(score: Score, timeline: Timeline) -> list[tuple[int, Event]]:
    """The notes of a file as they would arrive, each note-off before a note-on of the same moment."""
    arriving: list[tuple[int, int, Event]] = []
    for track in score.tracks:
        for note in track.notes:
            start_ns = timeline.time_ns(note.onset_ticks)
            end_ns = timeline.time_ns(note.onset_ticks + note.duration_ticks)
            arriving.append((start_ns, 1, NoteOn(track.channel, note.pitch, note.velocity)))
            arriving.append((end_ns, 0, NoteOff(track.channel, note.pitch)))
    return [(at_ns, event) for at_ns, _, event in sorted(arriving, key=lambda a: a[:2])]


def score_of(
    effects: Iterable[Effect], timeline: Timeline, performance: Performance, tempo_bpm: float
) -> Score:
    """What sounded, as a file: one track a channel, named after the parts that play on it."""
    sounding: dict[tuple[int, int], SendNoteOn] = {}
    notes: dict[int, list[Note]] = {}
    programs: dict[int, list[tuple[int, int]]] = {}
    for effect in effects:
        if isinstance(effect, SendNoteOn):
            sounding[effect.channel, effect.pitch] = effect
        elif isinstance(effect, SendProgram):
            told = (timeline.position_ticks(effect.at_ns), effect.program)
            programs.setdefault(effect.channel, []).append(told)
        elif isinstance(effect, SendNoteOff):
            on = sounding.pop((effect.channel, effect.pitch), None)
            if on is not None:
                onset = timeline.position_ticks(on.at_ns)
                duration = max(1, timeline.position_ticks(effect.at_ns) - onset)
                notes.setdefault(on.channel, []).append(Note(onset, duration, on.pitch, on.velocity))
    tracks = tuple(
        Track(
            _name_of(channel, performance),
            channel,
            tuple(sorted(notes[channel])),
            tuple(programs.get(channel, ())),
        )
        for channel in sorted(notes)
    )
    return Score(tracks, (TempoChange(0, tempo_bpm),))


def _name_of(channel: int, performance: Performance) -> str:
    names = [part.name for part in performance.parts if part.settings.get("channel", 1) == channel]
    return " and ".join(names) or f"channel {channel}"
