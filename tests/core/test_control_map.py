"""One control for one parameter, whatever is learned in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.control_map import ControlMap, Target
from livevae.core.midi_control import LOW_HALF, Control, ControlKind, Wire
from livevae.errors import ParameterError

channels = st.integers(1, 3)
controls = st.one_of(
    st.builds(Control, st.sampled_from([ControlKind.KNOB, ControlKind.BUTTON]), channels, st.integers(0, 40)),
    st.builds(Control, st.just(ControlKind.FINE), channels, st.integers(0, 10)),
    st.builds(Control, st.just(ControlKind.NRPN), channels, st.integers(0, 10)),
    st.builds(Control, st.just(ControlKind.KEY), channels, st.integers(0, 10)),
)
targets: st.SearchStrategy[Target] = st.tuples(
    st.sampled_from([None, "melody", "drums"]), st.sampled_from(["a", "b", "c"])
)


@given(st.lists(st.tuples(targets, st.none() | controls), max_size=40))
def test_parameters_and_controls_stay_one_to_one(changes: list[tuple[Target, Control | None]]) -> None:
    bound = ControlMap()
    for target, control in changes:
        if control is None:
            bound.forget(target)
            continue
        before = dict(bound.all())
        losers = bound.bind(target, control)
        for loser in losers:
            assert set(before[loser].wires) & set(control.wires)
            assert bound.control_of(loser) is None
        assert bound.control_of(target) == control
    wires: list[Wire] = [wire for _, control in bound.all() for wire in control.wires]
    assert len(wires) == len(set(wires))
    for target, control in bound.all():
        assert all(bound.target_of(wire) == target for wire in control.wires)
    assert len(bound) == len(bound.all())


@given(controls)
def test_what_is_written_down_is_read_back(control: Control) -> None:
    assert Control.parse(str(control)) == control


def test_a_fine_fader_speaks_in_two_messages() -> None:
    fine = Control(ControlKind.FINE, 1, 7)
    assert fine.wires == (Wire(False, 1, 7), Wire(False, 1, 7 + LOW_HALF))
    assert fine.full == 16_383


@pytest.mark.parametrize(
    "text",
    [
        "",
        "channel 17 cc 1",
        "channel 0 cc 1",
        "channel 1 cc 120",
        "channel 1 cc14 32",
        "channel 1 note 128",
        "channel 1 wheel 2",
        "channel 1 cc 1 ",
        "channel ١ cc 1000",
    ],
)
def test_what_is_no_control_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ParameterError, match=r"no control|there is no channel"):
        Control.parse(text)
