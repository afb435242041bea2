"""What is written to a MIDI file is what is read back, and damaged files are refused in a sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.adapters.midi_file import Score, TempoChange, Track, read_midi_file, write_midi_file
from livevae.core.notes import Note
from livevae.errors import MessageError
from livevae.units import MIDI_FILE_TICKS_PER_BEAT, TICKS_PER_BEAT

FILE_TICK = TICKS_PER_BEAT // MIDI_FILE_TICKS_PER_BEAT


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """A part whose notes of one pitch never overlap, on the file's grid."""
    free_from: dict[int, int] = {}
    notes = []
    for _ in range(draw(st.integers(1, 12))):
        pitch = draw(st.integers(0, 127))
        onset = free_from.get(pitch, 0) + draw(st.integers(0, 4000)) * FILE_TICK
        duration = draw(st.integers(1, 4000)) * FILE_TICK
        free_from[pitch] = onset + duration
        notes.append(Note(onset, duration, pitch, draw(st.integers(1, 127))))
    return Track(draw(st.sampled_from(["melody", "bass"])), draw(st.integers(1, 16)), tuple(sorted(notes)))


def test_programs_are_written_before_the_notes_they_play(tmp_path: Path) -> None:
    path = tmp_path / "band.mid"
    notes = (Note(0, FILE_TICK, 60, 90), Note(TICKS_PER_BEAT, FILE_TICK, 60, 90))
    write_midi_file(path, Score((Track("guitar", 2, notes, ((0, 30), (TICKS_PER_BEAT, 27))),)))
    messages = [m for m in mido.MidiFile(path).tracks[1] if not m.is_meta]
    kinds = [(m.type, m.program if m.type == "program_change" else m.note) for m in messages]
    note = [("note_on", 60), ("note_off", 60)]
    assert kinds == [("program_change", 30), *note, ("program_change", 27), *note]


@given(parts=st.lists(tracks(), max_size=3), tempo_bpm=st.floats(20, 400))
@settings(max_examples=50, deadline=None)
def test_written_notes_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Track], tempo_bpm: float
) -> None:
    path = tmp_path_factory.mktemp("midi") / "set.mid"
    write_midi_file(path, Score(tuple(parts), (TempoChange(0, tempo_bpm),)))
    score = read_midi_file(path)
    assert score.tracks == tuple(parts)
    assert score.tempos[0].tempo_bpm == pytest.approx(tempo_bpm, rel=1e-5)


def test_tempo_changes_are_kept_where_they_are(tmp_path: Path) -> None:
    changes = (TempoChange(0, 120.0), TempoChange(4 * TICKS_PER_BEAT, 60.0))
    write_midi_file(tmp_path / "set.mid", Score((), changes))
    assert read_midi_file(tmp_path / "set.mid").tempos == changes


def test_a_note_shorter_than_the_grid_still_sounds(tmp_path: Path) -> None:
    write_midi_file(tmp_path / "set.mid", Score((Track("x", 1, (Note(0, 1, 60, 1),)),)))
    [track] = read_midi_file(tmp_path / "set.mid").tracks
    assert track.notes == (Note(0, FILE_TICK, 60, 1),)


def test_other_resolutions_are_scaled(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=24)
    on, off = mido.Message("note_on", note=60, time=24), mido.Message("note_on", note=60, velocity=0, time=12)
    file.tracks.append(mido.MidiTrack([on, off]))
    file.save(tmp_path / "old.mid")
    [track] = read_midi_file(tmp_path / "old.mid").tracks
    assert track.notes == (Note(TICKS_PER_BEAT, TICKS_PER_BEAT // 2, 60, 64),)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match=r"nothing\.mid"):
        read_midi_file(tmp_path / "nothing.mid")


@given(
    cut=st.integers(0, 200), flips=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), max_size=4)
)
@settings(max_examples=200, deadline=None)
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("midi") / "set.mid"
    write_midi_file(path, Score((Track("x", 1, (Note(0, 96_000, 60, 1), Note(96_000, 1, 61, 2))),)))
    data = bytearray(path.read_bytes()[:cut])
    for index, value in flips:
        if index < len(data):
            data[index] = value
    path.write_bytes(data)
    with contextlib.suppress(MessageError):  # any other exception is a failure
        read_midi_file(path)
