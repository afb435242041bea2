"""Two bars of a whole drum kit: 61 instruments, of which a step strikes a few together.

What is special: the drums of a step are drawn jointly, in three draws that hear one another, as a NADE draws
its units one after another but in far fewer steps: the ten commonest drums as one of 1,024 sets, then eight
that often join them as one of 256, then each of the rest by itself, given all that was drawn. So a clap knows
of its snare, and what is rare costs little. Otherwise it is the look-back model (lookback.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.percussion import PERCUSSION, column_of
from train.models import GraphFunction, Loss, posterior_sample
from train.models.draws import draw, prepare
from train.models.lookback import plain_scan
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.trunk import LatentSpread, StepEmbedding, WindowEncoder
from train.models.window_graph import window_functions

_LEAST = 2.0**-14  # as near to 0 and to 1 as drawn numbers are taken to be
COMMON = (36, 38, 42, 46, 44, 51, 49, 40, 45, 48)
JOINING = (50, 37, 35, 53, 54, 69, 70, 82)


@dataclass(frozen=True, slots=True)
class Config:
    """latent_size: dimensions of z. channels, neck, bend, dilations: of the trunk. width: of the last stage.

    lookback: earlier steps it hears. token_width: numbers that describe one of them.
    token_dropout: share of earlier steps hidden in training, so that it listens to the latent too.
    common, joining: pitches drawn as one set each.
    """

    latent_size: int = 128
    channels: int = 128
    neck: int = 48
    bend: int = 384
    encoder_dilations: tuple[int, ...] = (1, 2, 4, 8)
    decoder_dilations: tuple[int, ...] = (8, 4, 2, 1)
    width: int = 192
    lookback: int = 16
    token_width: int = 32
    token_dropout: float = 0.25
    common: tuple[int, ...] = COMMON
    joining: tuple[int, ...] = JOINING


class KitModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``."""

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        if codec.name != PERCUSSION:
            raise ValueError(
                f"codec {codec.name!r} is no whole kit; this model draws the drums of percussion"
            )
        self.codec, self.config, self.objective = codec, config, objective
        self.latent_size = size = config.latent_size
        channels, neck, bend, width = config.channels, config.neck, config.bend, config.width
        self.encoder = WindowEncoder(codec, channels, config.encoder_dilations, size, neck, bend)
        self.trunk = LatentSpread(codec.steps, channels, config.decoder_dilations, size, neck, bend)
        self.heard = StepEmbedding(codec, config.token_width)
        self.from_trunk = nn.Linear(channels, width)
        self.from_past = nn.Linear(config.lookback * config.token_width, width, bias=False)
        self.inner = nn.Linear(width, width)
        columns = [column_of(pitch) for pitch in (*config.common, *config.joining)]
        rest = [column for column in range(len(codec.columns)) if column not in columns]
        self.common = _Set(columns[: len(config.common)], len(codec.columns), width)
        self.joining = _Set(columns[len(config.common) :], len(codec.columns), width)
        self.rest = nn.Linear(width, len(rest))
        nn.init.constant_(self.rest.bias, -5.0)  # each is struck on one step in a hundred and fifty, or fewer
        spread = functional.one_hot(torch.tensor(rest), len(codec.columns)).float()
        self.register_buffer("rest_columns", torch.tensor(rest), persistent=False)
        self.register_buffer("spread", spread, persistent=False)
        self.rest_columns: Tensor
        self.spread: Tensor  # from the rest's columns to all, (rest, columns)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See ``Model.encode``."""
        mu, sigma = self.encoder(x)
        return mu, sigma

    def loss(self, batch: Tensor, step: int) -> Loss:
        """See ``Model.loss``."""
        mu, sigma = self.encoder(batch)
        past = self.heard(batch)  # (batch, steps, token_width)
        if self.training:
            kept = torch.rand(past.shape[:2], device=past.device) >= self.config.token_dropout
            past = past * kept[..., None]
        before = functional.pad(past, (0, 0, self.config.lookback, 0))[:, :-1]
        history = before.unfold(1, self.config.lookback, 1).transpose(2, 3).flatten(2)
        hidden = self._stage(self.from_trunk(self.trunk(posterior_sample(mu, sigma))), history)
        common, joining = self.common.of_tokens(batch), self.joining.of_tokens(batch)
        cost = self.common.cost(hidden, common)
        hidden = self.common.told(hidden, common)
        cost = cost + self.joining.cost(hidden, joining)
        hidden = self.joining.told(hidden, joining)
        struck = batch[..., self.rest_columns].float()
        rest = functional.binary_cross_entropy_with_logits(
            self.rest(hidden).float(), struck, reduction="none"
        )
        reconstruction = (cost + rest.sum(dim=2)).sum(dim=1)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        return Loss(self.objective.total(reconstruction, kl, step), reconstruction.mean(), kl.mean())

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """See ``Model.decode``; of the columns drawn as one set only the first one's noise is used."""
        from_trunk = self.from_trunk(self.trunk(z))
        draws = torch.cat([self.common.columns[:1], self.joining.columns[:1], self.rest_columns])
        drawn_by = noise[:, :, draws]  # (batch, steps, 2 + rest)
        uniforms, sharpness = prepare(drawn_by.flatten(1), temperature)
        sets, single = uniforms.view(drawn_by.shape).split([2, len(self.rest_columns)], dim=2)  # type: ignore[no-untyped-call]
        # p > u as logit(p) > logit(u): a sigmoid that rounds to 0 differs from runtime to runtime
        uniforms = torch.cat([sets, single.clamp(_LEAST, 1.0 - _LEAST).logit()], dim=2)
        history = z.new_zeros(z.shape[0], self.config.lookback * self.config.token_width)

        def step(carried: Tensor, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            features, uniform = inputs
            hidden = self._stage(features, carried)
            common = draw(self.common.free(hidden), uniform[:, :1], sharpness)
            hidden = self.common.told(hidden, common)
            joining = draw(self.joining.free(hidden), uniform[:, 1:2], sharpness)
            hidden = self.joining.told(hidden, joining)
            rest = (self.rest(hidden) * sharpness > uniform[:, 2:]).to(torch.int64)
            tokens = self._together(common, joining, rest)
            following = torch.cat([carried[:, self.config.token_width :], self.heard(tokens)], dim=1)
            # Scan refuses carries and outputs that are views of anything.
            return following.clone(memory_format=torch.contiguous_format), tokens.clone()

        steps = (from_trunk.transpose(0, 1).contiguous(), uniforms.transpose(0, 1).contiguous())
        if torch.compiler.is_exporting():
            _, drawn = scan(step, history, steps)
        else:
            drawn = plain_scan(step, history, steps)
        tokens: Tensor = drawn.transpose(0, 1)
        return tokens

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, see train/models/window_graph.py."""
        return window_functions(self)

    def _stage(self, from_trunk: Tensor, history: Tensor) -> Tensor:
        first = functional.relu(from_trunk + self.from_past(history))
        result: Tensor = first + functional.relu(self.inner(first))
        return result

    def _together(self, common: Tensor, joining: Tensor, rest: Tensor) -> Tensor:
        """The three draws as tokens, (batch, columns)."""
        sets = self.common.table[common] + self.joining.table[joining]
        tokens: Tensor = sets + (rest.float() @ self.spread).to(torch.int64)
        return tokens


class _Set(nn.Module):
    """Some drums of a step drawn as one symbol, one for each set of them struck together."""

    def __init__(self, columns: list[int | None], all_columns: int, width: int) -> None:
        super().__init__()
        known = [column for column in columns if column is not None]
        if len(known) != len(columns) or len(set(known)) != len(known):
            raise ValueError(f"a set of drums needs different pitches of General MIDI's kits, not {columns}")
        self.free = nn.Linear(width, 2 ** len(known))
        nn.init.zeros_(self.free.weight)
        self.effect = nn.Embedding(2 ** len(known), width)
        nn.init.normal_(self.effect.weight, std=0.1)
        powers = 2 ** torch.arange(len(known))
        table = torch.zeros(2 ** len(known), all_columns, dtype=torch.int64)
        table[:, known] = (torch.arange(2 ** len(known))[:, None] // powers) % 2
        self.register_buffer("columns", torch.tensor(known), persistent=False)
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("table", table, persistent=False)
        self.columns: Tensor
        self.powers: Tensor
        self.table: Tensor  # tokens of every symbol, (symbols, all columns)

    def of_tokens(self, tokens: Tensor) -> Tensor:
        """(…, columns) -> (…): the symbol of each step."""
        return (tokens[..., self.columns] * self.powers).sum(dim=-1)

    def cost(self, hidden: Tensor, symbols: Tensor) -> Tensor:
        """-log p of the symbols, (batch, steps)."""
        logits = self.free(hidden).float().flatten(0, 1)
        costs: Tensor = functional.cross_entropy(logits, symbols.flatten(), reduction="none")
        return costs.view(symbols.shape)

    def told(self, hidden: Tensor, symbols: Tensor) -> Tensor:
        """The features for whatever is drawn after the symbols."""
        heard: Tensor = hidden + functional.relu(hidden + self.effect(symbols))
        return heard


def build(codec: Codec, config: Config, objective: Objective) -> KitModel:
    """An untrained model."""
    return KitModel(codec, config, objective)
