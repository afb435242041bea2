"""What every MIDI backend offers, and how a port that the player names is found.

A backend overrides the few members of ``Port``; a fake one for a test is ten lines. Channels,
notes and their meaning are not known here: a message is its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from livevae.errors import PortError

CLIENT_NAME = "livevae"

Receive = Callable[[bytes, int], None]
"""Called with each message that comes in and the nanosecond at which it did, from any thread."""

Cycle = Callable[[int], None]
"""Called with the last nanosecond that may be sent for now; everything due until then is to be sent."""


@dataclass(frozen=True, slots=True)
class ChordsIn:
    """A second way in, for somebody who plays chords.

    receive: gets what comes in there. name: a port of another program to connect with, or None.
    """

    receive: Receive
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PortNames:
    """What other programs see, for the screen. Empty where there is nothing to see."""

    system: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortHealth:
    """Faults since the port was opened.

    dropouts: periods the audio server lost.
    unsent: messages that found no room and went out a period later.
    missing: name and a sentence for each port the player named that is not there now.
    lost: the whole MIDI system went away.
    """

    dropouts: int = 0
    unsent: int = 0
    missing: tuple[tuple[str, str], ...] = ()
    lost: bool = False


class Port(Protocol):
    """One way in, one way out, one out to the player's controller, and if asked for, one in for chords.

    Nothing is opened before ``open``. Times are nanoseconds of the clock that ``open`` was given.
    """

    @property
    def drives(self) -> bool:
        """Whether the port itself calls ``cycle``, once in each period of an audio server."""

    def open(self, receive: Receive, cycle: Cycle, now: Callable[[], int]) -> None:
        """Come into being for other programs.

        receive: gets every incoming message.
        cycle: called by a port that drives, in its own thread, after the period's messages.
        now: the time from which the port's own clock goes on.

        A named port that is not there is no error: ``health`` says so and ``mend`` finds it later.
        Raises PortError or SetupError where the MIDI system itself is missing, with what to do about it.
        """

    def names(self) -> PortNames:
        """How other programs know it."""

    def now_ns(self) -> int:
        """The time now, on the clock that messages are stamped with. Thread-safe."""

    def send(self, message: bytes, at_ns: int) -> int:
        """Send one message, at ``at_ns`` where the port can place it in time, else at once.

        A port that drives takes messages only within ``cycle``. Messages leave in the order of the calls.
        Returns the time at which it leaves. Real-time-safe: yes.
        """

    def feed_back(self, message: bytes) -> None:
        """Tell a controller, at a way out of its own, where a knob should stand. Real-time-safe: yes.

        Instruments never hear these: a control of the player's means something else to each of them.
        """

    def mend(self) -> None:
        """Connect again what was named and has come back; called now and then, not where time is tight."""

    def health(self) -> PortHealth:
        """What went wrong so far. Thread-safe."""

    def close(self) -> None:
        """Vanish, after everything sent has left. May be called twice."""


def find_port(wanted: str, existing: Sequence[str]) -> str:
    """The one of ``existing`` that a player means by ``wanted``: the whole name, or a part of just one.

    Capitals do not matter. Raises PortError that lists what exists.
    """
    exact = [name for name in existing if name == wanted]
    near = [name for name in existing if wanted.casefold() in name.casefold()]
    matches = exact or near
    if len(set(matches)) == 1:
        return matches[0]
    there = ", ".join(repr(name) for name in (matches or existing)) or "none at all"
    if matches:
        raise PortError(f"{wanted!r} could be any of the MIDI ports {there}: give more of the name")
    raise PortError(f"there is no MIDI port {wanted!r}: there are {there}")
