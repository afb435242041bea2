"""A little made-up music, so that training is tested without anybody's."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import mido
import pytest

TICKS_PER_BEAT = 480
_SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def midi_bytes(song: int, bars: int = 8, meter: tuple[int, int] = (4, 4)) -> bytes:
    """A file with a melody, a bass and drums; ``song`` varies all three."""
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    head = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1])])
    file.tracks.append(head)
    eighth = TICKS_PER_BEAT // 2
    melody = mido.MidiTrack([mido.Message("program_change", channel=0, program=0)])
    bass = mido.MidiTrack([mido.Message("program_change", channel=1, program=33)])
    drums = mido.MidiTrack()
    for i in range(bars * 8):
        pitch = _SCALE[(i * (1 + song % 5) + song) % len(_SCALE)]
        for track, channel, note in (
            (melody, 0, pitch),
            (bass, 1, 36 + (song + i // 8) % 5),
            (drums, 9, (36, 42, 38, 42)[(i + song % 2) % 4]),
        ):
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=90, time=0))
            track.append(mido.Message("note_off", channel=channel, note=note, velocity=0, time=eighth))
    file.tracks += [melody, bass, drums]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """These networks are too small to share between threads: two are slower than one."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


@pytest.fixture
def music_zip(tmp_path: Path) -> Path:
    """A zip of songs, one of them damaged, one in 3/4 and one without notes."""
    path = tmp_path / "music.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for song in range(24):
            archive.writestr(f"song_{song}.mid", midi_bytes(song))
        archive.writestr("damaged.mid", midi_bytes(0)[:40])
        archive.writestr("waltz.mid", midi_bytes(1, meter=(3, 4)))
        archive.writestr("empty.mid", midi_bytes(1, bars=0))
        archive.writestr("readme.txt", "not music")
    return path


GROOVE_COLUMNS = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,split"


def groove_take(style: int, bars: int, seed: int) -> bytes:
    """A beat on a drummer's kit: in odd styles late and loud on the snare; the downbeats are early."""
    late = 40 if style % 2 else -10
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    hits = []
    for eighth in range(1, bars * 8):  # the downbeat of the first bar would be before the file
        at = eighth * TICKS_PER_BEAT // 2
        pitch = (36, 42, 38, 42)[eighth % 4]
        shift = late if pitch == 38 else -20 if eighth % 8 == 0 else (seed + eighth) % 5
        loud = (30 if pitch == 38 else 0) + (20 if style % 2 else 0)
        hits.append((at + shift, pitch, 50 + (eighth * 7 + seed) % 20 + loud))
    now = 0
    for at, pitch, velocity in sorted(hits):
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=at - now))
        track.append(mido.Message("note_off", channel=9, note=pitch, time=0))
        now = at
    file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


@pytest.fixture
def groove_zip(tmp_path: Path) -> Path:
    """A data set laid out like the Groove MIDI Dataset: twelve takes, eight of them to learn from."""
    rows = [GROOVE_COLUMNS]
    path = tmp_path / "groove.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(12):
            style = ("funk", "jazz/swing")[index % 2]
            split = ("train", "train", "validation")[index % 3]
            name = f"drummer{index % 3}/take_{index}.mid"
            rows.append(f"drummer{index % 3},s,take{index},{style},{100 + index},beat,4-4,{name},{split}")
            archive.writestr(f"groove/{name}", groove_take(index, 6, index))
        rows.append("drummer1,s,waltz,jazz,100,beat,3-4,waltz.mid,train")
        archive.writestr("groove/waltz.mid", groove_take(0, 4, 0))
        rows.append("drummer1,s,gone,jazz,100,beat,4-4,gone.mid,test")
        archive.writestr("groove/info.csv", "\n".join(rows))
    return path
