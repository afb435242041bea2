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
