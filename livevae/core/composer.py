"""Deciding bars: what was heard becomes a plan, a plan becomes a question to the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from livevae.core.capture import Capture
from livevae.core.chords import BeatChords
from livevae.core.ensemble import Ensemble
from livevae.core.events import DecodedPart
from livevae.core.feel import Dynamics, FeltNote, FeltNotes, plain
from livevae.core.groove_orders import GrooveOrders, Plans
from livevae.core.harmony import Harmony
from livevae.core.latents import Encoded, ModelRequest
from livevae.core.notes import Notes
from livevae.core.part import Part
from livevae.core.planner import Answer, BarPlan, Decode, Listen, PlayAgain, listening_window, plan_bar
from livevae.core.requests import Requests, Waiter
from livevae.core.sources import Sources


@dataclass(frozen=True, slots=True)
class Placed:
    """``part`` will play ``notes`` (relative to the bar line) in ``bar``.

    from_step: the step from which they take the place of what was decided for this bar before; 0 for the
    first decision. program: which program of General MIDI, 0-127, is to play them; None to leave it as it is.
    """

    part: str
    bar: int
    notes: FeltNotes
    tie_ticks: int = 0
    from_step: int = 0
    program: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """No answer came in time for ``bar``; ``rule`` says what to do instead."""

    part: str
    bar: int
    rule: str
    from_step: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of a bar, what has to be asked, and what the player should be told."""

    placed: tuple[Placed, ...] = ()
    requests: tuple[ModelRequest, ...] = ()
    remarks: tuple[str, ...] = ()


