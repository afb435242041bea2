"""Collections are read as their makers publish them; here in miniatures of the same layout."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import mido
import numpy as np
import pytest

from livevae.core.chords import Chord, chords_of_notes
from livevae.core.drum_kit import GM
from livevae.core.notes import Note
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from train.songs import Dropped, Song, Unread
from train.sources.drum_machine import drum_machine_patterns
from train.sources.freedoom import freedoom_drums
from train.sources.groove import groove, groove_kit
from train.sources.harte import chord_pitches
from train.sources.lakh import lakh_kits, lakh_melodies, lakh_melodies_over_bass, lakh_trios
from train.sources.own_files import own_files
from train.sources.pop909 import longest_regular_run, on_beats, pop909_melodies

RESOLUTION = 480


def midi(
    *notes: tuple[int, int, int], channel: int = 0, program: int = 0, name: str = "", tempo: int = 500_000
) -> bytes:
    """A file of (onset, length, pitch) in file ticks, one after another."""
    file = mido.MidiFile(ticks_per_beat=RESOLUTION)
    track = mido.MidiTrack(
        [mido.MetaMessage("set_tempo", tempo=tempo), mido.MetaMessage("track_name", name=name)]
    )
    track.append(mido.Message("program_change", channel=channel, program=program))
    now = 0
    for onset, length, pitch in notes:
        track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=80, time=onset - now))
        track.append(mido.Message("note_off", channel=channel, note=pitch, time=length))
        now = onset + length
    file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def archive(path: Path, entries: dict[str, bytes | str]) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)


def songs(found: Iterable[Song | Dropped | Unread]) -> tuple[dict[str, Song], dict[str, str]]:
    items = [item() if isinstance(item, Unread) else item for item in found]
    return (
        {item.name: item for item in items if isinstance(item, Song)},
        {item.name: item.reason for item in items if isinstance(item, Dropped)},
    )


def test_lakh_groups_by_cluster(tmp_path: Path) -> None:
    one = midi((0, 480, 60))
    archive(
        tmp_path / "lakh.zip",
        {
            "LICENCE": "",
            "lakh/train/melody/sample_1.mid": one,
            "lakh/valid/melody/sample_2.mid": one,
            "lakh/train/melody/sample_3.mid": b"broken",
            "lakh/train/trio/sample_1.mid": one,
        },
    )
    clusters = "file\tcluster\ntrain/melody/sample_1.mid\t7\nvalid/melody/sample_2.mid\t7\n"
    (tmp_path / "lakh_song_clusters.tsv").write_text(clusters)
    found, dropped = songs(lakh_melodies(tmp_path))
    assert {song.group for song in found.values()} == {"lakh/7"}
    assert len({song.held_out for song in found.values()}) == 1
    assert list(dropped) == ["lakh/train/melody/sample_3.mid"]
    trios, _ = songs(lakh_trios(tmp_path))
    assert [song.group for song in trios.values()] == ["lakh/train/trio/sample_1.mid"]


def test_groove_is_heard_through_its_own_drum_map(tmp_path: Path) -> None:
    table = "id,time_signature,midi_filename,split\n"
    table += "a,4-4,a.mid,train\nb,4-4,b.mid,validation\nc,6-8,c.mid,train\nd,4-4,d.mid,test\n"
    hits = midi((0, 10, 48), (480, 10, 58), (960, 10, 3), channel=9)
    archive(
        tmp_path / "groove.zip",
        {"groove/info.csv": table, **{f"groove/{name}.mid": hits for name in "abc"}},
    )
    found, dropped = songs(groove(tmp_path))
    assert {name: song.held_out for name, song in found.items()} == {
        "groove/a.mid": False,
        "groove/b.mid": True,
    }
    assert "6-8" in dropped["groove/c.mid"]
    # 48 is a high tom and 58 a low tom on the TD-11; General MIDI plays those as 50 and 45
    assert [note.pitch for note in found["groove/a.mid"].parts["drums"]] == [50, 45]


def test_groove_as_a_whole_kit_keeps_rims_bells_and_pedals(tmp_path: Path) -> None:
    table = "id,time_signature,midi_filename,split,style,bpm\na,4-4,a.mid,train,funk,90\n"
    pitches = (36, 37, 40, 44, 53, 55, 48, 43, 22)
    hits = midi(*((i * 480, 10, pitch) for i, pitch in enumerate(pitches)), channel=9)
    archive(tmp_path / "groove.zip", {"groove/info.csv": table, "groove/a.mid": hits})
    found, _ = songs(groove_kit(tmp_path))
    drums = found["groove/a.mid"].parts["drums"]
    assert [note.pitch for note in drums] == [36, 37, 40, 44, 53, 55, 50, 45, 22]


def test_freedooms_songs_in_four_four(tmp_path: Path) -> None:
    odd = mido.MidiFile(file=io.BytesIO(midi((0, 10, 36), channel=9)))
    odd.tracks[0].insert(0, mido.MetaMessage("time_signature", numerator=7, denominator=4))
    buffer = io.BytesIO()
    odd.save(file=buffer)
    files = {"musics/a.mid": midi((0, 10, 69), (480, 10, 82), channel=9), "musics/b.mid": buffer.getvalue()}
    archive(tmp_path / "freedoom.zip", {**files, "musics/c.mid": b"?", "COPYING.adoc": b""})
    found, dropped = songs(freedoom_drums(tmp_path))
    assert [note.pitch for note in found["musics/a.mid"].parts["drums"]] == [69, 82]
    assert "7/4" in dropped["musics/b.mid"]
    assert "musics/c.mid" in dropped


def test_some_songs_of_lakh_are_played_on_other_instruments(tmp_path: Path) -> None:
    drums = (36, 38, 42, 45, 46, 48, 49, 50, 51)
    one = midi(*((index * 480, 240, pitch) for index, pitch in enumerate((*drums, *drums))), channel=9)
    files: dict[str, bytes | str] = {f"lakh/train/trio/sample_{i}.mid": one for i in range(100)}
    archive(tmp_path / "lakh.zip", files)
    (tmp_path / "lakh_song_clusters.tsv").write_text("file\tcluster\n")
    found, _ = songs(lakh_kits(tmp_path))
    assert len(found) == 100
    kits = []
    for song in found.values():
        assert set(song.parts) == {"drums"}
        pitches = [note.pitch for note in song.parts["drums"]]
        assert pitches[:9] == pitches[9:]  # the same kit throughout
        # toms may have been congas, whose order is not theirs; hats a shaker, a ride to the map
        others = [(drum, p) for drum, p in zip(drums, pitches, strict=False) if drum not in (45, 48, 50)]
        assert all(GM.drum_of(p) == GM.drum_of(drum) for drum, p in others if p != 82)
        assert len(set(pitches)) == 9
        kits.append(tuple(pitches[:9]))
    assert 50 < kits.count(drums) < 75
    assert len(set(kits)) > 10


def test_drum_machine_patterns_are_looped(tmp_path: Path) -> None:
    rests = ["Rest"] * 16
    pattern = {
        "title": "Rock1MeasureA",
        "signature": "4/4",
        "length": 16,
        "tracks": {
            "BassDrum": ["Note", *rests[1:]],
            "SnareDrum": [*rests[:15], "Flam"],
            "Theremin": ["Note"] * 16,
        },
    }
    triplets = {**pattern, "title": "Blues1", "length": 12}
    other = {**pattern, "title": "Rock1Break"}
    archive(
        tmp_path / "drum_machine_patterns.zip", {"x/Patterns.json": json.dumps([pattern, triplets, other])}
    )
    found, dropped = songs(drum_machine_patterns(tmp_path))
    assert {song.group for song in found.values()} == {"drum_machine/Rock1"}
    assert "12 steps" in dropped["x/Patterns.json#Blues1"]
    drums = found["x/Patterns.json#Rock1MeasureA"].parts["drums"]
    steps = [(note.onset_ticks // TICKS_PER_STEP, note.pitch) for note in drums]
    assert steps == [(0, 36), (15, 38), (16, 36), (31, 38)]


def test_pop909_is_put_on_its_annotated_beats(tmp_path: Path) -> None:
    # beats at 0.5 s, the first downbeat is beat 1, at 1.0 s
    lines = "\n".join(f"{0.5 + 0.5 * i} 0.0 {float(i % 4 == 1)}" for i in range(60))
    melody = midi((2 * RESOLUTION, RESOLUTION, 62), (6 * RESOLUTION, RESOLUTION // 2, 64), name="MELODY")
    archive(
        tmp_path / "pop909.zip",
        {
            "POP909/001/001.mid": melody,
            "POP909/001/beat_midi.txt": lines,
            "POP909/001/versions/001-v1.mid": melody,
            "POP909/002/002.mid": melody,
            "POP909/003/003.mid": midi((0, 10, 60), name="PIANO"),
            "POP909/003/beat_midi.txt": lines,
            "POP909/004/004.mid": melody,
            "POP909/004/beat_midi.txt": "0.0 0.0 1.0\n0.5 0.0 0.0\n",
        },
    )
    found, dropped = songs(pop909_melodies(tmp_path))
    assert found["POP909/001/001.mid"].parts["melody"] == (
        Note(0, TICKS_PER_BEAT, 62, 80),
        Note(TICKS_PER_BAR, TICKS_PER_BEAT // 2, 64, 80),
    )
    assert "beat_midi" in dropped["POP909/002/002.mid"]
    assert "MELODY" in dropped["POP909/003/003.mid"]
    assert "downbeats" in dropped["POP909/004/004.mid"]


def test_pop909_is_read_with_its_chords(tmp_path: Path) -> None:
    beats = "\n".join(f"{0.5 + 0.5 * i} 0.0 {float(i % 4 == 1)}" for i in range(60))
    chords = "0.02 1.01 N\n1.01 2.98 A:min7\n2.98 3.97 C:maj/3\n3.97 9.0 N\n9.0 9.5 X:odd\n"
    files: dict[str, bytes | str] = {
        "POP909/001/001.mid": midi((2 * RESOLUTION, RESOLUTION, 62), name="MELODY"),
        "POP909/001/beat_midi.txt": beats,
        "POP909/001/chord_midi.txt": chords,
    }
    archive(tmp_path / "pop909.zip", files)
    found, _ = songs(pop909_melodies(tmp_path))
    held = found["POP909/001/001.mid"].parts["chords"]
    a_minor_7, c_over_e = Chord.of_pitches((45, 60, 64, 67)), Chord.of_pitches((52, 60, 67))
    assert chords_of_notes(held, 8) == (a_minor_7,) * 4 + (c_over_e,) * 4  # and the last chord stays


@pytest.mark.parametrize(
    ("label", "tones", "bass"),
    [
        ("C:maj", {0, 4, 7}, 0),
        ("Bb:min7/b3", {10, 1, 5, 8}, 1),
        ("F#:sus4(b7)", {6, 11, 1, 4}, 6),
        ("Cb:dim7", {11, 2, 5, 8}, 11),
        ("G:7/b7", {7, 11, 2, 5}, 5),
        ("E", {4, 8, 11}, 4),
    ],
)
def test_chord_labels_of_research(label: str, tones: set[int], bass: int) -> None:
    pitches = chord_pitches(label)
    assert {pitch % 12 for pitch in pitches} == tones
    assert pitches[0] == min(pitches)
    assert pitches[0] % 12 == bass


@pytest.mark.parametrize("label", ["N", "X", "", "C:what", "H:maj"])
def test_what_is_no_chord_holds_nothing(label: str) -> None:
    assert chord_pitches(label) == ()


def test_lakhs_melodies_are_over_what_the_bass_holds(tmp_path: Path) -> None:
    both = mido.MidiFile(file=io.BytesIO(midi((0, 480, 72))))
    both.tracks += mido.MidiFile(file=io.BytesIO(midi((0, 960, 40), channel=1, program=33))).tracks
    buffer = io.BytesIO()
    both.save(file=buffer)
    archive(
        tmp_path / "lakh.zip", {"lakh/train/trio/a.mid": buffer.getvalue(), "lakh/train/trio/b.mid": b"?"}
    )
    (tmp_path / "lakh_song_clusters.tsv").write_text("file\tcluster\n")
    found, dropped = songs(lakh_melodies_over_bass(tmp_path))
    parts = found["lakh/train/trio/a.mid"].parts
    assert [note.pitch for note in parts["melody"]] == [72]
    assert [note.pitch for note in parts["chords"]] == [40]
    assert list(dropped) == ["lakh/train/trio/b.mid"]


def test_tracks_called_chords_are_the_chords_of_ones_own_file(tmp_path: Path) -> None:
    file = mido.MidiFile(file=io.BytesIO(midi((0, 480, 72), name="Lead")))
    file.tracks += mido.MidiFile(file=io.BytesIO(midi((0, 960, 48), channel=2, name="My Chords"))).tracks
    file.tracks += mido.MidiFile(file=io.BytesIO(midi((0, 960, 40), channel=1, program=33))).tracks
    file.save(tmp_path / "song.mid")
    found, _ = songs(own_files(tmp_path))
    parts = found["song.mid"].parts
    assert {part: [note.pitch for note in notes] for part, notes in parts.items()} == {
        "melody": [72],
        "bass": [40],
        "chords": [48],
    }


def test_the_longest_run_of_regular_downbeats() -> None:
    assert longest_regular_run(np.array([0, 4, 6, 10, 14, 18, 21])) == (6, 18)
    assert longest_regular_run(np.array([], dtype=np.int64)) == (0, 0)


def test_notes_outside_the_beats_are_left_out() -> None:
    tempos = ((0, 500_000),)
    notes = tuple(Note(beat * TICKS_PER_BEAT, 1000, 60, 80) for beat in (0, 2, 9))
    kept = on_beats(notes, tempos, np.array([0.5, 1.0, 1.5, 2.0]))
    assert [note.onset_ticks for note in kept] == [TICKS_PER_BEAT]


def test_a_folder_of_ones_own_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "line.MID").write_bytes(midi((0, 480, 60)))
    (tmp_path / "harp.mid").write_bytes(midi((0, 480, 60), program=46))
    (tmp_path / "notes.txt").write_text("not music")
    found, dropped = songs(own_files(tmp_path))
    assert list(found) == [str(Path("deep") / "line.MID")]
    assert "programs 1-40" in dropped["harp.mid"]


@pytest.mark.parametrize("source", [lakh_melodies, groove, pop909_melodies, drum_machine_patterns])
def test_a_collection_that_is_not_there_is_an_os_error(source: object, tmp_path: Path) -> None:
    assert callable(source)
    with pytest.raises(OSError, match="No such file"):
        list(source(tmp_path))
