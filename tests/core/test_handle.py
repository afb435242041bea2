"""Takeover never jumps, fine faders come in halves in any order, and controls hear the truth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.core.handle import HOLD_NS, NEAR, Handle
from livevae.core.midi_control import FOURTEEN_BITS, LOW_HALF, SEVEN_BITS, Control, ControlKind, Wire
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Kind, Parameter, ParameterValue

KNOB = Control(ControlKind.KNOB, 1, 21)
FINE = Control(ControlKind.FINE, 1, 7)
(WIRE,) = KNOB.wires
HIGH, LOW = FINE.wires
TURNED = [
    p for p in (*PART_PARAMETERS, *GLOBAL_PARAMETERS) if p.kind in (Kind.NUMBER, Kind.INTEGER, Kind.CHOICE)
]
VARY = next(p for p in PART_PARAMETERS if p.name == "vary")
MUTE = next(p for p in PART_PARAMETERS if p.name == "mute")
MODE = next(p for p in PART_PARAMETERS if p.name == "mode")
REROLL = next(p for p in PART_PARAMETERS if p.name == "reroll")

steps = st.integers(0, SEVEN_BITS)
positions = st.floats(0, 1)


def grain(parameter: Parameter) -> float:
    """How far the values of one place on the control lie apart, in shares of the whole way."""
    if parameter.kind is Kind.NUMBER:
        return 0.0
    return 1 / (len(parameter.choices) or max(1.0, parameter.high - parameter.low))


@given(st.sampled_from(TURNED), positions, st.lists(st.one_of(steps, st.tuples(positions)), max_size=30))
def test_the_music_never_jumps_further_than_the_touch(
    parameter: Parameter, start: float, moves: list[int | tuple[float]]
) -> None:
    handle, value = Handle(KNOB), parameter.from_unit(start)
    stood: int | None = None
    for move in moves:
        if isinstance(move, tuple):  # somebody else turns the parameter
            value = parameter.from_unit(move[0])
            handle.follows(parameter, value)
            continue
        wanted = handle.touched(WIRE, move, parameter, value, 0)
        if wanted is not None:
            touch = 0.0 if stood is None else abs(move - stood) / SEVEN_BITS
            jump = abs(parameter.to_unit(wanted) - parameter.to_unit(value))
            assert jump <= max(touch, NEAR) + 2 * grain(parameter) + 0.5 / SEVEN_BITS + 1e-9
            assert wanted == parameter.from_unit(move / SEVEN_BITS)
            value = wanted
            handle.follows(parameter, value)
        stood = move


@given(st.sampled_from(TURNED), positions, steps)
def test_a_sweep_from_end_to_end_always_takes_over(parameter: Parameter, start: float, until: int) -> None:
    handle, value = Handle(KNOB), parameter.from_unit(start)
    for step in (*range(SEVEN_BITS + 1), *range(SEVEN_BITS, until - 1, -1)):
        wanted = handle.touched(WIRE, step, parameter, value, 0)
        if wanted is not None:
            value = wanted
            handle.follows(parameter, value)
    assert value == parameter.from_unit(until / SEVEN_BITS)


def test_a_fader_that_stands_elsewhere_waits_until_it_is_passed() -> None:
    handle = Handle(KNOB)
    assert [handle.touched(WIRE, step, VARY, 0.5, 0) for step in (10, 30, 50)] == [None, None, None]
    assert handle.touched(WIRE, 70, VARY, 0.5, 0) == VARY.from_unit(70 / 127)


def test_an_endless_knob_goes_on_from_what_it_was_told_to_show() -> None:
    handle = Handle(KNOB)
    told = handle.tells(VARY, 0.5)
    assert told == 64
    assert handle.touched(WIRE, told + 1, VARY, 0.5, 0) == VARY.from_unit(65 / 127)


@given(st.integers(0, FOURTEEN_BITS), st.booleans())
def test_a_fine_value_does_not_depend_on_which_half_comes_first(value: int, high_first: bool) -> None:
    handle = Handle(FINE)
    halves = [(HIGH, value >> 7), (LOW, value & 127)]
    for wire, half in halves if high_first else reversed(halves):
        handle.touched(wire, half, VARY, 0.0, 0)
    assert handle.shows == value


def test_half_a_fine_value_says_nothing_until_the_other_half_is_known() -> None:
    handle = Handle(FINE)
    assert handle.touched(Wire(False, 1, 7 + LOW_HALF), 5, VARY, 0.0, 0) is None
    assert handle.shows is None


@given(st.sampled_from(TURNED), positions, steps)
def test_a_control_told_where_its_parameter_stands_agrees_with_it(
    parameter: Parameter, position: float, step: int
) -> None:
    handle, value = Handle(KNOB), parameter.from_unit(position)
    handle.touched(WIRE, step, parameter, value, 0)
    told = handle.tells(parameter, value)
    if told is not None:
        handle.shows = told
    assert handle.tells(parameter, value) is None


def test_no_hand_stays_on_a_fader_for_ever() -> None:
    handle = Handle(KNOB)
    assert handle.is_free_at_ns() is None
    handle.touched(WIRE, 3, VARY, 0.9, 1_000)
    assert handle.is_free_at_ns() == 1_000 + HOLD_NS


def press(handle: Handle, values: list[int], parameter: Parameter, current: ParameterValue) -> list[object]:
    (wire,) = handle.control.wires
    return [handle.touched(wire, value, parameter, current, 0) for value in values]


def test_each_press_of_a_key_or_button_acts_once() -> None:
    for kind in (ControlKind.KEY, ControlKind.BUTTON):
        handle = Handle(Control(kind, 1, 40))
        assert press(handle, [127, 0, 127, 0], MUTE, False) == [True, None, True, None]
        assert press(handle, [127, 0], REROLL, False) == [True, None]
        assert press(handle, [127, 0], MODE, MODE.choices[-1]) == ["sample", None]


def test_a_fader_switches_from_its_middle_up() -> None:
    assert press(Handle(KNOB), [0, 63, 64, 127], MUTE, False) == [None, None, True, True]
    assert press(Handle(KNOB), [0, 64, 127, 63, 64], REROLL, False) == [None, True, None, None, True]
