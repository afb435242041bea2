"""A bar of a song, beat by beat, from what the conductor means it to be and the memory of those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models.flow import some_left_to_chance
from train.models.odds import within
from train.models.song_harmony import CHORD_BEATS, CHORDS, Back, Harmony
from train.models.song_memory import Beat, Beats

if TYPE_CHECKING:
    from train.models.song import SongModel


@dataclass(frozen=True, slots=True)
class Chance:
    """What is not z's to decide.

    noise: uniform [0, 1), (batch, 16, columns). temperature: scalar or (batch,).
    """

    noise: Tensor
    temperature: Tensor


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a bar.

    x: its tokens, (batch, 16, columns). given: which parts count, 1.0 or 0.0, (batch, parts), as the codec
    has them.
    """

    x: Tensor
    given: Tensor


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a beat is decided from.

    middle: (batch, inner). attention: on earlier beats, (batch, heads, before). share: of the lines of the
    beat's numbers, (batch, numbers). form: the bar's decisions, (batch, parts). before: the beats
    so far.
    """

    middle: Tensor
    attention: Tensor
    share: Tensor
    form: Tensor
    before: Beats


def play(
    model: SongModel, bar: Tensor, memory: Tensor, chance: Chance | None = None, known: Known | None = None
) -> tuple[Tensor, Tensor]:
    """Tokens of a bar, (batch, 16, columns), and what the memory grows by; see ``SongModel.decode_bar``."""
    config = model.config
    parts = len(model.voices.parts)
    sizes = [config.width, 1, config.form_width, parts, model.chords, BEATS_PER_BAR * model.numbers]
    told, key, of_form, forms, over, numbers = torch.split(bar, sizes, dim=1)
    key = key.round().to(torch.int64).clamp(0, model.voices.sizes[0] - 1)
    shares = torch.unflatten(numbers, 1, (BEATS_PER_BAR, -1))
    if chance is not None:
        shares = some_left_to_chance(shares, chance.noise[:, ::STEPS_PER_BEAT, 0], chance.temperature)
    forms, over, shares = (within(each) for each in (forms, over, shares))
    tables = [voice.told() for voice in model.voices.each]
    beats = Beats.unpacked(
        memory, model.beats - BEATS_PER_BAR, model.voices.numbers, config.token_width, model.recall
    )
    there, earlier = beats.bars()
    form = model.form.next(of_form, forms, earlier, there)
    true = None if known is None else _true(model, known, key, beats)
    chord = torch.zeros_like(key)  # 0 is none
    drawn: list[Sequence[Tensor]] = []
    for beat, (place, share) in enumerate(zip(model.beat_place, shares.unbind(dim=1), strict=True)):
        recent = beats.played[:, -config.just_heard :].flatten(1)
        heard = functional.relu(told + place + model.heard(recent))
        recalled, attention = model.recall.next(heard, beats.keys, beats.values, beats.there)
        middle = model.inner(torch.cat([heard, recalled], dim=1))
        now = _Moment(middle, attention, share, form, beats)
        if model.harmony is not None and beat % CHORD_BEATS == 0:
            chord = _chord(model, model.harmony, now, over[:, beat // CHORD_BEATS, None])
        instead = None if true is None else [(rows[:, beat], is_given) for rows, is_given in true]
        played = _beat(model, now, tables, instead, chord)
        drawn.append(played.rows)
        beats = beats.then(played, model.recall.find(heard), model.recall.answer(played.played))
    by_voice = tuple(torch.stack(rows, dim=1) for rows in zip(*drawn, strict=True))
    return model.voices.write(by_voice, key), beats.newest_bar()


def _true(model: SongModel, known: Known, key: Tensor, beats: Beats) -> list[tuple[Tensor, Tensor]]:
    """Each voice's own rows of a bar, (batch, 4, choices), and whether they count, (batch, 1)."""
    before = model.voices.own(tuple(rows[:, -1] for rows in beats.rows))
    rows = model.voices.read_bar(known.x, key[:, 0], tuple(own.clamp(min=0) for own in before))
    places = [model.voices.codec_order.index(index) for index in range(len(rows))]
    return [(own, known.given[:, at : at + 1] > 0.5) for own, at in zip(rows, places, strict=True)]


def _beat(
    model: SongModel,
    now: _Moment,
    tables: list[Tensor],
    instead: list[tuple[Tensor, Tensor]] | None,
    chord: Tensor,
) -> Beat:
    """One beat of every voice.

    tables: what each voice looks up. instead: of each voice, rows that are played instead and whether they
    are, (batch, choices) and (batch, 1). chord: it is over, counted from 1, (batch, 1).
    """
    drawn: list[Tensor] = []
    last = model.voices.own(tuple(rows[:, -1] for rows in now.before.rows))
    over = chord[:, 0] - 1
    played: Tensor | None = None
    shares = torch.split(now.share, list(model.voices.numbers), dim=1)
    for index, (voice, mine) in enumerate(zip(model.voices.each, shares, strict=True)):
        start, earlier = model.voices.starts[index], now.before.rows[index]
        kind, back = model.form.kinds[now.form[:, index]], model.form.distances[now.form[:, index]]
        feature = now.middle + model.kind[index](kind)
        feature = feature if played is None else feature + model.said_beside(index, played)
        if model.harmony is not None:
            feature = feature + model.harmony.to_voice(index, over)
        feature = functional.relu(feature)
        loud = (model.echo[index](feature)[..., None] * now.attention).sum(dim=1)
        echo = torch.zeros_like(feature[:, :1]).expand(-1, voice.rows)
        where = (earlier - start).clamp(min=0)
        echo = echo.scatter_add(1, where.flatten(1), loud[..., None].expand(where.shape).flatten(1))
        firm = model.firm[index](feature, kind)
        source = _source(earlier, back)
        again = where.gather(1, source[:, None, None].expand(-1, 1, where.shape[2]))[:, 0]
        echo = echo.scatter_add(1, again, firm.expand(again.shape))
        if model.harmony is not None:
            echo = model.harmony.to_rows(index, over, echo)
        newest = voice.newest(last[index])
        rows = voice.draw(tables[index], feature, mine, newest, echo)[0]
        if instead is not None:
            rows = torch.where(instead[index][1], instead[index][0], rows)
        rows = rows + start
        said = model.token(rows).sum(dim=1)
        played = said if played is None else played + said
        drawn.append(rows)
    assert played is not None
    if model.harmony is not None:
        played = played + model.harmony.token(over)
    return Beat(now.form, chord, drawn, played)


def _chord(model: SongModel, harmony: Harmony, now: _Moment, share: Tensor) -> Tensor:
    """The chord read off a share of its line, counted from 1, (batch, 1)."""
    written = now.before.chords[..., 0].clamp(0, CHORDS)
    beats = (written - 1).clamp(min=0)
    form = now.form[:, list(harmony.lines)]
    kinds, source = model.form.kinds[form], _source(beats, model.form.distances[form])
    feature = harmony.feature(now.middle[:, None], kinds[:, None])
    back = Back(kinds[:, None], beats.gather(1, source)[:, None])
    logits = harmony.logits(feature, written[:, -1:], now.attention[:, :, None], beats, back)
    return 1 + harmony.drawn(logits, share)


def _source(earlier: Tensor, back: Tensor) -> Tensor:
    """Which of the beats so far, (batch, beats, …), stands as many bars ``back``; the last for none."""
    return (earlier.shape[1] - BEATS_PER_BAR * back).clamp(max=earlier.shape[1] - 1)
