"""A bar of a song, beat by beat, from what the conductor means it to be and the memory of those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models.flow import some_left_to_chance
from train.models.odds import within
from train.models.song_harmony import CHORD_BEATS, CHORDS, Back, Harmony
from train.models.song_memory import Bars, Beat, Beats, unpacked

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
class _Part:
    """What a voice is told of its bar, or of the half bar its chord lasts.

    kind: of its bar (song_form.py), and back: how many bars it brings back, (batch,). told: (batch, inner).
    speaks: what the chord says for its rows, (batch, rows); None if nothing.
    """

    kind: Tensor
    back: Tensor
    told: Tensor
    speaks: Tensor | None = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a beat is decided from.

    middle: (batch, inner). attention: on earlier beats, (batch, heads, before). share: of the lines of the
    beat's numbers, (batch, numbers). before: the beats so far.
    """

    middle: Tensor
    attention: Tensor
    share: Tensor
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
    bars, beats = unpacked(
        memory, model.codec.bars - 1, model.voices.numbers, config.token_width, model.recall
    )
    true = None if known is None else _true(model, known, key, beats)
    known_form = None if true is None else _known_form(model, true, bars, beats)
    form = model.form.next(of_form, forms, bars.form, bars.there, known_form)
    fit = None if true is None else _fit(model, true)
    alone = together = _parts(model, form)
    chord = torch.zeros_like(key)  # 0 is none
    drawn: list[Sequence[Tensor]] = []
    for beat, (place, share) in enumerate(zip(model.beat_place, shares.unbind(dim=1), strict=True)):
        recent = beats.played[:, -config.just_heard :].flatten(1)
        heard = functional.relu(told + place + model.heard(recent))
        recalled, attention = model.recall.next(heard, beats.keys, beats.values, beats.strange)
        middle = model.inner(torch.cat([heard, recalled], dim=1))
        now = _Moment(middle, attention, share, beats)
        if model.harmony is not None and beat % CHORD_BEATS == 0:
            half = beat // CHORD_BEATS
            speaks = None if fit is None else fit[:, half, None]
            chord = _chord(model.harmony, now, alone, over[:, half, None], speaks)
            together = _over(model.harmony, alone, chord[:, 0])
        instead = None if true is None else [(rows[:, beat], is_given) for rows, is_given in true]
        rows, played = _beat(model, now, tables, together, instead)
        if model.harmony is not None:
            played = played + model.harmony.token(chord[:, 0] - 1)
        drawn.append(rows)
        beats = beats.then(Beat(chord, rows, played, model.recall.find(heard), model.recall.answer(played)))
    by_voice = tuple(torch.stack(rows, dim=1) for rows in zip(*drawn, strict=True))
    return model.voices.write(by_voice, key), beats.newest_bar(form)


def _true(model: SongModel, known: Known, key: Tensor, beats: Beats) -> list[tuple[Tensor, Tensor]]:
    """Each voice's own rows of a bar, (batch, 4, choices), and whether they count, (batch, 1)."""
    rows = model.voices.read_bar(known.x, key[:, 0], tuple(mine[:, -1] for mine in beats.rows))
    places = [model.voices.codec_order.index(index) for index in range(len(rows))]
    return [(own, known.given[:, at : at + 1] > 0.5) for own, at in zip(rows, places, strict=True)]


def _known_form(
    model: SongModel, true: list[tuple[Tensor, Tensor]], bars: Bars, beats: Beats
) -> list[tuple[Tensor, Tensor]]:
    """What each voice's known bar brings back, and whether it counts, (batch,) each."""
    found = []
    for voice, earlier, (rows, is_given) in zip(model.voices.each, beats.rows, true, strict=True):
        struck, before = voice.struck(rows), voice.struck(earlier)
        found.append((model.form.read_next(struck, before, bars.there), is_given[:, 0]))
    return found


def _fit(model: SongModel, true: list[tuple[Tensor, Tensor]]) -> Tensor | None:
    """How much known lines speak for each chord of their bar, (batch, 2, chords)."""
    if model.harmony is None:
        return None
    sounding = model.harmony.sounding([rows for rows, _ in true])
    return model.harmony.fit(sounding, [true[line][1] for line in model.harmony.lines])


