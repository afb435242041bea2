"""Every figure of a model of bands: is a bar what it was, and are bars from nothing like bars of songs?

Songs whose instruments and loudness are known judge; where a training config also learns from others, its
held-out bars of those are left out. *Prior* figures stand beside those of the held-out songs themselves, and,
where the training songs are known, overlaps beside those of the training songs: five songs are never like
eighty others.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec.band import ANY_PROGRAM, DRUMS, FIRST_PROGRAM, SLOTS, USUAL_PROGRAM
from livevae.codec.chord_shapes import SHAPES
from livevae.codec.chords import CHORD_FEATURES
from livevae.codec.lines import LOWEST_PITCH
from livevae.core.chords import OCTAVE
from livevae.units import STEPS_PER_BAR
from train.corpus import Corpus
from train.evaluation.band_bars import BandBars
from train.evaluation.exported import ExportedModel
from train.evaluation.histograms import Counts, overlap
from train.evaluation.music import Music, held_out_music, midi_music
from train.evaluation.parts import Windows
from train.evaluation.prior import draw_samples
from train.evaluation.question import MOST_WINDOWS, Answer, Question, Report
from train.evaluation.reconstruction import steps_right, whole

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_LONG = 8  # onsets: what is shorter is nobody's
_TOLD_TONES = ((0, 4, 7), (0, 3, 7))  # major and minor triads, told on every root
_TRAINING_BARS = 4096  # bars of training songs compared with those held out


def band_figures(model: ExportedModel, question: Question) -> Answer:
    """All figures. Raises ConfigError for data that cannot be used."""
    rng = question.rng("music")
    most = MOST_WINDOWS if question.most_windows is None else question.most_windows
    if question.config is None:
        music = midi_music(question.data, model.codec, most, rng)
    else:  # all there are, for only some of them judge
        music = held_out_music(question.data, question.config, question.cache, 1 << 20, rng)
    return Answer(figures_on(model, music, question, most), music.report)


def figures_on(model: ExportedModel, music: Music, question: Question, most: int) -> Report:
    """All figures of a model on music that is at hand."""
    heat = model.manifest.temperature if question.temperature is None else question.temperature
    judging = _named(music.windows)
    if len(judging) > most:
        judging = judging[np.sort(question.rng("judging").choice(len(judging), most, replace=False))]
    posterior = model.encode(judging)
    rng = question.rng("reconstruction")
    sampled = model.decode("reconstructing, sampled", posterior.sample(rng), 1.0, rng)
    likeliest = model.decode("reconstructing, argmax", posterior.mu, 0.0, rng)
    heard = {"sampled": sampled, "argmax_mean": likeliest}
    by_part = {name: steps_right(model.codec, judging, found) for name, found in heard.items()}
    z, samples = draw_samples(model, heat, question.rng("prior"))
    return {
        "model": model.manifest.name,
        "task": model.manifest.task,
        "windows": len(judging),
        "kl_nats": float(posterior.kl_nats().mean()),
        "active_dims": posterior.active_dims(),
        "posterior_sigma": float(np.median(posterior.sigma)),
        "reconstruction": {
            **{name: whole(parts) for name, parts in by_part.items()},
            **{f"{name}_bars": _same_bars(judging, found) for name, found in heard.items()},
            "parts": {part: {name: by_part[name][part] for name in by_part} for part in model.codec.parts},
        },
        "prior": {
            "samples": len(samples),
            "temperature": heat,
            "overlap": _overlaps(samples, judging),
            **_training(model, music, judging, samples, question),
        },
        "structure": {"held_out": _structure(judging), "prior": _structure(samples)},
        "chords": _over_chords(model, z, heat, question.rng("chords")),
    }


def _named(windows: Windows) -> Windows:
    """The windows whose instruments are known, or all of them if none are."""
    known = ~(BandBars.of(windows).program == ANY_PROGRAM).any(axis=1)
    return windows[known] if known.any() else _usual(windows)


def _usual(windows: Windows) -> Windows:
    """Windows with the program that a slot's player usually has where none is named."""
    usual = windows.copy()
    for index, slot in enumerate(SLOTS):
        column = BandBars.first_column(index)
        is_any = usual[:, :, column] == ANY_PROGRAM
        usual[:, :, column] = np.where(is_any, FIRST_PROGRAM + USUAL_PROGRAM[slot], usual[:, :, column])
    return usual


def _same_bars(truth: Windows, heard: Windows) -> float:
    """Share of bars in which everything is as it was."""
    return float((truth == heard).all(axis=(1, 2)).mean())


