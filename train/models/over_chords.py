"""Two bars of melody over chords: the chords are given, the latent says what to make of them.

What is special: encoder and decoder are told the chord of every beat, so the latent need not carry what the
chords say already, and one point of the latent space played over other chords gives a melody of the same
rhythm and shape that fits them. Chords enter twice: as features of the step (which chord, when it changes),
and as relations of all twelve pitch classes to the chords (chord_relations.py), through which the last stage
weighs pitches. Otherwise it is the look-back model (lookback.py), whose trunk and drawing it shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional

from livevae.codec import Codec
from livevae.codec.chords import CHORD_FEATURES, beats_of
from livevae.codec.lines import LINE_CLASSES
from livevae.units import STEPS_PER_BEAT
from train.models import GraphFunction, Loss, posterior_sample
from train.models.chord_relations import ChordRelations, pitch_class_of_symbol
from train.models.draws import draw, prepare
from train.models.lookback import plain_scan
from train.models.objective import Objective, kl_to_unit_gaussian
from train.models.over_chords_graph import chord_functions
from train.models.trunk import MIN_SIGMA, Bend, Block


@dataclass(frozen=True, slots=True)
class Config:
    """latent_size: dimensions of z. channels, neck, bend, dilations: of the trunk. width: of the last stage.

    lookback: earlier steps the last stage hears. token_width: numbers that describe one of them.
    token_dropout: share of earlier steps hidden in training, so that it listens to the latent too.
    relation_width: numbers that say what a pitch class is to a beat's chords.
    chord_dropout: share of training windows whose chords are withheld, so that it plays without any too.
    bass_dropout: share in which only the bass of the chords is withheld: players hold inversions.
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
    relation_width: int = 24
    chord_dropout: float = 0.08
    bass_dropout: float = 0.15


