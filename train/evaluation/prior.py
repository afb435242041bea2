"""Are samples from the prior music of the kind the model learnt?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livevae.codec import Codec
from train.evaluation.language_model import StepModel
from train.evaluation.parts import Windows, alphabet_sizes, part_symbols


@dataclass(frozen=True, slots=True)
class Listener:
    """Language models of real music, and what other real music costs them.

    language: per part, learnt from one half of the real windows. real_cost: nats a step of the other half,
    all parts together; no song but at most one is in both halves, for windows come in the order of their
    files.
    """

    codec: Codec
    language: dict[str, StepModel]
    real_cost: float

    @classmethod
    def of(cls, codec: Codec, windows: Windows) -> Listener:
        """A listener who knows the first half of ``windows`` and was asked about the second."""
        half = len(windows) // 2
        sizes = alphabet_sizes(codec)
        known = part_symbols(codec, windows[:half])
        language = {part: StepModel(symbols, sizes[part]) for part, symbols in known.items()}
        return cls(codec, language, _cost(codec, language, windows[half:]))

    def cost_ratio(self, windows: Windows) -> float:
        """Cost of windows over that of unknown real music: 1 is just as surprising, above 1 more so."""
        return _cost(self.codec, self.language, windows) / self.real_cost


def _cost(codec: Codec, language: dict[str, StepModel], windows: Windows) -> float:
    symbols = part_symbols(codec, windows)
    return float(np.sum([language[part].cost_nats(symbols[part]).mean() for part in symbols]))
