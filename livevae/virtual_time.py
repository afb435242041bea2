"""Driving a performer without a clock: time jumps from one thing to the next.

``livevae render`` and every test of the core play this way, so what they show is what is heard live.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from livevae.core.effects import AskModel, Effect
from livevae.core.events import Event, ModelAnswer, ModelFailed
from livevae.core.latents import ModelRequest
from livevae.core.performer import Performer

Answer = Callable[[ModelRequest], ModelAnswer | ModelFailed]


def drive(
    performer: Performer,
    script: Iterable[tuple[int, Event]],
    answer: Answer,
    until_ns: int,
    *,
    answer_after_ns: int = 0,
) -> list[Effect]:
    """Play ``script`` to ``performer`` up to ``until_ns`` and return everything it wanted done, in order.

    script: pairs (time in ns, event), in any order; equal times keep the order given.
    answer: runs the model; its answer arrives ``answer_after_ns`` after the question.
    """
    coming: list[tuple[int, int, Event]] = [(at_ns, order, e) for order, (at_ns, e) in enumerate(script)]
    heapq.heapify(coming)
    order = len(coming)
    effects: list[Effect] = []
    now_ns = min((at_ns for at_ns, _, _ in coming), default=0)
    while now_ns <= until_ns:
        for effect in performer.advance(now_ns):
            effects.append(effect)
            if isinstance(effect, AskModel):
                order += 1
                heapq.heappush(
                    coming, (max(effect.at_ns, now_ns) + answer_after_ns, order, answer(effect.request))
                )
        if coming and coming[0][0] <= now_ns:
            at_ns, _, event = heapq.heappop(coming)
            performer.receive(event, at_ns)
            continue
        deadline_ns = performer.next_deadline_ns()
        times_ns = [t for t in (deadline_ns, coming[0][0] if coming else None) if t is not None]
        if not times_ns:
            break
        now_ns = max(now_ns, min(times_ns))
    return effects
