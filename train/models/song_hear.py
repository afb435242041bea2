"""What a song's beats are decided from when all of them are known: how a model of songs learns, and encodes.

The counterpart of song_play.py, which has nothing but what it played itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from livevae.units import BEATS_PER_BAR
from train.models.song_harmony import CHORD_BEATS, Back
from train.models.song_voices import Reading

if TYPE_CHECKING:
    from train.models.song import SongModel


class Decision(NamedTuple):
    """What a voice decides its beats from, and what it decides.

    feature: (batch, beats, inner). rows: of its own dictionary, (batch, beats, choices). echo: what recalled
    beats speak for, (batch, beats, rows of the dictionary).
    """

    feature: Tensor
    rows: Tensor
    echo: Tensor


class Decided(NamedTuple):
    """All that is decided of windows once their form is.

    voices: of each voice. chords: which there are, (batch, decisions), and over: from what logits, (batch,
    decisions, chords). aside: nats of what is learnt beside the model about chords, (batch,). None of these
    where there are no two lines.
    """

    voices: list[Decision]
    chords: Tensor | None
    over: Tensor | None
    aside: Tensor | None

    def first(self, few: slice) -> Decided:
        """The same of a few windows only."""
        others = (None if each is None else each[few] for each in self[1:])
        return Decided([Decision(*(each[few] for each in made)) for made in self.voices], *others)


def hear(model: SongModel, read: Reading, whole: Tensor, form: Tensor) -> Decided:
    """What every beat is decided from, given the true beats before.

    whole: what the gist says, (batch, gist_width). form: decisions, (batch, bars, voices).
    """
    config = model.config
    said = [model.token(rows).sum(dim=2) for rows in read.rows]
    own = model.voices.own(read.rows)
    played = torch.stack(said).sum(dim=0)
    chords = by_beat = aside = None
    if model.harmony is not None:
        sounding = model.harmony.sounding(own)
        chords = model.harmony.read(sounding)
        aside = model.harmony.aside(sounding, chords)
        by_beat = chords.repeat_interleave(CHORD_BEATS, dim=1)
        played = played + model.harmony.token(by_beat)
    if model.training and config.forgotten:
        kept = torch.rand(played.shape[:2], device=played.device) >= config.forgotten
        played = played * kept[..., None].to(played.dtype)
    recent = functional.pad(played, (0, 0, config.just_heard, 0))[:, :-1]
    recent = recent.unfold(1, config.just_heard, 1).transpose(2, 3).flatten(2)
    place = model.told_of(whole).repeat_interleave(BEATS_PER_BAR, dim=1)
    place = place + model.beat_place.repeat(model.codec.bars, 1)
    heard = model.silent(functional.relu(place + model.heard(recent)))
    recalled, attention = model.recall(heard, played)
    middle = model.inner(torch.cat([heard, recalled], dim=2))
    back = [_by_beat(model, form[..., index]) for index in range(len(own))]
    over = None if by_beat is None else _over(model, middle, attention, by_beat, back)
    decisions = []
    before: Tensor | None = None
    for index, (voice, rows) in enumerate(zip(model.voices.each, own, strict=True)):
        kind, source = back[index]
        feature = middle + model.kind[index](kind)
        feature = feature if before is None else feature + model.said_beside(index, before)
        if model.harmony is not None and by_beat is not None:
            feature = feature + model.harmony.to_voice(index, by_beat)
        feature = model.silent(functional.relu(feature))
        before = said[index] if before is None else before + said[index]
        loud = (model.echo[index](feature).transpose(1, 2)[..., None] * attention).sum(dim=1)
        hot = torch.zeros(*rows.shape[:2], voice.rows, dtype=torch.float32, device=rows.device)
        echo = loud @ hot.scatter(2, rows, 1.0).to(loud.dtype)
        firm = model.firm[index](feature, kind).float()
        again = rows.gather(1, source[..., None].expand(-1, -1, rows.shape[2]))
        echo = echo + hot.scatter(2, again, firm.expand(again.shape))
        if model.harmony is not None and by_beat is not None:
            speaks = model.harmony.to_rows(index, by_beat)
            echo = echo if speaks is None else echo + speaks
        decisions.append(Decision(feature, rows, echo))
    return Decided(decisions, chords, over, aside)


def _over(
    model: SongModel, middle: Tensor, attention: Tensor, by_beat: Tensor, back: list[tuple[Tensor, Tensor]]
) -> Tensor:
    """Logits of the chords of windows, (batch, decisions, chords), given the true ones before each.

    by_beat: the chords, (batch, beats). back: of each voice, see ``_by_beat``.
    """
    assert model.harmony is not None
    now = slice(None, None, CHORD_BEATS)
    kinds, sources = (
        torch.stack([back[line][which][:, now] for line in model.voices.lines], dim=2) for which in (0, 1)
    )
    again = by_beat.gather(1, sources.flatten(1)).view(sources.shape)
    feature = model.silent(model.harmony.feature(middle[:, now], kinds))
    before = functional.pad(1 + by_beat[:, now], (1, 0))[:, :-1]
    return model.harmony.logits(feature, before, attention[:, :, now], by_beat, Back(kinds, again))


def _by_beat(model: SongModel, form: Tensor) -> tuple[Tensor, Tensor]:
    """Of every beat, the kind of its bar and which beat stands at its place in the bar brought back.

    form: a voice's, (batch, bars). Both (batch, beats), int64.
    """
    kind = model.form.kinds[form].repeat_interleave(BEATS_PER_BAR, dim=1)
    back = model.form.distances[form].repeat_interleave(BEATS_PER_BAR, dim=1)
    beat = torch.arange(model.beats, device=form.device)
    return kind, (beat - BEATS_PER_BAR * back).clamp(min=0)
