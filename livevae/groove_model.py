"""A groove model as the stage uses it: hits in, the same hits with feel out, and hits of the model's own.

Works with anything that runs a model's functions on arrays, like ``livevae.phrase_model``. The model's
functions (arrays as ``livevae.codec.groove.Performed`` has them, ``L`` latent dimensions):

``encode``: ``x`` tokens, ``x_velocity``, ``x_offset``, ``x_tempo`` (batch,) -> ``mu``, ``sigma`` (batch, L).
``decode``: ``score`` the hits that are there, tokens; ``played_velocity``, ``played_offset``
    (batch, steps, 18) the feel of those whose feel is known, velocity 0 where it is not; ``open`` (batch, 9)
    1 for drums that the model may add to; ``taps`` (batch, steps, 3) struck, velocity (0: not known), offset
    of a rhythm without drums; ``z`` (batch, L), all 0 for no feel in particular; ``style`` (batch,) int64, 0
    for any; ``tempo`` (batch,) in beats a minute, 0 for unknown; ``noise`` (batch, steps, 36) uniform in
    [0, 1), of velocities and then of offsets; ``temperature``, a scalar -> ``hit`` (batch, steps, 18) the
    probability that the drummer would strike there, ``velocity`` and ``offset`` of what is struck, drawn, and
    ``offset_mean``, the expectation of the offset. At temperature 0 what is drawn is the median.

A model that composes (task ``beats``) need not hear ``taps``, ``played_velocity`` and ``played_offset``: it
writes bars of its own. In its latent is all of what is struck and how; of a score it is given, hits that the
latent does not say are played all the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.base import DEFAULT_VELOCITY, step_of_onset
from livevae.codec.drum_maps import DRUM_CLASSES, drum_map
from livevae.codec.groove import SILENT, SLOTS, STRUCK, GrooveCodec, early_by, midi_velocity, onset_of
from livevae.codec.manifest import Manifest
from livevae.core.notes import Note
from livevae.errors import ModelError
from livevae.latent.drummer import feel_noise, hit_noise
from livevae.latent.random import Vector, prior
from livevae.manner import Manner, manner_of
from livevae.phrase_model import RunsFunctions
from livevae.units import TICKS_PER_STEP

HUMANISE, TAP, HATS = "humanise", "tap", "hats"
TASKS = (HUMANISE, TAP, HATS)
ANY_STYLE = "any"
MOST_DENSITY = 1.5
"""Added hits that sound only above this density are not worth telling."""

_DRUMS = len(DRUM_CLASSES)
_HAT = DRUM_CLASSES.index("closed_hat")

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class FeltHit:
    """One hit as it came in and as the model would play it.

    note: as it came in, from the first bar line; of a hit that the model adds, on the grid at a middling
        velocity.
    onset_ticks, velocity: as the model plays it; early hits of the first step are negative.
    from_density: 0 for what came in; an added hit sounds from this density on. At density 1 it sounds in a
        share p of draws where the model would strike with probability p.
    until_density: a hit that the model replaces sounds below this density; infinite if it is not replaced.
    stands_in: an added hit that takes the place of hits that came in.
    """

    note: Note
    onset_ticks: int
    velocity: int
    from_density: float = 0.0
    until_density: float = math.inf
    stands_in: bool = False


class GrooveModel:
    """Feel for hits, hits for taps, hats for beats; the same arguments always give the same hits."""

    def __init__(self, model: RunsFunctions) -> None:
        self.manifest: Manifest = model.manifest
        codec = model.manifest.build_codec()
        if not isinstance(codec, GrooveCodec):
            raise ModelError(f"model {self.manifest.name!r} is for {self.manifest.task}, not for grooves")
        self.codec: GrooveCodec = codec
        self._run = model.run
        self._told = {spec.name for spec in self.manifest.function("decode").inputs}

    @property
    def tasks(self) -> tuple[str, ...]:
        """What ``play`` takes as task: a model that hears neither taps nor how hits were played has one."""
        return TASKS if {"taps", "played_velocity"} <= self._told else (HUMANISE,)

    @property
    def styles(self) -> tuple[str, ...]:
        """What ``play`` takes as style, ``any`` first."""
        return (ANY_STYLE, *self.codec.style_names)

    def encode(self, notes: Sequence[Note], tempo_bpm: float = 0.0) -> Vector:
        """The feel of bars that were played, to lay on other hits; shape (latent,), float32.

        notes, tempo_bpm: as in ``posterior``.
        """
        return self.posterior(notes, tempo_bpm)[0]

    def posterior(self, notes: Sequence[Note], tempo_bpm: float = 0.0) -> tuple[Vector, Vector]:
        """Where bars that were played lie: mean and standard deviation, each of shape (latent,), float32.

        notes: in the model's drum map, from the first bar line, up to the model's length; fewer bars are
        heard as followed by silence. tempo_bpm: 0 if unknown.
        """
        played = self.codec.performed(notes)
        feeds: Arrays = {
            "x": played.tokens[None],
            "x_velocity": played.velocity[None],
            "x_offset": played.offset[None],
            "x_tempo": np.array([tempo_bpm], dtype=np.float32),
        }
        found = self._run("encode", feeds)
        return found["mu"][0].copy(), found["sigma"][0].copy()

    def manner(self, notes: Sequence[Note], tempo_bpm: float = 0.0, style: str = ANY_STYLE) -> Manner:
        """What is particular about bars that were played, to lay on other hits beside their feel.

        notes, tempo_bpm: as in ``posterior``. style: that of the hits it will be laid on.
        """
        played = self.codec.performed(notes)
        asked = _Asked(self.codec, notes, HUMANISE)
        feel = self.encode(notes, tempo_bpm)
        answer = self._run("decode", self._feeds(asked, feel, style, tempo_bpm, 0, 0.0))
        return manner_of(played, answer["velocity"][0], answer["offset"][0])

    def _feeds(
        self, asked: _Asked, z: Vector, style: str, tempo_bpm: float, seed: int, temperature: float
    ) -> Arrays:
        """Inputs of ``decode``."""
        feeds = asked.feeds() | {
            "z": np.asarray(z, dtype=np.float32)[None],
            "style": np.array([self.styles.index(style)], dtype=np.int64),
            "tempo": np.array([tempo_bpm], dtype=np.float32),
            "noise": feel_noise(seed, self.codec.bars, _DRUMS, SLOTS)[None],
            "temperature": np.array(temperature, dtype=np.float32),
        }
        return {name: array for name, array in feeds.items() if name in self._told}

    def play(
        self,
        hits: Sequence[Note],
        task: str = HUMANISE,
        style: str = ANY_STYLE,
        tempo_bpm: float = 0.0,
        z: Vector | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        hit_temperature: float | None = None,
        manner: Manner | None = None,
    ) -> tuple[FeltHit, ...]:
        """What a drummer makes of ``hits``, in onset order.

        hits: notes of the model's length in its drum map, from the first bar line, onsets from half a step
            before it. task: ``humanise`` keeps every hit and offers more of them, so of no hits it makes
            bars of its own; ``tap`` hears the onsets
            and, unless all are alike, the velocities of notes of any pitch, and answers with a whole kit;
            ``hats`` keeps how the other drums were played and plays the closed hi-hat to them, in place of
            closed hats among the hits.
        style: one of ``styles``. tempo_bpm: 0 if unknown.
        z: a feel, shape (latent,); None draws one by ``seed``, or at temperature 0 takes none in particular.
        seed: fixes every draw. temperature: 0 plays the medians, 1 draws as the drummers vary.
        hit_temperature: the same for what is struck; None for the same. Each hit is drawn by itself, so that
            a pattern keeps its shape best at 0.
        manner: of bars whose feel ``z`` is; None adds nothing.
        Raises ValueError naming the task or style it does not know.
        """
        if task not in self.tasks:
            raise ValueError(f"task = {task!r}, expected {', '.join(self.tasks)}")
        if style not in self.styles:
            raise ValueError(f"style = {style!r}, expected {', '.join(self.styles)}")
        if z is None:
            none = np.zeros(self.manifest.latent_size, dtype=np.float32)
            z = prior(seed, self.manifest.latent_size) if temperature > 0 else none
        asked = _Asked(self.codec, hits, task)
        feeds = self._feeds(asked, z, style, tempo_bpm, seed, temperature)
        alone = self._felt(feeds, manner)
        hit_heat = temperature if hit_temperature is None else hit_temperature
        noise = hit_noise(seed, self.codec.bars, _DRUMS, SLOTS)
        sounds_from = densities(alone["hit"][0], noise, hit_heat)
        sounds_from[~asked.may_add()] = np.inf
        came_in = asked.given(alone["velocity"][0], alone["offset"][0]) + asked.silenced(sounds_from)
        if not (sounds_from <= MOST_DENSITY).any():
            return _in_order(came_in)
        # The feel of a hit depends on what is struck beside it: once as at density 1, once as at the most.
        scores = np.stack([np.where(sounds_from <= d, STRUCK, asked.score) for d in (1.0, MOST_DENSITY)])
        both = {name: np.repeat(array, 2, axis=0) if array.ndim else array for name, array in feeds.items()}
        felt = self._felt(both | {"score": scores}, manner)
        return _in_order(came_in + asked.added(sounds_from, felt["velocity"], felt["offset"]))

    def _felt(self, feeds: Arrays, manner: Manner | None) -> Arrays:
        answer: Arrays = dict(self._run("decode", feeds))
        if manner is not None:
            answer["velocity"], answer["offset"] = manner.laid_on(answer["velocity"], answer["offset"])
        return answer


class _Asked:
    """The hits of one request on the grid, and the way back from the model's answer to notes."""

    def __init__(self, codec: GrooveCodec, hits: Sequence[Note], task: str) -> None:
        self.codec, self.task = codec, task
        drum_of = drum_map(codec.drum_map)
        self.replaced = [n for n in hits if task == TAP or (task == HATS and drum_of.get(n.pitch) == _HAT)]
        self.kept = [note for note in hits if note not in self.replaced]
        self.performed = codec.performed(self.kept)
        self.score = self.performed.tokens
        self.taps = tapped(hits, codec.steps) if task == TAP else np.zeros((codec.steps, 3), np.float32)

    def feeds(self) -> Arrays:
        """The inputs of ``decode`` that say what is there."""
        known = self.performed if self.task == HATS else None
        unknown = np.zeros(self.score.shape, dtype=np.float32)
        opened = np.zeros(_DRUMS, dtype=np.float32)
        opened[[_HAT] if self.task == HATS else slice(None)] = 1.0
        return {
            "score": self.score[None],
            "played_velocity": (known.velocity if known else unknown)[None],
            "played_offset": (known.offset if known else unknown)[None],
            "open": opened[None],
            "taps": self.taps[None],
        }

    def may_add(self) -> npt.NDArray[np.bool_]:
        """Cells the model may strike: those of open drums that are not struck, shape (steps, 18)."""
        free: npt.NDArray[np.bool_] = self.score == SILENT
        if self.task == HATS:
            free = free & (np.arange(self.score.shape[1]) % _DRUMS == _HAT)
        return free

    def given(self, velocity: npt.NDArray[Any], offset: npt.NDArray[Any]) -> list[FeltHit]:
        """The hits that stay; velocity, offset: shape (steps, 18), as ``decode`` answers.

        A third hit in a cell and what has no drum stay as they are; so does everything where hats are added.
        """
        cell_of = {} if self.task == HATS else self._cells()
        result = []
        for index, note in enumerate(self.kept):
            onset_ticks, loudness = note.onset_ticks, note.velocity
            if index in cell_of:
                step, column = cell_of[index]
                onset_ticks = onset_of(step, float(offset[step, column]))
                loudness = midi_velocity(float(velocity[step, column]))
            result.append(FeltHit(note, onset_ticks, loudness))
        return result

    def _cells(self) -> dict[int, tuple[int, int]]:
        """Step and column of each note that has a place on the grid."""
        note = self.performed.note
        return {int(note[step, column]): (step, column) for step, column in np.argwhere(note >= 0).tolist()}

    def added(
        self, sounds_from: npt.NDArray[np.float64], velocity: npt.NDArray[Any], offset: npt.NDArray[Any]
    ) -> list[FeltHit]:
        """The model's own hits.

        velocity, offset: shape (2, steps, 18), with what sounds at density 1 struck, and at the most.
        """
        result = []
        for step, column in np.argwhere(sounds_from <= MOST_DENSITY).tolist():
            density = float(sounds_from[step, column])
            beside = 0 if density <= 1.0 else 1
            onset_ticks = onset_of(step, float(offset[beside, step, column]))
            loudness = midi_velocity(float(velocity[beside, step, column]))
            plain = Note(
                step * TICKS_PER_STEP, TICKS_PER_STEP, self.codec.pitch(column), DEFAULT_VELOCITY["drums"]
            )
            result.append(FeltHit(plain, onset_ticks, loudness, density, stands_in=bool(self.replaced)))
        return result

    def silenced(self, sounds_from: npt.NDArray[np.float64]) -> list[FeltHit]:
        """The hits that the model's own replace: each gives way to the first of those on its step.

        One on whose step the model strikes nothing goes where all of the model's are heard, at density 1.
        """
        result = []
        for note in self.replaced:
            step = step_of_onset(note.onset_ticks)
            inside = 0 <= step < len(sounds_from)
            until = min(1.0, float(sounds_from[step].min())) if inside else 1.0
            result.append(FeltHit(note, note.onset_ticks, note.velocity, until_density=until))
        return result


