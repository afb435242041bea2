"""Songs allotted to the slots of a band, in miniatures of the collections' own layout."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import pytest

from livevae.core.notes import Note
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT
from tests.train.sources.test_sources import archive, midi, songs
from train.sources import band
from train.sources.band import (
    bar_by_bar,
    freedoom_bands,
    lakh_bands_fifth,
    own_bands,
    pop909_bands_third,
)

RESOLUTION = 480
BAR = 4 * RESOLUTION

Player = tuple[int, int, tuple[tuple[int, int, int], ...]]


def song(*players: Player, meter: tuple[int, int] = (4, 4)) -> bytes:
    """A file of players: channel, program, and (onset, length, pitch) in file ticks, one after another."""
    file = mido.MidiFile(ticks_per_beat=RESOLUTION)
    file.tracks.append(
        mido.MidiTrack([mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1])])
    )
    for channel, program, notes in players:
        track = mido.MidiTrack([mido.Message("program_change", channel=channel, program=program)])
        now = 0
        for onset, length, pitch in notes:
            track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=100, time=onset - now))
            track.append(mido.Message("note_off", channel=channel, note=pitch, time=length))
            now = onset + length
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def once(pitch: int, bar: int = 0) -> tuple[tuple[int, int, int], ...]:
    return ((bar * BAR, 120, pitch),)


def twice(pitch: int, bar: int = 0) -> tuple[tuple[int, int, int], ...]:
    return ((bar * BAR, 120, pitch), (bar * BAR + RESOLUTION, 120, pitch))


def test_players_take_their_slots_with_their_programs(tmp_path: Path) -> None:
    players = (
        (0, 30, once(64)),
        (1, 29, once(52)),
        (2, 38, once(36)),
        (3, 4, once(60)),
        (4, 52, once(67)),
        (5, 62, once(72)),
        (6, 95, once(74)),
        (9, 0, once(36)),
    )
    archive(tmp_path / "freedoom.zip", {"musics/a.mid": song(*players), "CREDITS": b""})
    found, _ = songs(freedoom_bands(tmp_path))
    parts = found["musics/a.mid"].parts
    assert {part: [note.pitch for note in notes] for part, notes in parts.items()} == {
        "guitar:29": [52],
        "guitar_2:30": [64],
        "bass:38": [36],
        "keys:4": [60],
        "strings:52": [67],
        "lead:62": [72],
        "extra:95": [74],
        "drums": [36],
    }
    assert found["musics/a.mid"].group == "freedoom/musics/a.mid"


def test_in_every_bar_the_busiest_have_the_slot_and_the_next_is_the_extra(tmp_path: Path) -> None:
    leads = (
        (0, 80, (*once(60), *twice(61, bar=1))),
        (1, 81, (*twice(70), *once(71, bar=1))),
        (2, 82, once(80)),
    )
    archive(tmp_path / "own.zip", {"a.mid": song(*leads)})
    found, _ = songs(own_bands(tmp_path / "own.zip"))
    heard = {
        p: [(n.onset_ticks // TICKS_PER_BAR, n.pitch) for n in ns] for p, ns in found["a.mid"].parts.items()
    }
    assert heard == {
        "lead:81": [(0, 70), (0, 70)],
        "extra:80": [(0, 60)],
        "lead:80": [(1, 61), (1, 61)],
        "extra:81": [(1, 71)],
    }


def test_other_metres_and_damaged_files_are_dropped_with_a_reason(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "musics/waltz.mid": song((0, 0, once(60)), meter=(3, 4)),
        "musics/b.mid": b"?",
    }
    archive(tmp_path / "freedoom.zip", files)
    found, dropped = songs(freedoom_bands(tmp_path))
    assert not found
    assert "3/4" in dropped["musics/waltz.mid"]
    assert "not a readable MIDI file" in dropped["musics/b.mid"]


def test_what_is_held_begins_again_with_each_bar() -> None:
    held = Note(TICKS_PER_BAR - TICKS_PER_BEAT, 2 * TICKS_PER_BAR + TICKS_PER_BEAT, 60, 90)
    assert bar_by_bar([held]) == (
        Note(TICKS_PER_BAR - TICKS_PER_BEAT, TICKS_PER_BEAT, 60, 90),
        Note(TICKS_PER_BAR, TICKS_PER_BAR, 60, 90),
        Note(2 * TICKS_PER_BAR, TICKS_PER_BAR, 60, 90),
    )
    rung = Note(0, TICKS_PER_BAR + TICKS_PER_BEAT - 1, 60, 90)
    assert bar_by_bar([rung]) == (Note(0, TICKS_PER_BAR, 60, 90),)


def test_lakhs_trios_have_no_programs_and_a_slot_by_lot_for_the_melody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trio = song((0, 0, once(72)), (1, 33, once(40)), (9, 0, once(36)))
    names = [f"train/trio/sample_{n}.mid" for n in range(24)]
    archive(tmp_path / "lakh.zip", {f"lakh/{name}": trio for name in names})
    rows = "\n".join(f"{name}\t{n}" for n, name in enumerate(names))
    (tmp_path / "lakh_song_clusters.tsv").write_text(f"file\tcluster\n{rows}\n")
    few, _ = songs(lakh_bands_fifth(tmp_path))
    assert 0 < len(few) < len(names)
    monkeypatch.setattr(band, "_one_in", lambda count, group: True)
    found, _ = songs(lakh_bands_fifth(tmp_path))
    assert len(found) == len(names)
    slots = {next(p for p in s.parts if p not in ("bass", "drums")) for s in found.values()}
    assert slots == {"guitar", "keys", "strings", "lead"}
    assert all(s.parts["bass"][0].pitch == 40 for s in found.values())


def test_pop909s_piano_is_the_keys_and_the_others_have_slots_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(band, "_one_in", lambda count, group: True)
    beats = "\n".join(f"{0.5 * i} 0.0 {float(i % 4 == 0)}" for i in range(60))
    tracks = {"MELODY": 72, "BRIDGE": 67, "PIANO": 48}
    file = mido.MidiFile(ticks_per_beat=RESOLUTION)
    for name, pitch in tracks.items():
        one = mido.MidiFile(file=io.BytesIO(midi((0, RESOLUTION, pitch), name=name)))
        file.tracks += one.tracks
    buffer = io.BytesIO()
    file.save(file=buffer)
    archive(
        tmp_path / "pop909.zip",
        {"POP909/001/001.mid": buffer.getvalue(), "POP909/001/beat_midi.txt": beats},
    )
    found, _ = songs(pop909_bands_third(tmp_path))
    parts = found["POP909/001/001.mid"].parts
    assert parts["keys"] == (Note(0, TICKS_PER_BEAT, 48, 80),)
    others = {notes[0].pitch: part for part, notes in parts.items() if part != "keys"}
    assert set(others) == {72, 67}
    assert set(others.values()) <= {"guitar", "strings", "lead"}
    assert len(set(others.values())) == 2
