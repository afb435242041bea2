"""A number of the latent as the odds of a choice, and what a choice leaves open of the number.

Choices are read off a number z ~ N(0, 1): the share of the bell below z says which, as the share of a model's
chances does. So a choice made pins z to a stretch of the line, as long as the choice was likely, and a draw
from N(0, 1) makes each choice as often as the model says. Arithmetic coding, with a Gaussian for the code.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

# log(share below z / share above z) of a standard Gaussian, as LINEAR z + CUBIC z³: right to 0.00014 in the
# share (Page 1977's form), and its inverse needs no more than sinh and asinh, which ONNX has.
LINEAR, CUBIC = 1.5976, 0.070565
_HALF = math.sqrt(LINEAR / (3.0 * CUBIC))
_STEEP = 1.5 / LINEAR / _HALF
_REACH = 5.0  # nobody draws further out
_LEAST = 0.5  # of the line that a posterior is placed in, however unlikely its choice was
_WIDTH = 32
_END = 1e-5  # of a line: 4.3 standard deviations out
_RADIUS = (
    2.5  # of points on a circle: twice as far out as most draws, so that a small turn of z leaves them there
)
_SAFE = 3.1  # standard deviations from such a point to where another choice begins


def odds(z: Tensor) -> Tensor:
    """Logarithm of the odds that a draw from N(0, 1) lies below ``z``."""
    return z * (LINEAR + CUBIC * z.square())


def place(logit: Tensor) -> Tensor:
    """The z with these odds: the inverse of ``odds``."""
    return 2.0 * _HALF * torch.sinh(torch.asinh(_STEEP * logit) / 3.0)


class Placement(nn.Module):
    """The Gaussian that says most cheaply which stretch of the line a number must lie on.

    A small network from the two ends to mean and standard deviation, learnt by what it is for: few nats
    against N(0, 1), and little of it outside.
    """

    lowest: Tensor
    highest: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3, _WIDTH), nn.Tanh(), nn.Linear(_WIDTH, _WIDTH), nn.Tanh(), nn.Linear(_WIDTH, 2)
        )
        for last in self.net[4].parameters():
            nn.init.zeros_(last)
        self.register_buffer("lowest", torch.tensor([-_REACH, _LEAST - _REACH]), persistent=False)
        self.register_buffer("highest", torch.tensor([_REACH - _LEAST, _REACH]), persistent=False)

    def forward(self, ends: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, (…), for stretches between two places, (…, 2)."""
        ends = torch.minimum(torch.maximum(ends, self.lowest), self.highest)
        low = ends[..., :1]
        length = (ends[..., 1:] - low).clamp(min=1e-6)
        told = self.net(torch.cat([ends / 3.0, length.log()], dim=-1)).float()
        # untrained: the middle, and a quarter of half the length, which is 1.25 on the whole line
        both = length * torch.sigmoid(told)
        return (low + both[..., :1])[..., 0], 0.25 * both[..., 1]


def spill_nats(mu: Tensor, sigma: Tensor, ends: Tensor) -> Tensor:
    """-log of the share of N(mu, sigma) that lies between two places, (…, 2)."""
    below, upto = torch.special.ndtr((ends - mu[..., None]) / sigma[..., None]).unbind(dim=-1)
    spilt: Tensor = -(upto - below).clamp(min=1e-6).log()
    return spilt


def share_around(point: Tensor) -> Tensor:
    """Share of the circle before the direction of points (batch, 2), draws from N(0, I): (batch, 1)."""
    across, up = point[:, :1], point[:, 1:]
    radius = (across.square() + up.square()).sqrt()
    share = torch.atan(up / (radius + across + 1e-12)) / math.pi  # of half the angle, which has no quadrants
    return torch.where(share < 0, share + 1.0, share)


def placed_around(below: Tensor, upto: Tensor) -> tuple[Tensor, Tensor]:
    """The Gaussian in the sector between two shares of the circle (batch,): mean and deviation, (batch,
    2)."""
    middle, half = math.pi * (below + upto), math.pi * (upto - below)
    mu = _RADIUS * torch.stack([middle.cos(), middle.sin()], dim=1)
    sigma = _RADIUS / _SAFE * torch.sin(half.clamp(max=math.pi / 2))
    return mu, sigma[:, None].expand_as(mu)


def stretch(chances: Tensor) -> Tensor:
    """Places between which a number must lie to say one choice: (…, 3) -> (…, 2).

    chances: of all lower choices, of the one made and of all higher (``parted``), each on its own, for 1 less
    the rest knows nothing of a chance of a millionth.
    """
    below, made, above = chances.chunk(3, dim=-1)
    sums = torch.cat([below, below + made, made + above, above], dim=-1)
    logs = sums.clamp(min=1e-12).log()  # never and always, to within what anybody draws
    return place(logs[..., :2] - logs[..., 2:])


def within(share: Tensor, end: float = _END) -> Tensor:
    """Shares of lines, kept off the very ends.

    There the sums of chances are rounding: they end a few millionths short of 1, and begin with less than
    float32 tells apart from one processor to another.
    """
    return share.clamp(end, 1.0 - end)


def drawn(logits: Tensor, share: Tensor) -> Tensor:
    """The choice read off a number. logits: (…, choices). share: of its line, ``within``, (…, 1). (…),
    int64."""
    passed = logits.float().softmax(dim=-1).cumsum(dim=-1) <= share
    return passed.to(torch.int64).sum(dim=-1)


def sides(choices: int) -> Tensor:
    """What ``parted`` looks up: which choices are lower than each, itself and higher, (choices, 3,
    choices)."""
    every = torch.arange(choices)
    return torch.stack([every < every[:, None], every == every[:, None], every > every[:, None]], 1).float()


def parted(logits: Tensor, made: Tensor, sides: Tensor) -> Tensor:
    """Chances of all choices lower than the one made, of that one and of all higher: (…, 3).

    logits: (…, choices). made: (…), int64. sides: of ``sides``.
    """
    chances = logits.softmax(dim=-1).unsqueeze(-2)
    counted = nn.functional.embedding(made, sides.flatten(1))
    return (chances * torch.unflatten(counted, -1, (3, -1))).sum(dim=-1)
