"""The same seed and the same playing give the same music, live through JACK and rendered offline."""

from __future__ import annotations

import heapq
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livevae.adapters.midi_file import Score, Track, read_midi_file, write_midi_file
from livevae.core.notes import Note, Notes
from livevae.units import MIDI_FILE_TICKS_PER_BEAT, TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_players import Player
from tests.e2e.jack_recorder import Heard, Recorder
from tests.e2e.livevae_process import preset_text

pytestmark = pytest.mark.jack

BPM = 120
FRAMES_PER_PULSE = 1000  # at 120 BPM and 48 kHz, exactly
FRAMES_PER_BEAT = 24 * FRAMES_PER_PULSE
TICKS_PER_FRAME = TICKS_PER_BEAT // FRAMES_PER_BEAT
BARS = 5
SEED = "7"
FILE_TICK = TICKS_PER_BEAT // MIDI_FILE_TICKS_PER_BEAT

REACTS = "mode = 'vary'\nin_channel = 1\nlisten = 1\nphrase = 1"
PLAYED = tuple(
    Note(step * TICKS_PER_STEP + (step % 3) * 1000, TICKS_PER_STEP, 60 + step % 7, 40 + step)
    for step in range(0, 16 * BARS, 3)
)

Sounded = tuple[int, int, int, int]  # onset in ticks, channel, pitch, velocity


def pulses() -> Iterator[tuple[int, bytes]]:
    yield 0, b"\xfa"
    for pulse in range(96 * BARS + 1):
        yield pulse * FRAMES_PER_PULSE, b"\xf8"


def played() -> Iterator[tuple[int, bytes]]:
    messages = []
    for note in PLAYED:
        messages.append((note.onset_ticks // TICKS_PER_FRAME, bytes((0x90, note.pitch, note.velocity))))
        end = note.onset_ticks + note.duration_ticks
        messages.append((end // TICKS_PER_FRAME, bytes((0x80, note.pitch, 0))))
    return iter(sorted(messages))


def rendered(folder: Path, playing: Notes) -> list[Sounded]:
    """The notes of the first bars that ``livevae render`` writes for ``playing``."""
    (folder / "render.toml").write_text(preset_text(tempo_bpm=BPM, more=REACTS), encoding="utf-8")
    write_midi_file(folder / "played.mid", Score((Track("player", 1, playing),)))
    options = {"--preset": "render.toml", "--input": "played.mid", "--out": "rendered.mid"}
    command = [sys.executable, "-m", "livevae", "render", "--bars", str(BARS), "--seed", SEED]
    for option, name in options.items():
        command += [option, str(folder / name)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    score = read_midi_file(folder / "rendered.mid")
    return sorted(
        (note.onset_ticks, track.channel, note.pitch, note.velocity)
        for track in score.tracks
        for note in track.notes
        if note.onset_ticks < BARS * TICKS_PER_BAR
    )


def as_sounded(heard: Heard, start_frame: int) -> Sounded:
    ticks = (heard.frame - start_frame) * TICKS_PER_FRAME
    channel, pitch = heard.key
    return ticks, channel, pitch, heard.message[2]


def test_live_equals_rendered(recorder: Recorder, start_livevae: StartLivevae, tmp_path: Path) -> None:
    livevae = start_livevae("--in", "player:out", "--seed", SEED, heard_by=recorder, more=REACTS)
    player = Player()
    try:
        livevae.wait_until_said("player:out is there")
        recorder.connect("player:out", "recorder:clock")
        recorder.wait_frames(FRAMES_PER_BEAT)
        player.play(heapq.merge(pulses(), played(), key=lambda event: event[0]))
        recorder.wait_until(lambda: len(recorder.bar_lines()) > BARS, "all bars had been played")
        assert livevae.end() == 0, livevae.said
    finally:
        player.close()
    start_frame = recorder.pulses()[0][0]
    live = sorted(as_sounded(heard, start_frame) for heard in recorder.note_ons())
    live = [note for note in live if note[0] < BARS * TICKS_PER_BAR]
    expected = rendered(tmp_path, PLAYED)
    assert [note[1:] for note in live] == [note[1:] for note in expected], livevae.said
    distances = [abs(ours[0] - theirs[0]) for ours, theirs in zip(live, expected, strict=True)]
    assert max(distances) <= FILE_TICK // 2 + TICKS_PER_FRAME
    assert rendered(tmp_path, ()) != expected, "the music does not depend on what is played"
