"""What a run learns from, whatever it is made of: batches, and a quick judgement on what is held out."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from livevae.codec.drums import DrumsCodec
from livevae.codec.groove import GrooveCodec
from train.config import DataConfig, TrainConfig
from train.corpus import Corpus, augmented, load_corpus
from train.drummer_validation import validate_drummer
from train.groove_corpus import GrooveCorpus, load_groove_corpus
from train.groove_validation import validate_grooves
from train.models.groove_question import groove_batch
from train.validation import validate

VALIDATION_WINDOWS = 512
GROOVE = "groove"  # the source whose drums were performed

Chosen = npt.NDArray[np.int64]


class Judgement(Protocol):
    """Quick figures on held-out windows; its text is one line for people."""

    @property
    def reconstruction_nats(self) -> float: ...

    def figures(self) -> dict[str, float]: ...


class Material(Protocol):
    """Windows to learn from and to be judged on."""

    @property
    def windows(self) -> int:
        """How many there are to learn from."""
        ...

    @property
    def held_out(self) -> int: ...

    def drop_report(self) -> str:
        """Which files gave nothing, and why."""
        ...

    def batch(self, chosen: Chosen, random: np.random.Generator) -> tuple[Any, ...]:
        """The training windows of these numbers, and whatever else the model's ``loss`` is told of them."""
        ...

    def validate(self, model: Any) -> Judgement: ...


class _Corpus(Protocol):
    """Windows of both sides of the split."""

    @property
    def train(self) -> Sized: ...
    @property
    def valid(self) -> Sized: ...
    def drop_report(self) -> str: ...


class _OfCorpus:
    """What any corpus says of itself."""

    __slots__ = ()
    corpus: _Corpus

    @property
    def windows(self) -> int:
        return len(self.corpus.train)

    @property
    def held_out(self) -> int:
        return len(self.corpus.valid)

    def drop_report(self) -> str:
        return self.corpus.drop_report()


@dataclass(frozen=True, slots=True)
class TokenMaterial(_OfCorpus):
    """Windows of tokens, transposed at random."""

    corpus: Corpus
    config: DataConfig

    def batch(self, chosen: Chosen, random: np.random.Generator) -> tuple[Any, ...]:
        tokens, given = augmented(self.corpus, self.corpus.train.where(chosen), self.config, random)
        return (torch.from_numpy(tokens), *map(torch.from_numpy, given))

    def validate(self, model: Any) -> Judgement:
        return validate(model, self.corpus, VALIDATION_WINDOWS)


@dataclass(frozen=True, slots=True)
class GrooveMaterial(_OfCorpus):
    """Windows of performed drums."""

    corpus: GrooveCorpus

    def batch(self, chosen: Chosen, random: np.random.Generator) -> tuple[Any, ...]:
        return (groove_batch(self.corpus.train.where(chosen)),)

    def validate(self, model: Any) -> Judgement:
        return validate_grooves(model, self.corpus.valid)


@dataclass(frozen=True, slots=True)
class DrummerMaterial(_OfCorpus):
    """Windows of performed drums, and of drums of songs that were written, if there are any."""

    corpus: GrooveCorpus
    written: Corpus | None

    def drop_report(self) -> str:
        of_songs = self.written.drop_report() if self.written else ""
        return " ".join(filter(None, (self.corpus.drop_report(), of_songs)))

    def batch(self, chosen: Chosen, random: np.random.Generator) -> tuple[Any, ...]:
        """As many windows of songs as of performances, any of them."""
        performed = groove_batch(self.corpus.train.where(chosen))
        if self.written is None:
            return (performed,)
        windows = self.written.train.where(random.integers(0, len(self.written.train), len(chosen)))
        return performed, torch.from_numpy(self.written.cut(windows))

    def validate(self, model: Any) -> Judgement:
        return validate_drummer(model, self.corpus.valid)


def load_material(data: Path, config: TrainConfig, cache: Path, processes: int = 1) -> Material:
    """What a config asks for. data: folder of the collections. processes: to read them with.

    Raises ConfigError if it cannot be read.
    """
    codec = config.build_codec()
    if isinstance(codec, GrooveCodec):
        performed = load_groove_corpus(data, codec, config.data.stride_bars, cache)
        if config.kind != "drummer":
            return GrooveMaterial(performed)
        songs = tuple(source for source in config.data.sources if source != GROOVE)
        if not songs:
            return DrummerMaterial(performed, None)
        hits = DrumsCodec(codec.bars, codec.drum_map)
        written = load_corpus(data, replace(config.data, sources=songs), hits, cache, processes)
        return DrummerMaterial(performed, written)
    return TokenMaterial(load_corpus(data, config.data, codec, cache, processes), config.data)