def _overlaps(ours: Windows, theirs: Windows) -> dict[str, float]:
    """Overlap of histograms: who plays, on what, how much, how high, how long, how loud, and when."""
    one, other = _histograms(ours), _histograms(theirs)
    return {name: overlap(one[name], other[name]) for name in one}


def _histograms(windows: Windows) -> dict[str, Counts]:
    bars = BandBars.of(windows)
    size = np.array([len(shape) for shape in SHAPES])[np.maximum(bars.shape - 1, 0)]
    found = {
        "players": np.bincount(bars.plays.sum(axis=1), minlength=len(SLOTS) + 2),
        "who": bars.plays.sum(axis=0),
        "programs": np.bincount(
            (bars.program + np.arange(len(SLOTS)) * (ANY_PROGRAM + 1))[bars.program > 0],
            minlength=len(SLOTS) * (ANY_PROGRAM + 1),
        ),
        "density": np.bincount(bars.onsets().sum(axis=1)[bars.plays], minlength=17),
        "pitch": np.bincount(bars.pitch[bars.begun], minlength=90),
        "interval": _interval_counts(bars),
        "chord_size": np.bincount(size[bars.begun], minlength=8),
        "duration": np.bincount(bars.length[bars.begun], minlength=17),
        "velocity": np.bincount(bars.velocity[bars.begun], minlength=17),
        "drums_velocity": np.bincount(bars.hits[bars.hits > 0], minlength=17),
        "drums_class": (bars.hits > 0).sum(axis=(0, 1)),
        "place": bars.onsets().sum(axis=(0, 2)),
    }
    for index, part in enumerate((DRUMS, *SLOTS)):
        played = bars.onsets()[:, :, index].sum(axis=1)
        found[f"{part}_density"] = np.bincount(played[played > 0], minlength=17)
    return found


def _interval_counts(bars: BandBars) -> Counts:
    counts = np.zeros(49, dtype=np.int64)
    pitch, begun = (found.transpose(0, 2, 1).reshape(-1, STEPS_PER_BAR) for found in (bars.pitch, bars.begun))
    for pitches, struck in zip(pitch, begun, strict=True):
        np.add.at(counts, np.clip(np.diff(pitches[struck]), -24, 24) + 24, 1)
    return counts


def _structure(windows: Windows) -> dict[str, float]:
    """in_key: share of the sounding time in the bar's best major scale. with_bass: share of the time others
    sound with the bass that they are a unison, third, fifth or sixth above it, ``_mismatched`` against the
    next window's bass. bass_with_kick: share of the bass's onsets on a kick, ``_mismatched`` likewise.
    """
    bars = BandBars.of(windows)
    sounding = bars.sounding()  # (windows, slots, steps, pitch classes)
    bass = sounding[:, SLOTS.index("bass")]
    others = np.delete(sounding, SLOTS.index("bass"), axis=1).max(axis=1)
    profile = sounding.sum(axis=(1, 2))
    shares = np.stack(
        [profile[:, [(root + degree) % OCTAVE for degree in _MAJOR]].sum(axis=1) for root in range(OCTAVE)]
    )
    total = profile.sum(axis=1)
    kick = bars.hits[:, :, 0] > 0
    low = bars.begun[:, :, SLOTS.index("bass")]
    return {
        "in_key": float((shares.max(axis=0) / np.maximum(total, 1))[total > 0].mean()),
        "with_bass": _consonance(others, bass),
        "with_bass_mismatched": _consonance(others, np.roll(bass, 1, axis=0)),
        "bass_with_kick": float((low & kick).sum() / max(1, low.sum())),
        "bass_with_kick_mismatched": float((low & np.roll(kick, 1, axis=0)).sum() / max(1, low.sum())),
        "players": float(bars.plays.sum(axis=1).mean()),
    }


def _consonance(others: npt.NDArray[np.int64], bass: npt.NDArray[np.int64]) -> float:
    """others, bass: (windows, steps, pitch classes), 0 or 1."""
    together = np.einsum("wsa,wsb->ab", bass, others)  # of pitch classes of the bass and of others
    above = np.array([np.trace(np.roll(together, -interval, axis=1)) for interval in range(OCTAVE)])
    return float(above[[0, 3, 4, 7, 8, 9]].sum() / max(1, above.sum()))


