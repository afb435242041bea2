"""Which chord every half bar is over, decided before its notes.

Lines that hear each other note by note do not agree on a harmony for long: each note is a little unsure of
the others', and over a song that adds up. As one decision that all of them hear, a harmony is kept to
(song_form.py does the same for returns). Chords are guessed from what sounds (chord_guess.py), in the song's
own key; a half bar of silence is over the chord before it. Each has a number of the latent: its place on the
circle of fifths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from livevae.units import BEATS_PER_BAR, STEPS_PER_BEAT
from train.models.chord_guess import QUALITIES, ChordGuess
from train.models.flow_melody import FIFTHS, RANGE, RHYTHMS, newest_mark, pitch_class_in_c
from train.models.odds import drawn, parted, sides
from train.models.song_form import KINDS, Firmness

if TYPE_CHECKING:
    from train.models.song import Config
    from train.models.song_voices import Voices

CHORDS = len(FIFTHS) * len(QUALITIES)
CHORD_BEATS = 2
CHORDS_PER_BAR = BEATS_PER_BAR // CHORD_BEATS
_CHORD_STEPS = CHORD_BEATS * STEPS_PER_BEAT
_OCTAVE = 12
_OF_A_STEP = 0.5  # how much a step of a line that is known speaks for a chord: those of one note say the same
_OF_THE_BAR = 0.3  # how much the whole bar counts beside the half: a passing note is no chord


@dataclass(frozen=True, slots=True)
class Back:
    """What stands at the place of a decision in the bars that lines bring back.

    kinds: of the bars decided on (song_form.py), and chords: of those brought back, (batch, decisions,
    lines).
    """

    kinds: Tensor
    chords: Tensor


class Harmony(nn.Module):
    """The chords of windows, how likely they are, and what they say to the parts.

    Layers are silent in part while it learns, and songs are few, so draws are less sure than songs are. When
    it plays, chords count more, as the config says (as in guidance of diffusion, Ho and Salimans 2022).
    """

    classes: Tensor
    sides: Tensor

    def __init__(self, voices: Voices, config: Config) -> None:
        super().__init__()
        self.lines, self.melodies = voices.lines, voices.melodies
        self.by_chords, self.sure = config.by_chords, config.sure_of_chords
        inner, heads, lines = config.inner, config.heads, self.lines
        self.guess = ChordGuess()
        self.kind = nn.ModuleList(nn.Embedding(KINDS, inner) for _ in lines)
        self.decide = nn.Linear(inner, CHORDS)
        self.step = nn.Embedding(1 + CHORDS, CHORDS)  # from one chord to the next; the first is none yet
        self.echo = nn.Linear(inner, heads)
        self.firm = nn.ModuleList(Firmness(inner) for _ in lines)
        self.token = nn.Embedding(CHORDS, config.token_width)  # to later beats
        self.told = nn.ModuleList(nn.Embedding(CHORDS, inner) for _ in voices.parts)
        self.speaks = nn.ModuleList(nn.Embedding(CHORDS, RANGE) for _ in lines)  # for pitches
        self.fits = nn.Parameter(torch.zeros(len(lines), CHORDS, _OCTAVE))  # of pitch classes over chords
        nn.init.normal_(self.token.weight, std=0.1)
        for table in (*self.kind, *self.told, *self.speaks, self.step):
            assert isinstance(table, nn.Embedding)
            nn.init.zeros_(table.weight)
        classes = (pitch_class_in_c(torch.arange(RANGE))[:, None] == torch.arange(_OCTAVE)).float()
        classes[0] = 0.0  # no pitch at all
        self.register_buffer("classes", classes, persistent=False)
        self.register_buffer("sides", sides(CHORDS), persistent=False)

    def sounding(self, rows: Sequence[Tensor]) -> list[Tensor]:
        """Of each line, steps of each pitch class in each half bar, (batch, bars x 2, 12).

        rows: each voice's own, (batch, beats, choices).
        """
        weights = []
        for line, voice in zip(self.lines, self.melodies, strict=True):
            mine = rows[line]
            pitch = (mine[..., 1:] - voice.firsts[1:]).flatten(1)
            steps = self.classes[pitch] * voice.sounding(mine)[..., None]
            weights.append(torch.unflatten(steps, 1, (-1, _CHORD_STEPS)).sum(dim=2))
        return weights

    def read(self, sounding: Sequence[Tensor]) -> Tensor:
        """The chords of windows, (batch, bars x 2), int64, from what ``sounding`` says."""
        every = torch.stack(list(sounding)).sum(dim=0)
        bars = torch.unflatten(every, 1, (-1, CHORDS_PER_BAR)).sum(dim=2)
        bars = bars.repeat_interleave(CHORDS_PER_BAR, dim=1)
        place, quality = self.guess(every + _OF_THE_BAR * bars, sounding[-1])
        return _carried(place * len(QUALITIES) + quality, every.sum(dim=2) > 0)

    def aside(self, sounding: Sequence[Tensor], chords: Tensor) -> Tensor:
        """-log of the chance of the lines' pitch classes over their chords and nothing else, (batch,).

        It is how ``fit`` is learnt, beside the model. sounding: of ``sounding``. chords: (batch, bars x 2).
        """
        nats = sounding[0].new_zeros(())
        for mine, fits in zip(sounding, self.fits, strict=True):
            nats = nats - (mine * fits.log_softmax(dim=1)[chords]).sum(dim=(1, 2))
        return nats

    def fit(self, sounding: Sequence[Tensor], given: Sequence[Tensor]) -> Tensor:
        """How much lines that are known speak for each chord of a bar: (batch, 2, chords).

        sounding: of ``sounding``. given: of each line, whether it is known, (batch, 1), bool.
        """
        logs = []
        for mine, fits, known in zip(sounding, self.fits, given, strict=True):
            logs.append((mine * known[..., None]) @ fits.log_softmax(dim=1).T)
        return _OF_A_STEP * torch.stack(logs).sum(dim=0)

    def feature(self, middle: Tensor, kinds: Tensor) -> Tensor:
        """What decisions are made from, (batch, decisions, inner), of ``middle``, alike.

        kinds: of the bars of each line, (batch, decisions, lines).
        """
        told = [kind(mine) for kind, mine in zip(self.kind, kinds.unbind(dim=2), strict=True)]
        return functional.relu(torch.stack([middle, *told]).sum(dim=0))

    def logits(self, feature: Tensor, before: Tensor, attention: Tensor, beats: Tensor, back: Back) -> Tensor:
        """Of every decision's chords, (batch, decisions, chords).

        feature: of ``feature``. before: the chord before, (batch, decisions), counted from 1; 0 is none yet.
        attention: on beats, (batch, heads, decisions, beats). beats: their chords, (batch, beats).
        """
        loud = (self.echo(feature).transpose(1, 2)[..., None] * attention).sum(dim=1)
        echo = torch.zeros_like(feature[..., :1]).expand(-1, -1, CHORDS)
        echo = echo.scatter_add(2, beats[:, None].expand(loud.shape), loud.to(echo.dtype))
        for line, firm in enumerate(self.firm):
            says = firm(feature, back.kinds[..., line])
            echo = echo.scatter_add(2, back.chords[..., line : line + 1], says.to(echo.dtype))
        logits: Tensor = self.decide(feature) + self.step(before) + echo
        return logits if self.training else self.sure * logits

    def chances(self, logits: Tensor, chords: Tensor) -> Tensor:
        """Of each decision, the chances of all lower chords, of the one made and of all higher: (batch,
        decisions, 3)."""
        return parted(logits.float(), chords, self.sides)

    def drawn(self, logits: Tensor, share: Tensor) -> Tensor:
        """Chords (batch, decisions) read off shares of their lines, alike."""
        return drawn(logits, share[..., None])

    def to_voice(self, voice: int, chords: Tensor) -> Tensor:
        """What chords (…) say to a voice's layer, (…, inner)."""
        table = self.told[voice]
        assert isinstance(table, nn.Embedding)
        return functional.embedding(chords, self._count() * table.weight)

    def to_rows(self, voice: int, chords: Tensor) -> Tensor | None:
        """What chords (…) say for a voice's rows, (…, rows); None for one that has no pitches."""
        if voice not in self.lines:
            return None
        table = self.speaks[self.lines.index(voice)]
        assert isinstance(table, nn.Embedding)
        every = functional.pad(torch.cat([table.weight] * STEPS_PER_BEAT, dim=1), (RHYTHMS, 0))
        return functional.embedding(chords, self._count() * every)

    def _count(self) -> float:
        return 1.0 if self.training else self.by_chords


def _carried(chords: Tensor, sounds: Tensor) -> Tensor:
    """Chords (batch, halves), where nothing sounds the one before; before the first, that one.

    sounds: alike, bool.
    """
    halves = torch.arange(chords.shape[1], device=chords.device)
    newest = newest_mark(sounds)
    first = torch.where(sounds, halves, chords.shape[1]).amin(dim=1, keepdim=True)
    source = torch.where(newest >= 0, newest, first).clamp(max=chords.shape[1] - 1)
    some = sounds.any(dim=1, keepdim=True)
    return torch.where(some, chords.gather(1, source), 0)
