"""What is particular about played bars is found where it is, and laid on other hits there."""

from __future__ import annotations

import numpy as np
import pytest

from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.groove import GrooveCodec, Performed
from livevae.core.notes import Note
from livevae.manner import Manner, manner_of
from livevae.units import STEPS_PER_BAR, TICKS_PER_STEP

CODEC = GrooveCodec(bars=2)
KICK, SNARE, HAT = (DRUM_CLASSES.index(name) for name in ("kick", "snare", "closed_hat"))
HALF_STEP = TICKS_PER_STEP // 2


def beat(late_snare: float = 0.0) -> Performed:
    """Kick, snare and eighths on the hat; the snare so many half steps late."""
    hits = [(step, pitch) for step in range(0, 32, 8) for pitch in (36,)]
    hits += [(step, 38) for step in range(4, 32, 8)] + [(step, 42) for step in range(0, 32, 2)]
    late = {38: round(late_snare * HALF_STEP)}
    return CODEC.performed(
        [Note(step * TICKS_PER_STEP + late.get(pitch, 0), 1_000, pitch, 100) for step, pitch in hits]
    )


def found(late_snare: float) -> Manner:
    """The manner of the beat for a model that plays it on the grid, at velocity 100."""
    played, straight = beat(late_snare), beat()
    return manner_of(played, straight.velocity, straight.offset)


def test_bars_that_are_as_the_model_would_play_them_have_no_manner() -> None:
    manner = found(0.0)
    assert not manner.velocity.any()
    assert not manner.offset.any()


def test_a_late_snare_is_the_snares_alone_and_strongest_where_it_was_struck() -> None:
    manner = found(0.5)
    assert not np.delete(manner.offset, SNARE, axis=1).any()
    backbeat, between = manner.offset[4, SNARE], manner.offset[7, SNARE]
    assert -0.5 < backbeat < -0.42
    assert backbeat < manner.offset[0, SNARE] < between < 0


def test_it_is_laid_on_what_is_struck_and_nothing_else() -> None:
    straight = beat()
    velocity, offset = found(0.5).laid_on(straight.velocity, straight.offset)
    struck = straight.tokens > 0
    assert velocity.dtype == offset.dtype == np.float32
    assert ((velocity > 0) == struck).all()
    assert not offset[~struck].any()
    assert offset[4, SNARE] == offset[4 + STEPS_PER_BAR, SNARE] == pytest.approx(-0.46, abs=0.04)
    assert not offset[:, HAT].any()


def test_hits_stay_in_their_cells_and_sound() -> None:
    far = Manner(np.full((16, 9), -3.0), np.full((16, 9), 3.0))
    straight = beat()
    velocity, offset = far.laid_on(straight.velocity, straight.offset)
    struck = straight.tokens > 0
    assert velocity[struck].min() == pytest.approx(1 / 127)
    assert offset[struck].max() == 1.0
