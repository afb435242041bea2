"""Rendering answers a file with a file, and says what the musician should know of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from livevae.adapters.midi_file import Score, Track
from livevae.core.notes import Note
from livevae.offline import render
from livevae.testing import groove_performance, leaning
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

UNFELT: dict[str, Any] = {"feel_timing": 0.0, "feel_velocity": 0.0, "feel_density": 0.0}


def beat(*pitches: int) -> Score:
    notes = [Note(beat * TICKS_PER_BEAT, 1000, pitch, 70 + beat) for beat in range(8) for pitch in pitches]
    return Score((Track("drums", 10, tuple(sorted(notes))),))


def test_a_file_comes_back_a_bar_later() -> None:
    told: list[str] = []
    played = beat(36, 42)
    score = render(
        replace(groove_performance(**UNFELT), settings={"tempo": 97.0}),
        leaning,
        bars=3,
        tempo_bpm=97.0,
        played=played,
        tell=told.append,
    )
    (track,) = score.tracks
    assert [(n.pitch, n.velocity) for n in track.notes] == [
        (n.pitch, n.velocity) for n in played.tracks[0].notes
    ]
    distances = [
        abs(back.onset_ticks - came_in.onset_ticks - TICKS_PER_BAR)
        for back, came_in in zip(track.notes, played.tracks[0].notes, strict=True)
    ]
    assert max(distances) <= 2
    assert told == []


def test_a_pitch_of_no_drum_is_told_once() -> None:
    told: list[str] = []
    render(groove_performance(), leaning, bars=4, tempo_bpm=120.0, played=beat(36, 7), tell=told.append)
    assert told == ["drums: pitch 7 is no drum of the map gm, so it passes as it is."]
