"""What follows when the song begins, stops or jumps."""

from __future__ import annotations

from collections.abc import Iterable

from livevae.core.bars import Bars
from livevae.core.capture import Capture
from livevae.core.effects import ParameterChanged, Severity
from livevae.core.harmony import Harmony
from livevae.core.outbox import Outbox
from livevae.core.parameters import ParameterValue
from livevae.core.player import Player
from livevae.core.transport import Began, ClockFound, ClockLost, Halted, Located, TransportChange


class SongMoves:
    """Has every part of a performance follow the transport.

    began_ns: when what is playing began.
    """

    def __init__(
        self, bars: Bars, player: Player, capture: Capture, harmony: Harmony, outbox: Outbox
    ) -> None:
        self.began_ns = 0
        self._bars, self._player, self._capture, self._harmony = bars, player, capture, harmony
        self._outbox = outbox

    def follow(self, changes: Iterable[TransportChange], at_ns: int) -> None:
        """The transport has changed; what that makes of the notes goes out at ``at_ns``."""
        for change in changes:
            match change:
                case Began(began_ns, position_ticks):
                    self._outbox.put(self._player.end_all(at_ns))
                    self._harmony.jump()
                    self._begin(position_ticks, began_ns)
                    self.echo(at_ns, "play", True)
                case Located(located_ns, position_ticks, True):
                    self._outbox.put(self._player.silence(at_ns))
                    self._capture.jumped(change.from_ticks, position_ticks)
                    self._harmony.jump()
                    self._bars.start_over()
                    self._begin(position_ticks, located_ns)
                case Located():
                    self._capture.forget()
                    self._harmony.jump()
                    self._bars.abandon()
                case Halted(_, position_ticks):
                    self._outbox.put(self._player.silence(at_ns))
                    self._capture.release_all(position_ticks)
                    self._harmony.stop()
                    self._bars.abandon()
                    self.echo(at_ns, "play", False)
                case ClockLost():
                    self._outbox.notice(
                        at_ns, Severity.WARNING, "The MIDI clock fell silent: keeping the last tempo."
                    )
                case ClockFound():
                    self._outbox.notice(at_ns, Severity.INFO, "The MIDI clock is back.")
                case _:
                    pass  # Retimed: every time is worked out afresh from the timeline

    def echo(self, at_ns: int, name: str, value: ParameterValue) -> None:
        """Show a global parameter that changed by itself: the clock plays, or a tap set the tempo."""
        self._bars.ensemble.values[name] = value
        self._outbox.put([ParameterChanged(at_ns, None, name, value)])

    def _begin(self, position_ticks: int, at_ns: int) -> None:
        """Sound from ``position_ticks``, which is exactly at ``at_ns``."""
        self.began_ns = at_ns
        self._outbox.put(self._bars.begin(position_ticks, at_ns))
