"""Quick figures on held-out windows while training; evaluate.py has the full ones, of the exported file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from train.corpus import Corpus
from train.models import as_module, posterior_sample

BATCH = 256
ACTIVE_VARIANCE = 0.01  # Burda et al. 2016: a latent dimension is active if its mean varies by more than this
_SEED = 20_000


@dataclass(frozen=True, slots=True)
class Validation:
    """Held-out figures.

    sampled: share of steps with all columns right, drawn at temperature 1 from z ~ q(z|x).
    argmax: the same from the posterior mean at temperature 0.
    reconstruction_nats, kl_nats: a window. active: latent dimensions in use, and posterior_sigma: the mean
    posterior standard deviation along them.
    """

    sampled: float
    argmax: float
    reconstruction_nats: float
    kl_nats: float
    active: int
    posterior_sigma: float

    def figures(self) -> dict[str, float]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"steps right {self.sampled:.3f} sampled, {self.argmax:.3f} argmax; KL {self.kl_nats:.1f} nats, "
            f"reconstruction {self.reconstruction_nats:.1f} nats, {self.active} active dimensions"
        )


def validate(model: Any, corpus: Corpus, windows: int) -> Validation:
    """Figures over up to ``windows`` held-out windows, the same ones and the same noise every time."""
    module = as_module(model)
    was_training = module.training
    module.eval()
    random = np.random.default_rng(_SEED)
    held_out = corpus.valid if len(corpus.valid) else corpus.train
    chosen = held_out.where(random.permutation(len(held_out))[:windows])
    device = next(module.parameters()).device
    tokens = torch.from_numpy(corpus.cut(chosen)).to(device)
    given_all = [torch.from_numpy(part).to(device) for part in corpus.given(chosen)]
    sums = {"sampled": 0.0, "argmax": 0.0, "reconstruction_nats": 0.0, "kl_nats": 0.0}
    means, spreads = [], []
    state = torch.get_rng_state()
    torch.manual_seed(_SEED)
    with torch.no_grad():
        for first in range(0, len(tokens), BATCH):
            x = tokens[first : first + BATCH]
            given = [part[first : first + BATCH] for part in given_all]
            mu, sigma = model.encode(x, *given)
            means.append(mu)
            spreads.append(sigma)
            loss = model.loss(x, 0, *given)
            noise = torch.rand(x.shape)
            sampled = model.decode(posterior_sample(mu, sigma), noise, torch.tensor(1.0), *given)
            argmax = model.decode(mu, noise, torch.tensor(0.0), *given)
            sums["sampled"] += float((sampled == x).all(-1).float().mean()) * len(x)
            sums["argmax"] += float((argmax == x).all(-1).float().mean()) * len(x)
            sums["reconstruction_nats"] += float(loss.reconstruction_nats) * len(x)
            sums["kl_nats"] += float(loss.kl_nats) * len(x)
    torch.set_rng_state(state)
    module.train(was_training)
    active = torch.cat(means).var(dim=0) > ACTIVE_VARIANCE
    sigma_mean = float(torch.cat(spreads)[:, active].mean()) if active.any() else 1.0
    shares = {key: value / len(tokens) for key, value in sums.items()}
    return Validation(**shares, active=int(active.sum()), posterior_sigma=sigma_mean)
