"""Questions to the model that wait for an answer, and answers worth keeping.

Parts that want the same bar of the same model share one question, and a bar that comes round
again (a DAW's loop) is answered from memory.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from livevae.core.chords import BeatChords
from livevae.core.events import DecodedPart
from livevae.core.feel_order import FeelOrder
from livevae.core.latents import Latent, ModelRequest

_REMEMBERED_ANSWERS = 256  # bars; a loop of any length people use, at a few kilobytes a bar


class Key(NamedTuple):
    """What makes two questions the same: all of a ``ModelRequest`` but its number, in its order."""

    model: str
    latent: Latent
    bar_in_plan: int
    noise_seed: int
    temperature: float
    feel: FeelOrder | None = None
    chords: BeatChords = ()
    own_noise: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Waiter:
    """Part ``part`` needs the answer for ``bar``; at ``deadline_ns`` it falls back on its late rule.

    from_step: which step of the bar it is needed from; what is before that was decided already.
    """

    part: str
    bar: int
    deadline_ns: int
    from_step: int = 0


@dataclass(slots=True)
class Question:
    """A request that is out, and who waits for it."""

    key: Key
    waiters: list[Waiter] = field(default_factory=list)


class Requests:
    """All questions that are out, by number."""

    def __init__(self) -> None:
        self._out: dict[int, Question] = {}
        self._by_key: dict[Key, int] = {}
        self._answers: OrderedDict[Key, tuple[DecodedPart, ...]] = OrderedDict()
        self._serial = 0

    def known(self, key: Key) -> tuple[DecodedPart, ...] | None:
        """The answer, if it has been given before."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def ask(self, key: Key, waiter: Waiter | None) -> ModelRequest | None:
        """Put the question, or join the one that is out already (then None is returned)."""
        request_id = self._by_key.get(key)
        request = None
        if request_id is None:
            self._serial += 1
            request_id = self._serial
            self._out[request_id] = Question(key)
            self._by_key[key] = request_id
            request = ModelRequest(request_id, *key)
        if waiter is not None:
            self._out[request_id].waiters.append(waiter)
        return request

    def answered(self, request_id: int, parts: tuple[DecodedPart, ...]) -> list[Waiter]:
        """Keep the answer and say who waits for it."""
        question = self._forget(request_id)
        if question is None:
            return []
        self._answers[question.key] = parts
        while len(self._answers) > _REMEMBERED_ANSWERS:
            self._answers.popitem(last=False)
        return question.waiters

    def failed(self, request_id: int) -> list[Waiter]:
        """The question will not be answered: say who waited."""
        question = self._forget(request_id)
        return question.waiters if question else []

    def abandon(self) -> None:
        """Nobody waits any more, but late answers are still worth remembering."""
        for question in self._out.values():
            question.waiters.clear()

    def next_deadline_ns(self) -> int | None:
        """When the first waiter gives up."""
        return min((w.deadline_ns for q in self._out.values() for w in q.waiters), default=None)

    def expired(self, now_ns: int) -> list[Waiter]:
        """Take the waiters whose time is up. Their question may be put again: the worker may be gone."""
        late: list[Waiter] = []
        for question in self._out.values():
            expired = [w for w in question.waiters if w.deadline_ns <= now_ns]
            if expired:
                late.extend(expired)
                question.waiters = [w for w in question.waiters if w.deadline_ns > now_ns]
                self._by_key.pop(question.key, None)
        while len(self._out) > _REMEMBERED_ANSWERS:
            del self._out[next(iter(self._out))]
        return late

    @property
    def outstanding(self) -> bool:
        """Whether anybody waits."""
        return any(question.waiters for question in self._out.values())

    def _forget(self, request_id: int) -> Question | None:
        question = self._out.pop(request_id, None)
        if question is not None and self._by_key.get(question.key) == request_id:
            del self._by_key[question.key]
        return question
