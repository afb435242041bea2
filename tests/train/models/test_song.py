"""What a model of many bars promises before it has learnt anything, and that themes are cheap once it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from livevae.codec import codec_from
from livevae.units import STEPS_PER_BAR
from train.models import as_module, build
from train.models.chord_guess import QUALITIES
from train.models.flow_melody import FIFTHS
from train.models.objective import Objective
from train.models.song import Config, SongModel
from train.models.song_practice import rearranged

pytestmark = pytest.mark.train

SMALL = Config(
    width=24,
    inner=16,
    token_width=8,
    just_heard=3,
    heads=2,
    head_size=4,
    gist_width=8,
    pitch_width=8,
    dropout=0.2,
)
BARS = 4
STEPS = BARS * STEPS_PER_BAR


def built(codec: str) -> SongModel:
    made = build("song", codec_from(codec, {"bars": BARS}), SMALL, Objective(0.03, 0.0))
    as_module(made).eval()
    assert isinstance(made, SongModel)
    return made


@pytest.fixture(params=["trio", "melody", "drums"])
def model(request: pytest.FixtureRequest) -> SongModel:
    torch.manual_seed(3)
    made = built(request.param)
    for name, parameter in as_module(made).named_parameters():
        if not name.startswith("placement"):  # an untrained model is too even for its draws to differ
            torch.nn.init.normal_(parameter, std=0.2)
    return made


@pytest.fixture
def trio() -> SongModel:
    torch.manual_seed(4)
    made = built("trio")
    for name, parameter in as_module(made).named_parameters():
        if not name.startswith("placement"):
            torch.nn.init.normal_(parameter, std=0.2)
    return made


def noise(model: SongModel, batch: int) -> Any:
    return torch.rand(batch, STEPS, len(model.codec.columns))


def heat(temperature: float) -> Any:
    return torch.tensor(temperature)


def any_tokens(model: SongModel, batch: int) -> Any:
    classes = torch.tensor([column.classes for column in model.codec.columns])
    return (torch.rand(batch, STEPS, len(classes)) * classes).long()


def test_whatever_it_draws_it_hears_as_it_was(model: SongModel) -> None:
    drawn = model.decode(torch.randn(20, model.latent_size), noise(model, 20), heat(0.0))
    mu, sigma = model.encode(drawn)
    assert mu.shape == sigma.shape == (20, model.latent_size)
    assert (sigma > 0).all()
    assert (sigma <= 1.5).all()
    assert torch.equal(model.decode(mu, noise(model, 20), heat(0.0)), drawn)
    assert len({window.numpy().tobytes() for window in drawn}) == 20


def test_what_it_would_never_draw_comes_back_too(model: SongModel) -> None:
    tokens = any_tokens(model, 20)
    assert torch.equal(model.decode(model.encode(tokens)[0], noise(model, 20), heat(0.0)), tokens)


def test_silence_comes_back_as_silence(model: SongModel) -> None:
    silent = torch.zeros(1, STEPS, len(model.codec.columns), dtype=torch.int64)
    assert torch.equal(model.decode(model.encode(silent)[0], noise(model, 1), heat(0.0)), silent)


def test_tokens_are_in_range_however_far_out_the_latent(model: SongModel) -> None:
    for scale in (0.0, 1.0, 30.0):
        for temperature in (0.0, 1e-6, 1.0, 100.0):
            z = torch.randn(3, model.latent_size) * scale
            drawn = model.decode(z, noise(model, 3), heat(temperature))
            assert drawn.shape == (3, STEPS, len(model.codec.columns))
            assert drawn.dtype == torch.int64
            for index, column in enumerate(model.codec.columns):
                assert 0 <= int(drawn[..., index].min()) <= int(drawn[..., index].max()) < column.classes


def test_a_window_is_the_same_alone_and_in_company(model: SongModel) -> None:
    z, chance = torch.randn(4, model.latent_size), noise(model, 4)
    together = model.decode(z, chance, heat(2.0))
    alone = [model.decode(z[i : i + 1], chance[i : i + 1], heat(2.0)) for i in range(4)]
    assert torch.equal(together, torch.cat(alone))


def test_the_temperature_says_how_many_beats_are_left_to_chance(model: SongModel) -> None:
    z = torch.randn(32, model.latent_size)
    first, second = noise(model, 32), noise(model, 32)

    def changed(temperature: float) -> float:
        one, other = (model.decode(z, chance, heat(temperature)) for chance in (first, second))
        return float((one != other).any(dim=2).float().mean())

    shares = [changed(temperature) for temperature in (0.0, 1.0, 2.5)]
    assert shares[0] == 0.0
    assert shares[1] < shares[2]


def test_a_bar_knows_those_before_it_and_none_after(model: SongModel) -> None:
    """Numbers of one bar change that bar, and nothing earlier."""
    z = torch.randn(8, model.latent_size)
    before = model.decode(z, noise(model, 8), heat(0.0))
    for bar, ranges in enumerate(model.layout.bars):
        moved = z.clone()
        for first, end in ranges:
            moved[:, first:end] = torch.randn(8, end - first)
        after = model.decode(moved, noise(model, 8), heat(0.0))
        assert torch.equal(after[:, : bar * STEPS_PER_BAR], before[:, : bar * STEPS_PER_BAR])
        this_bar = slice(bar * STEPS_PER_BAR, (bar + 1) * STEPS_PER_BAR)
        assert not torch.equal(after[:, this_bar], before[:, this_bar])


def test_every_number_but_the_gists_is_about_one_bar_and_one_part_or_the_lines_harmony(
    trio: SongModel,
) -> None:
    about_bars = np.zeros(trio.latent_size, dtype=int)
    about_parts = np.zeros(trio.latent_size, dtype=int)
    for ranges in trio.layout.bars:
        for first, end in ranges:
            about_bars[first:end] += 1
    for ranges in trio.layout.parts.values():
        for first, end in ranges:
            about_parts[first:end] += 1
    key, whole = 2, 1 + trio.measures
    assert not about_bars[:whole].any()
    assert (about_bars[whole:] == 1).all()
    assert not about_parts[:key].any()
    assert (about_parts[key:whole] == 1).all()
    of_a_bar = about_parts[whole:].reshape(BARS, -1)
    form, chords = slice(0, 3), slice(3, 5)
    assert (of_a_bar[:, chords] == 2).all()
    assert (of_a_bar[:, form] == 1).all()
    assert (of_a_bar[:, 5:] == 1).all()


def test_in_the_first_beat_only_the_part_itself_and_later_ones_hear_its_numbers(trio: SongModel) -> None:
    z = torch.randn(8, trio.latent_size)
    before = trio.decode(z, noise(trio, 8), heat(0.0))
    order = ("melody", "bass", "drums")
    beats = 1 + trio.measures + len(order) + trio.chords  # after the whole, and the form and chords of a bar
    columns = [column.part for column in trio.codec.columns]
    for index, part in enumerate(order):
        moved = z.clone()
        first, end = next(ranges for ranges in trio.layout.parts[part] if ranges[0] >= beats)
        moved[:, first:end] = torch.randn(8, end - first) * 2
        after = trio.decode(moved, noise(trio, 8), heat(0.0))
        for earlier in order[:index]:
            mine = [i for i, name in enumerate(columns) if name == earlier]
            assert torch.equal(after[:, :4, mine], before[:, :4, mine])
        mine = [i for i, name in enumerate(columns) if name == part]
        assert not torch.equal(after[:, :4, mine], before[:, :4, mine])


def test_parts_that_are_given_stay_and_the_others_hear_them(trio: SongModel) -> None:
    """What a part decides to another's notes is what it decides where the other came to them by itself."""
    assert trio.harmony is not None
    torch.nn.init.zeros_(trio.harmony.fits)  # what is given would speak for a chord a second time
    z, chance = torch.randn(6, trio.latent_size), noise(trio, 6)
    drawn = trio.decode(z, chance, heat(0.0))
    bars = trio.conduct(trio.encode(drawn)[0])  # z itself may mean pitches that no line has
    for given in ((1.0, 0.0, 0.0), (0.0, 1.0, 1.0), (0.0, 0.0, 0.0)):
        memory = z.new_zeros(6, 0, trio.memory_size)
        for bar in range(BARS):
            true = drawn[:, bar * STEPS_PER_BAR : (bar + 1) * STEPS_PER_BAR]
            mask = torch.tensor(given).expand(6, -1)
            told = torch.where(mask.repeat_interleave(torch.tensor([1, 1, 9]), dim=1)[:, None] > 0.5, true, 1)
            played, more = trio.complete_bar(bars[:, bar], memory, told, mask)
            memory = torch.cat([memory, more], dim=1)
            assert torch.equal(played, true)


