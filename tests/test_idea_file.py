"""A file's first bars become an idea of the part that asked, and of those that share its model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from livevae.adapters.midi_file import Score, Track, write_midi_file
from livevae.core.chords import Chord
from livevae.core.notes import Note
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.errors import MessageError, ParameterError
from livevae.idea_file import idea_from_file
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

PARTS = ("melody", "bass", "drums")
PERFORMANCE = Performance(
    "test",
    (
        *(
            PartSpec(part, "trio", part, {"channel": channel})
            for part, channel in zip(PARTS, (1, 2, 10), strict=True)
        ),
        PartSpec("beat", "beats", "drums", {"channel": 11}),
    ),
    (ModelInfo("trio", 2, PARTS), ModelInfo("beats", 2, ("drums",))),
)


def note(bar: int, beat: int, pitch: int) -> Note:
    return Note(bar * TICKS_PER_BAR + beat * TICKS_PER_BEAT, TICKS_PER_BEAT, pitch, 90)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    tracks = (
        Track("Lead", 5, (note(2, 1, 60), note(3, 0, 62), note(4, 0, 64))),
        Track("BASS", 6, (note(3, 2, 40),)),
        Track("Kit", 10, (note(2, 0, 36),)),
    )
    write_midi_file(path, Score(tracks))
    return path


def test_tracks_go_to_the_parts_they_are_for_from_the_first_bar_with_notes(song: Path) -> None:
    idea = idea_from_file(song, PERFORMANCE, "melody")
    assert idea.bars == 2
    assert dict(idea.parts) == {
        "melody": (note(0, 1, 60), note(1, 0, 62)),
        "bass": (note(1, 2, 40),),
        "drums": (note(0, 0, 36),),
    }


def test_a_part_of_another_model_takes_only_what_is_for_it(song: Path) -> None:
    assert idea_from_file(song, PERFORMANCE, "beat").parts == (("drums", (note(0, 0, 36),)),)


def test_a_drum_loop_may_lie_on_any_channel(tmp_path: Path) -> None:
    path = tmp_path / "loop.mid"
    write_midi_file(path, Score((Track("Loop", 1, (note(0, 0, 36), note(0, 1, 38))),)))
    assert idea_from_file(path, PERFORMANCE, "beat").parts == (("drums", (note(0, 0, 36), note(0, 1, 38))),)


def test_a_file_without_notes_for_a_part_is_refused_in_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mid"
    write_midi_file(empty, Score(()))
    with pytest.raises(MessageError, match="no notes for melody"):
        idea_from_file(empty, PERFORMANCE, "melody")
    with pytest.raises(MessageError, match="no file"):
        idea_from_file(tmp_path / "nowhere.mid", PERFORMANCE, "melody")
    with pytest.raises(ParameterError, match="no part 'flute'"):
        idea_from_file(empty, PERFORMANCE, "flute")


def test_tracks_called_chords_are_what_it_is_heard_over(tmp_path: Path) -> None:
    path = tmp_path / "song.mid"
    held = tuple(
        Note(bar * TICKS_PER_BAR, 2 * TICKS_PER_BAR, key, 90)
        for bar in (1, 3)
        for key in (45 + bar, 60 + bar)
    )
    write_midi_file(path, Score((Track("Lead", 1, (note(2, 1, 60),)), Track("my chords", 2, held))))
    over = ModelInfo("trio", 2, PARTS, wants_chords=True)
    idea = idea_from_file(path, replace(PERFORMANCE, models=(over, PERFORMANCE.models[1])), "melody")
    assert dict(idea.parts) == {"melody": (note(0, 1, 60),)}
    assert idea.chords == (Chord.of_pitches((46, 61)),) * 4 + (Chord.of_pitches((48, 63)),) * 4
    plain = idea_from_file(path, PERFORMANCE, "melody")
    assert plain.chords == ()
    assert "bass" in dict(plain.parts)  # for a model that knows no chords it is a track like any other
