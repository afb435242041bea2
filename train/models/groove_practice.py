"""What a groove model is asked while it learns: five games with the same bars.

*humanise*: all hits, none of their feel, or the feel of some. *tap*: a rhythm without drums, and perhaps some
of the drums already. *hats*: everything but the closed hi-hat, perhaps as it was played. *fill in*: some hits
taken away, soft ones first, as a programmed pattern lacks a drummer's ghost notes. *compose*: nothing at all,
or some of the drums. What is given and what is asked of each window is drawn anew every time it comes by.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import SILENT, SLOTS, STRUCK
from train.models.groove_question import DRUMS, GrooveBatch, Question, tapped

_HAT = DRUM_CLASSES.index("closed_hat")


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each game is played, and how much is left out.

    humanise, tap, hats, fill_in, compose: weights. unknown_style, unknown_tempo, unknown_place: of windows;
    without its place a hit is just a hit. tempo_jitter: standard deviation of the tempo's logarithm.
    """

    humanise: float = 0.5
    tap: float = 0.2
    hats: float = 0.12
    fill_in: float = 0.18
    compose: float = 0.0
    unknown_style: float = 0.25
    unknown_tempo: float = 0.15
    unknown_place: float = 0.25
    tempo_jitter: float = 0.03


def practise(batch: GrooveBatch, shares: Shares) -> tuple[Question, Tensor, Tensor]:
    """A question for each window, and which cells are asked for.

    Returns the question; the cells whose being struck is asked, and those whose feel is, both bool
    (batch, steps, 18).
    """
    count = len(batch.tokens)
    weights = torch.tensor([shares.humanise, shares.tap, shares.hats, shares.fill_in, shares.compose])
    game = torch.multinomial(weights, count, replacement=True)
    humanise, tap, hats, fill_in, compose = (game == index for index in range(5))
    opened = _open_drums(tap | compose, hats, fill_in)
    cell_open = opened.repeat(1, SLOTS)[:, None].bool()  # (batch, 1, 18)
    struck = batch.tokens != SILENT
    given = struck & ~(cell_open & ~(fill_in[:, None, None] & _remaining(batch.velocity)))
    known = given & _feel_known(humanise, hats, batch.tokens.shape)
    taps = tapped(batch) * tap[:, None, None]
    question = Question(
        some_places(torch.where(given, batch.tokens, SILENT), shares.unknown_place),
        batch.velocity * known,
        batch.offset * known,
        opened,
        _thinned_taps(taps),
        torch.where(torch.rand(count) < shares.unknown_style, 0, batch.style),
        torch.where(
            torch.rand(count) < shares.unknown_tempo,
            0.0,
            batch.tempo * torch.exp(torch.randn(count) * shares.tempo_jitter),
        ),
    )
    return question, cell_open & ~given, given & ~known


def _open_drums(write: Tensor, hats: Tensor, fill_in: Tensor) -> Tensor:
    """Which drums the model is to write, (batch, 9), float.

    Of kits that are written all drums, none, or any: one drum may be written after another and hear it.
    """
    count = len(write)
    some = torch.rand(count, DRUMS) < torch.rand(count, 1)
    kind = torch.rand(count, 1)
    whole_kit = torch.where(kind < 0.4, 1.0, torch.where(kind < 0.65, 0.0, some.float()))
    hat = torch.zeros(DRUMS)
    hat[_HAT] = 1.0
    for_hats = torch.where(torch.rand(count, 1) < 0.75, hat, 0.0)  # else the hats are there, without feel
    everything = torch.ones(count, DRUMS)
    nothing = torch.zeros(count, DRUMS)
    opened = torch.where(fill_in[:, None], everything, nothing)
    opened = torch.where(hats[:, None], for_hats, opened)
    return torch.where(write[:, None], whole_kit, opened)


def _remaining(velocity: Tensor) -> Tensor:
    """Hits left standing: of some windows nearly all, of others few, soft ones less often."""
    gone = 0.8 * torch.rand(len(velocity), 1, 1) ** 2
    return torch.rand_like(velocity) >= gone * (1.6 - 1.2 * velocity)


def _feel_known(humanise: Tensor, hats: Tensor, shape: torch.Size) -> Tensor:
    """Cells whose feel is given if they are struck, (batch, steps, 18)."""
    count, steps, columns = shape
    drums = (torch.rand(count, 1, DRUMS) < torch.rand(count, 1, 1)).repeat(1, 1, SLOTS)
    places = torch.rand(count, steps, 1) < torch.rand(count, 1, 1)
    before = torch.arange(steps)[:, None] < torch.randint(1, steps, (count, 1, 1))
    kind = torch.rand(count, 1, 1)
    some = torch.where(kind < 0.4, drums, torch.where(kind < 0.7, places, before)).expand(shape)
    some = some & (humanise & (torch.rand(count) < 0.25))[:, None, None]
    not_hats = (torch.arange(columns) % DRUMS != _HAT).expand(shape)
    heard = (hats & (torch.rand(count) < 0.7))[:, None, None]
    return some | (not_hats & heard)


def some_places(tokens: Tensor, unknown: float) -> Tensor:
    """Where a drum was struck is not known of some windows, nor of some hits of others."""
    count = len(tokens)
    kind = torch.rand(count, 1, 1)
    hidden = (kind < unknown) | ((kind > 0.9) & (torch.rand(tokens.shape) < 0.5))
    return torch.where(hidden, tokens.clamp(max=STRUCK), tokens)


def _thinned_taps(taps: Tensor) -> Tensor:
    """Some of the taps of some windows, with velocity or without, now and then all on the grid."""
    count, steps, _ = taps.shape
    dropped = 0.6 * torch.rand(count, 1) * (torch.rand(count, 1) < 0.4)
    kept = (torch.rand(count, steps) >= dropped)[..., None]
    velocity_known = (torch.rand(count, 1) < 0.5).float()
    offset_known = (torch.rand(count, 1) < 0.9).float()
    known = torch.cat([torch.ones(count, 1), velocity_known, offset_known], dim=1)[:, None]
    return taps * kept * known
