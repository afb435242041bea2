"""A model as the stage uses it: played bars in, one bar of notes at a time out.

Works with anything that runs a model's functions on arrays, so it is tested without a model file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from livevae.codec.band import BandCodec
from livevae.codec.base import Codec, Tokens
from livevae.codec.chords import Features, chord_features
from livevae.codec.completion import can_complete, completed, completed_bar
from livevae.codec.lines import LINE_CLASSES, tied_steps
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import decode_bars, decode_phrases, no_memory
from livevae.core.chords import BeatChords
from livevae.core.events import DecodedPart
from livevae.core.feel import Dynamics, plain
from livevae.core.latents import Encoded, Grafted, Latent, Moved
from livevae.core.notes import Notes, PartNotes
from livevae.core.performance import ModelInfo
from livevae.latent import LatentEvaluator, bar_noise
from livevae.latent.random import Vector, prior
from livevae.remembered_bars import RememberedBars
from livevae.units import STEPS_PER_BAR, TICKS_PER_STEP
from livevae.window_fit import fitted_chords, fitted_window

REMEMBERED_PHRASES = 16  # a phrase is asked for bar by bar, and by each of its parts
REMEMBERED_BARS = 64

OwnNoise = tuple[tuple[str, int], ...]
Seeds = tuple[int, OwnNoise]
"""What a phrase's noise is drawn from: the seed of all, and of parts with one of their own."""

_ACCOMPANIST = 3  # seed of what parts nobody played are drawn from: always the same band

T = TypeVar("T")


class RunsFunctions(Protocol):
    """What is needed of a model: see ``livevae.adapters.onnx_model.OnnxModel``."""

    @property
    def manifest(self) -> Manifest: ...

    def run(self, function: str, feeds: Mapping[str, npt.NDArray[Any]]) -> Mapping[str, npt.NDArray[Any]]: ...


