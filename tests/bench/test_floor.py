"""Reading cyclictest, and percentiles of what was counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.bench.floor import Spread, read_histogram, spread_of_counts

CYCLICTEST = """\
# /dev/cpu_dma_latency set to 0us
# Histogram
000000 000000
000017 000003
000018 000001
# Total: 000000004
# Min Latencies: 00017
# Histogram Overflows: 00002
# Histogram Overflow at cycle number:
# Thread 0: 00306 00321
"""


def test_cyclictest_is_read_with_what_overflowed_last() -> None:
    assert read_histogram(CYCLICTEST) == [(0.0, 0), (17.0, 3), (18.0, 1), (100_000.0, 2)]


def test_output_that_says_nothing_counts_nothing() -> None:
    assert read_histogram("cyclictest: permission denied") == []
    assert spread_of_counts([]) == Spread(0.0, 0.0, 0.0)


@given(lateness=st.lists(st.integers(0, 10_000), min_size=1))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(lateness: list[int]) -> None:
    spread = spread_of_counts((value, 1) for value in sorted(lateness))
    for value, share in ((spread.p50, 0.5), (spread.p99, 0.99), (spread.p999, 0.999)):
        assert value in lateness
        assert sum(late <= value for late in lateness) >= share * len(lateness)
        assert sum(late < value for late in lateness) < share * len(lateness)


@pytest.mark.parametrize("count", [1, 3])
def test_counted_values_are_as_if_written_out(count: int) -> None:
    counts = [(1.0, count), (2.0, 2 * count), (9.0, count)]
    written_out = [(value, 1) for value, times in counts for _ in range(times)]
    assert spread_of_counts(counts) == spread_of_counts(written_out)
