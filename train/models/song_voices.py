"""Who plays in a song of many bars, and what it is like as a whole.

Voices are those of the two-bar models (flow_drums.py, flow_melody.py), side by side: in every beat the melody
decides first, then the bass, which hears it, then the drums, which hear both: most often a melody is what is
played in, and the others follow. All lines are in one key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from livevae.codec import Codec
from livevae.units import BEATS_PER_BAR
from train.models.flow_drums import DrumsVoice
from train.models.flow_melody import MelodyVoice
from train.models.gist import levels_of

_ORDER = ("melody", "bass", "drums")
_VOICES: dict[str, Callable[[Codec, int, int], DrumsVoice | MelodyVoice]] = {
    "drums": DrumsVoice,
    "bass": MelodyVoice,
    "melody": MelodyVoice,
}
_REPEAT_EDGES = (0.01, 0.2, 0.4, 0.6, 0.8)  # share of the bars after the first that stood before


@dataclass(frozen=True, slots=True)
class Reading:
    """Windows as choices.

    rows: of the common dictionary, one tensor a voice, (batch, beats, choices). levels: of the gist, (batch,
    measures).
    """

    rows: tuple[Tensor, ...]
    levels: Tensor


class Voices(nn.Module):
    """The voices of a codec, in the order they decide.

    rows: entries of their common dictionary; each voice's begin at its ``starts``. numbers: of the latent,
    for a beat of each voice. sizes: levels of each measure of the gist: the key, where there are lines; then
    each voice's own, and how much it repeats. measure_ends: how many there are up to each voice's
    last, without the key. parts: their names, in the codec's terms. lines: which of them are lines, melodies.
    """

    def __init__(self, codec: Codec, width: int, pitch_width: int) -> None:
        super().__init__()
        self.parts = tuple(part for part in _ORDER if part in codec.parts)
        columns = [column.part for column in codec.columns]
        self.columns = tuple(slice(columns.index(p), columns.index(p) + columns.count(p)) for p in self.parts)
        self.codec_order = tuple(self.parts.index(part) for part in codec.parts)
        each = [_VOICES[part](codec, width, pitch_width) for part in self.parts]
        self.each = tuple(each)
        self.trained = nn.ModuleList(each)  # the same, so that PyTorch sees their weights
        self.lines = tuple(index for index, part in enumerate(self.parts) if part != "drums")
        self.melodies = tuple(voice for voice in each if isinstance(voice, MelodyVoice))
        self.numbers = tuple(voice.numbers for voice in each)
        self.starts = tuple(sum(voice.rows for voice in each[:index]) for index in range(len(each)))
        self.rows = sum(voice.rows for voice in each)
        self.sizes: tuple[int, ...] = ()
        if self.lines:
            first = each[self.lines[0]]
            self.sizes, self.evened = first.gist_sizes[:1], first.evened
        self.measure_ends: tuple[int, ...] = ()
        for voice in each:
            own = voice.gist_sizes[int(voice.round_first) :]
            self.sizes = (*self.sizes, *own, len(_REPEAT_EDGES) + 1)
            self.measure_ends = (*self.measure_ends, len(self.sizes) - int(bool(self.lines)))

    def read(self, x: Tensor) -> Reading:
        """Windows (batch, steps, columns) as choices."""
        votes = [
            voice.votes(x[..., columns])
            for voice, columns in zip(self.each, self.columns, strict=True)
            if isinstance(voice, MelodyVoice)
        ]
        key = torch.stack(votes).sum(dim=0).argmax(dim=1) if votes else x.new_zeros(len(x))
        rows, levels = [], [key[:, None]] if self.lines else []
        for voice, columns, start in zip(self.each, self.columns, self.starts, strict=True):
            mine = x[..., columns]
            own, measured = voice.read_in(mine, key) if isinstance(voice, MelodyVoice) else voice.read(mine)
            rows.append(own + start)
            levels += [measured, levels_of(_repeats(voice.struck(own))[:, None], (_REPEAT_EDGES,))]
        return Reading(tuple(rows), torch.cat(levels, dim=1))

    def read_bar(self, x: Tensor, key: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """A bar (batch, 16, columns) as each voice's own rows, (batch, 4, choices).

        key: its level, (batch,). before: each voice's own rows of the beat before, (batch, choices).
        """
        rows = []
        for voice, columns, last in zip(self.each, self.columns, before, strict=True):
            mine = x[..., columns]
            own = (voice.read_in(mine, key) if isinstance(voice, MelodyVoice) else voice.read(mine))[0]
            rows.append(voice.going_on(own, voice.newest(last)))
        return tuple(rows)

    def own(self, rows: tuple[Tensor, ...]) -> list[Tensor]:
        """Rows of the common dictionary as each voice knows them."""
        return [mine - start for mine, start in zip(rows, self.starts, strict=True)]

    def write(self, rows: tuple[Tensor, ...], key: Tensor) -> Tensor:
        """Each voice's own rows (batch, beats, choices) as tokens (batch, steps, columns), in a key (batch,
        1)."""
        written = [voice.write(own, key) for voice, own in zip(self.each, rows, strict=True)]
        return torch.cat([written[index] for index in self.codec_order], dim=2)


def _repeats(rows: Tensor) -> Tensor:
    """Share of the bars, from the second on, that are one of those before: (batch, beats, choices) ->
    (batch,)."""
    bars = torch.unflatten(rows, 1, (-1, BEATS_PER_BAR)).flatten(2)
    alike = (bars[:, :, None] == bars[:, None]).all(dim=3)
    order = torch.arange(bars.shape[1], device=rows.device)
    before = alike & (order < order[:, None])
    return before.any(dim=2)[:, 1:].to(torch.float32).mean(dim=1)
