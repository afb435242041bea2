"""The bars of a phrase as tokens: decoded when they are asked for, and remembered for a while.

A flat model decodes its phrase when the first bar is asked for. A hierarchical one only conducts it then, and
decodes each bar by itself, or, if it hears the bars before, after those before it. Where a part was
re-rolled, and the model can play along with parts it is given, the new part hears the others as they play on,
which is as they were.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from livevae.codec.base import Codec, Tokens
from livevae.codec.chords import chord_features
from livevae.codec.completion import can_complete, completed_bar
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Floats, Run, decode_bars, decode_phrases, no_memory
from livevae.core.chords import BeatChords
from livevae.core.latents import Grafted, Latent, Moved
from livevae.latent import bar_noise
from livevae.latent.random import Vector
from livevae.remembered_bars import RememberedBars
from livevae.units import STEPS_PER_BAR
from livevae.window_fit import fitted_chords

REMEMBERED_PHRASES = 16  # a phrase is asked for bar by bar, and by each of its parts

OwnNoise = tuple[tuple[str, int], ...]
"""Parts whose noise has a seed of its own, and that seed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a phrase is drawn at its point.

    noise_seed: of all its noise, but that of parts in ``own_noise``, each with a seed of its own. chords: of
    every beat of the phrase, for a model that wants them; none for none known.
    """

    noise_seed: int
    temperature: float
    chords: BeatChords = ()
    own_noise: OwnNoise = ()


class Newest:
    """The newest ``limit`` results, by what they were made from."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made from ``key``; made now if it was not, or is forgotten."""
        if key in self._results:
            self._results.move_to_end(key)
        else:
            self._results[key] = make()
            if len(self._results) > self._limit:
                self._results.popitem(last=False)
        result: T = self._results[key]
        return result


class PhraseBars:
    """See the module's docstring. point_of: the point that a latent means."""

    def __init__(
        self, manifest: Manifest, codec: Codec, run: Run, point_of: Callable[[Latent], Vector]
    ) -> None:
        self._manifest, self._codec, self._run, self._point_of = manifest, codec, run, point_of
        self.is_hierarchical = not manifest.has_function("decode")
        self._in_mind = None if manifest.memory_size is None else RememberedBars(manifest, run)
        self._phrases = Newest(REMEMBERED_PHRASES)
        self._rerolled = Newest(REMEMBERED_PHRASES)

    def tokens(self, where: Latent | Vector, bar: int, drawing: Drawing) -> Tokens:
        """One bar, shape (16, columns), int64. where: a latent, or the point (latent,) that one means."""
        if isinstance(where, np.ndarray):
            return self._at(where, bar, drawing)
        graft = self._graft_of(where)
        if graft is None:
            return self._at(self._point_of(where), bar, drawing)
        return self._rerolled_bars(where, graft, bar, drawing)[bar][0]

    def noise(self, drawing: Drawing) -> Floats:
        """Of a whole phrase, shape (steps, columns), uniform in [0, 1)."""
        return np.concatenate([self._bar_noise(bar, drawing) for bar in range(self._codec.bars)])

    def _at(self, z: Vector, bar: int, drawing: Drawing) -> Tokens:
        if not self.is_hierarchical:
            phrase = self._phrases.get((z.tobytes(), drawing), lambda: self._flat_phrase(z, drawing))
            return phrase[bar * STEPS_PER_BAR : (bar + 1) * STEPS_PER_BAR]
        meant = self._conducted(z)
        if self._in_mind is not None:
            noises = [self._bar_noise(number, drawing) for number in range(bar + 1)]
            return self._in_mind.last_of(meant[: bar + 1], noises, drawing.temperature)
        noise = self._bar_noise(bar, drawing)[None]
        written, _ = decode_bars(self._run, meant[bar : bar + 1], noise, drawing.temperature)
        tokens: Tokens = written[0]
        return tokens

    def _flat_phrase(self, z: Vector, drawing: Drawing) -> Tokens:
        told = chord_features(fitted_chords(drawing.chords, self._codec.bars))
        noise = self.noise(drawing)[None]
        phrase: Tokens = decode_phrases(self._manifest, self._run, z[None], noise, drawing.temperature, told)[
            0
        ]
        return phrase

    def _conducted(self, z: Vector) -> Floats:
        """What is meant for each bar, shape (bars, e)."""
        return self._phrases.get(z.tobytes(), lambda: self._run("conduct", {"z": z[None]})["bars"][0])

    def _graft_of(self, latent: Latent) -> Grafted | None:
        """The parts that were re-rolled, if any were and the model plays along with the others."""
        graft = latent.centre if isinstance(latent, Moved) else latent
        is_held = isinstance(graft, Grafted) and graft.parts and can_complete(self._manifest)
        return graft if is_held and isinstance(graft, Grafted) else None

    def _rerolled_bars(
        self, latent: Latent, graft: Grafted, bar: int, drawing: Drawing
    ) -> list[tuple[Tokens, Floats]]:
        """Bars up to ``bar``, and what is kept in mind of each: parts re-rolled upon parts that were not."""
        nothing: list[tuple[Tokens, Floats]] = []
        bars = self._rerolled.get((latent, drawing), lambda: nothing)
        before = replace(
            drawing, own_noise=tuple(own for own in drawing.own_noise if own[0] not in graft.parts)
        )
        others = [part for part in self._codec.parts if part not in graft.parts]
        z = self._point_of(latent)
        while len(bars) <= bar:
            known = self.tokens(graft.stem, len(bars), before)
            memory = np.concatenate([no_memory(self._manifest, 1), *(more for _, more in bars)], axis=1)
            meant = self._conducted(z)[len(bars)]
            bars.append(completed_bar(self._manifest, self._run, meant, memory, known, others))
        return bars

    def _bar_noise(self, bar: int, drawing: Drawing) -> Floats:
        """Every bar has its own, but those of a phrase whose bars do not hear each other share one.

        So bars conducted alike come back alike. Measured on such a trio: twice as many bars bring an earlier
        one back, of the drums as many as in music.
        """
        alike = self.is_hierarchical and self._in_mind is None
        bar, columns = 0 if alike else bar, self._codec.columns
        noise = bar_noise(drawing.noise_seed, bar, len(columns))
        for part, seed in drawing.own_noise:
            theirs = [index for index, column in enumerate(columns) if column.part == part]
            noise[:, theirs] = bar_noise(seed, bar, len(columns))[:, theirs]
        return noise
