"""Models for programs: everything the stage can do with a model, a script can do too.

import livevae

model = livevae.load_model("melody_2bar")
phrases = model.sample(4, seed=1)                     # tokens, shape (4, steps, columns)
model.notes(phrases[0])                               # {"melody": (Note(...), ...)}
mu, sigma = model.encode({"melody": my_notes})
path = model.interpolate(mu, model.prior(seed=2), 8)  # latents, shape (8, latent)
between = model.decode(path, temperature=0.5)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from livevae.adapters.model_store import find_model
from livevae.adapters.onnx_model import OnnxModel
from livevae.codec.band import BandCodec
from livevae.codec.base import Tokens
from livevae.codec.chords import Features, chord_features
from livevae.codec.manifest import Manifest
from livevae.core.chord_symbols import parse_progression
from livevae.core.chords import Chord
from livevae.core.notes import Note, Notes
from livevae.errors import ModelError
from livevae.groove_model import GrooveModel
from livevae.latent import moves, random
from livevae.phrase_model import PhraseModel
from livevae.units import BEATS_PER_BAR

Latents = npt.NDArray[np.float32]
PlayedNotes = Mapping[str, Sequence[Note]]
Chords = str | Sequence[Chord | None]
"""Bars of symbols, or one chord a beat."""

MOST_AT_ONCE = 64  # phrases in one run of the graph: more would only take memory


def load_model(name_or_path: str | Path, device: str = "cpu") -> Model:
    """The model of that name (``livevae models`` lists them) or in that file, ready to use.

    device: ``cpu`` or ``cuda``. Raises ModelError naming what is wrong with the file, SetupError when
    ONNX Runtime is missing. A model of grooves is opened by ``load_groove_model``.
    """
    opened = OnnxModel(find_model(name_or_path), device)
    if opened.manifest.info().grooves:
        raise ModelError(
            f"model {opened.manifest.name!r} gives feel to hits and writes no phrases; open it with "
            "livevae.load_groove_model"
        )
    return Model(opened)


def load_groove_model(name_or_path: str | Path, device: str = "cpu") -> GrooveModel:
    """The groove model of that name or in that file: feel for hits, kits for taps, hats for beats.

    device: ``cpu`` or ``cuda``. Raises ModelError naming what is wrong with the file or that it holds another
    kind of model, SetupError when ONNX Runtime is missing.
    """
    return GrooveModel(OnnxModel(find_model(name_or_path), device))


class Model:
    """A trained model: notes to points of its latent space, and points to notes.

    Tokens are the codec's classes: shape (steps, columns) or (batch, steps, columns), int64; a step is a
    sixteenth. Points of the latent space have shape (latent,) or (batch, latent), float32. A batch in gives a
    batch out. The same arguments give the same result on every machine, but for near-ties rounded
    differently. Thread-safe: no.
    """

    def __init__(self, onnx_model: OnnxModel) -> None:
        self._phrases = PhraseModel(onnx_model)
        self.manifest: Manifest = onnx_model.manifest

    def __repr__(self) -> str:
        return (
            f"<livevae model {self.name!r}: {', '.join(self.parts)}; {self.bars} bars, "
            f"{self.latent_size} latent dimensions>"
        )

    @property
    def name(self) -> str:
        """As the model file says."""
        return self.manifest.name

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts it writes."""
        return self._phrases.codec.parts

    @property
    def bars(self) -> int:
        """Length of a phrase, in 4/4 bars of 16 steps."""
        return self.manifest.bars

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of one phrase's tokens: (steps, columns)."""
        return self._phrases.codec.steps, len(self._phrases.codec.columns)

    @property
    def latent_size(self) -> int:
        """Dimensions of the latent space."""
        return self.manifest.latent_size

    @property
    def attributes(self) -> dict[str, Latents]:
        """Directions that raise one musical attribute each, shape (latent,); empty if none was measured.

        Add one, times -1.5 ... 1.5, to a point.
        """
        return {name: vector.copy() for name, vector in self._phrases.directions.items()}

    def move(self, z: Latents, **amounts: float) -> Latents:
        """Points with more, or less, of some musical attributes, as the faders on stage move them.

        z: shape (latent,) or (batch, latent). amounts: by attribute, -1.5 ... 1.5; ``density=1.0``.
        Returns the shape given, float32. Raises ValueError for an attribute the model was not measured for.
        """
        unknown = sorted(set(amounts) - set(self._phrases.directions))
        if unknown:
            known = ", ".join(self._phrases.directions) or "none"
            raise ValueError(f"model {self.name!r} has no attribute {unknown[0]!r}; it has {known}")
        return moves.moved(np.asarray(z, dtype=np.float32), self._phrases.directions, amounts)

    def prior(self, n: int | None = None, seed: int = 0) -> Latents:
        """Draws from the prior N(0, I).

        n: how many; shape (n, latent). None gives one point of shape (latent,).
        seed: any integer names the draws; draw ``i`` of a batch is the draw of seed ``seed + i`` alone.
        """
        draws = [random.prior(seed + index, self.latent_size) for index in range(1 if n is None else n)]
        return draws[0] if n is None else np.array(draws, dtype=np.float32).reshape(-1, self.latent_size)

    def sample(
        self, n: int = 1, temperature: float | None = None, seed: int = 0, chords: Chords | None = None
    ) -> Tokens:
        """New phrases, as the model thinks of them; shape (n, steps, columns), int64.

        temperature: 0 plays each point's likeliest phrase, 1 samples the model as trained, None takes the
        model's own recommendation. seed: fixes the points and the sampling; phrase ``i`` of a batch is the
        phrase of seed ``seed + i`` alone.
        """
        return self.decode(self.prior(n, seed), temperature, seed, chords)

    def encode(
        self, music: PlayedNotes | npt.NDArray[np.integer], chords: Chords | None = None
    ) -> tuple[Latents, Latents]:
        """Where music lies in the latent space: posterior mean and standard deviation.

        music: notes by part, from the phrase's first bar line (parts left out are silent), or tokens of shape
            (steps, columns) or (batch, steps, columns).
        chords: under it, see ``decode``.
        Returns two arrays of shape (latent,), or (batch, latent) for a batch.
        Raises ValueError for tokens that do not fit the model.
        """
        tokens = self.tokens(music) if isinstance(music, Mapping) else self._checked_tokens(music)
        rows, told = tokens.reshape(-1, *self.shape), self._told(chords)
        mu, sigma = (np.empty((len(rows), self.latent_size), dtype=np.float32) for _ in range(2))
        for first in range(0, len(rows), MOST_AT_ONCE):
            some = slice(first, first + MOST_AT_ONCE)
            mu[some], sigma[some] = self._phrases.encode(rows[some], told)
        return (mu[0], sigma[0]) if tokens.ndim == 2 else (mu, sigma)

    def decode(
        self, z: Latents, temperature: float | None = None, seed: int = 0, chords: Chords | None = None
    ) -> Tokens:
        """What lies at points of the latent space; shape (steps, columns) or (batch, steps, columns), int64.

        z: shape (latent,) or (batch, latent). temperature: see ``sample``. seed: fixes the sampling noise.
        chords: for a model that wants them, in bars ("| Am | F |") or one ``Chord`` a beat; fewer than the
            phrase has go round. None is no chords known.
        Raises ValueError for points of another size and for chords given to a model that takes none,
        ParameterError for chords that cannot be read.
        """
        points = np.asarray(z, dtype=np.float32)
        if points.ndim not in (1, 2) or points.shape[-1] != self.latent_size:
            raise ValueError(f"z has shape {points.shape}, expected (batch, {self.latent_size})")
        heat = self.manifest.temperature if temperature is None else temperature
        if not heat >= 0.0:
            raise ValueError(f"temperature = {heat}, expected a number from 0")
        rows, told = points.reshape(-1, self.latent_size), self._told(chords)
        decoded = np.empty((len(rows), *self.shape), dtype=np.int64)
        for first in range(0, len(rows), MOST_AT_ONCE):
            some = slice(first, first + MOST_AT_ONCE)
            decoded[some] = self._phrases.decode(rows[some], seed + first, heat, told)
        return decoded[0] if points.ndim == 1 else decoded

    def interpolate(self, a: Latents, b: Latents, steps: int) -> Latents:
        """Points on the spherical path from ``a`` to ``b``, both ends included.

        a, b: points of shape (latent,). steps: how many points, at least 2; ValueError otherwise.
        Returns shape (steps, latent), float32.
        """
        if steps < 2:
            raise ValueError(f"steps = {steps}, expected at least 2: both ends belong to the path")
        start, end = (np.asarray(point, dtype=np.float32).reshape(self.latent_size) for point in (a, b))
        return np.stack([moves.slerp(start, end, index / (steps - 1)) for index in range(steps)])

    def near(self, z: Latents, amount: float, seed: int = 0, sigma: Latents | None = None) -> Latents:
        """A variation of a point, shape (latent,): amount 0 is ``z`` itself, 1 an independent draw.

        sigma: shape (latent,), as ``encode`` gives it with ``z``: small amounts then change little of what
            was encoded, as on stage. None moves all dimensions alike.
        """
        centre = np.asarray(z, dtype=np.float32).reshape(self.latent_size)
        spread = None if sigma is None else np.asarray(sigma, dtype=np.float32).reshape(self.latent_size)
        return moves.near(centre, amount, seed, spread)

    def notes(
        self, tokens: npt.NDArray[np.integer], velocity: Mapping[str, int] | None = None
    ) -> dict[str, Notes]:
        """The notes of one phrase, by part; positions in ticks (96,000 a beat) from its first bar line.

        tokens: shape (steps, columns). velocity: 1-127 by part; but for bands, the models know no dynamics.
        """
        array = self._checked_tokens(tokens)
        if array.ndim != 2:
            raise ValueError(f"tokens have shape {array.shape}: notes are of one phrase at a time")
        return self._phrases.codec.decode(array, velocity)

    def programs(self, tokens: npt.NDArray[np.integer]) -> dict[str, int]:
        """What plays the parts of one phrase of a band: programs of General MIDI, 0-127, of those who play.

        tokens: shape (steps, columns). Empty where the model knows of no instruments.
        """
        codec, array = self._phrases.codec, self._checked_tokens(tokens)
        if array.ndim != 2:
            raise ValueError(f"tokens have shape {array.shape}: programs are of one phrase at a time")
        return codec.programs(array) if isinstance(codec, BandCodec) else {}

    def tokens(self, notes: PlayedNotes) -> Tokens:
        """Notes quantised to the model's grid, shape (steps, columns), int64.

        notes: by part, in ticks from the phrase's first bar line; a band's parts may name their program,
        ``guitar:30``. ValueError names parts the model does not know. What lies outside the phrase is left
        out.
        """
        plays = isinstance(self._phrases.codec, BandCodec)
        unknown = sorted({part.partition(":")[0] if plays else part for part in notes} - set(self.parts))
        if unknown:
            raise ValueError(
                f"model {self.name!r} has no part {unknown[0]!r}; it has {', '.join(self.parts)}"
            )
        return self._phrases.codec.encode(notes)

    def _told(self, chords: Chords | None) -> Features | None:
        """One row a beat of the whole phrase."""
        if chords is None:
            return None
        if not self.manifest.wants_chords:
            raise ValueError(f"model {self.name!r} takes no chords")
        given = (
            [chord for bar in parse_progression(chords) for chord in bar]
            if isinstance(chords, str)
            else list(chords)
        )
        if not given:
            raise ValueError("chords are empty: leave them out where none are known")
        beats = range(self.bars * BEATS_PER_BAR)
        return chord_features([given[beat % len(given)] for beat in beats])

    def _checked_tokens(self, tokens: npt.NDArray[np.integer]) -> Tokens:
        array = np.asarray(tokens)
        if array.ndim not in (2, 3) or array.shape[-2:] != self.shape:
            raise ValueError(
                f"tokens have shape {array.shape}, expected (batch, {self.shape[0]}, {self.shape[1]})"
            )
        if not np.issubdtype(array.dtype, np.integer):
            raise ValueError(f"tokens are {array.dtype}, expected int64")
        for index, column in enumerate(self._phrases.codec.columns):
            values = array[..., index]
            if values.size and (values.min() < 0 or values.max() >= column.classes):
                raise ValueError(f"column {column.name!r} holds classes outside 0-{column.classes - 1}")
        return array.astype(np.int64, copy=False)
