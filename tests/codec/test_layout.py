"""Which numbers of a point are about which bars and parts."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec.layout import NO_LAYOUT, LatentLayout
from livevae.errors import ModelError

# number 0 is the key of the whole; each of two bars has a number for the drums, one for the bass, one shared
LAYOUT = LatentLayout(
    bars=(((1, 4),), ((4, 7),)), parts={"drums": ((1, 2), (4, 5)), "bass": ((2, 3), (5, 6))}
)


def chosen(layout: LatentLayout = LAYOUT, **what: object) -> list[int]:
    return np.flatnonzero(layout.chosen(7, **what)).tolist()  # type: ignore[arg-type]


def test_nothing_asked_is_everything() -> None:
    assert chosen() == [0, 1, 2, 3, 4, 5, 6]


def test_later_bars_leave_what_all_bars_share() -> None:
    assert chosen(from_bar=1) == [4, 5, 6]
    assert chosen(from_bar=2) == []


def test_parts_leave_what_all_parts_share() -> None:
    assert chosen(parts=("bass",)) == [2, 5]
    assert chosen(parts=("bass", "drums"), from_bar=1) == [4, 5]
    assert chosen(parts=("melody",)) == []


def test_what_two_parts_share_changes_with_both_and_not_with_one() -> None:
    layout = LatentLayout(parts={"melody": ((0, 2), (4, 5)), "bass": ((2, 3), (4, 5)), "drums": ((3, 4),)})
    assert chosen(layout, parts=("bass",)) == [2]
    assert chosen(layout, parts=("bass", "drums")) == [2, 3]
    assert chosen(layout, parts=("bass", "melody")) == [0, 1, 2, 4]
    assert np.flatnonzero(layout.touching(7, ["bass"])).tolist() == [2, 4]
    assert NO_LAYOUT.touching(7, ["bass"]).all()


def test_a_model_that_tells_nothing_apart_changes_as_a_whole() -> None:
    assert chosen(NO_LAYOUT, parts=("bass",), from_bar=1) == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (LatentLayout(bars=(((0, 1),),)), "layout names 1 bars, the model has 2"),
        (LatentLayout(parts={"flute": ((0, 1),)}), "layout names 'flute', the model writes drums, bass"),
        (LatentLayout(parts={"bass": ((3, 3),)}), r"layout holds \[3, 3\), latent_size = 7"),
        (LatentLayout(bars=(((0, 8),), ())), r"layout holds \[0, 8\), latent_size = 7"),
    ],
)
def test_one_that_fits_no_such_model_is_refused(layout: LatentLayout, message: str) -> None:
    LAYOUT.check(2, ("drums", "bass"), 7)
    with pytest.raises(ModelError, match=message):
        layout.check(2, ("drums", "bass"), 7)
