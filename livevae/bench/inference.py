"""How long a model takes to answer, timed as it is used: now and then, not in a tight loop.

Between two bars the processor does other things: its caches fill with them and its clock slows down, so that
the same call takes up to twice as long as when it is repeated at once. Both are measured, turn by turn, over
the same calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from livevae.adapters.onnx_model import OnnxModel
from livevae.core.latents import Encoded, Near
from livevae.core.notes import Note
from livevae.groove_model import HUMANISE, TAP, GrooveModel
from livevae.inference import percentile
from livevae.latent import prior
from livevae.phrase_model import PhraseModel
from livevae.units import NS_PER_MS, NS_PER_S, STEPS_PER_BAR, TICKS_PER_STEP

DEFAULT_CALLS = 100
DEFAULT_EVERY_MS = 200
UNCOUNTED_CALLS = 3  # the first ones pay for what Python and the runtime do late
_TEMPERATURE = 1.0
_SHORT_BARS = 2
_OTHERS = 1_000_000  # points of which no other call has decoded anything
_TEMPO_BPM = 100.0
_PITCHES = (36, 38, 42, 48, 55, 60, 64, 67, 72, 76)  # drums and notes alike: any codec finds some of its own


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles in milliseconds: of calls made now and then, and of the same calls in a tight loop."""

    p50: float
    p95: float
    tight_p50: float
    tight_p95: float


@dataclass(frozen=True, slots=True)
class InferenceTimes:
    """What one model's answers cost; every call encodes or decodes something new.

    reply: bars just played in, notes of the first two bars of an answer out (encode, decode, notes). For a
        hierarchical model only its first bar. For a groove model the feel of bars just played is taken and
        laid on hits.
    first_bar: from a point of the latent space to the notes of a phrase's first bar; hits to felt hits.
    phrase: from a point to the notes of the whole phrase, bar after bar; taps to a kit. A groove model that
        composes writes all its bars at once, each time.
    middle_bar: from a point to the notes of the bar in the middle of a phrase, as when a fader moves there:
        a model that hears the bars before decodes them too. None where a phrase is two bars.
    """

    model: str
    reply: Spread
    first_bar: Spread
    phrase: Spread
    middle_bar: Spread | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from; a test brings its own."""

    now_ns: Callable[[], int] = time.perf_counter_ns
    sleep_s: Callable[[float], None] = time.sleep


def measure_inference(
    path: Path | str,
    calls: int = DEFAULT_CALLS,
    every_ms: float = DEFAULT_EVERY_MS,
    clock: Clock = Clock(),
) -> InferenceTimes:
    """Time the model in file ``path``.

    calls: counted calls of each kind; takes about three or four times ``calls`` times ``every_ms``.
    every_ms: from the start of one call to the start of the next. Raises ModelError or SetupError.
    """
    opened = OnnxModel(path)
    if opened.manifest.info().grooves:
        return _measure_grooves(GrooveModel(opened), calls, every_ms, clock)
    phrases = PhraseModel(opened)
    bars = phrases.codec.bars
    hierarchical = not phrases.manifest.has_function("decode")

    def reply(call: int) -> None:
        z = phrases.latents.evaluate(Near(played(phrases.codec.parts, min(bars, 2), call), 0.3, seed=call))
        for bar in range(1 if hierarchical else min(bars, _SHORT_BARS)):
            phrases.bar(z, bar, call, _TEMPERATURE)

    def decode(call: int, wanted: Iterable[int]) -> None:
        z = prior(call, phrases.manifest.latent_size)
        for bar in wanted:
            phrases.bar(z, bar, call, _TEMPERATURE)

    middle = None
    if bars > _SHORT_BARS:
        middle = spread(lambda call: decode(_OTHERS + call, (bars // 2,)), calls, every_ms, clock)

    return InferenceTimes(
        phrases.manifest.name,
        spread(reply, calls, every_ms, clock),
        spread(lambda call: decode(call, (0,)), calls, every_ms, clock),
        spread(lambda call: decode(-1 - call, range(bars)), calls, every_ms, clock),
        middle,
    )


def _measure_grooves(model: GrooveModel, calls: int, every_ms: float, clock: Clock) -> InferenceTimes:
    def hits(call: int) -> tuple[Note, ...]:
        return played(("drums",), model.codec.bars, call).parts[0][1]

    composes = model.manifest.info().composes

    def reply(call: int) -> None:
        source = () if composes else hits(call)
        model.play(source, z=model.encode(hits(call)), seed=call, tempo_bpm=_TEMPO_BPM)

    def answer(source: tuple[Note, ...], task: str, call: int) -> None:
        model.play(() if composes else source, task=HUMANISE if composes else task, seed=call)

    return InferenceTimes(
        model.manifest.name,
        spread(reply, calls, every_ms, clock),
        spread(lambda call: answer(hits(call), HUMANISE, call), calls, every_ms, clock),
        spread(lambda call: answer(hits(call), TAP, call), calls, every_ms, clock),
    )


def spread(task: Callable[[int], None], calls: int, every_ms: float, clock: Clock) -> Spread:
    """Times of ``task(n)``, n counting up: ``calls`` of them ``every_ms`` apart, then as many at once."""
    for call in range(UNCOUNTED_CALLS):
        task(call)
    first = UNCOUNTED_CALLS
    now_and_then = list(_timed(task, range(first, first + calls), every_ms, clock))
    tight = list(_timed(task, range(first + calls, first + 2 * calls), 0.0, clock))
    return Spread(
        *(percentile(times, percent) / NS_PER_MS for times in (now_and_then, tight) for percent in (50, 95))
    )


def _timed(
    task: Callable[[int], None], numbers: Iterable[int], every_ms: float, clock: Clock
) -> Iterable[int]:
    every_ns = round(every_ms * NS_PER_MS)
    due_ns = clock.now_ns()
    for number in numbers:
        due_ns += every_ns
        rest_ns = due_ns - clock.now_ns()
        if rest_ns > 0:
            clock.sleep_s(rest_ns / NS_PER_S)
        started_ns = clock.now_ns()
        task(number)
        yield clock.now_ns() - started_ns


def played(parts: tuple[str, ...], bars: int, variant: int) -> Encoded:
    """Some bars of playing, others for every ``variant``: a note every other step, pitches going round."""
    notes = tuple(
        Note(step * TICKS_PER_STEP, TICKS_PER_STEP, _PITCHES[(variant + step * step) % len(_PITCHES)], 100)
        for step in range(0, bars * STEPS_PER_BAR, 2)
    )
    marker = Note(variant % STEPS_PER_BAR * TICKS_PER_STEP, 1 + variant, _PITCHES[0], 100)
    return Encoded(tuple((part, tuple(sorted((*notes, marker)))) for part in sorted(parts)), bars)
