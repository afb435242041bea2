"""A training run on disk: one file that holds all it takes to go on, or to export."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from train.config import ConfigError, TrainConfig, parse_config
from train.models import Model, as_module, build

CHECKPOINT = "checkpoint.pt"
_FORMAT = 1


@dataclass(slots=True)
class Checkpoint:
    """State of a run.

    config_text: the TOML it was started with. step: optimiser steps taken. minutes: trained so far.
    weights: as trained. average: running mean of the weights, which is what is evaluated and exported.
    optimiser, random: to go on exactly where it stopped.
    figures: of the last validation.
    """

    config_text: str
    step: int
    minutes: float
    weights: dict[str, Any]
    average: dict[str, Any]
    optimiser: dict[str, Any]
    random: torch.Tensor
    figures: dict[str, float] = field(default_factory=dict)

    def config(self) -> TrainConfig:
        return parse_config(self.config_text, "the checkpoint's config")

    def save(self, folder: Path) -> None:
        """Write atomically: a run killed at any moment leaves the last whole checkpoint."""
        record = {"format": _FORMAT, **{name: getattr(self, name) for name in self.__slots__}}
        partial = folder / f"{CHECKPOINT}.partial"
        torch.save(record, partial)
        partial.replace(folder / CHECKPOINT)


def load_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in a file or in a run's folder. Raises ConfigError if there is none or it is damaged."""
    file = path / CHECKPOINT if path.is_dir() else path
    try:
        record = torch.load(file, weights_only=True, map_location="cpu")
        if record.pop("format") != _FORMAT:
            raise ConfigError(f"{file}: written by another version of livevae's training")
        return Checkpoint(**record)
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: there is no checkpoint") from error
    except (RuntimeError, KeyError, TypeError, AttributeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{file}: not a livevae checkpoint ({type(error).__name__}: {error})") from error
    except Exception as error:
        raise ConfigError(f"{file}: not a livevae checkpoint ({type(error).__name__})") from error


def load_model(path: Path) -> tuple[Model, Checkpoint]:
    """A trained model with its averaged weights, ready to evaluate or export."""
    checkpoint = load_checkpoint(path)
    config = checkpoint.config()
    model = build(config.kind, config.build_codec(), config.model, config.objective)
    as_module(model).load_state_dict(checkpoint.average)
    as_module(model).eval()
    return model, checkpoint
