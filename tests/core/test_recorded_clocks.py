"""Masters nobody here wrote, as recorded in frames of 48 kHz through JACK (tests/core/recordings).

A line is `FRAME MESSAGE` (hexadecimal); behind a clock pulse follow the frames to the next ones, `+902x3`
meaning three gaps of 902. `->` says what the transport should say by the end of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from livevae.adapters.midi_bytes import event_of
from livevae.core.transport import Began, Retimed, Transport, TransportChange, TransportState
from livevae.units import NS_PER_S, TICKS_PER_PULSE
from tests.core.transport_script import in_words

FOLDER = Path(__file__).parent / "recordings"
FRAMES_PER_S = 48_000


def lines(path: Path) -> Iterator[tuple[list[tuple[int, bytes]], str]]:
    """Each line's messages with their frames, and what the transport should say."""
    text = re.sub(r"\n {4}", " ", path.read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        heard, _, expected = (part.strip() for part in line.partition("->"))
        frame_text, message_text, *gaps = heard.split()
        frame, message = int(frame_text), bytes.fromhex(message_text)
        messages = [(frame, message)]
        for gap in gaps:
            frames, _, times = gap[1:].partition("x")
            for _ in range(int(times or 1)):
                frame += int(frames)
                messages.append((frame, message))
        yield messages, expected


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_the_transport_understands_the_master(path: Path) -> None:
    transport = Transport("auto", 120)
    for messages, expected in lines(path):
        said: list[TransportChange] = []
        for frame, message in messages:
            said += transport.receive(event_of(message), frame * NS_PER_S // FRAMES_PER_S)
        told = ", ".join(in_words(change) for change in said if not isinstance(change, Retimed))
        assert told == expected, f"frame {messages[0][0]}"


def late_frames(path: Path, preset_bpm: float) -> list[float]:
    """How many frames later than the master's pulse each position sounds, by what was known before it."""
    transport = Transport("auto", preset_bpm)
    late: list[float] = []
    next_ticks = 0
    for messages, _ in lines(path):
        for frame, message in messages:
            at_ns = frame * NS_PER_S // FRAMES_PER_S
            event = event_of(message)
            if message == b"\xf8" and transport.state is TransportState.PLAYING:
                late.append((transport.timeline.time_ns(next_ticks) - at_ns) * FRAMES_PER_S / NS_PER_S)
                next_ticks += TICKS_PER_PULSE
            for change in transport.receive(event, at_ns):
                if isinstance(change, Began):
                    next_ticks = change.position_ticks + TICKS_PER_PULSE
    return late


def test_a_steady_master_is_met_to_the_frame_once_its_tempo_is_known() -> None:
    late = late_frames(FOLDER / "stops.txt", preset_bpm=133)
    assert max(map(abs, late)) <= 1.0
    late = late_frames(FOLDER / "stops.txt", preset_bpm=120)
    assert max(map(abs, late[6:])) <= 1.0


def test_a_master_that_changes_its_tempo_at_once_is_met_again_within_a_beat() -> None:
    late = late_frames(FOLDER / "tempos.txt", preset_bpm=133)
    off = [index for index, frames in enumerate(late) if abs(frames) > 2.0]
    assert len(off) <= 2 * 24
    assert max(map(abs, late[-48:])) <= 1.0


def test_a_master_that_steps_its_tempo_every_beat_is_followed_within_each_beat() -> None:
    late = late_frames(FOLDER / "ramp.txt", preset_bpm=120)
    assert max(map(abs, late[:95])) <= 1.0
    assert sum(abs(frames) > 48 for frames in late) / len(late) < 0.08  # a millisecond
    assert max(map(abs, late[-96:])) <= 1.0
