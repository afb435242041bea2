"""A recorder on JACK: what arrived, at which frame, and what that means for bars and notes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.jack_server import PATIENCE_S, RATE_HZ

PULSES_PER_BAR = 96
_TICKS_PER_BEAT = 1920


@dataclass(frozen=True, slots=True)
class Heard:
    """One message at the recorder: the frame it lay on, and its bytes."""

    frame: int
    message: bytes

    @property
    def is_note_on(self) -> bool:
        return self.message[0] & 0xF0 == 0x90 and self.message[2] > 0

    @property
    def is_note_off(self) -> bool:
        return self.message[0] & 0xF0 == 0x80 or (self.message[0] & 0xF0 == 0x90 and self.message[2] == 0)

    @property
    def key(self) -> tuple[int, int]:
        """Channel (1-16) and pitch of a note."""
        return (self.message[0] & 0x0F) + 1, self.message[1]


class Recorder:
    """Two inputs, ``clock`` and ``notes``; keeps everything that arrives with its frame."""

    def __init__(self) -> None:
        import jack

        jack.set_error_function(lambda text: None)
        jack.set_info_function(lambda text: None)
        self.clock: list[Heard] = []
        self.notes: list[Heard] = []
        self.frame = 0
        self._period = threading.Condition()
        self._client: Any = jack.Client("recorder", no_start_server=True)
        self._inputs = [
            (self._client.midi_inports.register("clock"), self.clock),
            (self._client.midi_inports.register("notes"), self.notes),
        ]
        self._client.set_process_callback(self._process)
        self._client.activate()

    def close(self) -> None:
        """Leave the server (which may be gone)."""
        self._client.deactivate()
        self._client.close()

    def _process(self, frames: int) -> None:
        start = self._client.last_frame_time
        for port, heard in self._inputs:
            for offset, message in port.incoming_midi_events():
                heard.append(Heard(start + offset, bytes(message)))
        self.frame = start + frames
        with self._period:
            self._period.notify_all()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Return as soon as ``condition`` holds; it is looked at once a period."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not condition():
            with self._period:
                self._period.wait(1.0)
            if time.monotonic() > give_up_s:
                raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain until {what}")

    def wait_frames(self, frames: int) -> None:
        """Let this much music pass."""
        end = self.frame + frames
        self.wait_until(lambda: self.frame >= end, "the frames had passed")

    def port_names(self) -> list[str]:
        """Every MIDI port on the server."""
        return [port.name for port in self._client.get_ports(is_midi=True)]

    def has_port(self, name: str) -> bool:
        """Whether some program has this port now."""
        return any(port.name == name for port in self._client.get_ports())

    def wait_for_port(self, name: str) -> None:
        """Return when a program has opened this port."""
        self.wait_until(lambda: self.has_port(name), f"{name} was there")

    def connect(self, source: str, to: str = "recorder:notes") -> None:
        """Lay a cable, once the source is there and awake."""
        self.wait_until(lambda: self._try_to_connect(source, to), f"{source} could be connected")

    def _try_to_connect(self, source: str, to: str) -> bool:
        import jack

        try:
            self._client.connect(source, to)
        except jack.JackError:
            return False
        return True

    # --- leading the transport ------------------------------------------------------------------

    def lead(self, tempo_bpm: int) -> None:
        """Be JACK's timebase master: jack_transport 1.9.21 hangs in that role at a jump while rolling."""
        import jack

        def tell_position(_state: Any, _frames: int, position: Any, _is_new: bool) -> None:
            tick = position.frame * tempo_bpm * _TICKS_PER_BEAT // (60 * RATE_HZ)
            position.beats_per_bar, position.beat_type = 4, 4
            position.ticks_per_beat, position.beats_per_minute = _TICKS_PER_BEAT, tempo_bpm
            position.bar = tick // (4 * _TICKS_PER_BEAT) + 1
            position.beat = tick // _TICKS_PER_BEAT % 4 + 1
            position.tick = tick % _TICKS_PER_BEAT
            position.bar_start_tick = (position.bar - 1) * 4 * _TICKS_PER_BEAT
            position.valid = jack._lib.JackPositionBBT

        self._client.set_timebase_callback(tell_position)

    def play(self) -> None:
        """Let JACK's transport roll."""
        self._client.transport_start()

    def stop(self) -> None:
        """Stop JACK's transport."""
        self._client.transport_stop()

    def locate(self, frame: int) -> None:
        """Send JACK's transport to this frame of the song."""
        self._client.transport_frame = frame

    # --- what was recorded ----------------------------------------------------------------------

    def pulses(self) -> list[tuple[int, int]]:
        """Every pulse that counts: (frame, position in pulses from the song's start), as MIDI defines it."""
        counted = []
        position, is_rolling = 0, False
        for heard in tuple(self.clock):
            status = heard.message[0]
            if status == 0xFA:
                position, is_rolling = 0, True
            elif status == 0xFB:
                is_rolling = True
            elif status == 0xFC:
                is_rolling = False
            elif status == 0xF2:
                position = 6 * (heard.message[1] | heard.message[2] << 7)
            elif status == 0xF8 and is_rolling:
                counted.append((heard.frame, position))
                position += 1
        return counted

    def bar_lines(self) -> list[int]:
        """The frame of each bar line the master has drawn so far."""
        return [frame for frame, position in self.pulses() if position % PULSES_PER_BAR == 0]

    def note_ons(self) -> list[Heard]:
        """Every note that began."""
        return [heard for heard in tuple(self.notes) if heard.is_note_on]

    def quiet_frames(self) -> int:
        """How long ago the last note began or ended."""
        return self.frame - self.notes[-1].frame if self.notes else self.frame

    def sounding(self) -> set[tuple[int, int]]:
        """Channel and pitch of every note that has begun and not ended."""
        sounding: set[tuple[int, int]] = set()
        for heard in tuple(self.notes):
            if heard.is_note_on:
                sounding.add(heard.key)
            elif heard.is_note_off:
                sounding.discard(heard.key)
        return sounding
