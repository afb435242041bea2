"""Deciding bars: what was heard becomes a plan, a plan becomes a question to the model."""

from __future__ import annotations

from dataclasses import dataclass

from livevae.core.capture import Capture
from livevae.core.ensemble import Ensemble
from livevae.core.events import DecodedPart
from livevae.core.feel import FeltNotes
from livevae.core.latents import Encoded, ModelRequest
from livevae.core.notes import Notes
from livevae.core.part import Part
from livevae.core.planner import BarPlan, Decode, Listen, PlayAgain, listening_window, plan_bar
from livevae.core.requests import Key, Requests, Waiter


@dataclass(frozen=True, slots=True)
class Placed:
    """``part`` will play ``notes`` (relative to the bar line) in ``bar``."""

    part: str
    bar: int
    notes: FeltNotes
    tie_ticks: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    """No answer came in time for ``bar``; ``rule`` says what to do instead."""

    part: str
    bar: int
    rule: str


class Composer:
    """Turns bar numbers into notes, by way of the model."""

    def __init__(self, ensemble: Ensemble, capture: Capture) -> None:
        self.ensemble = ensemble
        self._capture = capture
        self._requests = Requests()

    def decide(self, bar: int, now_ticks: int, deadline_ns: int) -> tuple[list[Placed], list[ModelRequest]]:
        """Decide ``bar`` for every part: what is known already, and what must be asked."""
        placed: list[Placed] = []
        requests: list[ModelRequest] = []
        for part in self.ensemble.parts.values():
            self._listen_back(part, bar, now_ticks)
        for part in self.ensemble.parts.values():
            plan = self._plan(part, bar)
            if isinstance(plan, Listen):
                placed.append(self._place(part, Placed(part.name, bar, ())))
            elif isinstance(plan, PlayAgain):
                placed.append(self._place(part, Placed(part.name, bar, plan.notes)))
            else:
                part.remember_idea(bar, plan.idea)
                key = _key(part, plan)
                known = self._requests.known(key)
                if known is not None:
                    placed += self._placed_of(known, [Waiter(part.name, bar, deadline_ns)])
                else:
                    request = self._requests.ask(key, Waiter(part.name, bar, deadline_ns))
                    requests += [request] if request else []
        return placed, requests

    def prefetch(self, bar: int) -> list[ModelRequest]:
        """Ask for ``bar`` only so as to know it when it is wanted at once (the song's first bar)."""
        requests: list[ModelRequest] = []
        for part in self.ensemble.parts.values():
            plan = self._plan(part, bar)
            if isinstance(plan, Decode) and self._requests.known(_key(part, plan)) is None:
                request = self._requests.ask(_key(part, plan), None)
                requests += [request] if request else []
        return requests

    def answered(self, request_id: int, parts: tuple[DecodedPart, ...]) -> list[Placed]:
        """A bar has been decoded."""
        return self._placed_of(parts, self._requests.answered(request_id, parts))

    def failed(self, request_id: int) -> list[Missed]:
        """A bar could not be decoded."""
        return self._missed(self._requests.failed(request_id))

    def expired(self, now_ns: int) -> list[Missed]:
        """The bars whose answers are too late."""
        return self._missed(self._requests.expired(now_ns))

    def place_instead(self, missed: Missed) -> Placed:
        """What the rule for late answers plays: the bar before again, or nothing."""
        part = self.ensemble.parts[missed.part]
        notes = part.played.get(missed.bar - 1, ()) if missed.rule == "repeat" else ()
        return self._place(part, Placed(part.name, missed.bar, notes))

    def abandon(self) -> None:
        """The bars that were asked for are no longer wanted."""
        self._requests.abandon()

    def next_deadline_ns(self) -> int | None:
        """When the first bar becomes too late."""
        return self._requests.next_deadline_ns()

    @property
    def waiting(self) -> bool:
        """Whether any part waits for an answer."""
        return self._requests.outstanding

    def heard(self, part: Part, first_bar: int, bars: int, now_ticks: int) -> Encoded | None:
        """What was played to all parts of ``part``'s model in these bars; None if nothing was."""
        heard: list[tuple[str, Notes]] = []
        for other in self.ensemble.parts.values():
            if other.spec.model == part.spec.model:
                notes = self._capture.window(first_bar, bars, other.number("in_channel"), now_ticks)
                if notes:
                    heard.append((other.spec.model_part, notes))
        return Encoded(tuple(sorted(heard)), bars) if heard else None

    def _listen_back(self, part: Part, bar: int, now_ticks: int) -> None:
        window = listening_window(part, bar)
        if window is None:
            return
        heard = self.heard(part, *window, now_ticks)
        if heard is not None or part.number("respond"):
            part.heard = heard  # in call and response, an empty call has no answer

    def _plan(self, part: Part, bar: int) -> BarPlan:
        return plan_bar(part, bar, self.ensemble.set_seed, self.ensemble.palette)

    def _placed_of(self, parts: tuple[DecodedPart, ...], waiters: list[Waiter]) -> list[Placed]:
        by_name = {decoded.part: decoded for decoded in parts}
        placed: list[Placed] = []
        for waiter in waiters:
            part = self.ensemble.parts.get(waiter.part)
            if part is None:
                continue
            decoded = by_name.get(part.spec.model_part, DecodedPart(part.spec.model_part, ()))
            placed.append(
                self._place(part, Placed(part.name, waiter.bar, decoded.with_feel(), decoded.tie_ticks))
            )
        return placed

    def _place(self, part: Part, placed: Placed) -> Placed:
        part.remember(placed.bar, placed.notes, placed.tie_ticks)
        return placed

    def _missed(self, waiters: list[Waiter]) -> list[Missed]:
        missed: list[Missed] = []
        for waiter in waiters:
            part = self.ensemble.parts.get(waiter.part)
            if part is not None:
                part.bars_missed += 1
                missed.append(Missed(part.name, waiter.bar, str(part.values["late"])))
        return missed


def _key(part: Part, plan: Decode) -> Key:
    return (part.spec.model, plan.latent, plan.bar_in_plan, plan.noise_seed, plan.temperature)
