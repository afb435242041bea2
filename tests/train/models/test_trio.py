"""The trio: what is played is what was learnt, bars stand alone, training goes through its phases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from train.models import as_module, build
from train.models.objective import Objective
from train.models.trio import Config, TrioModel
from train.models.trio_bar import DRUM_GROUPS, group_classes, hits_of_class
from train.models.trio_practice import canonical as as_written
from train.models.trio_practice import looped, medleys, one_part_missing, rearranged
from train.token_windows import canonical

pytestmark = pytest.mark.train

CODEC = codec_from("trio", {"bars": 4})
SMALL = Config(
    latent_size=12,
    couplings=2,
    coupling_width=8,
    bar_size=8,
    channels=16,
    hidden=16,
    width=16,
    heads=2,
    layers=1,
    bar_steps=2,
    code_steps=2,
    decoded_bars=2,
)


@pytest.fixture
def model() -> TrioModel:
    torch.manual_seed(5)
    made = build("trio", CODEC, SMALL, Objective(0.5, 0.9))
    assert isinstance(made, TrioModel)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)  # an untrained model is too even for its draws to differ
    return made.eval()


def tokens(batch: int, seed: int = 1) -> Any:
    generator = torch.Generator().manual_seed(seed)
    classes = torch.tensor([column.classes for column in CODEC.columns])
    return (torch.rand(batch, CODEC.steps, 11, generator=generator) * classes).long()


def in_c(codes: Any) -> Any:
    """Bars as ``conduct`` hands them out, in C."""
    return torch.cat([codes, torch.zeros(len(codes), 1)], dim=1)


def test_every_set_of_hits_has_a_class_of_its_own() -> None:
    hits = (torch.arange(512).unsqueeze(1) // 2 ** torch.arange(9)) % 2
    step = torch.cat([torch.zeros(512, 2, dtype=torch.int64), hits], dim=1)
    classes = group_classes(step)
    back = torch.cat([hits_of_class(group)[found] for group, found in enumerate(classes)], dim=1)
    assert torch.equal(back, hits)
    assert [int(found.max()) + 1 for found in classes] == [2 ** (end - start) for start, end in DRUM_GROUPS]


def test_what_is_played_cold_is_what_the_learnt_network_finds_likeliest(model: TrioModel) -> None:
    codes = in_c(torch.randn(40, SMALL.bar_size) * 3)
    with torch.no_grad():
        played = model.decode_bar(codes, torch.rand(40, 16, 11), torch.tensor(0.0))
        logits = model.bar_decoder.teacher_forced(codes[:, :-1], played, 0.0)
    decisions = zip(
        (*logits.drums, logits.bass, logits.melody),
        (*group_classes(played), played[..., 1], played[..., 0]),
        strict=True,
    )
    for scores, chosen in decisions:
        # a near tie may go either way, nothing else may
        best = scores.amax(-1) - scores.gather(-1, chosen.unsqueeze(-1)).squeeze(-1)
        assert float(best.max()) < 0.02


def test_played_warm_it_samples_the_learnt_probabilities(model: TrioModel) -> None:
    count = 4000
    code = in_c(torch.randn(1, SMALL.bar_size)).expand(count, -1)
    with torch.no_grad():
        played = model.decode_bar(code, torch.rand(count, 16, 11), torch.tensor(1.0))
        logits = model.bar_decoder.teacher_forced(code[:1, :-1], played[:1], 0.0)
    heard = torch.bincount(group_classes(played)[0][:, 0], minlength=16) / count
    assert torch.allclose(heard, logits.drums[0][0, 0].softmax(-1), atol=0.05)


def test_a_bar_is_played_from_its_code_alone(model: TrioModel) -> None:
    z, noise = torch.randn(2, model.latent_size), torch.rand(2, CODEC.steps, 11)
    with torch.no_grad():
        whole = model.decode(z, noise, torch.tensor(1.0))
        codes = model.conduct(z)
        alone = [
            model.decode_bar(codes[:, bar], noise[:, 16 * bar : 16 * bar + 16], torch.tensor(1.0))
            for bar in range(4)
        ]
    assert torch.equal(whole, torch.cat(alone, dim=1))
    assert whole.dtype == torch.int64


def test_each_column_has_a_noise_of_its_own_and_cold_has_none(model: TrioModel) -> None:
    code, noise = in_c(torch.randn(8, SMALL.bar_size)), torch.rand(8, 16, 11)
    other = noise.clone()
    other[:, 15, 0] = (noise[:, 15, 0] + 0.5) % 1  # the last step's melody is drawn last of all
    with torch.no_grad():
        one, two = (model.decode_bar(code, n, torch.tensor(1.0)) for n in (noise, other))
        cold, cold_too = (model.decode_bar(code, n, torch.tensor(0.0)) for n in (noise, 1 - noise))
    assert torch.equal(one[:, :15], two[:, :15])
    assert torch.equal(one[:, 15, 1:], two[:, 15, 1:])
    assert not torch.equal(one, two)
    assert (cold == cold_too).float().mean() > 0.99


def test_temperature_may_differ_from_bar_to_bar(model: TrioModel) -> None:
    code, noise = in_c(torch.randn(2, SMALL.bar_size)), torch.rand(2, 16, 11)
    with torch.no_grad():
        both = model.decode_bar(code, noise, torch.tensor([0.5, 2.0]))
        hot = model.decode_bar(code, noise, torch.tensor(2.0))
    assert torch.equal(both[1], hot[1])


def test_untrained_the_bars_are_joined_by_a_linear_map_only() -> None:
    model = build("trio", CODEC, SMALL, Objective())
    assert isinstance(model, TrioModel)
    codes = torch.randn(3, 4, SMALL.bar_size)
    assert torch.equal(model.listen(codes), codes)
    assert torch.equal(model.arrange(codes), codes)


@pytest.mark.parametrize(
    ("step", "trained", "resting"),
    [
        (0, "bar_decoder", "from_latent"),
        (2, "from_latent", "bar_encoder"),
        (4, "bar_decoder", "bar_encoder"),
    ],
)
def test_each_phase_trains_its_own(model: TrioModel, step: int, trained: str, resting: str) -> None:
    model.train()
    loss = model.loss(tokens(6), step)
    loss.total.backward()
    touched = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert any(name.startswith(trained) for name in touched)
    assert not any(name.startswith(resting) for name in touched)
    assert torch.isfinite(loss.total)


def test_training_lowers_the_cost_of_every_phase() -> None:
    torch.manual_seed(0)
    model = build("trio", CODEC, SMALL, Objective(0.1, 0.0))
    module = as_module(model).train()
    batch = looped(tokens(8), 1.0)
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-2)
    for step, steps in ((0, 25), (2, 25), (4, 25)):
        costs: list[float] = []
        for _ in range(steps):
            loss = model.loss(batch, step)
            optimiser.zero_grad()
            loss.total.backward()
            optimiser.step()
            costs.append(loss.total.item())
        assert sum(costs[-5:]) < sum(costs[:5]), f"phase of step {step}"


def test_another_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="melody"):
        build("trio", codec_from("melody", {"bars": 2}), SMALL, Objective())


def test_loops_are_what_the_codec_makes_of_repeated_notes() -> None:
    rng = np.random.default_rng(4)
    windows = torch.from_numpy(np.where(rng.random((60, 64, 11)) < 0.8, 0, tokens(60).numpy()))
    windows = torch.from_numpy(canonical(windows.numpy(), CODEC))
    result = looped(windows, 1.0)
    assert not torch.equal(result, windows)
    for window in result:
        bars = window.reshape(4, 16, 11)[..., 2:]
        assert any(torch.equal(bars[: 4 - length], bars[length:]) for length in (1, 2))
        heard = CODEC.decode(window.numpy())
        assert np.array_equal(CODEC.encode(heard), _without_idle_ends(window.numpy()))
    assert torch.equal(looped(windows, 0.0), windows)


def _without_idle_ends(window: Any) -> Any:
    """Note-offs where nothing sounds say nothing, and the codec does not write them."""
    window = window.copy()
    for column in (0, 1):
        sounding = False
        for step in range(len(window)):
            if window[step, column] == 1 and not sounding:
                window[step, column] = 0
            elif window[step, column] > 0:
                sounding = window[step, column] > 1
    return window


def test_other_forms_are_made_of_the_same_sections() -> None:
    windows = tokens(40)
    result = rearranged(windows, 1.0)
    assert not torch.equal(result, windows)
    for old, new in zip(windows.reshape(40, 2, 32, 11), result.reshape(40, 2, 32, 11), strict=True):
        for section in new[..., 2:]:
            assert any(torch.equal(section, known) for known in old[..., 2:])
    assert torch.equal(rearranged(windows, 0.0), as_written(windows))


def test_a_medley_is_the_first_half_of_one_and_the_second_of_another() -> None:
    windows = tokens(12)
    result = medleys(windows, 1.0)
    assert torch.equal(result[:, :32], as_written(windows)[:, :32])
    for window in result[:, 32:]:
        assert any(torch.equal(window, known) for known in windows[:, 32:])


def test_one_or_two_partners_stay_silent_never_all() -> None:
    full = torch.ones(200, CODEC.steps, 11, dtype=torch.int64)
    heard = one_part_missing(full, 1.0)
    present = torch.stack([heard[..., :1].any(-1), heard[..., 1:2].any(-1), heard[..., 2:].any(-1)], -1)
    counts = present[:, 0].sum(-1)
    assert set(counts.tolist()) == {1, 2}
    assert torch.equal(one_part_missing(full, 0.0), full)
