"""What the inference process makes of a request: one bar, felt if it asks for a groove.

The bar is written by its own model, or came in; a groove model feels its drums, and its lines go with them by
the rule of ``livevae.core.follow``. All in one answer, so that a felt bar waits, is late, and is remembered
like any other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from livevae.codec.drum_maps import DRUM_CLASSES, PLAYBACK_PITCHES, drum_map
from livevae.core.events import DecodedPart
from livevae.core.feel import Dynamics, FeltNote, FeltNotes, with_swing
from livevae.core.feel_order import SOURCE_BARS, FeelOrder, Hit
from livevae.core.follow import follow, plain_beat
from livevae.core.latents import Encoded, ModelRequest, Near, Prior
from livevae.core.notes import Note, Notes, window
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError
from livevae.groove_model import ANY_STYLE, HATS, HUMANISE, TAP, FeltHit, GrooveModel
from livevae.latent import LatentEvaluator
from livevae.latent.random import Vector
from livevae.phrase_model import PhraseModel, RunsFunctions
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_BAR
from livevae.window_fit import fitted_window

DRUMS, BASS = "drums", "bass"
HIT_TEMPERATURE = 0.0
"""Hits are added in the order of how likely they are: hit by hit, drawn ones leave holes in every pattern."""

UNKNOWN_TEMPO = 0
REMEMBERED_TEMPOS = 8
REMEMBERED_WINDOWS = 32  # both bars of a pair are felt at once, and every line goes with its drums

_CLOSED_HAT = PLAYBACK_PITCHES["gm"][DRUM_CLASSES.index("closed_hat")]

Window = tuple[Hit, ...]


class Groover:
    """A groove model as the stage asks it: hits with their General MIDI pitches in, felt notes out."""

    def __init__(self, model: RunsFunctions) -> None:
        self._model = GrooveModel(model)
        self.manifest = self._model.manifest
        self._by_tempo: OrderedDict[int, LatentEvaluator] = OrderedDict()
        self.latents = self._latents_at(UNKNOWN_TEMPO)
        self._map = drum_map(self._model.codec.drum_map)
        self._felt: OrderedDict[tuple[FeelOrder, Window], FeltNotes] = OrderedDict()

    @property
    def info(self) -> ModelInfo:
        """What the core must know of it."""
        return self.manifest.info()

    def felt(self, hits: Window, order: FeelOrder) -> FeltNotes:
        """Two bars of hits as ``order`` wants them felt, from the first bar line, in source order.

        What came in keeps its pitch; what is added has General MIDI's.
        """
        asked = replace(order, source=None, follows=None, part=DRUMS)
        key = (asked, hits)
        if key in self._felt:
            self._felt.move_to_end(key)
        else:
            self._felt[key] = self._feel(hits, order)
            if len(self._felt) > REMEMBERED_WINDOWS:
                self._felt.popitem(last=False)
        return self._felt[key]

    def _feel(self, hits: Window, order: FeelOrder) -> FeltNotes:
        originals: dict[Note, list[Hit]] = {}
        for hit in hits:
            originals.setdefault(self._understood(hit), []).append(hit)
        tempo_bpm, groove = float(order.tempo_bpm), order.groove
        style = order.style if order.style in self._model.styles else ANY_STYLE
        manner = None
        if isinstance(groove, Encoded) and not self.info.composes:
            manner = self._model.manner(self._heard(groove), tempo_bpm, style)
        played = self._model.play(
            [note for note, alike in originals.items() for _ in alike],
            order.task,
            style,
            tempo_bpm,
            None if groove is None else self._latents_at(order.tempo_bpm).evaluate(groove),
            order.seed,
            self.manifest.temperature if order.temperature is None else order.temperature,
            HIT_TEMPERATURE,
            manner,
        )
        came_in = [self._from_hit(hit, originals) for hit in played if hit.from_density == 0.0]
        added = [self._from_added(hit, came_in, order.task) for hit in played if hit.from_density > 0.0]
        return tuple(sorted(with_swing([felt for felt, _ in came_in] + added)))

    def _understood(self, hit: Hit) -> Note:
        """A hit with the pitch the model's own map has for it."""
        drum = drum_map("gm").get(hit.heard_as)
        if drum is None or self._map.get(hit.heard_as) == drum:
            return replace(hit.note, pitch=hit.heard_as)
        return replace(hit.note, pitch=PLAYBACK_PITCHES[self._model.codec.drum_map][drum])

    def _from_hit(self, hit: FeltHit, originals: Mapping[Note, list[Hit]]) -> tuple[FeltNote, int | None]:
        """What came in, felt, and which drum it is."""
        source = originals[hit.note].pop(0)
        felt = FeltNote(source.note, hit.onset_ticks, hit.velocity, until_density=hit.until_density)
        return felt, self._map.get(hit.note.pitch)

    def _from_added(
        self, hit: FeltHit, came_in: Sequence[tuple[FeltNote, int | None]], task: str
    ) -> FeltNote:
        """A hit of the model's own; it stands in for one that came in if that is the same drum then."""
        drum = self._map[hit.note.pitch]
        note = replace(hit.note, pitch=PLAYBACK_PITCHES["gm"][drum])
        felt = FeltNote(note, hit.onset_ticks, hit.velocity, hit.from_density)
        is_answer = task in (TAP, HATS)
        stands_in = is_answer and any(f.step == felt.step and its == drum for f, its in came_in)
        return replace(felt, stands_in=stands_in)

    def _latents_at(self, tempo_bpm: int) -> LatentEvaluator:
        """Points by a tempo: bars are heard at the one they are played back at, so that they come back the
        same."""
        if tempo_bpm not in self._by_tempo:
            self._by_tempo[tempo_bpm] = LatentEvaluator(
                self.manifest.latent_size,
                partial(self._encode, tempo_bpm),
                heard_at=partial(self._heard_at, tempo_bpm),
            )
            if len(self._by_tempo) > REMEMBERED_TEMPOS:
                self._by_tempo.popitem(last=False)
        return self._by_tempo[tempo_bpm]

    def _encode(self, tempo_bpm: int, played: Encoded) -> tuple[Vector, Vector | None]:
        """The feel of bars that were played, in General MIDI's pitches; shape (latent,), float32.

        Of a model that composes it is a beat too, and known how freely it may move and stay that beat.
        """
        mu, sigma = self._model.posterior(self._heard(played), float(tempo_bpm))
        return mu, sigma if self.info.composes else None

    def _heard_at(self, tempo_bpm: int, point: Vector) -> tuple[Vector, Vector] | None:
        """Where the beat at a point nobody played would lie if it had been played; None where a point is no
        beat."""
        if not self.info.composes:
            return None
        beat = self._model.play((), tempo_bpm=float(tempo_bpm), z=point, temperature=0.0)
        notes = [
            Note(hit.onset_ticks, hit.note.duration_ticks, hit.note.pitch, hit.velocity)
            for hit in beat
            if hit.from_density <= 1.0
        ]
        return self._model.posterior(notes, float(tempo_bpm))

    def _heard(self, played: Encoded) -> list[Note]:
        """Bars that were played, as long as the model and in its own map."""
        notes = fitted_window({DRUMS: _as_drums(played)}, played.bars, self.manifest.bars)[DRUMS]
        return [self._understood(Hit(note, note.pitch)) for note in notes]


