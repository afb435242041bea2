"""How much of a window survives the way through the latent, and what the latent costs.

A *step of a part is right* when all columns of that part are: for drums all nine hits, for a line its one
token. A figure is the share of steps that are right; the figure of the whole is the mean over the parts, as
every part has equally many steps. Tokens are compared as they are, not as they would sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Codec
from train.evaluation.parts import Windows, part_tokens

if TYPE_CHECKING:
    from train.evaluation.exported import ExportedModel

ACTIVE_VARIANCE = 0.01  # Burda et al. 2016: a dimension is active where its posterior mean varies by more


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the encoder says of windows; mu and sigma have shape (windows, latent), float32."""

    mu: npt.NDArray[np.float32]
    sigma: npt.NDArray[np.float32]

    def kl_nats(self) -> npt.NDArray[np.float64]:
        """KL(q(z|x) || N(0, I)) of each window, shape (windows,)."""
        mu, sigma = self.mu.astype(np.float64), self.sigma.astype(np.float64)
        each: npt.NDArray[np.float64] = 0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma)
        total: npt.NDArray[np.float64] = each.sum(axis=1)
        return total

    def active_dims(self) -> int:
        """How many dimensions carry anything."""
        return int((self.mu.var(axis=0) > ACTIVE_VARIANCE).sum())

    def sample(self, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """One draw a window, shape (windows, latent), float32."""
        draw: npt.NDArray[np.float32] = rng.standard_normal(self.mu.shape, dtype=np.float32)
        return self.mu + self.sigma * draw


def steps_right(codec: Codec, truth: Windows, heard: Windows) -> dict[str, float]:
    """Share of steps right, by part."""
    return {
        part: float((tokens == heard_tokens).all(axis=-1).mean())
        for (part, tokens), heard_tokens in zip(
            part_tokens(codec, truth).items(), part_tokens(codec, heard).values(), strict=True
        )
    }


def whole(by_part: dict[str, float]) -> float:
    """The figure of all parts together."""
    return sum(by_part.values()) / len(by_part)


def report(
    model: ExportedModel, windows: Windows, posterior: Posterior, rng: np.random.Generator
) -> dict[str, Any]:
    """Shares of steps right, of the whole and of every part.

    sampled: at temperature 1 from z ~ q(z|x). argmax_mean: at temperature 0 from the posterior mean.
    teacher_forced: the likeliest of each step given the true steps before it, from z ~ q(z|x), where the
    model's file offers ``predict``.
    """
    heard = {
        "sampled": model.decode("reconstructing, sampled", posterior.sample(rng), 1.0, rng),
        "argmax_mean": model.decode("reconstructing, argmax", posterior.mu, 0.0, rng),
    }
    predicted = model.predict(posterior.sample(rng), windows)
    if predicted is not None:
        heard["teacher_forced"] = predicted
    by_part = {name: steps_right(model.codec, windows, found) for name, found in heard.items()}
    return {
        **{name: whole(parts) for name, parts in by_part.items()},
        "parts": {part: {name: by_part[name][part] for name in by_part} for part in model.codec.parts},
    }
