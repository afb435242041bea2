"""Laws of the n-gram model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.evaluation.language_model import StepModel

ALPHABET = 4
sequences = st.lists(st.lists(st.integers(0, ALPHABET - 1), min_size=6, max_size=6), min_size=1, max_size=5)


@given(sequences, st.lists(st.integers(0, ALPHABET - 1), min_size=5, max_size=5))
def test_the_next_step_s_probabilities_sum_to_one(learnt: list[list[int]], before: list[int]) -> None:
    model = StepModel(np.array(learnt), ALPHABET)
    with_every_end = np.array([[*before, last] for last in range(ALPHABET)])
    without = model.cost_nats(np.array([before])) * 5
    total = np.exp(without - model.cost_nats(with_every_end) * 6).sum()
    assert total == pytest.approx(1.0)


@given(sequences)
def test_what_was_learnt_surprises_less_than_to_a_beginner(learnt: list[list[int]]) -> None:
    model = StepModel(np.array(learnt), ALPHABET)
    assert model.cost_nats(np.array(learnt)).mean() <= math.log(ALPHABET) + 1e-9


def test_an_unknown_symbol_costs_much_but_not_infinitely() -> None:
    model = StepModel(np.zeros((3, 8), dtype=np.int64), 90)
    cost = model.cost_nats(np.full((1, 8), 89))[0]
    assert math.log(90) / 2 < cost < 20
