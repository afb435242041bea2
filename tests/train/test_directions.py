"""Directions are found in a latent space that is known: each moves its own attribute, not the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="train imports PyTorch")

from livevae.adapters.onnx_file import read_manifest
from livevae.core.attributes import IN_KEY
from train import directions
from train.directions import LENGTHS, Effect, find_directions, key_of, slopes
from train.evaluation.attribute_matrix import report
from train.evaluation.exported import ExportedModel

pytestmark = pytest.mark.train

FAKES = Path(__file__).parents[1] / "fixtures"


def plays(function: str, feeds: Mapping[str, Any]) -> dict[str, Any]:
    """A known kit: z0 says how many beats have a kick, z1 the share of hats in the cymbals, z2 how many.

    More of any makes it denser, so the quarters of samples with most hats are those with most cymbals, too.
    """
    assert function == "decode"
    z, noise = feeds["z"], feeds["noise"]
    kicks, hats, cymbals = (np.clip(0.4 + 0.15 * z[:, axis], 0, 1)[:, None] for axis in (0, 1, 2))
    y = np.zeros(noise.shape, dtype=np.int64)
    y[:, ::4, 0] = noise[:, ::4, 0] < kicks
    y[:, :, 2] = noise[:, :, 2] < hats * cymbals
    y[:, :, 8] = (noise[:, :, 2] >= hats * cymbals) & (noise[:, :, 2] < cymbals)
    return {"y": y}


def kit() -> ExportedModel:
    return ExportedModel(replace(read_manifest(FAKES / "fake_drums.onnx"), attributes=()), plays)


def test_slopes_are_those_with_the_others_held_still() -> None:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((20_000, 3))
    together = {"a": z[:, 0] + z[:, 1], "b": z[:, 1], "never": np.ones(len(z))}
    found = slopes(z, together)
    assert set(found) == {"a", "b"}
    assert found["a"] == pytest.approx([2**0.5, 0, 0], abs=0.05)  # more of a without more of b: z0 alone
    assert found["b"] == pytest.approx([-1, 1, 0], abs=0.05)
    assert slopes(z, {"never": np.ones(len(z))}) == {}


def test_each_direction_moves_its_own_attribute_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "SAMPLES", 1500)
    model = kit()
    found = find_directions(model, np.random.default_rng(0))
    vectors = {attribute.name: np.array(attribute.vector) for attribute in found}
    assert set(vectors) == {"density", "syncopation_16", "hat_share", "kick_on_beats"}
    for axis, name in enumerate(("kick_on_beats", "hat_share", "density")):
        assert vectors[name][axis] == abs(vectors[name]).max(), name
    model.manifest = replace(model.manifest, attributes=found)
    matrix = report(model, 1.0, np.random.default_rng(1))
    assert matrix is not None
    for name in ("kick_on_beats", "hat_share", "density"):
        assert matrix["own"][name]["change"] >= 45, name  # of other samples than it was found on
        assert matrix["own"][name]["change"] > matrix["own"][name]["largest_other"], name


def test_the_shortest_length_that_is_enough_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = directions.Trial.__new__(directions.Trial)
    effects = dict(zip(LENGTHS, (20, 45, 58, 70, 90, 95), strict=True))

    def best(others: Mapping[float, float]) -> float:
        monkeypatch.setattr(
            directions.Trial,
            "effect",
            lambda self, name, vector: Effect(effects[float(vector[0])], others[float(vector[0])]),
        )
        return trial.best_length("density", np.ones(1))

    assert best(dict.fromkeys(LENGTHS, 10.0)) == LENGTHS[3]
    assert best(dict(zip(LENGTHS, (10, 20, 30, 60, 80, 90), strict=True))) == LENGTHS[2]  # the goal, at least
    assert best(dict(zip(LENGTHS, (5, 15, 60, 80, 99, 120), strict=True))) == LENGTHS[1]  # 45 against 15


def test_keys_are_told_from_other_attributes() -> None:
    assert [key_of(name) for name in IN_KEY] == list(IN_KEY)
    assert key_of("bass_f_sharp_major") == "f_sharp_major"
    assert key_of("melody_c_major") == "c_major"
    assert key_of("density") is None
