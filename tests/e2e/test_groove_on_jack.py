"""A pattern played through real ports comes back a bar later, felt, its early hits before their bar line."""

from __future__ import annotations

import heapq
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livevae.adapters.midi_file import Score, Track, read_midi_file, write_midi_file
from livevae.core.notes import Note
from livevae.units import (
    MIDI_FILE_TICKS_PER_BEAT,
    STEPS_PER_BAR,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
)
from tests.e2e.conftest import StartLivevae
from tests.e2e.jack_players import Drummer, Player, TransportMaster
from tests.e2e.jack_recorder import Heard, Recorder
from tests.e2e.jack_server import PERIOD_FRAMES, RATE_HZ
from tests.e2e.livevae_process import groove_text

pytestmark = pytest.mark.jack

BARS = 3
SEED = "7"
FILE_TICK = TICKS_PER_BEAT // MIDI_FILE_TICKS_PER_BEAT
UNFELT = "feel_timing = 0\nfeel_velocity = 0\nfeel_density = 0"
FURTHEST = "feel_timing = 1.5\nfeel_density = 0"

PATTERN = tuple(
    Note((bar * STEPS_PER_BAR + step) * TICKS_PER_STEP, TICKS_PER_STEP // 2, pitch, velocity)
    for bar in range(BARS)
    for step, pitch, velocity in sorted(
        [(0, 36, 110), (0, 49, 90), (4, 38, 100), (8, 36, 105), (10, 36, 80), (12, 38, 101), (15, 46, 70)]
        + [(step, 42, 60 + step) for step in range(0, 16, 2)]
    )
)

Sounded = tuple[int, int, int]  # onset in ticks, pitch, velocity


class Stage:
    """One tempo of the test, in the frames of the server."""

    def __init__(self, bpm: int) -> None:
        self.bpm = bpm
        self.frames_per_beat = RATE_HZ * 60 // bpm
        self.ticks_per_frame = TICKS_PER_BEAT // self.frames_per_beat

    def pulses(self) -> Iterator[tuple[int, bytes]]:
        yield 0, b"\xfa"
        for pulse in range(96 * BARS + 97):
            yield pulse * self.frames_per_beat // 24, b"\xf8"

    def pattern(self) -> Iterator[tuple[int, bytes]]:
        messages = []
        for note in PATTERN:
            end_ticks = note.onset_ticks + note.duration_ticks
            messages.append(
                (note.onset_ticks // self.ticks_per_frame, bytes((0x99, note.pitch, note.velocity)))
            )
            messages.append((end_ticks // self.ticks_per_frame, bytes((0x89, note.pitch, 0))))
        return iter(sorted(messages))

    def perform(self, recorder: Recorder, start_livevae: StartLivevae, more: str) -> list[Sounded]:
        """What comes back, by onset."""
        livevae = start_livevae(
            "--in",
            "player:out",
            "--bpm",
            str(self.bpm),
            "--seed",
            SEED,
            heard_by=recorder,
            more=more,
            text=groove_text,
        )
        player = Player()
        try:
            livevae.wait_until_said("player:out is there")
            recorder.connect("player:out", "recorder:clock")
            recorder.wait_frames(RATE_HZ // 2)
            player.play(heapq.merge(self.pulses(), self.pattern(), key=lambda event: event[0]))
            recorder.wait_until(lambda: len(recorder.bar_lines()) > BARS, "all bars had been played")
            assert livevae.end() == 0, livevae.said
        finally:
            player.close()
        start = recorder.pulses()[0][0]
        assert recorder.sounding() == set()
        return sorted(self._sounded(heard, start) for heard in recorder.note_ons())

    def _sounded(self, heard: Heard, start: int) -> Sounded:
        return (heard.frame - start) * self.ticks_per_frame, heard.key[1], heard.message[2]


def rendered(folder: Path, bpm: int, more: str) -> list[Sounded]:
    """What ``livevae render`` makes of the same pattern."""
    (folder / "render.toml").write_text(groove_text(tempo_bpm=bpm, more=more), encoding="utf-8")
    write_midi_file(folder / "pattern.mid", Score((Track("drums", 10, PATTERN),)))
    options = {"--preset": "render.toml", "--input": "pattern.mid", "--out": "rendered.mid"}
    command = [sys.executable, "-m", "livevae", "render", "--bars", str(BARS), "--seed", SEED]
    for option, name in options.items():
        command += [option, str(folder / name)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (track,) = read_midi_file(folder / "rendered.mid").tracks
    return sorted((note.onset_ticks, note.pitch, note.velocity) for note in track.notes)


def until_the_last_line(notes: list[Sounded]) -> list[Sounded]:
    return [note for note in notes if note[0] < BARS * TICKS_PER_BAR - TICKS_PER_STEP]


@pytest.mark.parametrize("bpm", [120])
def test_unfelt_it_comes_back_as_it_was_played(
    bpm: int, recorder: Recorder, start_livevae: StartLivevae
) -> None:
    stage = Stage(bpm)
    back = until_the_last_line(stage.perform(recorder, start_livevae, UNFELT))
    pattern = sorted((n.onset_ticks + TICKS_PER_BAR, n.pitch, n.velocity) for n in PATTERN)
    expected = until_the_last_line(pattern)
    assert sorted(note[1:] for note in back) == sorted(note[1:] for note in expected)
    distances = [abs(ours[0] - theirs[0]) for ours, theirs in zip(back, expected, strict=True)]
    assert max(distances) <= PERIOD_FRAMES * stage.ticks_per_frame


@pytest.mark.parametrize("bpm", [60, 240])
def test_at_its_furthest_early_hits_sound_before_their_line_as_rendered(
    bpm: int, recorder: Recorder, start_livevae: StartLivevae, tmp_path: Path
) -> None:
    stage = Stage(bpm)
    back = until_the_last_line(stage.perform(recorder, start_livevae, FURTHEST))
    expected = until_the_last_line(rendered(tmp_path, bpm, FURTHEST))
    early = [note for note in expected if -TICKS_PER_STEP < (note[0] % TICKS_PER_BAR) - TICKS_PER_BAR < -500]
    assert len(early) >= BARS - 2, "the fake model plays nothing early, so nothing is shown here"
    by_pitch = {pitch for _, pitch, _ in expected}
    for pitch in by_pitch:
        ours, theirs = ([n for n in notes if n[1] == pitch] for notes in (back, expected))
        assert [n[2] for n in ours] == [n[2] for n in theirs]
        distances = [abs(a[0] - b[0]) for a, b in zip(ours, theirs, strict=True)]
        assert max(distances) <= FILE_TICK + 2 * stage.ticks_per_frame


def test_a_pattern_in_time_with_a_clock_nobody_here_wrote_comes_back_in_time(
    recorder: Recorder, master: TransportMaster, start_livevae: StartLivevae
) -> None:
    """jack_midi_clock leads at 240 BPM; the hits lie on JACK's own timeline, and so must their answers."""
    stage = Stage(240)
    livevae = start_livevae("--in", "mclk_out", heard_by=recorder, more=UNFELT, text=groove_text)
    drummer = Drummer(stage.pattern())
    try:
        recorder.connect("drummer:out", "livevae:in")
        recorder.wait_frames(RATE_HZ // 4)
        master.command("play")
        recorder.wait_until(lambda: len(recorder.bar_lines()) > BARS, "all bars had been played")
        master.command("stop")
        recorder.wait_frames(RATE_HZ // 4)
    finally:
        drummer.close()
    assert recorder.sounding() == set()
    start = recorder.pulses()[0][0]
    back = [(heard.frame - start, heard.key[1], heard.message[2]) for heard in recorder.note_ons()]
    bar_frames = 4 * stage.frames_per_beat
    expected = [
        (note.onset_ticks // stage.ticks_per_frame + bar_frames, note.pitch, note.velocity)
        for note in PATTERN
        if note.onset_ticks < (BARS - 1) * TICKS_PER_BAR - TICKS_PER_STEP
    ]
    for frame, pitch, velocity in expected:
        near = [b for b in back if b[1:] == (pitch, velocity) and abs(b[0] - frame) <= PERIOD_FRAMES]
        assert len(near) == 1, (frame, pitch, velocity, livevae.said)