class _Newest:
    """The newest ``limit`` results, by what they were made from."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        if key in self._results:
            self._results.move_to_end(key)
        else:
            self._results[key] = make()
            if len(self._results) > self._limit:
                self._results.popitem(last=False)
        result: T = self._results[key]
        return result


class PhraseModel:
    """Encodes windows of notes and decodes phrases bar by bar; remembers what it decoded lately.

    directions: the model's musical attributes, each shape (latent,), float32.

    The same latent point, noise seed and temperature always give the same bars, whatever else was asked.
    """

    def __init__(self, model: RunsFunctions) -> None:
        self.manifest = model.manifest
        self.codec: Codec = model.manifest.build_codec()
        self.directions: dict[str, Vector] = {
            attribute.name: np.array(attribute.vector, dtype=np.float32)
            for attribute in model.manifest.attributes
        }
        self.latents = LatentEvaluator(
            model.manifest.latent_size,
            self.encode_window,
            self.directions,
            model.manifest.layout,
            heard_at=self.heard_at,
        )
        self._run = model.run
        self._hierarchical = not model.manifest.has_function("decode")
        self._in_mind = (
            None if self.manifest.memory_size is None else RememberedBars(self.manifest, self._run)
        )
        self._phrases = _Newest(REMEMBERED_PHRASES)
        self._bars = _Newest(REMEMBERED_BARS)
        self._held = _Newest(REMEMBERED_PHRASES)

    @property
    def info(self) -> ModelInfo:
        """What the core must know of it."""
        return self.manifest.info()

    def encode(
        self, tokens: npt.NDArray[np.int64], chords: Features | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Posterior mean and standard deviation, each of shape (batch, latent), float32.

        tokens: shape (batch, steps, columns), int64. chords: under them, shape (beats, 24) or (batch, beats,
        24), for a model that wants them; None for none known.
        """
        told = self.manifest.chord_feeds("encode", chords, len(tokens))
        outputs = self._run("encode", {"x": tokens, **told})
        return outputs["mu"], outputs["sigma"]

    def encode_window(self, played: Encoded) -> tuple[Vector, Vector]:
        """Posterior mean and standard deviation of what was played, fitted to the model's length.

        Each of shape (latent,), float32. Parts that nobody played play along, if the model can.
        """
        parts: dict[str, Notes] = {}
        for part, notes in played.parts:  # two players of one part are heard as one
            parts[part] = tuple(sorted((*parts.get(part, ()), *notes)))
        tokens = self.codec.encode(fitted_window(parts, played.bars, self.codec.bars))
        chords = chord_features(fitted_chords(played.chords, self.codec.bars))
        mu, sigma = self.encode(tokens[None], chords)
        silent = [part for part in self.codec.parts if not parts.get(part)]
        if 0 < len(silent) < len(self.codec.parts) and can_complete(self.manifest):
            others = self.manifest.layout.chosen(self.manifest.latent_size, silent)
            z = np.where(others, prior(_ACCOMPANIST, self.manifest.latent_size), mu[0])
            given = [part for part in self.codec.parts if part not in silent]
            mu, sigma = self.encode(completed(self.manifest, self._run, z, tokens, given)[None], chords)
        return mu[0].copy(), sigma[0].copy()

    def heard_at(self, z: Vector) -> tuple[Vector, Vector] | None:
        """Posterior mean and standard deviation of the likeliest phrase at ``z``, each of shape (latent,).

        None of a hierarchical model, whose whole phrase would take too long.
        """
        if self._hierarchical:
            return None
        mu, sigma = self.encode(self.decode(z[None], 0, 0.0))
        return mu[0].copy(), sigma[0].copy()

    def decode(
        self,
        z: npt.NDArray[np.float32],
        noise_seed: int,
        temperature: float,
        chords: Features | None = None,
    ) -> Tokens:
        """Whole phrases, shape (batch, steps, columns), int64.

        z: shape (batch, latent), float32. Row ``i`` is sampled with noise ``noise_seed + i``.
        chords: as for ``encode``.
        """
        noise = np.stack([self._noise((noise_seed + row, ())) for row in range(len(z))])
        return decode_phrases(self.manifest, self._run, z, noise, temperature, chords)

    def bar(
        self,
        z: Vector,
        bar_in_plan: int,
        noise_seed: int,
        temperature: float,
        chords: BeatChords = (),
        own_noise: OwnNoise = (),
    ) -> dict[str, DecodedPart]:
        """One bar of every part.

        z: shape (latent,), float32. bar_in_plan: 0 … bars - 1; ValueError otherwise. chords: of every beat of
        the phrase, for a model that wants them; none for none known. own_noise: as a ``ModelRequest`` has it.
        A flat model decodes its phrase when the first bar is asked for; a hierarchical one only conducts it
        then, and decodes each bar by itself, or, if it hears the bars before, after those before it.
        """
        if not 0 <= bar_in_plan < self.codec.bars:
            raise ValueError(f"bar {bar_in_plan} of a phrase of {self.codec.bars} bars")
        seeds = (noise_seed, own_noise)
        key = (z.tobytes(), bar_in_plan, seeds, temperature, chords)
        return self._bars.get(key, lambda: self._decoded_bar(z, bar_in_plan, seeds, temperature, chords))

    def bar_of(
        self,
        latent: Latent,
        bar_in_plan: int,
        noise_seed: int,
        temperature: float,
        chords: BeatChords = (),
        own_noise: OwnNoise = (),
    ) -> dict[str, DecodedPart]:
        """One bar of every part at the point that ``latent`` means; the rest as for ``bar``.

        Where one part was re-rolled, and the model can play along with parts it is given, the new part hears
        the others as they play on, which is as they were.
        """
        if self._rerolled(latent) is None:
            z = self.latents.evaluate(latent)
            return self.bar(z, bar_in_plan, noise_seed, temperature, chords, own_noise)
        seeds = (noise_seed, own_noise)
        key = (latent, bar_in_plan, seeds, temperature)
        return self._bars.get(
            key,
            lambda: self._as_parts(self._tokens_of(latent, bar_in_plan, seeds, temperature), bar_in_plan),
        )

    def _rerolled(self, latent: Latent) -> Grafted | None:
        graft = latent.centre if isinstance(latent, Moved) else latent
        is_held = isinstance(graft, Grafted) and graft.parts and can_complete(self.manifest)
        return graft if is_held and isinstance(graft, Grafted) else None

    def _tokens_of(self, latent: Latent, bar: int, seeds: Seeds, temperature: float) -> Tokens:
        """A bar's tokens, with parts that were re-rolled upon parts that were not."""
        z, graft = self.latents.evaluate(latent), self._rerolled(latent)
        if graft is None:
            return self._tokens_at(z, bar, seeds, temperature, ())
        before = (seeds[0], tuple(own for own in seeds[1] if own[0] not in graft.parts))
        others = [part for part in self.codec.parts if part not in graft.parts]
        nothing: list[tuple[Tokens, npt.NDArray[np.float32]]] = []
        held = self._held.get((latent, seeds, temperature), lambda: nothing)
        while len(held) <= bar:
            known = self._tokens_of(graft.stem, len(held), before, temperature)
            memory = np.concatenate([no_memory(self.manifest, 1), *(more for _, more in held)], axis=1)
            meant = self._conducted(z)[0, len(held)]
            held.append(completed_bar(self.manifest, self._run, meant, memory, known, others))
        return held[bar][0]

    def _conducted(self, z: Vector) -> npt.NDArray[np.float32]:
        embeddings: npt.NDArray[np.float32] = self._phrases.get(
            z.tobytes(), lambda: self._run("conduct", {"z": z[None]})["bars"]
        )
        return embeddings

    def _decoded_bar(
        self, z: Vector, bar: int, seeds: Seeds, temperature: float, chords: BeatChords
    ) -> dict[str, DecodedPart]:
        return self._as_parts(self._tokens_at(z, bar, seeds, temperature, chords), bar)

    def _tokens_at(self, z: Vector, bar: int, seeds: Seeds, temperature: float, chords: BeatChords) -> Tokens:
        if self._hierarchical:
            embeddings = self._conducted(z)
            if self._in_mind is not None:
                noises = [self._bar_noise(seeds, number) for number in range(bar + 1)]
                return self._in_mind.last_of(embeddings[0, : bar + 1], noises, temperature)
            noise = self._bar_noise(seeds, bar)[None]
            tokens: Tokens = decode_bars(self._run, embeddings[:, bar], noise, temperature)[0][0]
            return tokens
        told = chord_features(fitted_chords(chords, self.codec.bars))
        phrase: Tokens = self._phrases.get(
            (z.tobytes(), seeds, temperature, chords),
            lambda: decode_phrases(
                self.manifest, self._run, z[None], self._noise(seeds)[None], temperature, told
            )[0],
        )
        return phrase[bar * STEPS_PER_BAR : (bar + 1) * STEPS_PER_BAR]

    def _as_parts(self, tokens: Tokens, bar: int) -> dict[str, DecodedPart]:
        notes = self.codec.decode(tokens)
        ties = self._ties(tokens) if bar > 0 else {}  # a phrase begins with nothing to hold on to
        if isinstance(self.codec, BandCodec):
            return _of_band(self.codec, tokens, notes)
        return {part: DecodedPart(part, notes[part], ties.get(part, 0)) for part in self.codec.parts}

    def _ties(self, tokens: Tokens) -> dict[str, int]:
        """How far into a bar each line's last note of the bar before goes on, in ticks."""
        return {
            column.part: tied_steps(tokens[:, index]) * TICKS_PER_STEP
            for index, column in enumerate(self.codec.columns)
            if column.classes == LINE_CLASSES
        }

    def _noise(self, seeds: Seeds) -> npt.NDArray[np.float32]:
        return np.concatenate([self._bar_noise(seeds, bar) for bar in range(self.codec.bars)])

    def _bar_noise(self, seeds: Seeds, bar: int) -> npt.NDArray[np.float32]:
        """Every bar has its own, but those of a phrase whose bars do not hear each other share one.

        So bars conducted alike come back alike. Measured on such a trio: twice as many bars bring an earlier
        one back, of the drums as many as in music.
        """
        alike = self._hierarchical and self._in_mind is None
        noise_seed, own_noise = seeds
        bar, columns = 0 if alike else bar, self.codec.columns
        noise = bar_noise(noise_seed, bar, len(columns))
        for part, seed in own_noise:
            theirs = [index for index, column in enumerate(columns) if column.part == part]
            noise[:, theirs] = bar_noise(seed, bar, len(columns))[:, theirs]
        return noise


def _of_band(codec: BandCodec, tokens: Tokens, notes: PartNotes) -> dict[str, DecodedPart]:
    """A bar of a band: everybody knows their loudness, and what they play on."""
    programs = codec.programs(tokens)
    return {
        part: DecodedPart(
            part, notes[part], felt=plain(notes[part], Dynamics.FELT), program=programs.get(part)
        )
        for part in codec.parts
    }
