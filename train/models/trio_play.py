"""Drawing a bar from its code, step after step, as the exported graph does it.

The same network as ``BarDecoder.teacher_forced``, rearranged so that little is left to do on each step: what
depends on the code alone is computed for all steps at once, and what the previous tokens add becomes rows of
tables, folded at export. One ONNX Scan plays the sixteen steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional

from livevae.units import STEPS_PER_BAR
from train.models.trio_bar import DRUM_COLUMN, DRUM_GROUPS, BarDecoder, hits_of_class

_COLDEST = (
    1e-3  # temperature 0 is played as this: only a tie within a hundredth of a nat is left to the noise
)
_CORE, _TOMS, _CYMBALS = (2 ** (end - start) for start, end in DRUM_GROUPS)  # classes


class _Recurrent(NamedTuple):
    """The weights of a ``torch.nn.GRU`` of one layer; 3 * hidden rows each."""

    input_weight: Tensor
    input_bias: Tensor
    state_weight: Tensor
    state_bias: Tensor

    @classmethod
    def of(cls, gru: nn.GRU) -> _Recurrent:
        weights = dict(gru.named_parameters())
        names = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0")
        return cls(*(weights[name] for name in names))


class _Tables(NamedTuple):
    """What a token adds to the recurrent gates of the next step, one row a class: (classes, 3 * hidden)."""

    after_melody: Tensor
    after_bass: Tensor
    after_core: Tensor
    after_toms: Tensor
    after_cymbals: Tensor


def sample_bar(decoder: BarDecoder, bar: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
    """Tokens of bars from their codes (bars, bar_size); see ``TrioModel.decode_bar``."""
    hidden, channels = decoder.hidden, decoder.channels
    recurrent = _Recurrent.of(decoder.recurrent)
    plan = decoder.plan(bar)  # (bars, 16, channels)
    planned_gates = functional.linear(plan, recurrent.input_weight[:, :channels], recurrent.input_bias)
    heads = (*decoder.to_drums, decoder.before_lines)
    weight = torch.cat([head.weight for head in heads])  # (drum classes + 2 * hidden, hidden + channels)
    planned_heads = functional.linear(plan, weight[:, hidden:], torch.cat([head.bias for head in heads]))
    from_state = weight[:, :hidden]
    tables = _folded(decoder)
    sharpness = (1 / temperature.clamp(min=_COLDEST)).reshape(-1, 1).expand(len(bar), 1).clone()
    columns = [0, 1, *(DRUM_COLUMN + start for start, _ in DRUM_GROUPS)]

    def step(carried: Tensor, inputs: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        gates, heard_plan, uniform = inputs
        state, gates_before = carried[:, :hidden], carried[:, hidden:]
        from_before = functional.linear(state, recurrent.state_weight, recurrent.state_bias)
        state = _gru(gates + gates_before, from_before, state)
        scores = heard_plan + functional.linear(state, from_state)
        core_scores, tom_scores, cymbal_scores, lines = torch.split(
            scores, [_CORE, _TOMS, _CYMBALS, 2 * hidden], dim=1
        )

        core = _draw(core_scores, uniform[:, 2:3], sharpness)
        hint = functional.embedding(core, decoder.after_core.weight)
        toms = _draw(tom_scores + hint[:, :_TOMS], uniform[:, 3:4], sharpness)
        hint = hint[:, _TOMS:] + functional.embedding(toms, decoder.after_toms.weight)
        cymbals = _draw(cymbal_scores + hint, uniform[:, 4:5], sharpness)
        lines = lines + functional.embedding(core, decoder.hear_core.weight)
        bass_scores = decoder.to_bass(functional.gelu(lines[:, :hidden]))
        bass = _draw(bass_scores, uniform[:, 1:2], sharpness)
        for_melody = lines[:, hidden:] + functional.embedding(bass, decoder.hear_bass.weight)
        melody = _draw(decoder.to_melody(functional.gelu(for_melody)), uniform[:, 0:1], sharpness)

        classes = (melody, bass, core, toms, cymbals)
        after = sum(functional.embedding(c, table) for c, table in zip(classes, tables, strict=True))
        assert isinstance(after, Tensor)
        # Scan refuses carries and outputs that are views of anything.
        following = torch.cat([state, after], dim=1).clone(memory_format=torch.contiguous_format)
        return following, torch.stack(classes, dim=1).clone()

    start = plan.new_zeros(len(bar), 4 * hidden)
    by_step = tuple(
        part.transpose(0, 1).contiguous() for part in (planned_gates, planned_heads, noise[:, :, columns])
    )
    if torch.compiler.is_exporting():
        _, drawn = scan(step, start, by_step)
    else:
        drawn = _plain_scan(step, start, by_step)
    melody, bass, *groups = drawn.permute(2, 1, 0)  # each (bars, 16)
    hits = [hits_of_class(index)[classes] for index, classes in enumerate(groups)]
    return torch.cat([melody.unsqueeze(2), bass.unsqueeze(2), *hits], dim=2)


def _folded(decoder: BarDecoder) -> _Tables:
    """Step embeddings multiplied into the recurrent input weights, once for every class."""
    embed = decoder.embed
    weights = _Recurrent.of(decoder.recurrent).input_weight[:, decoder.channels :]  # (3 * hidden, embedding)
    for_melody, for_bass, for_drums = torch.split(
        weights, [embed.melody.embedding_dim, embed.bass.embedding_dim, embed.drums.out_features], dim=1
    )
    group_tables = []
    for index, (start, end) in enumerate(DRUM_GROUPS):
        struck = functional.linear(hits_of_class(index).float(), embed.drums.weight[:, start:end])
        if index == 0:
            struck = struck + embed.drums.bias  # every step has exactly one class of the first group
        group_tables.append(functional.linear(struck, for_drums))
    return _Tables(
        functional.linear(embed.melody.weight, for_melody),
        functional.linear(embed.bass.weight, for_bass),
        *group_tables,
    )


def _draw(scores: Tensor, uniform: Tensor, sharpness: Tensor) -> Tensor:
    """The class whose stretch of the cumulative distribution holds the uniform number.

    scores: (bars, classes). uniform: (bars, 1) in [0, 1). sharpness: 1 / temperature, (bars, 1). Returns
        (bars,), int64.
    """
    cumulative = (scores * sharpness).softmax(-1).cumsum(-1)
    # Without the last class nothing is left to a sum that ends a rounding short of 1.
    return (cumulative[:, :-1] <= uniform).to(torch.int64).sum(-1)


def _gru(gates: Tensor, recurrent: Tensor, state: Tensor) -> Tensor:
    """torch.nn.GRU's own equations for one step, from its input and recurrent products (bars, 3 * hidden)."""
    gates_reset, gates_update, gates_new = gates.chunk(3, dim=-1)
    recurrent_reset, recurrent_update, recurrent_new = recurrent.chunk(3, dim=-1)
    reset = torch.sigmoid(gates_reset + recurrent_reset)
    update = torch.sigmoid(gates_update + recurrent_update)
    new = torch.tanh(gates_new + reset * recurrent_new)
    return new + update * (state - new)


def _plain_scan(step: Any, carried: Tensor, inputs: tuple[Tensor, ...]) -> Tensor:
    """What ``scan`` computes, without compiling anything: outputs stacked along the first axis."""
    outputs = []
    for index in range(STEPS_PER_BAR):
        carried, output = step(carried, tuple(part[index] for part in inputs))
        outputs.append(output)
    return torch.stack(outputs)
