"""One song made ready for training: encoded whole, with the places its windows start at."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from livevae.codec.band import BAND, DRUMS
from livevae.codec.chords import beats_of
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import FIRST_ONSET, LINE_CLASSES, NOTE_OFF
from livevae.units import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BAR
from train.chord_windows import CHORD_PART, song_chords
from train.config import DataConfig
from train.songs import Dropped, Song, Unread, end_ticks
from train.token_windows import canonical, octaves_up

_DRUMS = "drums"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A song that can be trained on.

    tokens: shape (steps, columns), uint8. starts: first steps of its windows, shape (windows,).
    lift: semitones that would bring a bass-like melody up. held_out: belongs to validation.
    chords: of every beat, shape (beats, 2), uint16; None where the config wants none.
    """

    tokens: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    lift: int
    held_out: bool
    chords: npt.NDArray[np.uint16] | None


@dataclass(frozen=True, slots=True)
class Preparer:
    """Makes songs ready for one codec and config; may be sent to another process."""

    codec: Codec
    config: DataConfig

    def __call__(self, item: Song | Dropped | Unread) -> Prepared | Dropped:
        """The song ready, or why it gives nothing."""
        song = item() if isinstance(item, Unread) else item
        if isinstance(song, Dropped):
            return song
        tokens = _encoded(song, self.codec)
        if isinstance(tokens, Dropped):
            return tokens
        stride = self.codec.bars if song.held_out else self.config.stride_bars
        starts = window_starts(tokens, self.codec, self.config, stride)
        if starts.size == 0:
            return Dropped(song.name, "none of its windows has enough notes in every part")
        chords = None
        if self.config.chords:
            chords = song_chords(song.parts.get(CHORD_PART, ()), beats_of(len(tokens)))
        lift = octaves_up(tokens, self.codec, self.config.lift_below_pitch)
        return Prepared(tokens, starts, lift, song.held_out, chords)


def _encoded(song: Song, codec: Codec) -> npt.NDArray[np.uint8] | Dropped:
    is_band = codec.name == BAND  # who plays in a bar differs from bar to bar
    missing = [part for part in codec.parts if not song.parts.get(part)]
    if missing and not is_band:
        return Dropped(song.name, f"it has no {missing[0]} part")
    if not any(song.parts.values()):
        return Dropped(song.name, "nobody plays in it")
    parts = song.parts if is_band else codec.parts
    bars = -(-max(end_ticks(song.parts[part]) for part in parts) // TICKS_PER_BAR)
    if bars < codec.bars:
        return Dropped(song.name, f"it is shorter than {codec.bars} bars")
    whole = dataclasses.replace(codec, bars=bars)  # type: ignore[type-var]
    return whole.encode(song.parts).astype(np.uint8)


def window_starts(
    song: npt.NDArray[np.uint8], codec: Codec, config: DataConfig, stride_bars: int
) -> npt.NDArray[np.int64]:
    """First steps of the windows of one encoded song in which every part plays enough. Shape (windows,)."""
    starts = np.arange(0, len(song) - codec.steps + 1, stride_bars * STEPS_PER_BAR)
    if codec.name == BAND:
        return starts[_band_plays(song[starts[:, None] + np.arange(codec.steps)], codec, config.min_onsets)]
    cut = canonical(song[starts[:, None] + np.arange(codec.steps)].astype(np.int64), codec)
    enough: npt.NDArray[np.bool_] = np.ones(len(starts), dtype=bool)
    for part in codec.parts:
        columns = [i for i, column in enumerate(codec.columns) if column.part == part]
        lines = codec.columns[columns[0]].classes == LINE_CLASSES
        onsets = cut[:, :, columns] >= (FIRST_ONSET if lines else 1)
        enough = enough & (onsets.sum(axis=(1, 2)) >= config.min_onsets)
        sounding = _sounding(cut[:, :, columns[0]]) if lines else onsets.any(axis=2)
        bars = sounding.reshape(len(starts), codec.bars, STEPS_PER_BAR).any(axis=2)
        enough = enough & ((~bars).sum(axis=1) <= config.max_silent_bars)
        if part == _DRUMS and config.min_kicks_on_beats:
            kicks = cut[:, ::STEPS_PER_BEAT, columns[DRUM_CLASSES.index("kick")]]
            enough = enough & (kicks.mean(axis=1) >= config.min_kicks_on_beats)
    return starts[enough].astype(np.int64)


def _band_plays(windows: npt.NDArray[np.uint8], codec: Codec, min_onsets: int) -> npt.NDArray[np.bool_]:
    """Whether two players or more play in each window, and begin so many notes together: (windows,)."""
    onsets = np.stack([(windows[:, :, columns] > 0).sum(axis=(1, 2)) for columns in _players(codec)], axis=1)
    enough: npt.NDArray[np.bool_] = ((onsets > 0).sum(axis=1) >= 2) & (onsets.sum(axis=1) >= min_onsets)
    return enough


def _players(codec: Codec) -> list[list[int]]:
    """The columns of each player of a band that say where notes begin."""
    begins = [i for i, column in enumerate(codec.columns) if column.part == DRUMS or "_pitch" in column.name]
    return [[i for i in begins if codec.columns[i].part == part] for part in codec.parts]


def _sounding(line: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a note sounds at each step; line: shape (windows, steps)."""
    steps = np.arange(line.shape[1])
    last_onset = np.maximum.accumulate(np.where(line >= FIRST_ONSET, steps, -1), axis=1)
    last_off = np.maximum.accumulate(np.where(line == NOTE_OFF, steps, -1), axis=1)
    return last_onset > last_off
