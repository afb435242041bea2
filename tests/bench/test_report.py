"""The table for people shows every figure there is and none that is not."""

from __future__ import annotations

from livevae.commands.bench import in_words


def test_figures_that_do_not_apply_are_absent() -> None:
    table = in_words({"ready_s": 0.9, "lateness_us": {"p50": 1.0, "p99": 2.5}, "backend": "none"})
    assert table.splitlines() == [
        "from the command to ready (s)                 0.9",
        "how late notes leave (µs)                     p50 1.0  p99 2.5",
    ]
