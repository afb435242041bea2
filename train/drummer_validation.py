"""Quick figures of a drummer on held-out windows while it learns; evaluate.py has the full ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT
from train.groove_corpus import Grooves
from train.models import as_module, posterior_sample
from train.models.groove_question import groove_batch
from train.place import on_device

BATCH = 84
_DRUMS = len(DRUM_CLASSES)
_SEED = 20_000


@dataclass(frozen=True, slots=True)
class DrummerValidation:
    """Held-out figures.

    hits_nats, feel_nats: -log of the chance of a window's hits, and of how they were played, given them.
    sampled: share of steps with all nine drums right from z ~ q(z|x); likeliest: from the posterior mean.
    timing_off: mean distance of offsets then, in half steps.
    """

    hits_nats: float
    feel_nats: float
    sampled: float
    likeliest: float
    timing_off: float

    @property
    def reconstruction_nats(self) -> float:
        return self.hits_nats + self.feel_nats

    def figures(self) -> dict[str, float]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"hits {self.hits_nats:.1f} nats, feel {self.feel_nats:.1f} nats; steps right {self.sampled:.3f} "
            f"sampled, {self.likeliest:.3f} from the mean, offsets off by {self.timing_off:.4f} half steps"
        )


def validate_drummer(model: Any, windows: Grooves) -> DrummerValidation:
    """Figures over all of ``windows``, with the same randomness every time."""
    module = as_module(model)
    was_training = module.training
    module.eval()
    sums = dict.fromkeys(DrummerValidation.__dataclass_fields__, 0.0)
    device = next(module.parameters()).device
    state = torch.get_rng_state()
    torch.manual_seed(_SEED)
    with torch.no_grad():
        for first in range(0, len(windows), BATCH):
            batch = on_device(groove_batch(windows.where(slice(first, first + BATCH))), device)
            count = len(batch.tokens)
            loss = model.loss(batch, 0)
            sums["feel_nats"] += float(loss.reconstruction_nats) * count
            sums["hits_nats"] += float(loss.kl_nats) * count
            mu, sigma = model.encode(batch)
            struck = (batch.tokens != SILENT)[..., :_DRUMS]
            noise = torch.full((*batch.tokens.shape[:2], 2 * batch.tokens.shape[2]), 0.5)
            opened, nobody = torch.ones(count, _DRUMS), torch.zeros_like(batch.style)
            nothing = torch.zeros_like(batch.tokens)
            for z, key in ((mu, "likeliest"), (posterior_sample(mu, sigma), "sampled")):
                answer = model.draw(nothing, opened, z, nobody, batch.tempo, noise, torch.tensor(0.0))
                found = answer[0][..., :_DRUMS] > 0.5
                sums[key] += float((found == struck).all(dim=2).float().mean()) * count
                if key == "likeliest":
                    both = found & struck
                    off = (answer[2] - batch.offset)[..., :_DRUMS][both].abs().mean()
                    sums["timing_off"] += float(off) * count
    torch.set_rng_state(state)
    module.train(was_training)
    return DrummerValidation(**{key: value / max(1, len(windows)) for key, value in sums.items()})