def _in_order(hits: Sequence[FeltHit]) -> tuple[FeltHit, ...]:
    return tuple(sorted(hits, key=lambda hit: (hit.onset_ticks, hit.note, hit.from_density)))


def tapped(notes: Sequence[Note], steps: int) -> npt.NDArray[np.float32]:
    """A rhythm without drums: of each step's loudest note struck, velocity, offset; shape (steps, 3).

    Velocities that are all alike say nothing, and are given as 0: not known.
    """
    taps = np.zeros((steps, 3), dtype=np.float32)
    dynamic = len({note.velocity for note in notes}) > 1
    for note in sorted(notes, key=lambda note: note.velocity):
        step = step_of_onset(note.onset_ticks)
        if 0 <= step < steps:
            taps[step] = (1.0, note.velocity / 127 if dynamic else 0.0, early_by(note.onset_ticks, step))
    return taps


def densities(hit: npt.NDArray[Any], noise: npt.NDArray[Any], temperature: float) -> npt.NDArray[np.float64]:
    """From which density each cell would sound, infinite for never.

    hit: probabilities; noise: uniform in [0, 1), of the same shape. At density d a cell of probability p is
    struck with probability p^(1/d), so none at 0, the model's own at 1, and more above; at temperature 0 it
    is struck where that probability reaches a half.
    """
    p = np.clip(hit.astype(np.float64), 1e-6, 1 - 1e-6)
    u = np.clip(noise.astype(np.float64), 1e-6, 1 - 1e-6)
    u = 1.0 / (1.0 + np.exp(-temperature * np.log(u / (1.0 - u))))  # 0 draws every cell's median
    found: npt.NDArray[np.float64] = np.log(p) / np.log(u)
    return found