class Composer:
    """Turns bar numbers into notes, by way of the model."""

    def __init__(self, ensemble: Ensemble, capture: Capture, harmony: Harmony) -> None:
        self.ensemble = ensemble
        self._capture = capture
        self._harmony = harmony
        self._requests = Requests()
        self._sources = Sources(capture)
        self._orders = GrooveOrders(ensemble, self._sources)

    def decide(self, bar: int, now_ticks: int, deadline_ns: int, tempo_bpm: float) -> Decided:
        """Decide ``bar`` for every part: what is known already, and what must be asked."""
        self._orders.hear_tempo(tempo_bpm)
        self._harmony.loop_bars = int(self.ensemble.values["chord_loop"])
        self._harmony.reach(now_ticks)
        parts = self.ensemble.parts
        for part in parts.values():
            self._listen_back(part, bar, now_ticks)
        plans = {name: self._plan(part, bar) for name, part in parts.items()}
        for name, plan in plans.items():
            if isinstance(plan, Answer):
                self._sources.read(parts[name], bar, plan.source_bar, now_ticks)
        found = [self._decide(part, bar, plans, deadline_ns, 0) for part in parts.values()]
        return _together(found, self._orders.remarks(plans, bar))

    def complete(self, bar: int, now_ticks: int, deadline_ns: int) -> Decided:
        """Answer what came in for ``bar`` since it was decided."""
        parts = self.ensemble.parts
        plans = {name: self._plan(part, bar) for name, part in parts.items()}
        found = []
        for name, plan in plans.items():
            if isinstance(plan, Answer):
                earlier = self._sources.of(parts[name], bar)
                now = self._sources.read(parts[name], bar, plan.source_bar, now_ticks)
                step = now.new_since(earlier)
                if step is not None:
                    found.append(self._decide(parts[name], bar, plans, deadline_ns, step))
        return _together(found, self._orders.remarks(plans, bar))

    def prefetch(self, bar: int) -> list[ModelRequest]:
        """Ask for ``bar`` only so as to know it when it is wanted, as it will be if nobody does anything.

        Of what is to come in nobody knows yet, so an answer to it is not asked for.
        """
        requests: list[ModelRequest] = []
        ensemble = self.ensemble.foreseen(bar)
        if any(part.answers for part in ensemble.parts.values()):
            return requests
        orders = self._orders.of(ensemble)
        plans = {name: self._plan(part, bar, ensemble) for name, part in ensemble.parts.items()}
        for name, plan in plans.items():
            if not isinstance(plan, Decode):
                continue
            key = orders.key(ensemble.parts[name], bar, plans)
            if key is not None and self._requests.known(key) is None:
                request = self._requests.ask(key, None)
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
        """What the rule for late answers plays: what came in, unfelt, or the bar before again; or nothing.

        Taps alone are no music, so they are answered by the bar before.
        """
        part = self.ensemble.parts[missed.part]
        notes: FeltNotes = ()
        if missed.rule == "repeat":
            source = self._sources.of(part, missed.bar) if part.values["mode"] != "tap" else None
            notes = source.unfelt if source else part.played.get(missed.bar - 1, ())
        return self._place(part, Placed(part.name, missed.bar, notes, from_step=missed.from_step))

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
        """What was played to all parts of ``part``'s model in these bars; None if nothing was.

        In a band the others are heard too: whoever nothing was played to counts with what it plays itself.
        """
        heard: list[tuple[str, Notes]] = []
        own: list[tuple[str, Notes]] = []
        for other in self.ensemble.parts.values():
            if other.spec.model == part.spec.model:
                notes = self._heard_by(other, first_bar, bars, now_ticks)
                if notes:
                    heard.append((other.instrument, notes))
                elif part.model.is_band and not other.values["mute"]:
                    own += [(other.instrument, found) for found in other.played_in(first_bar, bars) if found]
        if heard:
            heard += own
        return Encoded(tuple(sorted(heard)), bars, self._chords(part, first_bar, bars)) if heard else None

    def groove_heard(self, part: Part, first_bar: int, bars: int, now_ticks: int) -> Encoded | None:
        """What was played to ``part`` alone in these bars, for its feel; None if nothing was."""
        notes = self._heard_by(part, first_bar, bars, now_ticks)
        return Encoded(((part.spec.model_part, notes),), bars) if notes else None

    def _heard_by(self, part: Part, first_bar: int, bars: int, now_ticks: int) -> Notes:
        """What was played to ``part``; drums as General MIDI has them."""
        notes = self._capture.window(first_bar, bars, part.number("in_channel"), now_ticks)
        if not part.is_drum:
            return notes
        understood = ((note, part.spec.kit.understood(note.pitch)) for note in notes)
        return tuple(replace(note, pitch=pitch) for note, pitch in understood if pitch is not None)

    def _listen_back(self, part: Part, bar: int, now_ticks: int) -> None:
        window = listening_window(part, bar)
        if window is None:
            return
        first_bar, bars = window
        if part.values["mode"] == "continue":
            first_bar, bars = self._without_rests(part, first_bar, bars, now_ticks)
        heard = self.heard(part, first_bar, bars, now_ticks)
        if heard is not None or part.number("respond"):
            part.heard = heard  # in call and response, an empty call has no answer
            part.heard_until = bar

    def _without_rests(self, part: Part, first_bar: int, bars: int, now_ticks: int) -> tuple[int, int]:
        """These bars without the silent ones at either end: an idea goes on where it stopped."""
        window = range(first_bar, first_bar + bars)
        played = [bar for bar in window if self.heard(part, bar, 1, now_ticks) is not None]
        return (played[0], played[-1] - played[0] + 1) if played else (first_bar, bars)

    def _plan(self, part: Part, bar: int, ensemble: Ensemble | None = None) -> BarPlan:
        ensemble = ensemble or self.ensemble
        plan = plan_bar(part, bar, ensemble.set_seed, ensemble.palette)
        if not isinstance(plan, Decode):
            return plan
        return replace(plan, chords=self._chords(part, bar - plan.bar_in_plan, part.model.bars))

    def _chords(self, part: Part, first_bar: int, bars: int) -> BeatChords:
        """The chords of these bars, for a model that wants them."""
        if not part.model.wants_chords:
            return ()
        return self._harmony.of_bars(first_bar, bars)

    def _decide(self, part: Part, bar: int, plans: Plans, deadline_ns: int, from_step: int) -> Decided:
        match plans[part.name]:
            case Listen():
                return Decided((self._place(part, Placed(part.name, bar, ())),))
            case PlayAgain(notes):
                return Decided((self._place(part, Placed(part.name, bar, notes)),))
            case Decode(idea):
                part.remember_idea(bar, idea)
        key = self._orders.key(part, bar, plans)
        if key is None:  # there is nothing to ask, or nobody
            source = self._sources.of(part, bar)
            notes = source.unfelt if source else ()
            return Decided((self._place(part, Placed(part.name, bar, notes, from_step=from_step)),))
        if part.answers and key.feel is not None and key.feel.groove is not None:
            part.remember_idea(bar, key.feel.groove)
        waiter = Waiter(part.name, bar, deadline_ns, from_step)
        known = self._requests.known(key)
        if known is not None:
            return Decided(tuple(self._placed_of(known, [waiter])))
        request = self._requests.ask(key, waiter)
        return Decided((), (request,) if request else ())

    def _placed_of(self, parts: tuple[DecodedPart, ...], waiters: list[Waiter]) -> list[Placed]:
        by_name = {decoded.part: decoded for decoded in parts}
        placed: list[Placed] = []
        for waiter in waiters:
            part = self.ensemble.parts.get(waiter.part)
            if part is None:
                continue
            decoded = by_name.get(part.spec.model_part, DecodedPart(part.spec.model_part, ()))
            notes = self._going_out(part, waiter.bar, decoded.with_feel())
            bar = Placed(part.name, waiter.bar, notes, decoded.tie_ticks, waiter.from_step, decoded.program)
            placed.append(self._place(part, bar))
        return placed

    def _going_out(self, part: Part, bar: int, notes: FeltNotes) -> FeltNotes:
        """What a model wrote, with the pitches that go out, and what it was not shown, being no drum."""
        if not part.is_drum:
            return notes
        source = self._sources.of(part, bar) if part.answers else None
        out: list[FeltNote] = []
        for felt in notes:
            came_in = source is not None and felt.from_density == 0.0
            pitch = felt.note.pitch if came_in else part.spec.kit.played(felt.note.pitch)
            if pitch is not None:
                out.append(felt.at_pitch(pitch))
        untouched = source.untouched if source else ()
        return (*out, *plain(untouched, Dynamics.PLAYED))

    def _place(self, part: Part, placed: Placed) -> Placed:
        if placed.from_step:
            before = part.played.get(placed.bar, ())
            kept = [felt for felt in before if felt.step < placed.from_step]
            new = [felt for felt in placed.notes if felt.step >= placed.from_step]
            placed = replace(placed, notes=(*kept, *new))
        part.remember(placed.bar, placed.notes, placed.tie_ticks)
        if placed.program is not None:
            part.program = placed.program
        return placed

    def _missed(self, waiters: list[Waiter]) -> list[Missed]:
        missed: list[Missed] = []
        for waiter in waiters:
            part = self.ensemble.parts.get(waiter.part)
            if part is not None:
                part.bars_missed += 1
                missed.append(Missed(part.name, waiter.bar, str(part.values["late"]), waiter.from_step))
        return missed


def _together(found: list[Decided], remarks: tuple[str, ...]) -> Decided:
    return Decided(
        tuple(placed for one in found for placed in one.placed),
        tuple(request for one in found for request in one.requests),
        remarks,
    )