def _parts(model: SongModel, form: Tensor) -> list[_Part]:
    """What each voice is told of a bar by its decisions (batch, voices) what to bring back."""
    kinds, backs = model.form.kinds[form].unbind(dim=1), model.form.distances[form].unbind(dim=1)
    told = [embedded(kind) for embedded, kind in zip(model.kind, kinds, strict=True)]
    return [_Part(*each) for each in zip(kinds, backs, told, strict=True)]


def _over(harmony: Harmony, parts: list[_Part], chord: Tensor) -> list[_Part]:
    """The same, told the chord as well: (batch,), counted from 1."""
    over = chord - 1
    return [
        replace(part, told=part.told + harmony.to_voice(index, over), speaks=harmony.to_rows(index, over))
        for index, part in enumerate(parts)
    ]


def _beat(
    model: SongModel,
    now: _Moment,
    tables: list[Tensor],
    parts: list[_Part],
    instead: list[tuple[Tensor, Tensor]] | None,
) -> tuple[list[Tensor], Tensor]:
    """One beat of every voice: its rows, and what says to later beats what was played.

    tables: what each voice looks up. parts: what each is told. instead: of each, rows that are played instead
    and whether they are, (batch, choices) and (batch, 1).
    """
    drawn: list[Tensor] = []
    played: Tensor | None = None
    shares = torch.split(now.share, list(model.voices.numbers), dim=1)
    for index, (voice, mine, part) in enumerate(zip(model.voices.each, shares, parts, strict=True)):
        earlier = now.before.rows[index]
        feature = now.middle + part.told
        feature = feature if played is None else feature + model.said_beside(index, played)
        feature = functional.relu(feature)
        loud = (model.echo[index](feature)[..., None] * now.attention).sum(dim=1)
        echo = torch.zeros_like(feature[:, :1]).expand(-1, voice.rows) if part.speaks is None else part.speaks
        echo = echo.scatter_add(1, earlier.flatten(1), loud[..., None].expand(earlier.shape).flatten(1))
        firm = model.firm[index](feature, part.kind)
        source = _source(earlier, part.back)
        again = earlier.gather(1, source[:, None, None].expand(-1, 1, earlier.shape[2]))[:, 0]
        echo = echo.scatter_add(1, again, firm.expand(again.shape))
        rows = voice.draw(tables[index], feature, mine, voice.newest(earlier[:, -1]), echo)[0]
        if instead is not None:
            rows = torch.where(instead[index][1], instead[index][0], rows)
        drawn.append(rows)
        said = model.token(rows + model.voices.starts[index]).sum(dim=1)
        played = said if played is None else played + said
    assert played is not None
    return drawn, played


def _chord(
    harmony: Harmony, now: _Moment, parts: list[_Part], share: Tensor, speaks: Tensor | None
) -> Tensor:
    """The chord read off a share of its line, counted from 1, (batch, 1).

    speaks: what parts that are known say for each chord, (batch, 1, chords).
    """
    written = now.before.chords.clamp(max=CHORDS)
    beats = (written - 1).clamp(min=0)
    kinds = torch.stack([parts[line].kind for line in harmony.lines], dim=1)
    source = _source(beats, torch.stack([parts[line].back for line in harmony.lines], dim=1))
    feature = harmony.feature(now.middle[:, None], kinds[:, None])
    back = Back(kinds[:, None], beats.gather(1, source)[:, None])
    logits = harmony.logits(feature, written[:, -1:], now.attention[:, :, None], beats, back)
    return 1 + harmony.drawn(logits if speaks is None else logits + speaks, share)


def _source(earlier: Tensor, back: Tensor) -> Tensor:
    """Which of the beats so far, (batch, beats, …), stands as many bars ``back``; the last for none."""
    return (earlier.shape[1] - BEATS_PER_BAR * back).clamp(max=earlier.shape[1] - 1)
