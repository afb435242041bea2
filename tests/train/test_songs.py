"""The split between training and validation."""

from __future__ import annotations

from train.songs import is_held_out


def test_about_six_per_cent_of_groups_are_held_out_the_same_ones_for_ever() -> None:
    held_out = [group for group in range(10_000) if is_held_out(f"lakh/{group}")]
    assert 0.05 < len(held_out) / 10_000 < 0.07
    assert held_out[:5] == [14, 29, 40, 53, 58]