def test_a_chord_changes_from_its_half_bar_on_and_says_more_the_more_it_counts() -> None:
    torch.manual_seed(6)
    steps = {}
    for count in (0.0, 3.0):
        made = build(
            "song", codec_from("trio", {"bars": BARS}), replace(SMALL, by_chords=count), Objective(0.03, 0.0)
        )
        assert isinstance(made, SongModel)
        made.eval()
        torch.manual_seed(7)
        for parameter in made.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
        z = torch.randn(64, made.latent_size)
        other = z.clone()
        second = 1 + made.measures + 3 + 1
        other[:, second] = torch.randn(64)
        chance = noise(made, 64)
        one, two = made.decode(z, chance, heat(0.0)), made.decode(other, chance, heat(0.0))
        assert torch.equal(one[:, :8], two[:, :8])
        steps[count] = float((one != two).any(dim=2).float().mean())
    assert steps[0.0] < steps[3.0]


PLAIN = replace(SMALL, dropout=0.0, forgotten=0.0, rearranged=0.0)


@pytest.mark.parametrize(
    "config",
    [replace(PLAIN, by_chords=2.0), replace(PLAIN, by_others=2.0), replace(PLAIN, sure_of_chords=2.0)],
    ids=["chords", "others", "sure"],
)
def test_what_counts_more_counts_when_it_plays_and_not_while_it_learns(config: Config) -> None:
    learning, playing = [], []
    for each in (PLAIN, config):
        made = build("song", codec_from("trio", {"bars": BARS}), each, Objective(0.0, 0.0))
        assert isinstance(made, SongModel)
        torch.manual_seed(9)
        for parameter in made.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
        tokens = any_tokens(made, 6)
        with torch.no_grad():
            learning.append(float(made.train().loss(tokens, 0).total))
            playing.append(float(made.eval().loss(tokens, 0).total))
    assert learning[0] == learning[1]
    assert abs(playing[0] - playing[1]) > 0.01