def _as_drums(played: Encoded) -> Notes:
    """The drums among what was played; where there are none, the onsets and accents of the lines as hats."""
    parts = dict(played.parts)
    if DRUMS in parts:
        return parts[DRUMS]
    return tuple(sorted(replace(note, pitch=_CLOSED_HAT) for notes in parts.values() for note in notes))


Model = PhraseModel | Groover
M = TypeVar("M", PhraseModel, Groover)


def bar_of(request: ModelRequest, models: Mapping[str, Model]) -> tuple[DecodedPart, ...]:
    """Every part of the bar that ``request`` asks for, with its feel if it asks for one.

    models: those that are open, by name. Raises ModelError where one is not what the request takes it for.
    """
    order = request.feel
    if order is None:
        model = _open(models, request.model, PhraseModel)
        return tuple(_bar(model, request, request.bar_in_plan).values())
    groover = _open(models, order.model, Groover)
    if order.source is not None:
        return (_answered(request, order, order.source, groover, models),)
    if isinstance(models.get(request.model), Groover):
        return (_composed(request, order, groover),)
    phrases = _open(models, request.model, PhraseModel)
    here, pair, first_bar = _written(request, phrases)
    drums: FeltNotes = ()
    if DRUMS in here:
        hits = tuple(Hit(note, note.pitch) for note in pair)
        felt = groover.felt(hits, order)
        drums = _bar_of(felt, request.bar_in_plan - first_bar, Dynamics.FELT)
    lead = _lead(order, groover, models) or drums or _beat(order, groover)
    return tuple(
        replace(part, felt=drums if part.part == DRUMS else _line(part.part, part.notes, lead, Dynamics.FELT))
        for part in here.values()
    )


def trial(model: Model, number: int) -> ModelRequest:
    """A request to warm a model up with, unlike those of other numbers: for the bar that costs most."""
    name = model.info.name
    if isinstance(model, PhraseModel):
        silence = Encoded((), bars=number + 1)  # silences of different lengths are different points
        return ModelRequest(number, name, Near(silence, 0.5, number), model.codec.bars - 1, number, 1.0)
    hits = tuple(Hit(note, note.pitch) for note in plain_beat(SOURCE_BARS))
    order = FeelOrder(name, HUMANISE, ANY_STYLE, 120, Prior(number), number, None, source=hits)
    return ModelRequest(number, name, Prior(number), SOURCE_BARS - 1, number, 1.0, order)


