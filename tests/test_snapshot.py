"""Figures over the last notes, and what a snapshot adds up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.midi.port import PortHealth, PortNames
from livevae.core.snapshot import PartSnapshot, PerformerSnapshot
from livevae.snapshot import Viewer, lateness_of, rank
from livevae.timekeeper.messages import Picture


def picture(lateness_ns: tuple[int, ...] = (), inference_ns: tuple[int, ...] = ()) -> Picture:
    parts = tuple(PartSnapshot(name, "sample", False, False, False, missed) for name, missed in PARTS)
    performer = PerformerSnapshot("playing", "internal", 120.0, -1, 3, parts, pulse_jitter_ns=1500)
    return Picture(
        0, performer, PortNames("x"), PortHealth(), lateness_ns=lateness_ns, inference_ns=inference_ns
    )


PARTS = (("melody", 2), ("bass", 1))


def test_a_snapshot_adds_up_its_parts_and_its_pictures() -> None:
    viewer = Viewer()
    viewer.view(picture((1_000, 2_000), (4_000_000,)))
    snapshot = viewer.view(picture((9_000,), (6_000_000, 8_000_000)))
    assert snapshot.bars_missed == 3
    assert snapshot.bar == -1, "a tick before the first bar line is in the bar before it"
    assert snapshot.pulse_jitter_us == 1.5
    assert snapshot.inference_ms == 6.0
    assert snapshot.lateness.notes == 3
    assert (snapshot.lateness.p50_us, snapshot.lateness.max_us) == (2.0, 9.0)
    assert snapshot.new_lateness_ns == (9_000,)


def test_only_the_last_notes_count() -> None:
    viewer = Viewer()
    viewer.view(picture((10**9,)))
    assert viewer.view(picture((0,) * 5000)).lateness.max_us == 0.0


def test_nothing_heard_yet_is_nothing_late() -> None:
    assert lateness_of([]).notes == 0
    assert lateness_of([]).p99_us == 0.0


@given(values=st.lists(st.integers(), min_size=1), share=st.floats(0.01, 1.0))
def test_a_rank_is_the_least_value_that_so_many_do_not_exceed(values: list[int], share: float) -> None:
    found = rank(sorted(values), share)
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values)