class OverChordsModel(nn.Module):
    """See the module's docstring; implements ``train.models.Model``, with the chords as last argument.

    chords: shape (batch, beats, 24), float32, see ``livevae.codec.chords``; all 0 where none are known.
    """

    def __init__(self, codec: Codec, config: Config, objective: Objective) -> None:
        super().__init__()
        if [column.classes for column in codec.columns] != [LINE_CLASSES]:
            raise ValueError(f"codec {codec.name!r} is no single line; only a melody is played over chords")
        self.codec, self.config, self.objective = codec, config, objective
        self.latent_size = size = config.latent_size
        channels, neck = config.channels, config.neck
        self.relations = ChordRelations(config.relation_width)
        self.tokens = nn.Embedding(LINE_CLASSES, channels)
        nn.init.normal_(self.tokens.weight, std=0.5)
        self.heard_relation = nn.Linear(config.relation_width, channels, bias=False)
        self.heard_chords = _ChordSteps(channels, codec.steps)
        self.encoder_blocks = nn.ModuleList(Block(channels, d) for d in config.encoder_dilations)
        self.encoder_neck = nn.Conv1d(channels, neck, 1)
        self.head = nn.Linear(neck * codec.steps, 2 * size)
        self.head_bend = Bend(neck * codec.steps, config.bend, 2 * size)

        self.latent_bends = nn.ModuleList(Bend(size, config.bend, size) for _ in range(2))
        self.spread = nn.Linear(size, neck * codec.steps)
        self.spread_neck = nn.Conv1d(neck, channels, 1)
        self.played_chords = _ChordSteps(channels, codec.steps)
        self.decoder_blocks = nn.ModuleList(Block(channels, d) for d in config.decoder_dilations)

        self.past = nn.Embedding(LINE_CLASSES, config.token_width)
        self.from_trunk = nn.Linear(channels, config.width)
        self.from_past = nn.Linear(config.lookback * config.token_width, config.width, bias=False)
        self.inner = nn.Linear(config.width, config.width)
        self.symbols = nn.Linear(config.width, LINE_CLASSES)
        nn.init.zeros_(self.symbols.weight)
        self.wanted = nn.Linear(config.width, config.relation_width)
        self.register_buffer("pitch_class", pitch_class_of_symbol(), persistent=False)

    def encode(self, x: Tensor, chords: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior mean and standard deviation, each (batch, latent), of x (batch, steps, 1) over chords."""
        relations = self._by_step(self.relations(chords))  # (batch, steps, 12, relation)
        symbols = x[..., 0]
        classes = self._pitch_class()[symbols]  # (batch, steps)
        padded = functional.pad(relations, (0, 0, 0, 1))  # hold and note-off are nothing to any chord
        index = classes[..., None, None].expand(-1, -1, 1, padded.shape[-1])
        heard = self.tokens(symbols) + self.heard_relation(padded.gather(2, index)[:, :, 0])
        hidden = (heard + self.heard_chords(chords)).transpose(1, 2)
        for block in self.encoder_blocks:
            hidden = block(hidden)
        features = functional.relu(self.encoder_neck(functional.relu(hidden))).flatten(1)
        mu, spread = (self.head(features) + self.head_bend(features)).float().chunk(2, dim=-1)
        return mu, functional.softplus(spread) + MIN_SIGMA

    def loss(self, batch: Tensor, step: int, chords: Tensor) -> Loss:
        """See ``Model.loss``."""
        if self.training:
            chords = self._withheld(chords)
        mu, sigma = self.encode(batch, chords)
        z = posterior_sample(mu, sigma)
        symbols = batch[..., 0]
        past = self.past(symbols)
        if self.training:
            kept = torch.rand(past.shape[:2], device=past.device) >= self.config.token_dropout
            past = past * kept[..., None]
        before = functional.pad(past, (0, 0, self.config.lookback, 0))[:, :-1]
        history = before.unfold(1, self.config.lookback, 1).transpose(2, 3).flatten(2)
        hidden = self._stage(self.from_trunk(self._trunk(z, chords)), history)
        logits = self._logits(hidden, self._by_step(self.relations(chords)))
        costs = functional.cross_entropy(logits.flatten(0, 1), symbols.flatten(), reduction="none")
        reconstruction = costs.view(symbols.shape).sum(dim=1)
        kl = kl_to_unit_gaussian(mu, sigma).sum(dim=1)
        return Loss(self.objective.total(reconstruction, kl, step), reconstruction.mean(), kl.mean())

    def decode(self, z: Tensor, noise: Tensor, temperature: Tensor, chords: Tensor) -> Tensor:
        """See ``Model.decode``."""
        from_trunk = self.from_trunk(self._trunk(z, chords))
        relations = self._by_step(self.relations(chords))
        uniforms, sharpness = prepare(noise[:, :, 0], temperature)
        history = z.new_zeros(z.shape[0], self.config.lookback * self.config.token_width)

        def step(carried: Tensor, inputs: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            features, uniform, relation = inputs
            hidden = self._stage(features, carried)
            symbol = draw(self._logits(hidden, relation), uniform, sharpness)
            heard = functional.embedding(symbol, self.past.weight)
            following = torch.cat([carried[:, self.config.token_width :], heard], dim=1)
            # Scan refuses carries and outputs that are views of anything.
            return following.clone(memory_format=torch.contiguous_format), symbol.clone()

        steps = (
            from_trunk.transpose(0, 1).contiguous(),
            uniforms.T[..., None].contiguous(),
            relations.transpose(0, 1).contiguous(),
        )
        if torch.compiler.is_exporting():
            _, drawn = scan(step, history, steps)
        else:
            drawn = plain_scan(step, history, steps)
        tokens: Tensor = drawn.transpose(0, 1)[..., None]
        return tokens

    def functions(self) -> tuple[GraphFunction, ...]:
        """Encode and decode, both over chords."""
        return chord_functions(self, self.codec)

    def _trunk(self, z: Tensor, chords: Tensor) -> Tensor:
        """Features of all steps, (batch, steps, channels)."""
        for bend in self.latent_bends:
            z = z + bend(z)
        spread = self.spread(z).unflatten(1, (self.config.neck, self.codec.steps))
        hidden = self.spread_neck(spread) + self.played_chords(chords).transpose(1, 2)
        for block in self.decoder_blocks:
            hidden = block(hidden)
        return functional.relu(hidden).transpose(1, 2)

    def _stage(self, from_trunk: Tensor, history: Tensor) -> Tensor:
        first = functional.relu(from_trunk + self.from_past(history))
        result: Tensor = first + functional.relu(self.inner(first))
        return result

    def _logits(self, hidden: Tensor, relations: Tensor) -> Tensor:
        """Symbol logits: (…, width) and (…, 12, relation) -> (…, 90), float32."""
        fitting = (relations @ self.wanted(hidden)[..., None])[..., 0]  # (…, 12): each pitch class's due
        due = functional.pad(fitting, (0, 1))[..., self._pitch_class()]
        logits: Tensor = (self.symbols(hidden) + due).float()
        return logits

    def _by_step(self, relations: Tensor) -> Tensor:
        """(batch, beats, 12, relation) -> (batch, steps, 12, relation)."""
        return relations.repeat_interleave(STEPS_PER_BEAT, dim=1)

    def _pitch_class(self) -> Tensor:
        assert isinstance(self.pitch_class, Tensor)
        return self.pitch_class

    def _withheld(self, chords: Tensor) -> Tensor:
        """Chords with those of some windows, or only their bass, taken away."""
        chance = torch.rand(chords.shape[0], 1, 1, device=chords.device)
        tones, bass = chords.chunk(2, dim=-1)
        told = chance >= self.config.chord_dropout
        bass_told = chance >= self.config.chord_dropout + self.config.bass_dropout
        return torch.cat([tones * told, bass * bass_told], dim=-1)


class _ChordSteps(nn.Module):
    """The chord of each step as features, beside the step's place in the window."""

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.inner = nn.Linear(CHORD_FEATURES, channels)
        self.place = nn.Parameter(torch.zeros(steps, channels))
        assert beats_of(steps) * STEPS_PER_BEAT == steps

    def forward(self, chords: Tensor) -> Tensor:
        """(batch, beats, 24) -> (batch, steps, channels)."""
        told: Tensor = self.inner(chords).repeat_interleave(STEPS_PER_BEAT, dim=1)
        return told + self.place


def build(codec: Codec, config: Config, objective: Objective) -> OverChordsModel:
    """An untrained model."""
    return OverChordsModel(codec, config, objective)
