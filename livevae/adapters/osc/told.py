"""What each program was last told, and who waits to be told: so that nobody hears a thing twice.

Two programs that echo each other would otherwise ring for ever.
"""

from __future__ import annotations

import math
from collections import OrderedDict

from livevae.core.parameters import ParameterValue

Peer = tuple[str, int]
"""A program on the network: host and UDP port."""

Key = tuple[str | None, str]
"""A parameter: part (None for a global one) and name."""

MAX_PEERS = 64  # programs that are remembered; the one not heard of for longest is forgotten first


class Told:
    """For each of the last ``MAX_PEERS`` programs, the value it was last told of each parameter."""

    def __init__(self) -> None:
        self._values: OrderedDict[Peer, dict[Key, ParameterValue]] = OrderedDict()
        self._waiting: dict[Key, set[Peer]] = {}

    def __contains__(self, peer: Peer) -> bool:
        return peer in self._values

    def expect(self, peer: Peer, key: Key, value: ParameterValue) -> None:
        """``peer`` asked for ``value``: it is to hear what becomes of it, unless it was told that last."""
        waiting = self._waiting.setdefault(key, set())
        if not self.knows(peer, key, value) and len(waiting) < MAX_PEERS:
            self._of(peer).pop(key, None)
            waiting.add(peer)

    def waiting(self, key: Key) -> set[Peer]:
        """Who waits to hear of ``key``; they wait no longer."""
        return self._waiting.pop(key, set())

    def knows(self, peer: Peer, key: Key, value: ParameterValue) -> bool:
        """Whether ``value`` is what ``peer`` was told last."""
        return _is_same(self._of(peer).get(key), value)

    def tell(self, peer: Peer, key: Key, value: ParameterValue) -> None:
        """Note that ``peer`` is being told."""
        self._of(peer)[key] = value

    def clear(self) -> None:
        """Forget everything and everybody."""
        self._values.clear()
        self._waiting.clear()

    def _of(self, peer: Peer) -> dict[Key, ParameterValue]:
        values = self._values.setdefault(peer, {})
        self._values.move_to_end(peer)
        if len(self._values) > MAX_PEERS:
            self._values.popitem(last=False)
        return values


def _is_same(told: ParameterValue | None, value: ParameterValue) -> bool:
    """Whether two values are one and the same after a trip through 32-bit floats."""
    if isinstance(told, float) and isinstance(value, float):
        return math.isclose(told, value, rel_tol=1e-6, abs_tol=1e-6)
    return told == value