def test_chords_are_read_off_both_lines_and_held_through_silence(trio: SongModel) -> None:
    """C major in the second half bar, A minor in the sixth, and nothing else."""
    line = torch.zeros(1, STEPS, 11, dtype=torch.int64)
    melody, bass = 0, 1
    for step, part, pitches in (
        (8, melody, (72, 76)),
        (8, bass, (36,)),
        (40, melody, (72, 76)),
        (40, bass, (33,)),
    ):
        for index, pitch in enumerate(pitches):
            line[0, step + 4 * index, part] = pitch - 19
    line[0, [16, 48], :2] = 1
    assert trio.harmony is not None
    rows = trio.voices.read(line).rows
    chords = trio.harmony.read(trio.harmony.sounding(trio.voices.own(rows)))[0]
    assert len(chords) == 2 * BARS
    assert torch.equal(chords[:5], chords[:1].expand(5))
    assert torch.equal(chords[5:], chords[5:6].expand(3))
    roots = [FIFTHS[int(chord) // len(QUALITIES)] for chord in (chords[0], chords[5])]
    assert (roots[1] - roots[0]) % 12 == 9


def test_a_line_that_is_given_speaks_for_chords_it_fits(trio: SongModel) -> None:
    """A melody on C alone, where C is played over one chord only: the bass is told that chord."""
    assert trio.harmony is not None
    chord, pitch_class = 30, 0
    with torch.no_grad():
        trio.harmony.fits.zero_()
        trio.harmony.fits[0, :, pitch_class] = -40.0
        trio.harmony.fits[0, chord, pitch_class] = 40.0
    x = torch.zeros(8, STEPS_PER_BAR, 11, dtype=torch.int64)
    x[:, ::4, 0] = 60 - 19
    z = torch.randn(8, trio.latent_size)
    z[:, :2] = trio.encode(torch.cat([x] * BARS, dim=1))[0][:, :2]  # in C
    memory = torch.zeros(8, 0, trio.memory_size)
    form, chords = 1, 1 + len(trio.voices.parts)
    for given, expected in ((1.0, True), (0.0, False)):
        known = torch.tensor([[given, 0.0, 0.0]] * 8)
        more = trio.complete_bar(trio.conduct(z)[:, 0], memory, x, known)[1]
        assert bool((more[..., chords] == 1 + chord).all()) is expected
        assert (more[..., form] == 0).all()  # nothing to bring back yet


def test_a_bar_known_already_is_read_as_the_whole_window_is(model: SongModel) -> None:
    tokens = any_tokens(model, 12)
    bars = torch.unflatten(tokens, 1, (BARS, -1))
    bars[:6, 2] = bars[:6, 0]
    bars[:3, 3] = bars[:3, 2]
    bars[3:9, 3, :8] = bars[3:9, 1, :8]
    rows = model.voices.own(model.voices.read(bars.flatten(1, 2)).rows)
    for index, (voice, own) in enumerate(zip(model.voices.each, rows, strict=True)):
        struck = voice.struck(own)
        whole = model.form.read([struck])[..., 0]
        assert (whole > 0).any() or index < len(rows) - 1
        for bar in range(BARS):
            absent = 4 * (BARS - 1 - bar)
            earlier = torch.nn.functional.pad(struck[:, : 4 * bar], (0, 0, absent, 0))
            there = torch.nn.functional.pad(torch.ones(12, bar), (BARS - 1 - bar, 0))
            found = model.form.read_next(struck[:, 4 * bar : 4 * bar + 4], earlier, there)
            assert torch.equal(found, whole[:, bar])


def test_another_key_is_another_direction_and_nothing_else(trio: SongModel) -> None:
    drawn = trio.decode(torch.randn(12, trio.latent_size), noise(trio, 12), heat(0.0))
    mu, _ = trio.encode(drawn)
    elsewhere = torch.cat([mu[:1, :2].expand(12, -1), mu[:, 2:]], dim=1)
    moved = trio.decode(elsewhere, noise(trio, 12), heat(0.0))
    assert torch.equal(moved[..., 2:], drawn[..., 2:])
    for line in (0, 1):
        struck = drawn[..., line] > 1
        assert torch.equal(struck, moved[..., line] > 1)
        for one, other, notes in zip(drawn[..., line], moved[..., line], struck, strict=True):
            assert len(set(((other - one)[notes] % 12).tolist())) <= 1


def test_it_learns_and_every_weight_takes_part(model: SongModel) -> None:
    tokens = any_tokens(model, 16)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    before = model.loss(tokens, 0)
    assert before.kl_nats > 0
    for _ in range(20):
        model.train()
        optimiser.zero_grad()
        model.loss(tokens, 0).total.backward()
        assert all(parameter.grad is not None for parameter in model.parameters())
        optimiser.step()
    model.eval()
    assert model.loss(tokens, 0).total < before.total


def test_a_theme_that_returns_costs_little() -> None:
    """Bars of chance, each four times over: what was heard once is recalled, and nothing else could tell."""
    torch.manual_seed(5)
    model = built("drums")
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)

    def songs(repeated: bool) -> Any:
        bars = (torch.rand(32, 1 if repeated else BARS, STEPS_PER_BAR, 9) < 0.3).long()
        return bars.expand(-1, BARS, -1, -1).flatten(1, 2)

    model.train()
    for _ in range(300):
        optimiser.zero_grad()
        model.loss(songs(repeated=True), 0).total.backward()
        optimiser.step()
    model.eval()
    with torch.no_grad():
        returning, ever_new = (model.loss(songs(repeated), 0).kl_nats for repeated in (True, False))
    assert returning < 0.6 * ever_new


def test_sections_change_places_and_none_is_lost() -> None:
    windows = torch.arange(6 * 16 * STEPS_PER_BAR).reshape(6, -1, 1)
    moved = rearranged(windows, 1.0)
    section = 4 * STEPS_PER_BAR
    for one, other in zip(windows, moved, strict=True):
        starts = other[::section, 0] - one[0, 0]
        assert sorted(starts.tolist()) == [0, section, 2 * section, 3 * section]
        assert all((part.diff(dim=0) == 1).all() for part in other.split(section))
    assert not torch.equal(moved, windows)
    assert torch.equal(rearranged(windows, 0.0), windows)
    short = windows[:, : 2 * STEPS_PER_BAR]
    assert torch.equal(rearranged(short, 1.0), short)


def test_nothing_stays_behind_on_the_processor(model: SongModel) -> None:
    """The meta device computes nothing, but refuses whatever another device has to be asked for."""
    away = model.to("meta")
    tokens = any_tokens(model, 2).to("meta")
    assert away.loss(tokens, 0).total.is_meta
    drawn = away.decode(away.encode(tokens)[0], noise(model, 2).to("meta"), heat(1.0).to("meta"))
    assert drawn.shape == tokens.shape
