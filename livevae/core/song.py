"""Where the song is, as it is heard: the transport's timeline, later or earlier by the player's offset."""

from __future__ import annotations

from collections.abc import Callable

from livevae.core.transport import Transport
from livevae.core.transport_changes import TransportState
from livevae.units import NS_PER_MS


class Song:
    """Positions and times of what sounds. offset_ms: how much later than the clock says it sounds."""

    def __init__(self, transport: Transport, offset_ms: Callable[[], float]) -> None:
        self._transport = transport
        self._offset_ms = offset_ms

    @property
    def is_playing(self) -> bool:
        """Whether positions move."""
        return self._transport.state is TransportState.PLAYING

    @property
    def offset_ns(self) -> int:
        """How much later than the clock says it sounds."""
        return round(self._offset_ms() * NS_PER_MS)

    @property
    def resting_ticks(self) -> int:
        """Where play would begin."""
        return self._transport.position_ticks

    def position_ticks(self, at_ns: int) -> int:
        """What sounds at ``at_ns``; while nothing does, where play would begin."""
        if self.is_playing:
            return self._transport.timeline.position_ticks(at_ns - self.offset_ns)
        return self.resting_ticks

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes a minute."""
        return self._transport.tempo_bpm

    def played_ns(self, position_ticks: int) -> int:
        """When a player who is at ``position_ticks`` plays: by the clock, whatever the offset."""
        return self._transport.timeline.time_ns(position_ticks)

    def sounding_ns(self, position_ticks: int) -> int:
        """When ``position_ticks`` is to sound."""
        return self._transport.timeline.time_ns(position_ticks) + self.offset_ns
