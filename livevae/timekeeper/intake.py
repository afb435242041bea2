"""What came in since the last cycle, put in order and kept to an amount that cannot disturb the clock."""

from __future__ import annotations

from collections.abc import Iterable

Stamped = tuple[int, bytes]
"""When a message came in, in nanoseconds, and the message."""

CONTROLS_A_CYCLE = 64  # twelve thousand a second at 256 frames; a cable of five pins carries one thousand
_CONTROL_CHANGE = 0xB0


def in_order(messages: Iterable[Stamped]) -> list[Stamped]:
    """The messages by time (two inputs have two threads); of a flood of control changes only the newest each.

    Notes, clock and everything else are never left out.
    """
    batch = sorted(messages, key=lambda stamped: stamped[0])
    if sum(map(_is_control, batch)) <= CONTROLS_A_CYCLE:
        return batch
    newest = {message[:2]: place for place, (_, message) in enumerate(batch) if _is_control(batch[place])}
    return [
        stamped
        for place, stamped in enumerate(batch)
        if not _is_control(stamped) or newest[stamped[1][:2]] == place
    ]


def _is_control(stamped: Stamped) -> bool:
    message = stamped[1]
    return len(message) == 3 and message[0] & 0xF0 == _CONTROL_CHANGE
