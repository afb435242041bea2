"""Following an outside clock: every pulse gets a number in the master's count and a line through them.

The count is what a musician's position hangs on, so a pulse is never believed or dropped lightly.
One that arrives far from where the line puts it is *doubtful*: the line goes on as it was until
the next pulses tell what happened.

    the next pulse is back on the line      it was a late or early one: not averaged in
    two in a row off to the same side       the tempo or the phase has changed: follow
    gaps as long as each other              the tempo has changed by a lot: follow
    all off by the same whole pulses        pulses were lost (or added): count on as if they had come
                                            (or had not)
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from livevae.core.pulse_line import (
    LONGEST_FIT_PULSES,
    Pulse,
    PulseLine,
    TempoPrior,
    fit_line,
)
from livevae.units import NS_PER_MINUTE, NS_PER_MS, PULSES_PER_BEAT

_DUPLICATE_NS = NS_PER_MS // 2  # two pulses closer than this came by two ways; it would be 5,000 BPM
_GUESSED_JITTER_NS = 0.3 * NS_PER_MS  # until eight pulses have shown what it really is
# jitter belongs to the cable and the driver, not to the moment: measured over six beats, because
# a guess too low would take mere jitter for a change of tempo
_JITTER_OVER_PULSES = 144
_LEAST_JITTER_NS = 15_000.0  # a master counting in frames of 48 kHz rounds by up to 10.4 us
_LEAST_GATE_NS = 0.1 * NS_PER_MS
_MEASURED_FROM = 5  # this many third differences, that is, eight pulses
_STRAYING_JITTER_NS = 0.1 * NS_PER_MS
_SURE_FROM_PULSES = 6  # fewer are followed wherever they go
_GUESS_WEIGHT = 50.0  # a preset's tempo counts as much as about eight pulses (see TempoPrior)
_HEARD_WEIGHT = 1200.0  # one that was heard, as much as a beat of them
_SURE_OF_COUNT_PULSES = 24  # only a tempo known this well can show that pulses were lost
_MOST_DOUBTFUL = 8
# The upper quartile of |third difference| of independent normal errors of standard deviation 1: the third
# difference weighs them 1, -3, 3, -1, so its variance is 20; 75 % of a normal lies within 1.15 sigma.
# Not the median: of a master that counts in large buffers, most third differences are zero.
_QUARTILE_OF_UNIT_JITTER = 1.1503 * 20**0.5


class Follower:
    """Numbers and averages clock pulses. ``tempo_bpm``: what to expect before any is heard."""

    def __init__(self, tempo_bpm: float) -> None:
        self._pulses: deque[Pulse] = deque(maxlen=LONGEST_FIT_PULSES)
        self._third_differences: deque[float] = deque(maxlen=_JITTER_OVER_PULSES)
        self._surprises: deque[float] = deque(maxlen=8)
        self._doubtful: list[int] = []
        self._prior: TempoPrior | None = None
        self._line: PulseLine | None = None
        self._last_ns: int | None = None
        self._starts_anew = True
        self._knows_tempo = False
        self._guess_ns_per_pulse = 0.0
        self.expect_tempo(tempo_bpm)

    def expect_tempo(self, tempo_bpm: float) -> None:
        """Believe in this tempo for a first run of pulses; without effect once a tempo is known."""
        self._guess_ns_per_pulse = NS_PER_MINUTE / (tempo_bpm * PULSES_PER_BEAT)

    # --- what is known ------------------------------------------------------------------------

    @property
    def last_ns(self) -> int | None:
        """When the newest pulse was heard."""
        return self._last_ns

    @property
    def knows_tempo(self) -> bool:
        """Whether enough pulses in a row have been heard to tell the tempo."""
        return self._knows_tempo

    @property
    def index(self) -> int:
        """Number of the newest pulse, doubtful or not, in the master's count."""
        return (self._pulses[-1].number if self._pulses else -1) + len(self._doubtful)

    @property
    def line(self) -> PulseLine:
        """Where the pulses ideally are. Raises ValueError before the first pulse."""
        if self._line is None:
            raise ValueError("no pulse has been heard yet")
        return self._line

    @property
    def ns_per_pulse(self) -> float:
        """The tempo, as heard or (before two pulses) as expected."""
        return self._guess_ns_per_pulse if self._line is None else self._line.ns_per_pulse

    @property
    def jitter_ns(self) -> float:
        """Standard deviation of arrivals around the ideal times, from the last six beats."""
        if len(self._third_differences) < _MEASURED_FROM:
            return _GUESSED_JITTER_NS
        ordered = sorted(self._third_differences)
        return max(_LEAST_JITTER_NS, ordered[3 * len(ordered) // 4] / _QUARTILE_OF_UNIT_JITTER)

    # --- pulses -------------------------------------------------------------------------------

    def begin_run(self) -> None:
        """The next pulse may come at any moment (the master was silent); the tempo stays believed."""
        self._starts_anew = True

    def pulse(self, at_ns: int, anchor: bool = False) -> bool:
        """Hear a pulse; whether it counts (a duplicate does not).

        anchor: the pulse that a Start, Continue or song position speaks of. It ends every doubt:
            if it is off the line, a new run begins with it.
        """
        if self._is_duplicate(at_ns):
            return False
        index = self.index + 1
        if self._starts_anew or (anchor and not self._is_near(at_ns, index)):
            self._begin_run_with([at_ns], index)
        elif not self._is_sure or self._is_near(at_ns, index):
            self._doubtful.clear()  # they were only late or early
            self._accept([Pulse(index, at_ns)])
        else:
            self._doubtful.append(at_ns)
            self._resolve()
        self._last_ns = at_ns
        return True

    @property
    def _is_sure(self) -> bool:
        """Whether a pulse off the line is more likely wrong than the line."""
        return len(self._pulses) >= _SURE_FROM_PULSES or self._prior_was_heard

    @property
    def _prior_was_heard(self) -> bool:
        return self._prior is not None and self._prior.weight >= _HEARD_WEIGHT

    def _is_duplicate(self, at_ns: int) -> bool:
        if self._last_ns is None or at_ns - self._last_ns >= _DUPLICATE_NS:
            return False
        # after a stall the master's backlog comes in a burst: those pulses do count
        behind = self._line is not None and self._line.index_at(at_ns) > self.index + 0.5
        return not behind

    def _is_near(self, at_ns: int, index: int) -> bool:
        surprise = abs(at_ns - self.line.time_ns(index))
        usual = 3.0 * sorted(self._surprises)[len(self._surprises) // 2] if self._surprises else 0.0
        return surprise <= max(_LEAST_GATE_NS, 4.0 * self.jitter_ns, usual)

    def _resolve(self) -> None:
        """Believe the doubtful pulses in one way or another, if by now it is clear which.

        The count is right until the opposite is proven: a wrong tempo mends itself, a wrong count never.
        """
        doubtful, last = self._doubtful, self._pulses[-1]
        if len(doubtful) < 2:
            return
        ahead = [self._line_ahead(at_ns, last.number + nth) for nth, at_ns in enumerate(doubtful, start=1)]
        if max(map(abs, ahead)) < 0.5:
            # where stray pulses are usual, two may well stray to the same side
            enough = 3 if self.jitter_ns > _STRAYING_JITTER_NS else 2
            same_side = all(pulses * ahead[-1] > 0 for pulses in ahead[-enough:])
            if (len(doubtful) >= enough and same_side) or len(doubtful) > 4:
                self._believe_count(last, doubtful)
            return
        if ahead[-2] - ahead[-1] > 0.4 and ahead[-1] > -0.5:
            return  # a backlog coming in faster than any tempo: it is catching up with the line
        missed = self._missed(ahead, doubtful[0] - last.at_ns)
        if missed:
            heard = doubtful[-3:]
            self._begin_run_with(heard, self.index - len(heard) + 1 + missed)
        elif _are_alike([last.at_ns, *doubtful], self.ns_per_pulse) or len(doubtful) >= _MOST_DOUBTFUL:
            self._believe_count(None, doubtful)

    def _line_ahead(self, at_ns: int, index: int) -> float:
        """How many pulses more than ``index`` the master should have counted by then."""
        return self.line.index_at(at_ns) - index

    def _missed(self, ahead: list[float], first_gap_ns: int) -> int:
        """How many pulses were lost on the way (below 0: added), if the tempo has plainly stayed."""
        if len(self._pulses) < _SURE_OF_COUNT_PULSES and not self._prior_was_heard:
            return 0
        # the more it jitters, the longer a changed tempo can look like a lost pulse
        unsteady = 5 * self.jitter_ns / self.ns_per_pulse
        needed = 3 if unsteady < 0.2 else 6
        latest = ahead[-needed:]
        unsteady = min(0.35, max(0.2, unsteady))
        if len(latest) < needed or max(latest) - min(latest) > unsteady:
            return 0
        missed = round(sum(latest) / len(latest))
        # after a long silence the line is no longer sure of the part of a pulse
        is_drop_out = first_gap_ns > 3 * self.ns_per_pulse
        off = max(abs(pulses - missed) for pulses in latest)
        return missed if is_drop_out or off < unsteady else 0

    def _believe_count(self, last: Pulse | None, doubtful: list[int]) -> None:
        """Every pulse was real, and tempo or phase are others now: from ``last`` on, or wholly anew."""
        index = self._pulses[-1].number
        heard = [Pulse(index + nth, at_ns) for nth, at_ns in enumerate(doubtful, start=1)]
        self._doubtful = []
        if last is None:
            self._pulses.clear()
            self._prior = None
        self._accept(heard)

    def _begin_run_with(self, heard: list[int], index: int) -> None:
        """Forget where the pulses were, but not how fast they came; ``index`` numbers the first heard."""
        weight = _HEARD_WEIGHT if self._knows_tempo else _GUESS_WEIGHT
        self._prior = TempoPrior(self.ns_per_pulse, weight)
        self._starts_anew = False
        self._doubtful.clear()
        self._pulses.clear()
        self._accept([Pulse(index + nth, at_ns) for nth, at_ns in enumerate(heard)])

    def _accept(self, heard: list[Pulse]) -> None:
        for pulse in heard:
            if self._line is not None:
                self._surprises.append(abs(pulse.at_ns - self._line.time_ns(pulse.number)))
            self._pulses.append(pulse)
            if len(self._pulses) >= 4:
                d, c, b, a = (self._pulses[-nth] for nth in range(1, 5))
                if d.number - a.number == 3:
                    self._third_differences.append(abs(d.at_ns - 3 * c.at_ns + 3 * b.at_ns - a.at_ns))
        self._line, self._prior = fit_line(self._pulses, self.jitter_ns, self._prior)
        if len(self._pulses) >= _SURE_FROM_PULSES:
            self._knows_tempo = True
        if len(self._pulses) == LONGEST_FIT_PULSES:
            self._prior = None  # by now the run itself knows better


def _are_alike(arrivals_ns: list[int], ns_per_pulse: float) -> bool:
    """Whether the latest gaps are equal, as in a tempo that has changed by a lot.

    Two short ones are not enough: they may be one pulse too many between two right ones.
    """
    gaps = [later - earlier for earlier, later in pairwise(arrivals_ns)]
    latest = gaps[-2:] if gaps[-1] > ns_per_pulse else gaps[-3:]
    long_enough = len(gaps) >= 3 or gaps[-1] > ns_per_pulse
    return long_enough and max(latest) - min(latest) < 0.2 * latest[0]