def _over_chords(
    model: ExportedModel, z: npt.NDArray[np.float32], heat: float, rng: np.random.Generator
) -> dict[str, float]:
    """Samples told a triad: in_chord, the share of the sounding time on its tones; of the bass too.

    ``untold``: of the same samples, left to choose, on the tones they were not told.
    """
    roots, kinds = rng.integers(0, OCTAVE, len(z)), rng.integers(0, len(_TOLD_TONES), len(z))
    told = np.zeros((len(z), 4, CHORD_FEATURES), dtype=np.float32)
    tones = np.zeros((len(z), OCTAVE), dtype=bool)
    for row, (root, kind) in enumerate(zip(roots, kinds, strict=True)):
        tones[row, [(root + tone) % OCTAVE for tone in _TOLD_TONES[kind]]] = True
        told[row, :, :OCTAVE] = tones[row]
        told[row, :, OCTAVE + root] = 1.0
    found: dict[str, float] = {}
    for name, playing in (("in_chord", model.over(told)), ("untold", model)):
        sounding = BandBars.of(playing.decode("over chords", z, heat, rng)).sounding().sum(axis=2)
        on_tones = sounding * tones[:, None]
        found[name] = float(on_tones.sum() / max(1, sounding.sum()))
        bass = SLOTS.index("bass")
        found[f"{name}_bass"] = float(on_tones[:, bass].sum() / max(1, sounding[:, bass].sum()))
    return found


def _training(
    model: ExportedModel, music: Music, judging: Windows, samples: Windows, question: Question
) -> dict[str, Any]:
    """What only a known training side can tell: how like it other songs are, and what is played by heart.

    verbatim: by part, share of the bars it plays in that it plays as in some bar of the training songs, in
    any key, whatever plays it and how loud; ``verbatim_long`` of passages of eight onsets and more.
    verbatim_bars: share of the bars whose every note is in one training bar.
    """
    if music.learnt is None:
        return {}
    some = question.rng("training").permutation(len(music.learnt.train))[:_TRAINING_BARS]
    training = _named(music.learnt.cut(music.learnt.train.where(np.sort(some))))
    known = _Known.of(music.learnt)
    both = {"prior": samples, "held_out": judging}
    every = {name: known.shares(windows, 1) for name, windows in both.items()}
    long = {name: known.shares(windows, _LONG) for name, windows in both.items()}
    return {
        "overlap_of_training": _overlaps(training, judging),
        "verbatim_share": max(every["prior"].values()),
        "verbatim": every,
        "verbatim_long_share": max(long["prior"].values()),
        "verbatim_long": long,
        "verbatim_bars": {name: known.bars(windows) for name, windows in both.items()},
    }


class _Known:
    """Every part of every training bar, as fingerprints."""

    def __init__(self) -> None:
        self._passages: dict[str, set[bytes]] = {part: set() for part in (DRUMS, *SLOTS)}
        self._bars: set[bytes] = set()

    @classmethod
    def of(cls, learnt: Corpus) -> _Known:
        known = cls()
        for first in range(0, len(learnt.train), _TRAINING_BARS):
            rows = np.arange(first, min(first + _TRAINING_BARS, len(learnt.train)))
            known.add(learnt.cut(learnt.train.where(rows)))
        return known

    def add(self, windows: Windows) -> None:
        """Learn what is played in these bars."""
        bars = BandBars.of(windows)
        for part, _, _, passage in _passages(bars):
            self._passages[part].add(passage)
        self._bars.update(_whole_bars(bars))

    def shares(self, windows: Windows, least: int) -> dict[str, float]:
        """By part, of the bars it plays in with at least so many onsets, the share played as in training."""
        found = dict.fromkeys(self._passages, 0)
        of = dict.fromkeys(self._passages, 0)
        for part, _, count, passage in _passages(BandBars.of(windows)):
            if count >= least:
                of[part] += 1
                found[part] += passage in self._passages[part]
        return {part: found[part] / max(1, of[part]) for part in found}

    def bars(self, windows: Windows) -> float:
        """The share of bars whose every note is in one training bar."""
        found = [bar in self._bars for bar in _whole_bars(BandBars.of(windows))]
        return float(np.mean(found)) if found else 0.0


def _passages(bars: BandBars) -> Iterator[tuple[str, int, int, bytes]]:
    """Part, window, onsets and fingerprint of everything that a part plays in a bar."""
    for index, part in enumerate((DRUMS, *SLOTS)):
        counts = bars.onsets()[:, :, index].sum(axis=1)
        written = bars.hits > 0 if part == DRUMS else bars.in_any_key(index - 1)
        for window in np.flatnonzero(counts).tolist():
            yield part, window, int(counts[window]), _fingerprint(written[window])


def _whole_bars(bars: BandBars) -> list[bytes]:
    written = np.stack([bars.begun * (bars.pitch + LOWEST_PITCH), bars.shape, bars.length], axis=-1)
    both = zip(written, bars.hits > 0, strict=True)
    return [_fingerprint(players) + _fingerprint(drums) for players, drums in both]


def _fingerprint(passage: npt.NDArray[Any]) -> bytes:
    return blake2b(np.ascontiguousarray(passage.astype(np.int16)).tobytes(), digest_size=8).digest()
