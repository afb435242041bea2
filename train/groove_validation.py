"""Quick figures of a groove model on held-out windows while it learns; evaluate.py has the full ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import MOST_VELOCITY, SILENT
from train.groove_corpus import Grooves
from train.models import as_module
from train.models.groove_question import groove_batch, plain_question
from train.place import on_device

BATCH = 128
_SEED = 20_000
_MS_PER_STEP_AT_1_BPM = 15_000.0


@dataclass(frozen=True, slots=True)
class GrooveValidation:
    """Humanising held-out windows, of each cell the louder hit.

    timing_mae_ms, velocity_mae: of the medians at latent 0. timing_mse_16ths2: of the means.
    with_feel_mae_ms: of the medians when the bars' own feel is told. reconstruction_nats, kl_nats: a window,
    as the games of practice ask.
    """

    timing_mae_ms: float
    timing_mse_16ths2: float
    velocity_mae: float
    with_feel_mae_ms: float
    reconstruction_nats: float
    kl_nats: float

    def figures(self) -> dict[str, float]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"timing off by {self.timing_mae_ms:.2f} ms ({self.timing_mse_16ths2:.4f} of a 16th²), with its "
            f"own feel {self.with_feel_mae_ms:.2f} ms; velocity by {self.velocity_mae:.1f}; "
            f"KL {self.kl_nats:.1f} nats"
        )


def validate_grooves(model: Any, windows: Grooves) -> GrooveValidation:
    """Figures over all of ``windows``, with the same randomness every time."""
    module = as_module(model)
    was_training = module.training
    module.eval()
    sums = dict.fromkeys(GrooveValidation.__dataclass_fields__, 0.0)
    hits = 0
    device = next(module.parameters()).device
    drums = len(DRUM_CLASSES)
    state = torch.get_rng_state()
    torch.manual_seed(_SEED)
    with torch.no_grad():
        for first in range(0, len(windows), BATCH):
            batch = on_device(groove_batch(windows.where(slice(first, first + BATCH))), device)
            loss = model.loss(batch, 0)
            sums["reconstruction_nats"] += float(loss.reconstruction_nats) * len(batch.tokens)
            sums["kl_nats"] += float(loss.kl_nats) * len(batch.tokens)
            mu, _ = model.encode(batch)
            struck = (batch.tokens != SILENT)[..., :drums]
            ms = (_MS_PER_STEP_AT_1_BPM / batch.tempo)[:, None, None].expand(struck.shape)[struck]
            true_offset, true_velocity = (
                batch.offset[..., :drums][struck],
                batch.velocity[..., :drums][struck],
            )
            hits += int(struck.sum())
            noise = torch.full((*batch.tokens.shape[:2], 2 * batch.tokens.shape[2]), 0.5)
            for latent, key in ((torch.zeros_like(mu), "timing_mae_ms"), (mu, "with_feel_mae_ms")):
                answer = model.draw(plain_question(batch), latent, noise, torch.tensor(0.0))
                _, velocity, offset, offset_mean = (array[..., :drums][struck] for array in answer)
                sums[key] += float(((offset - true_offset).abs() / 2 * ms).sum())
                if key == "timing_mae_ms":
                    sums["timing_mse_16ths2"] += float(((offset_mean - true_offset) / 2).square().sum())
                    sums["velocity_mae"] += MOST_VELOCITY * float((velocity - true_velocity).abs().sum())
    torch.set_rng_state(state)
    module.train(was_training)
    a_window = ("reconstruction_nats", "kl_nats")
    return GrooveValidation(
        **{key: value / max(1, len(windows) if key in a_window else hits) for key, value in sums.items()}
    )
