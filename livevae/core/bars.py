"""Every bar in time: decided before its bar line, or made up for; and the first one ready before play.

A bar is decided half a sixteenth (early notes; felt ones may be earlier still) plus the time allowed for
inference before its bar line: as late as it can be, so that what the player does in this bar still shapes the
next. A bar that answers this one is completed when the last note that belongs to this one can have come in.
While nothing plays, the bar at the song position lies ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from livevae.core.capture import Capture
from livevae.core.composer import Composer, Decided, Missed, Placed
from livevae.core.effects import AskModel, BarDecided, BarMissed, Effect, Notice, Severity
from livevae.core.ensemble import Ensemble
from livevae.core.events import DecodedPart
from livevae.core.feel import EARLIEST_TICKS, Feel, with_feel
from livevae.core.harmony import Harmony
from livevae.core.latents import ModelRequest
from livevae.core.part import Part
from livevae.core.performance import Performance
from livevae.core.player import Player
from livevae.core.song import Song
from livevae.units import HALF_STEP_TICKS, NS_PER_MS, TICKS_PER_BAR, bar_of_tick, bar_start_ticks

_LEAST_TO_THINK_NS = 100 * NS_PER_MS  # a thought must be over when a bar is decided in earnest
NEVER_NS = 1 << 62  # a century and a half: a deadline for bars that wait for play to begin


class Bars:
    """Decides bars one after another and hands their notes to the player.

    taken_up: called when another performance's parts have begun to decide.
    """

    def __init__(
        self,
        performance: Performance,
        capture: Capture,
        player: Player,
        song: Song,
        harmony: Harmony,
        taken_up: Callable[[], None],
    ) -> None:
        self.ensemble = Ensemble(performance)
        self.composer = Composer(self.ensemble, capture, harmony)
        self.played = 0
        self._capture, self._harmony = capture, harmony
        self._player, self._song, self._taken_up = player, song, taken_up
        self._next_bar = 0
        self._thought_of: int | None = None  # the bar asked for before it has to be decided
        self._thoughts: set[int] = set()  # requests for it that are out
        self._incomplete_bar: int | None = None  # decided before all that it answers had come in
        self._prepared_bar: int | None = None  # while stopped: the bar that lies ready
        self._prepared_whole = True  # and no part of it had to be made up
        self._next_performance: Performance | None = None
        self._outgoing: dict[str, Part] = {}

    @property
    def sounding_parts(self) -> dict[str, Part]:
        """The parts whose notes may be due: the present ones, and the last performance's by other names."""
        return self._outgoing | self.ensemble.parts if self._outgoing else self.ensemble.parts

    # --- while playing ------------------------------------------------------------------------

    def next_decision_ns(self) -> int:
        """When the next bar has to be decided."""
        early_ticks = EARLIEST_TICKS if self.ensemble.is_felt else HALF_STEP_TICKS
        earliest_note_ticks = bar_start_ticks(self._next_bar) - early_ticks
        return self._song.sounding_ns(earliest_note_ticks) - self.ensemble.performance.inference_ns

    def decide_next(self, at_ns: int) -> list[Effect]:
        """Decide the next bar; changes that waited for it take effect."""
        bar = self._next_bar
        self._next_bar += 1
        self.played += 1
        if self._next_performance is not None and bar % int(self.ensemble.values["quantum"]) == 0:
            self._take_up(self._next_performance)
        self.ensemble.adopt_wanted(bar)
        effects = self._decide(bar, at_ns)
        answers = any(part.answers for part in self.ensemble.parts.values())
        self._incomplete_bar = bar if answers else None
        self._player.scheduler.forget_ties_before(bar_start_ticks(bar - 1))
        return effects + self._think_ahead(at_ns)

    def next_completion_ns(self) -> int | None:
        """When all has come in that the bar decided last answers; None if nothing is to come."""
        if self._incomplete_bar is None:
            return None
        return self._song.played_ns(bar_start_ticks(self._incomplete_bar) - HALF_STEP_TICKS)

    def complete(self, at_ns: int) -> list[Effect]:
        """Answer also what came in since the bar was decided."""
        bar, self._incomplete_bar = self._incomplete_bar, None
        if bar is None:
            return []
        deadline_ns = self._song.sounding_ns(bar_start_ticks(bar) + TICKS_PER_BAR // 2)
        decided = self.composer.complete(bar, self._song.position_ticks(at_ns), deadline_ns)
        return self._act_on(decided, at_ns, deadline_ns)

    def begin(self, position_ticks: int, at_ns: int) -> list[Effect]:
        """Play from ``position_ticks``, which is at ``at_ns``, with the bar that lies ready if it is this."""
        bar = bar_of_tick(position_ticks)
        effects: list[Effect] = []
        if self._prepared_bar == bar and self._prepared_whole and not self.composer.waiting:
            self._player.at_least_from(position_ticks)
        else:
            self.composer.abandon()
            self._player.scheduler.clear()
            self.ensemble.adopt_now(bar)
            effects = self._decide(bar, at_ns)
        self._thought_of = None
        self._prepared_bar = None
        self._incomplete_bar = None
        self._next_bar = bar + 1
        self.played += 1
        return effects

    # --- while stopped ------------------------------------------------------------------------

    def prepare(self, at_ns: int) -> list[Effect]:
        """Have the bar at the song position, and the song's first, ready before anybody presses play."""
        if self._prepared_bar is not None or self.composer.waiting:
            return []
        if self._next_performance is not None:
            self._take_up(self._next_performance)
        bar = bar_of_tick(self._song.resting_ticks)
        self._player.scheduler.clear()
        self.ensemble.adopt_now(bar)
        self._prepared_bar = bar
        self._prepared_whole = True
        self._next_bar = bar + 1
        effects = self._decide(bar, at_ns)
        if bar != 0:
            effects += _asked(self.composer.prefetch(0), at_ns, NEVER_NS)
        return effects

    def start_over(self) -> None:
        """What lies ready no longer holds."""
        self._prepared_bar = None

    def abandon(self) -> None:
        """Nobody waits for the bars that were asked for, and what lies ready no longer holds."""
        self.composer.abandon()
        self._prepared_bar = None
        self._incomplete_bar = None

    # --- answers ------------------------------------------------------------------------------

    def next_deadline_ns(self) -> int | None:
        """When the first bar becomes too late; None if none can."""
        late_ns = self.composer.next_deadline_ns()
        return None if late_ns is None or late_ns >= NEVER_NS else late_ns

    def answered(self, request_id: int, parts: tuple[DecodedPart, ...], at_ns: int) -> list[Effect]:
        """The model has decoded a bar."""
        self._thoughts.discard(request_id)
        return self._place(self.composer.answered(request_id, parts), at_ns) + self._think_ahead(at_ns)

    def failed(self, request_id: int, at_ns: int) -> list[Effect]:
        """The model could not decode a bar: the rule for late ones applies."""
        self._prepared_whole = False
        self._thoughts.discard(request_id)
        return self._miss(self.composer.failed(request_id), at_ns)

    def give_up_waiting(self, at_ns: int) -> list[Effect]:
        """The rule for late bars applies to those whose time has come."""
        return self._miss(self.composer.expired(at_ns), at_ns)

    # --- another performance ------------------------------------------------------------------

    def change_to(self, performance: Performance) -> None:
        """Let ``performance`` take over on the quantum.

        Raises PresetError or ParameterError if it cannot play.
        """
        Ensemble(performance)  # refuse before anything stops
        self._next_performance = performance
        self._prepared_bar = None

    def _take_up(self, performance: Performance) -> None:
        """Its parts decide from here on; notes already queued still sound."""
        self._next_performance = None
        self._outgoing = dict(self.ensemble.parts)
        self.composer.abandon()
        self.ensemble = Ensemble(performance, before=self.ensemble)
        self.composer = Composer(self.ensemble, self._capture, self._harmony)
        self._taken_up()

    # --- inside -------------------------------------------------------------------------------

    def _decide(self, bar: int, at_ns: int) -> list[Effect]:
        deadline_ns = NEVER_NS
        if self._song.is_playing:
            in_time_ns = at_ns + self.ensemble.performance.inference_ns
            deadline_ns = max(self._song.sounding_ns(bar_start_ticks(bar)), in_time_ns)
        now_ticks, tempo_bpm = self._song.position_ticks(at_ns), self._song.tempo_bpm
        return self._act_on(self.composer.decide(bar, now_ticks, deadline_ns, tempo_bpm), at_ns, deadline_ns)

    def think_again(self, at_ns: int) -> list[Effect]:
        """Something was changed: what was thought of for the next bar may not be what it will be.

        One thought at a time: while hands are moving, the next begins when one is done.
        """
        self._thought_of = None
        return self._think_ahead(at_ns)

    def _think_ahead(self, at_ns: int) -> list[Effect]:
        """Once a bar is there, have the next one thought of as it will be if nobody does anything.

        It is decided as late as ever; where nothing has changed until then, its answer is known. For models
        whose bars hear each other: with a new idea in every bar, as on the way from one piece to another,
        they have all bars before to decode.
        """
        if not self._song.is_playing or self.composer.waiting or self._thoughts:
            return []
        bar = self._next_bar
        if self._thought_of == bar or self.next_decision_ns() - at_ns < _LEAST_TO_THINK_NS:
            return []
        if not any(part.model.hears_bars for part in self.ensemble.parts.values()):
            return []
        self._thought_of = bar
        requests = self.composer.prefetch(bar)
        self._thoughts = {request.request_id for request in requests}
        return _asked(requests, at_ns, NEVER_NS)

    def _act_on(self, decided: Decided, at_ns: int, deadline_ns: int) -> list[Effect]:
        remarks: list[Effect] = [Notice(at_ns, Severity.WARNING, text) for text in decided.remarks]
        return remarks + self._place(decided.placed, at_ns) + _asked(decided.requests, at_ns, deadline_ns)

    def _place(self, placed: Iterable[Placed], at_ns: int) -> list[Effect]:
        position_ticks = self._song.position_ticks(at_ns)
        effects: list[Effect] = []
        for bar in placed:
            part = self.ensemble.parts[bar.part]
            self._player.place(bar, part, position_ticks)
            notes = with_feel(bar.notes, Feel.of(part.values))
            effects.append(BarDecided(at_ns, bar.part, bar.bar, notes, part.ideas.get(bar.bar)))
        return effects

    def _miss(self, missed: Iterable[Missed], at_ns: int) -> list[Effect]:
        effects: list[Effect] = []
        for bar in missed:
            effects.append(BarMissed(at_ns, bar.part, bar.bar))
            effects += self._place([self.composer.place_instead(bar)], at_ns)
            if bar.rule == "passthrough":
                self._player.pass_through(bar.part, bar.bar)
        return effects


def _asked(requests: Iterable[ModelRequest], at_ns: int, needed_by_ns: int) -> list[Effect]:
    return [AskModel(at_ns, request, needed_by_ns) for request in requests]
