"""Parts that are given stay as they are, and the others are asked for bar by bar."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from livevae.codec.completion import can_complete, completed
from livevae.codec.functions import Function, TensorSpec
from livevae.codec.layout import LatentLayout
from livevae.codec.manifest import Golden, Manifest

BARS, COLUMNS = 4, 11
LAYOUT = LatentLayout(parts={"melody": ((0, 1),), "bass": ((1, 2),), "drums": ((2, 3),)})


def a_manifest() -> Manifest:
    memory = (TensorSpec("memory", ("batch", "beats_so_far", 1), "float32"),)
    more = (TensorSpec("more", ("batch", 4, 1), "float32"),)
    return Manifest(
        name="song",
        task="trio",
        codec="trio",
        codec_args={"bars": BARS},
        latent_size=3,
        functions=(
            Function("encode", (), ()),
            Function("conduct", (), ()),
            Function("decode_bar", memory, more),
            Function("complete_bar", (), ()),
        ),
        bars=BARS,
        steps_per_bar=16,
        temperature=1.0,
        licence="",
        data=(),
        golden=Golden((), (), 0.0, ()),
        layout=LAYOUT,
    )


def play_along(name: str, feeds: Mapping[str, npt.NDArray[Any]]) -> Mapping[str, npt.NDArray[Any]]:
    """Other parts than the given ones play the number of the bar they are in, as the memory has it."""
    if name == "conduct":
        return {"bars": np.repeat(feeds["z"][:, None], BARS, axis=1)}
    bar = feeds["complete_memory"].shape[1] // 4
    melody, bass, drums = feeds["given"][0] > 0.5
    mine = np.array([melody, bass, *[drums] * 9])
    written = np.where(mine, feeds["known"], bar)
    return {"completed": written, "complete_more": np.zeros((1, 4, 1), dtype=np.float32)}


@pytest.mark.parametrize("given", [("melody",), ("bass", "drums")])
def test_given_parts_are_kept_and_the_others_hear_bar_after_bar(given: tuple[str, ...]) -> None:
    tokens = np.full((BARS * 16, COLUMNS), 7, dtype=np.int64)
    phrase = completed(a_manifest(), play_along, np.zeros(3, dtype=np.float32), tokens, given)
    assert phrase.shape == tokens.shape
    columns = {"melody": [0], "bass": [1], "drums": list(range(2, 11))}
    for part, places in columns.items():
        for bar in range(BARS):
            played = phrase[bar * 16 : (bar + 1) * 16, places]
            assert (played == (7 if part in given else bar)).all()


def test_who_can_complete() -> None:
    manifest = a_manifest()
    assert can_complete(manifest)
    assert not can_complete(dataclasses.replace(manifest, layout=LatentLayout()))
    assert not can_complete(dataclasses.replace(manifest, functions=manifest.functions[:3]))