def _answered(
    request: ModelRequest, order: FeelOrder, source: Window, groover: Groover, models: Mapping[str, Model]
) -> DecodedPart:
    """The bar that answers what came in."""
    if order.part == DRUMS:
        felt = groover.felt(source, order)
        notes = window((hit.note for hit in source), request.bar_in_plan, 1, HALF_STEP_TICKS)
        return DecodedPart(DRUMS, notes, felt=_bar_of(felt, request.bar_in_plan, Dynamics.PLAYED))
    notes = window((hit.note for hit in source), request.bar_in_plan, 1, HALF_STEP_TICKS)
    lead = _lead(order, groover, models) or _beat(order, groover)
    return DecodedPart(order.part, notes, felt=_line(order.part, notes, lead, Dynamics.PLAYED))


def _composed(request: ModelRequest, order: FeelOrder, groover: Groover) -> DecodedPart:
    """The bar that a groove model writes from nothing: its point says what is struck, and how."""
    idea = replace(order, groove=request.latent, seed=request.noise_seed, temperature=request.temperature)
    felt = groover.felt((), idea)
    bar = _bar_of(felt, request.bar_in_plan, Dynamics.FELT)
    return DecodedPart(DRUMS, tuple(one.note for one in bar if one.from_density <= 1.0), felt=bar)


def _written(request: ModelRequest, phrases: PhraseModel) -> tuple[dict[str, DecodedPart], Notes, int]:
    """The bar as its model writes it; the drums of two bars with it among them; and the first of the two."""
    here = _bar(phrases, request, request.bar_in_plan)
    first = request.bar_in_plan // SOURCE_BARS * SOURCE_BARS
    numbers = [min(first + offset, phrases.codec.bars - 1) for offset in range(SOURCE_BARS)]
    drums = [
        note.shifted(place * TICKS_PER_BAR)
        for place, number in enumerate(numbers)
        if DRUMS in here
        for note in _bar(phrases, request, number)[DRUMS].notes
    ]
    return here, tuple(drums), first


def _bar(model: PhraseModel, request: ModelRequest, number: int) -> dict[str, DecodedPart]:
    """Bar ``number`` of the phrase that ``request`` asks for a bar of."""
    drawn = (request.noise_seed, request.temperature, request.chords, request.own_noise)
    return model.bar(request.latent, number, *drawn)


def _lead(order: FeelOrder, groover: Groover, models: Mapping[str, Model]) -> FeltNotes:
    """The drums that a line is to follow, as far as the request names any."""
    if order.follows is None or isinstance(order.follows, tuple):
        return order.follows or ()
    for part in bar_of(order.follows, models):
        if part.part == DRUMS:
            return _in_general_midi(part.with_feel(), order.follows.feel)
    return ()


def _in_general_midi(notes: FeltNotes, order: FeelOrder | None) -> FeltNotes:
    """Notes with the pitches they were heard as, where they came in with others."""
    if order is None or order.source is None:
        return notes
    heard_as = {hit.note.pitch: hit.heard_as for hit in order.source}
    return tuple(
        felt
        if felt.from_density
        else replace(felt, note=replace(felt.note, pitch=heard_as.get(felt.note.pitch, felt.note.pitch)))
        for felt in notes
    )


def _beat(order: FeelOrder, groover: Groover) -> FeltNotes:
    """A plain beat, felt: what lines follow where nobody drums."""
    hits = tuple(Hit(note, note.pitch) for note in plain_beat(SOURCE_BARS))
    return _bar_of(groover.felt(hits, order), 0, Dynamics.FELT)


def _line(name: str, notes: Iterable[Note], lead: FeltNotes, dynamics: Dynamics) -> FeltNotes:
    return follow(notes, lead, is_bass=name == BASS, dynamics=dynamics)


def _bar_of(felt: FeltNotes, bar: int, dynamics: Dynamics) -> FeltNotes:
    """One bar of a felt window, from its bar line."""
    steps = range(bar * STEPS_PER_BAR, (bar + 1) * STEPS_PER_BAR)
    return tuple(
        replace(one.shifted(-bar * TICKS_PER_BAR), dynamics=dynamics) for one in felt if one.step in steps
    )


def _open(models: Mapping[str, Model], name: str, kind: type[M]) -> M:
    model = models.get(name)
    if not isinstance(model, kind):
        raise ModelError(f"no model {name!r} of this kind is loaded")
    return model
