"""Standard MIDI files as tracks of notes."""

from __future__ import annotations

import contextlib
import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.notes import Note
from livevae.units import TICKS_PER_BEAT
from train.midi_files import UnreadableMidi, read_midi, seconds_at


def saved(*tracks: list[mido.Message], ticks_per_beat: int = 480) -> bytes:
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    file.tracks += [mido.MidiTrack(track) for track in tracks]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def on(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=80, time=time, channel=channel)


def off(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=0, time=time, channel=channel)


def test_positions_are_in_livevae_ticks_whatever_the_file_counts_in() -> None:
    for resolution in (96, 220, 480):
        song = read_midi(saved([on(60, resolution), off(60, resolution)], ticks_per_beat=resolution))
        assert song.tracks[0].notes == (Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 60, 80),)


def test_a_note_on_written_before_the_old_notes_off_at_the_same_tick() -> None:
    song = read_midi(saved([on(60), on(60, 480), off(60), off(60, 480)]))
    assert [n.duration_ticks for n in song.tracks[0].notes] == [TICKS_PER_BEAT, TICKS_PER_BEAT]


def test_a_note_never_ended_ends_with_its_track() -> None:
    song = read_midi(saved([on(60), on(62, 480), off(62, 480)]))
    assert song.tracks[0].notes[0].duration_ticks == 2 * TICKS_PER_BEAT


def test_a_note_of_no_length_sounds_one_tick() -> None:
    assert read_midi(saved([on(60), off(60)])).tracks[0].notes == (Note(0, 1, 60, 80),)


def test_one_track_with_many_channels_is_many_tracks() -> None:
    song = read_midi(saved([on(60), on(36, channel=9), off(60, 480), off(36, channel=9)]))
    assert [(t.is_drums, len(t.notes)) for t in song.tracks] == [(False, 1), (True, 1)]


def test_seconds_follow_tempo_changes() -> None:
    tempos = ((0, 500_000), (2 * TICKS_PER_BEAT, 1_000_000))
    assert seconds_at(TICKS_PER_BEAT, tempos) == pytest.approx(0.5)
    assert seconds_at(4 * TICKS_PER_BEAT, tempos) == pytest.approx(3.0)


@given(st.binary(max_size=200), st.booleans())
def test_bytes_that_are_no_midi_file_are_refused_with_a_reason(data: bytes, with_header: bool) -> None:
    prefix = b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk" if with_header else b""
    with contextlib.suppress(UnreadableMidi):
        read_midi(prefix + data)
