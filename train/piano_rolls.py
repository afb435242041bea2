"""Windows of tokens drawn as piano rolls: lines at their pitches, drums as rows below them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.percussion import PERCUSSION
from livevae.core.notes import Note
from livevae.units import BEATS_PER_BAR, TICKS_PER_BEAT

_PITCH_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_NAMES_SHOWN = 16
_COLOURS = {"melody": "tab:blue", "bass": "tab:green"}
_GRIDS_NAMED = 16  # more rows than that have no room for names

Tokens = npt.NDArray[np.int64]


def draw_window(axes: Any, codec: Codec, tokens: Tokens, title: str | None = None) -> None:
    """One window, shape (steps, columns). title: None names the first notes of a line."""
    several = sum(part != "drums" for part in codec.parts) > 1
    lines = [note for part, notes in codec.decode(tokens).items() if part != "drums" for note in notes]
    for part, notes in codec.decode(tokens).items():
        if part != "drums":
            for note in notes:
                start = note.onset_ticks / TICKS_PER_BEAT
                end = start + 0.9 * note.duration_ticks / TICKS_PER_BEAT
                colour = _COLOURS.get(part) if several else None
                axes.plot([start, end], [note.pitch] * 2, lw=3, color=colour)
            axes.set_title(title or _names(notes), fontsize=7)
    if "drums" in codec.parts:
        _draw_hits(axes, codec, tokens, min((note.pitch for note in lines), default=0))
        if title or not lines:
            axes.set_title(title or "", fontsize=7)
    beats = codec.bars * BEATS_PER_BAR
    for beat in range(beats + 1):
        axes.axvline(beat - 0.02, lw=0.8 if beat % BEATS_PER_BAR == 0 else 0.2, color="tab:red")
    axes.set_xlim(-0.1, beats)
    axes.tick_params(labelsize=6)


def _draw_hits(axes: Any, codec: Codec, tokens: Tokens, lowest: int) -> None:
    """Every drum column as a row below ``lowest``, the first of them lowest of all."""
    columns = [index for index, column in enumerate(codec.columns) if column.part == "drums"]
    steps, rows = np.nonzero(tokens[:, columns])
    beats = steps * BEATS_PER_BAR * codec.bars / codec.steps
    axes.plot(beats, lowest - len(columns) + rows, "ks", ms=3)
    if len(codec.parts) > 1:
        return
    names = DRUM_CLASSES if codec.name != PERCUSSION else [codec.columns[i].name for i in columns]
    if len(names) <= _GRIDS_NAMED:
        axes.set_yticks(range(lowest - len(columns), lowest), names)
    axes.set_ylim(lowest - len(columns) - 0.5, lowest - 0.5)


def _names(notes: tuple[Note, ...]) -> str:
    return " ".join(_PITCH_NAMES[note.pitch % 12] for note in notes[:_NAMES_SHOWN])
