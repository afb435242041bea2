"""A part that is re-rolled hears the others as they play on, and they are as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.codec import Manifest, codec_from
from livevae.codec.layout import LatentLayout
from livevae.codec.manifest import Function, Golden, TensorSpec
from livevae.core.latents import Grafted, Moved, Prior
from livevae.phrase_model import PhraseModel
from livevae.units import BEATS_PER_BAR, STEPS_PER_BAR

BARS, COLUMNS = 4, 11
CODEC = codec_from("trio", {"bars": BARS})
PARTS = {"melody": ((0, 1),), "bass": ((1, 2),), "drums": ((2, 3),)}
PITCH = {"melody": 50, "bass": 20}
Arrays = Mapping[str, npt.NDArray[Any]]


class Band:
    """Each part strikes its own number's pitch on every bar line; a bass told what is given answers it.

    With nothing given, parts mishear each other: the melody plays what the bass's number says.
    """

    def __init__(self) -> None:
        memory = TensorSpec("memory", ("batch", "beats_so_far", 1), "float32")
        nothing = ((0,) * COLUMNS,) * CODEC.steps
        self.manifest = Manifest(
            name="band",
            task="trio",
            codec="trio",
            codec_args=CODEC.args(),
            latent_size=3,
            functions=tuple(
                Function(name, (memory,) if name == "decode_bar" else (), ())
                for name in ("encode", "conduct", "decode_bar", "complete_bar")
            ),
            bars=BARS,
            steps_per_bar=STEPS_PER_BAR,
            temperature=1.0,
            licence="",
            data=(),
            golden=Golden(nothing, (), 0.0, nothing),
            layout=LatentLayout(parts=PARTS),
        )
        self.calls: Counter[str] = Counter()
        self.heard: list[tuple[int, int]] = []

    def run(self, function: str, feeds: Arrays) -> Arrays:
        self.calls[function] += 1
        more = np.ones((1, BEATS_PER_BAR, 1), dtype=np.float32)
        if function == "conduct":
            return {"bars": np.repeat(feeds["z"][:, None], BARS, axis=1)}
        tokens = np.zeros((1, STEPS_PER_BAR, COLUMNS), dtype=np.int64)
        if function == "decode_bar":
            tokens[0, 0, :2] = self._pitches(feeds["bar"][0])
            tokens[0, 0, 0] += round(float(feeds["bar"][0, 1]) * 3) % 5
            return {"y": tokens, "more": more}
        assert function == "complete_bar"
        tokens[0] = feeds["known"][0]
        own = self._pitches(feeds["meant"][0])
        for index in range(2):
            if not feeds["given"][0, index]:
                tokens[0, 0, index] = own[index]
        self.heard.append((feeds["complete_memory"].shape[1], int(feeds["known"][0, 0, 0])))
        return {"completed": tokens, "complete_more": more}

    def _pitches(self, numbers: npt.NDArray[np.float32]) -> list[int]:
        return [50 + round(float(numbers[0]) * 3) % 11, 20 + round(float(numbers[1]) * 3) % 11]


OLD, NEW = Prior(1), Prior(5)
REROLLED = Grafted(OLD, NEW, ("bass",))


def test_the_others_are_as_they_were_and_are_what_the_new_part_hears() -> None:
    band = Band()
    model = PhraseModel(band)
    before = [model.bar(OLD, bar, 3, 1.0) for bar in range(BARS)]
    after = [model.bar(REROLLED, bar, 3, 1.0, (), (("bass", 9),)) for bar in range(BARS)]
    for old, new in zip(before, after, strict=True):
        assert new["melody"] == old["melody"]
        assert new["drums"] == old["drums"]
        assert new["bass"] != old["bass"]
    assert [beats for beats, _ in band.heard] == [0, 4, 8, 12]
    assert band.calls["decode_bar"] == BARS  # the old idea was known already


def test_a_bar_in_the_middle_is_the_same_however_it_is_reached() -> None:
    one, other = PhraseModel(Band()), PhraseModel(Band())
    in_order = [one.bar(REROLLED, bar, 3, 1.0) for bar in range(BARS)]
    assert [other.bar(REROLLED, bar, 3, 1.0) for bar in (3, 0, 2, 1)] == [in_order[b] for b in (3, 0, 2, 1)]


def test_a_part_rolled_next_hears_the_one_that_was_rolled_before() -> None:
    band = Band()
    model = PhraseModel(band)
    melody_too = Grafted(REROLLED, Prior(8), ("melody",))
    first, second = model.bar(REROLLED, 1, 3, 1.0), model.bar(melody_too, 1, 3, 1.0)
    assert second["bass"] == first["bass"]
    assert second["melody"] != first["melody"]


def test_a_fader_on_the_new_part_leaves_the_others_too() -> None:
    model = PhraseModel(Band())
    moved = Moved(REROLLED, (("bass_density", 1.0),))
    assert model.bar(moved, 2, 3, 1.0)["melody"] == model.bar(OLD, 2, 3, 1.0)["melody"]
