"""Effects on their way out of a performer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from livevae.core.effects import Effect, Notice, SendNoteOff, SendNoteOn, SendProgram, Severity


class Outbox:
    """Collects effects until somebody takes them."""

    def __init__(self) -> None:
        self._waiting: list[Effect] = []
        self._sent_ns: int | None = None

    def put(self, effects: Iterable[Effect]) -> None:
        """These are to be done next."""
        self._waiting += effects

    def notice(self, at_ns: int, severity: Severity, text: str) -> None:
        """A sentence for the musician."""
        self._waiting.append(Notice(at_ns, severity, text))

    def take(self) -> list[Effect]:
        """Everything that has been put, in order."""
        effects, self._waiting = self._waiting, []
        return [self._in_order(effect) for effect in effects]

    def _in_order(self, effect: Effect) -> Effect:
        """No note message before the last one: a bent timeline may place an end before its start."""
        if isinstance(effect, SendNoteOn | SendNoteOff | SendProgram):
            if self._sent_ns is not None and effect.at_ns < self._sent_ns:
                return replace(effect, at_ns=self._sent_ns)
            self._sent_ns = effect.at_ns
        return effect
